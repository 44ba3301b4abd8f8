import { expect, test } from "vitest";
import { createDriveStore, termsOf } from "../../../agent/campaigns/drive-store.ts";
import { campaignStatus } from "../../../agent/campaigns/status-verb.ts";
import { approveCampaign, haltCampaign, startCampaign } from "../../../agent/campaigns/verbs.ts";
import type { PlannedTask } from "../../../firmware/waves/shape.ts";
import type { TaskState } from "../../../firmware/waves/task-state.ts";
import { type CampaignId, taskIdOf } from "../../../protocols/core/ids.ts";
import { DAY } from "../../../protocols/core/time.ts";
import { release, sha } from "../../firmware/waves/builders.ts";
import { deviceId, macOf, T0 } from "../../store/temporary.ts";
import { approver, author, type Kit, kit, move, phone, planned, started, taskRow, toCommanded, toLost, toSucceeded } from "./kit.ts";

/** Takes the slot of a task that is ready; the drive's own order of arguments. */
function reserve(bench: Kit, id: CampaignId, number: number, token: string) {
  const row = taskRow(bench, id, number);
  const plan = bench.store.campaigns.load(id)?.plan;
  const about = plan?.tasks.find(({ device }) => device === row.device) as PlannedTask;
  const next: TaskState = { at: "reserved", attempt: { number: 1, token, leg: 0 }, deadlineMs: T0 + 60_000 };
  return bench.drive.reserve(
    { row, planned: about, event: { kind: "reserved", token }, next, atMs: T0 },
    { atMs: T0, version: about.legs[0].from },
  );
}

test("reserve(): slot, task, attempt and baseline in one step, told once", () => {
  const bench = kit();
  const { id } = started(bench);
  move(bench, id, 1, [{ kind: "imageStaged" }]);
  bench.told.length = 0;
  expect(reserve(bench, id, 1, "token-01")).toEqual({ ok: true, value: null });
  expect(taskRow(bench, id, 1).state.at).toBe("reserved");
  expect(bench.store.reservations.ofDevice(deviceId(1))).toMatchObject({ token: "token-01", number: 1 });
  expect(bench.drive.baseline("token-01")).toEqual({ atMs: T0, version: "6.4.6.2494" });
  expect(bench.drive.atRisk()).toEqual([deviceId(1)]);
  expect(bench.told).toEqual(["task 1 reserved"]);
});

test("reserve(): I8 without an approval of exactly this plan nothing is taken", () => {
  const bench = kit();
  const { id } = planned(bench);
  const row = bench.store.campaigns.load(id);
  move(bench, id, 1, [{ kind: "imageStaged" }]);
  expect(reserve(bench, id, 1, "token-01")).toMatchObject({ ok: false, fault: { why: "the campaign does not run" } });
  // Running, by whatever way, yet nobody said yes.
  bench.store.campaigns.step({
    id,
    expectedRevision: row?.revision ?? 0,
    next: { at: "running", approvals: [], wave: 1, startedBy: "doe" },
    why: "test",
    atMs: T0,
  });
  expect(reserve(bench, id, 1, "token-01")).toMatchObject({ ok: false, fault: { why: "no approval for this plan stands" } });
  bench.store.campaigns.approve({ campaign: id, planHash: sha("f"), person: "anna", keyId: "k", atMs: T0 });
  expect(reserve(bench, id, 1, "token-01").ok).toBe(false);
  expect(bench.store.reservations.count()).toBe(0);
});

test("reserve(): I7 the budget is counted over all campaigns, in the same transaction", () => {
  const bench = kit({ policy: { atRiskMax: 1 } });
  const { id } = started(bench);
  for (const number of [1, 2]) move(bench, id, number, [{ kind: "imageStaged" }]);
  expect(reserve(bench, id, 1, "token-01").ok).toBe(true);
  expect(reserve(bench, id, 2, "token-02")).toMatchObject({ ok: false, fault: { why: "1 devices are at risk, the limit" } });
  expect(taskRow(bench, id, 2).state.at).toBe("staged");
});

test("reserve(): I2 never two of one room", () => {
  const bench = kit();
  for (const number of [1, 2])
    bench.store.places.fromSettings({ mac: `64167f00000${number}` as never, name: "x", room: "Matterhorn", duties: [] }, T0);
  const { id } = started(bench);
  for (const number of [1, 2]) move(bench, id, number, [{ kind: "imageStaged" }]);
  expect(reserve(bench, id, 1, "token-01").ok).toBe(true);
  expect(reserve(bench, id, 2, "token-02")).toMatchObject({ ok: false, fault: { why: expect.stringContaining("room:Matterhorn") } });
});

test("reserve(): I2 never two of one room, of two campaigns either: one of its phones was put up after the first was planned", () => {
  const bench = kit();
  const stand = (number: number): void =>
    bench.store.places.fromSettings({ mac: macOf(number), name: `phone ${number}`, room: "Matterhorn", duties: [] }, T0);
  stand(1);
  const { id } = started(bench);
  bench.store.devices.save(phone(4));
  stand(4);
  const later = planned(bench, { devices: [deviceId(4)] });
  approveCampaign({ campaign: later.id, planHash: later.hash }, approver, bench.io);
  startCampaign({ campaign: later.id, planHash: later.hash }, author, bench.io);
  move(bench, later.id, 4, [{ kind: "imageStaged" }, { kind: "reserved", token: "token-04" }]);
  move(bench, id, 1, [{ kind: "imageStaged" }]);
  expect(reserve(bench, id, 1, "token-01")).toEqual({ ok: false, fault: { why: "room:Matterhorn must keep its others up" } });
  expect(bench.drive.company().slots.map(({ device }) => device)).toEqual([deviceId(4)]);
});

test("reserve(): I3 a phone that answers nobody counts as down, by its row in the same transaction", () => {
  const bench = kit();
  for (const number of [1, 2])
    bench.store.places.fromSettings({ mac: macOf(number), name: `phone ${number}`, zone: "Stairwell", duties: [] }, T0);
  const { id } = started(bench);
  move(bench, id, 1, [{ kind: "imageStaged" }]);
  bench.store.devices.save(phone(2, { availability: "offline" }));
  expect(reserve(bench, id, 1, "token-01")).toMatchObject({ ok: false, fault: { why: expect.stringContaining("1 is down by itself") } });
  bench.store.devices.save(phone(2));
  expect(reserve(bench, id, 1, "token-01").ok).toBe(true);
});

test("reserve(): a task that a person skipped meanwhile is left alone, and no slot stays taken", () => {
  const bench = kit();
  const { id, plan } = started(bench);
  move(bench, id, 1, [{ kind: "imageStaged" }]);
  const old = taskRow(bench, id, 1);
  move(bench, id, 1, [{ kind: "skippedByPerson", by: "anna", why: "broken" }]);
  const about = plan.tasks.find(({ device }) => device === old.device) as PlannedTask;
  const next: TaskState = { at: "reserved", attempt: { number: 1, token: "token-01", leg: 0 }, deadlineMs: T0 };
  const change = { row: old, planned: about, event: { kind: "reserved", token: "token-01" } as const, next, atMs: T0 };
  expect(bench.drive.reserve(change, { atMs: T0, version: "1" })).toMatchObject({ ok: false });
  expect(taskRow(bench, id, 1).state.at).toBe("skipped");
  expect(bench.store.reservations.count()).toBe(0);
});

test("applyTask(): the attempt's row tells intent, answer and end", () => {
  const bench = kit();
  const { id } = started(bench);
  move(bench, id, 1, toCommanded("token-01"));
  expect(bench.store.attempts.byToken("token-01")).toMatchObject({ number: 1, intendedAtMs: T0, acceptedAtMs: T0 });
  expect(bench.store.attempts.byToken("token-01")?.endedAtMs).toBeUndefined();
  move(bench, id, 1, toSucceeded("token-01").slice(4));
  expect(bench.store.attempts.byToken("token-01")).toMatchObject({ endedAtMs: T0, outcome: "succeeded" });
});

test("applyTask(): I7 a slot is given back by success, not by loss, and by a person's write-off", () => {
  const bench = kit();
  const { id } = started(bench);
  move(bench, id, 1, toSucceeded("token-01"));
  expect(bench.store.reservations.ofDevice(deviceId(1))).toBeUndefined();
  move(bench, id, 2, toLost("token-02"));
  expect(bench.store.reservations.ofDevice(deviceId(2))).toMatchObject({ token: "token-02" });
  expect(bench.drive.atRisk()).toEqual([deviceId(2)]);
  move(bench, id, 2, [{ kind: "writtenOffByPerson", by: "anna", why: "replaced" }]);
  expect(bench.store.reservations.ofDevice(deviceId(2))).toBeUndefined();
  expect(bench.drive.atRisk()).toEqual([]);
});

test("applyTask(): I19 a stale row changes nothing and tells nobody", () => {
  const bench = kit();
  const { id, plan } = started(bench);
  const row = taskRow(bench, id, 1);
  move(bench, id, 1, [{ kind: "imageStaged" }]);
  bench.told.length = 0;
  const about = plan.tasks.find(({ device }) => device === row.device) as PlannedTask;
  const change = {
    row,
    planned: about,
    event: { kind: "imageStaged" } as const,
    next: { at: "staged", tries: 0, leg: 0 } as const,
    atMs: T0,
  };
  expect(bench.drive.applyTask(change)).toBe(false);
  expect(bench.told).toEqual([]);
});

test("applyTask(): an ear that breaks undoes the change it was told of", () => {
  const bench = kit();
  const { id, plan } = started(bench);
  const deaf = createDriveStore(bench.store, {
    onTask() {
      throw new Error("broken");
    },
    onWave: () => {},
    onCampaign: () => {},
  });
  const row = taskRow(bench, id, 1);
  const about = plan.tasks.find(({ device }) => device === row.device) as PlannedTask;
  expect(() =>
    deaf.applyTask({ row, planned: about, event: { kind: "imageStaged" }, next: { at: "staged", tries: 0, leg: 0 }, atMs: T0 }),
  ).toThrow();
  expect(taskRow(bench, id, 1)).toEqual(row);
});

test("campaigns(): running ones, and halted ones only while something touched is under way", () => {
  const bench = kit();
  planned(bench);
  expect(bench.drive.campaigns()).toEqual([]);
  const { id } = started(bench);
  expect(bench.drive.campaigns().map((row) => row.id)).toEqual([id]);
  move(bench, id, 1, toCommanded("token-01"));
  haltCampaign({ campaign: id, reason: "enough" }, approver, bench.io);
  expect(bench.drive.campaigns().map((row) => row.id)).toEqual([id]);
  move(bench, id, 1, toSucceeded("token-01").slice(4));
  expect(bench.drive.campaigns()).toEqual([]);
});

test("campaigns(): a plan on disk that is not the approved one is never driven: it is told of, and takes no slot", () => {
  const bench = kit();
  const { id, plan } = started(bench);
  move(bench, id, 1, [{ kind: "imageStaged" }]);
  const stored = bench.store.campaigns.load(id);
  const forged = { ...bench.store.campaigns, load: () => ({ ...stored, plan: { ...plan, site: "elsewhere" } }) as typeof stored };
  const drive = createDriveStore({ ...bench.store, campaigns: forged }, { onTask: () => {}, onWave: () => {}, onCampaign: () => {} });
  expect(drive.campaigns()).toEqual([]);
  expect(drive.damaged()).toMatchObject([{ id, why: expect.stringContaining("hash"), row: { id } }]);
  expect(reserve({ ...bench, drive }, id, 1, "token-01")).toMatchObject({ ok: false, fault: { why: expect.stringContaining("hash") } });
});

test("signs(): an unknown token has none; imageStaged(): only what is staged", () => {
  const bench = kit();
  expect(bench.drive.signs("token-99")).toEqual({});
  expect(bench.drive.imageStaged(sha("b"))).toBe(false);
  bench.store.releases.saveImage({ sha256: sha("b"), sizeBytes: 1, state: "staging", atMs: T0 });
  expect(bench.drive.imageStaged(sha("b"))).toBe(false);
  bench.store.releases.saveImage({ sha256: sha("b"), sizeBytes: 1, state: "staged", atMs: T0 });
  expect(bench.drive.imageStaged(sha("b"))).toBe(true);
  expect(bench.drive.imageStaged("no hash")).toBe(false);
});

test("termsOf(): a plan is valid for seven days", () => {
  const bench = kit();
  const stored = bench.store.campaigns.load(planned(bench).id);
  if (stored === undefined) throw new Error("not kept");
  expect(termsOf(stored)).toMatchObject({ validUntilMs: T0 + 7 * DAY, waves: 2, approvalsNeeded: 1 });
  expect(author.person).not.toBe(approver.person);
});

test("reserve(): a unit is taken whole or not at all, and given back whole", () => {
  const bench = kit();
  const parts = [{ model: "TC10", mac: macOf(2), connected: true }];
  bench.store.devices.save(phone(1, { parts }));
  bench.store.devices.save(phone(2, { availability: "offline" }));
  const { id } = started(bench);
  const held = (): (string | undefined)[] => [1, 2].map((number) => bench.store.reservations.ofDevice(deviceId(number))?.token);
  move(bench, id, 1, [{ kind: "imageStaged" }]);
  const foreign = { task: taskIdOf(id, deviceId(3)), token: "token-99", number: 1, domains: [], atMs: T0 };
  bench.store.reservations.take({ device: deviceId(2), ...foreign });
  expect(reserve(bench, id, 1, "token-01")).toEqual({ ok: false, fault: { why: `another task holds ${deviceId(2)}` } });
  expect(held()).toEqual([undefined, "token-99"]);
  bench.store.reservations.free(deviceId(2), "token-99");
  expect(reserve(bench, id, 1, "token-01").ok).toBe(true);
  expect(held()).toEqual(["token-01", `token-01 ${deviceId(2)}`]);
  move(bench, id, 1, toSucceeded("token-01").slice(2));
  expect(held()).toEqual([undefined, undefined]);
});

test("reserve(): I15 nothing is taken for a release that is revoked, gone or of an expired catalogue", () => {
  const bench = kit();
  const { id, plan } = started(bench);
  move(bench, id, 1, [{ kind: "imageStaged" }]);
  const say = (version: number, expiresAtMs: number, ...releases: ReturnType<typeof release>[]) =>
    bench.store.releases.saveCatalogue({ version, expiresAtMs, releases }, T0);
  const why = () => {
    const taken = reserve(bench, id, 1, "token-01");
    return taken.ok ? "taken" : taken.fault.why;
  };
  say(4, T0 + DAY, release({ revoked: true }));
  expect(why()).toContain("is revoked");
  say(5, T0 + DAY, release({ images: [{ target: "ucs/c.ld", partNumbers: ["3111-48840-001"], sizeBytes: 1, sha256: sha("c") }] }));
  expect([why(), bench.drive.catalogue(plan)[0]?.at]).toEqual([expect.stringContaining("has other images"), "otherImages"]);
  say(6, T0 + DAY);
  expect(why()).toContain("in no catalogue any more");
  say(7, T0, release());
  expect(why()).toContain("expired");
  expect(bench.store.reservations.count()).toBe(0);
  say(8, T0 + DAY, release());
  expect(why()).toBe("taken");
});

test("applyWave(): what the gates said is kept with the step it made, and status shows it", () => {
  const bench = kit();
  const { id } = started(bench);
  const judgement = { verdict: "fail", why: "1 failed or lost of 1, 0 allowed", evidence: [], failures: 1 } as const;
  const judged = { kind: "judged", verdict: "fail", gate: "failureCount", why: judgement.why, failures: 1 } as const;
  const event = { ...judged, judgements: [{ gate: "failureCount", judgement }] } as const;
  const row = bench.drive.waves(id)[0];
  if (row === undefined) throw new Error("no wave");
  expect(bench.drive.applyWave(id, row, event, { at: "passed", atMs: T0 }, T0)).toBe(true);
  // Late news of an older row keeps nothing.
  expect(bench.drive.applyWave(id, row, event, { at: "passed", atMs: T0 }, T0)).toBe(false);
  expect(bench.store.judgements.ofCampaign(id)).toMatchObject([
    { wave: 1, revision: row.revision + 1, gate: "failureCount", verdict: "fail" },
  ]);
  expect(campaignStatus({ campaign: id }, bench.io)).toMatchObject({ result: { waves: [{ judged: { gate: "failureCount" } }, {}] } });
});
