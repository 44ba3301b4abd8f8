import { expect, test } from "vitest";
import type { Mac } from "../../../protocols/core/ids.ts";
import { HOUR } from "../../../protocols/core/time.ts";
import { storeWithCampaign } from "../../store/temporary.ts";
import { deviceId, macOf, type Story, story } from "./stories.ts";

/** Two of one serial, seen twice each. */
function twins(): Story {
  const told = story();
  for (const number of [1, 2, 1, 2]) told.see(number, { serial: "S-1", running: { application: `6.4.${number}.1` } });
  return told;
}

const open = ({ store }: Story): readonly string[] => store.conflicts.list("open", 9).map(({ kind }) => kind);
const ids = ({ store }: Story): readonly string[] => store.devices.list().map(({ id }) => id);

test("device.merge: the conflict is decided, both histories are one, and what is seen later obeys", async () => {
  const told = twins();
  expect(open(told)).toEqual(["serial"]);
  const answer = await told.say("device.merge", { device: deviceId(1), other: deviceId(2), dryRun: false });
  expect(answer).toMatchObject({ schema: "groundswell.merge/1", dryRun: false, keeps: deviceId(1), other: deviceId(2), sightings: 2 });
  expect([ids(told), told.store.sightings.recent(deviceId(1), 9).length]).toEqual([[deviceId(1)], 4]);
  expect(told.store.conflicts.list("all", 9)).toMatchObject([{ ended: "decided" }]);
  told.see(2, { serial: "S-1" });
  told.see(1, { serial: "S-1" });
  expect([ids(told), open(told)]).toEqual([[deviceId(1)], []]);
  expect(told.store.devices.load(deviceId(1))).toMatchObject({ mac: macOf(1), address: "10.20.0.1" });
});

test("device.merge: in the audit stands who made which two one", async () => {
  const told = twins();
  const { decision } = await told.say("device.merge", { device: deviceId(1), other: deviceId(2), dryRun: false });
  expect(told.store.audit.list()).toMatchObject([
    { actor: "doe/key-doe", action: "device.merged", subject: deviceId(1), detail: { decision, other: deviceId(2) } },
  ]);
  expect(told.store.audit.verify().ok).toBe(true);
});

test("device.merge, device.split, device.undo: a dry run shows the same and changes nothing", async () => {
  const told = twins();
  const before = [told.store.devices.list(), told.store.conflicts.list("all", 9), told.store.audit.head()];
  const shown = await told.say("device.merge", { device: deviceId(1), other: deviceId(2), dryRun: true });
  await told.say("device.split", { device: deviceId(1), other: deviceId(2), dryRun: true });
  expect([told.store.devices.list(), told.store.conflicts.list("all", 9), told.store.audit.head()]).toEqual(before);
  const { decision, dryRun: _done, ...made } = await told.say("device.merge", { device: deviceId(1), other: deviceId(2), dryRun: false });
  const { dryRun: _dry, ...wouldBe } = shown;
  expect(made).toEqual(wouldBe);
  const merged = told.store.devices.list();
  await told.say("device.undo", { decision: String(decision), dryRun: true });
  expect(told.store.devices.list()).toEqual(merged);
});

test("device.undo of a merge: two again, each with what was seen of it before and meanwhile", async () => {
  const told = twins();
  const before = told.store.devices.list();
  const { decision } = await told.say("device.merge", { device: deviceId(1), other: deviceId(2), dryRun: false });
  told.see(2, { serial: "S-1", running: { application: "6.4.9.9" } });
  told.see(1, { serial: "S-1" });
  await told.say("device.undo", { decision: String(decision), dryRun: false });
  const [one, two] = told.store.devices.list();
  expect(one).toEqual({ ...before[0], lastSeenMs: told.nowMs });
  expect(two).toEqual({ ...before[1], lastSeenMs: told.nowMs - 60_000, running: "6.4.9.9" });
  expect([1, 2].map((number) => told.store.sightings.recent(deviceId(number), 9).length)).toEqual([3, 3]);
  expect(open(told)).toEqual(["serial"]);
  expect(await told.refused("device.undo", { decision: String(decision), dryRun: false })).toContain("undone already");
});

test("device.merge, device.undo: the name that goes is said once, and one that is there again is told of", async () => {
  const told = twins();
  const { decision } = await told.say("device.merge", { device: deviceId(1), other: deviceId(2), dryRun: false });
  expect(told.renamed).toEqual([[deviceId(2), deviceId(1)]]);
  told.changes.length = 0;
  await told.say("device.undo", { decision: String(decision), dryRun: false });
  expect(told.renamed).toHaveLength(1);
  expect(told.changes.map(({ id, changes }) => [id, changes.some(({ field }) => field === "undone")])).toEqual(
    expect.arrayContaining([1, 2].map((number) => [deviceId(number), true])),
  );
});

test("note(): a name by address that gives way to one by MAC is said, once, when it is gone", () => {
  const told = story();
  told.see(1, { mac: undefined } as never);
  for (let time = 0; time < 2; time++) told.see(1);
  expect(told.renamed).toEqual([["d-a-10-20-0-1", deviceId(1)]]);
  expect(ids(told)).toEqual([deviceId(1)]);
});

test("device.undo of a split: the name of what was split off goes again", async () => {
  const told = story();
  told.see(1, { serial: "S-1" });
  told.see(1, { serial: "S-2" });
  const by = { field: "serial", value: "S-2" } as const;
  const { decision, other } = await told.say("device.split", { device: deviceId(1), by, dryRun: false });
  await told.say("device.undo", { decision: String(decision), dryRun: false });
  expect(told.renamed).toEqual([[other, deviceId(1)]]);
});

test("device.undo: of decisions that build on each other the last goes first", async () => {
  const told = story();
  for (const number of [1, 2, 3]) told.see(number);
  const { decision: first } = await told.say("device.merge", { device: deviceId(2), other: deviceId(3), dryRun: false });
  const { decision: last } = await told.say("device.merge", { device: deviceId(1), other: deviceId(2), dryRun: false });
  told.see(3);
  expect(ids(told)).toEqual([deviceId(1)]);
  expect(await told.refused("device.undo", { decision: String(first), dryRun: false })).toContain(`${last} came after it`);
  for (const decision of [last, first]) await told.say("device.undo", { decision: String(decision), dryRun: false });
  expect(ids(told)).toEqual([1, 2, 3].map(deviceId));
});

test("device.merge: the serial of the one taken in leads to the other, and its name finds it", async () => {
  const told = story();
  told.see(1);
  told.inventory.note({ source: "lens", atMs: told.nowMs, facts: { serial: "S-7", family: "lens-only" }, evidence: [] });
  await told.say("device.merge", { device: deviceId(1), other: "d-s-s-7", dryRun: false });
  told.inventory.note({ source: "lens", atMs: told.nowMs + 1, facts: { serial: "S-7", family: "lens-only" }, evidence: [] });
  expect(ids(told)).toEqual([deviceId(1)]);
  expect(await told.say("inbox.explain", { of: "d-s-s-7" })).toMatchObject({ device: { device: deviceId(1) } });
});

test("device.split of two: they are two whatever is seen, the conflict is decided; a merge is refused until that is undone", async () => {
  const told = twins();
  const { decision } = await told.say("device.split", { device: deviceId(1), other: deviceId(2), dryRun: false });
  for (const number of [2, 1, 2]) told.see(number, { serial: "S-1" });
  expect([ids(told), open(told)]).toEqual([[deviceId(1), deviceId(2)], []]);
  expect(await told.refused("device.merge", { device: deviceId(1), other: deviceId(2), dryRun: false })).toContain(`split by ${decision}`);
  await told.say("device.undo", { decision: String(decision), dryRun: false });
  expect(open(told)).toEqual(["serial"]);
});

test("device.split of one by serial: a device of its own, with its sightings, that no later one joins again", async () => {
  const told = story();
  const lens = { source: "lens", address: undefined } as never;
  told.see(1, { serial: "S-1" });
  told.see(1, { serial: "S-2", model: "VVX 601" }, lens);
  expect(open(told)).toEqual(["mac"]);
  const { decision } = await told.say("device.split", { device: deviceId(1), by: { field: "serial", value: "s-2" }, dryRun: false });
  expect(told.store.devices.load("d-s-s-2" as never)).toMatchObject({ serial: "S-2", model: "VVX 601", adopted: true });
  expect(told.store.devices.load(deviceId(1))).toMatchObject({ serial: "S-1", model: "VVX 450", mac: macOf(1) });
  expect(open(told)).toEqual([]);
  told.see(1, { serial: "S-2" }, lens);
  told.see(1, { serial: "S-1" });
  expect([ids(told), open(told)]).toEqual([[deviceId(1), "d-s-s-2"], []]);
  await told.say("device.undo", { decision: String(decision), dryRun: false });
  expect([ids(told), open(told)]).toEqual([[deviceId(1)], ["mac"]]);
});

test("device.split of one by address: two units that state one MAC are told apart by where they are", async () => {
  const told = story();
  for (const address of ["10.20.0.1", "10.20.0.9", "10.20.0.1"]) told.see(1, {}, { address });
  expect(open(told)).toEqual(["twoAddresses"]);
  await told.say("device.split", { device: deviceId(1), by: { field: "address", value: "10.20.0.9" }, dryRun: false });
  for (const address of ["10.20.0.9", "10.20.0.1"]) told.see(1, {}, { address });
  expect(told.store.devices.list().map(({ id, address }) => [id, address])).toEqual([
    [deviceId(1), "10.20.0.1"],
    ["d-a-10-20-0-9", "10.20.0.9"],
  ]);
  expect(open(told)).toEqual([]);
});

test.each([
  [{ field: "serial", value: "S-9" }, "nothing that was seen"],
  [{ field: "serial", value: "S-1" }, "nothing to split"],
  [{ field: "mac", value: "nonsense" }, "is no mac"],
  [{ field: "mac", value: "64:16:7f:00:00:01" }, "has its name from this"],
] as const)("device.split by %j is refused: %s", async (by, why) => {
  const told = story();
  told.see(1, { serial: "S-1" });
  expect(await told.refused("device.split", { device: deviceId(1), by, dryRun: false })).toContain(why);
});

test("device.merge, device.split, device.undo: refused with the reason while a campaign holds one", async () => {
  const told = story(storeWithCampaign());
  told.see(7, { serial: "S-1" });
  told.see(7, { serial: "S-2" }, { source: "lens" });
  for (const [device, other] of [
    [deviceId(7), deviceId(1)],
    [deviceId(1), deviceId(7)],
  ] as const)
    expect(await told.refused("device.merge", { device, other, dryRun: true })).toContain("part of a campaign that has not ended");
  told.see(1, { serial: "S-1" });
  told.see(1, { serial: "S-2" }, { source: "lens" });
  expect(await told.refused("device.split", { device: deviceId(1), by: { field: "serial", value: "S-2" }, dryRun: false })).toContain(
    "campaign",
  );
});

test("a device that is nobody's, and a decision that is none, are refused by name", async () => {
  const told = story();
  expect(await told.refused("device.merge", { device: "who", other: "whom", dryRun: false })).toBe('No device "who"');
  expect(await told.refused("device.undo", { decision: "m-00ff", dryRun: false })).toContain('no decision "m-00ff"');
});

test("device.merge: what speaks against it is said before", async () => {
  const told = story();
  told.see(1, { model: "VVX 450" });
  told.see(2, { model: "VVX 601" });
  const { warnings } = await told.say("device.merge", { device: deviceId(1), other: deviceId(2), dryRun: true });
  expect(warnings).toEqual(["they differ in model: VVX 450 and VVX 601", "both were seen of late, at 10.20.0.1 and 10.20.0.2"]);
});

test("a conflict by turns ends by itself when nobody repeats the claim", () => {
  const told = story();
  for (const number of [1, 2, 1]) told.see(number, {}, { address: "10.20.0.5" });
  expect(open(told)).toEqual(["address"]);
  told.nowMs += HOUR;
  told.see(1, { mac: macOf(1) as Mac });
  expect(open(told)).toEqual([]);
});
