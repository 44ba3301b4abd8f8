import { expect, test } from "vitest";
import { parentOf, replacedWords } from "../../../agent/campaigns/replace.ts";
import { approveCampaign, haltCampaign, pauseCampaign, skipDevice, startCampaign } from "../../../agent/campaigns/verbs.ts";
import type { TaskEvent } from "../../../firmware/waves/task-state.ts";
import type { CampaignId, DeviceId } from "../../../protocols/core/ids.ts";
import { deviceId } from "../../store/temporary.ts";
import { approver, author, type Kit, kit, move, planned, started, taskRow, toCommanded, toLost, toSucceeded } from "./kit.ts";

/** Made from the plan of that campaign, and approved. */
function child(bench: Kit, parent: CampaignId) {
  const made = planned(bench, { release: undefined, parent });
  approveCampaign({ campaign: made.id, planHash: made.hash }, approver, bench.io);
  return { ...made, start: () => startCampaign({ campaign: made.id, planHash: made.hash }, author, bench.io) };
}
const stateOf = (bench: Kit, id: CampaignId) => bench.store.campaigns.load(id)?.state;
const atsOf = (bench: Kit, id: CampaignId) => [1, 2, 3].map((number) => taskRow(bench, id, number).state.at);

const fault = { kind: "stalled", waitedFor: "the device to fetch the image" } as const;
const failsOnce: TaskEvent = { kind: "failed", cause: "neverReacted", fault, seenHealthy: true, retry: true };

test("startCampaign(): a plan made from another one takes over whatever waits there, in one step, and says so", () => {
  const bench = kit();
  const parent = started(bench);
  move(bench, parent.id, 1, [{ kind: "imageStaged" }]);
  move(bench, parent.id, 2, [{ kind: "holdsFound", reasons: [] }]);
  const next = child(bench, parent.id);
  const outcome = next.start();
  expect(outcome).toMatchObject({
    ok: true,
    message: `campaign is running; it took 3 devices over from ${parent.id}, which is superseded`,
  });
  expect(next.plan.parent).toBe(parent.hash);
  expect(stateOf(bench, next.id)?.at).toBe("running");
  expect(stateOf(bench, parent.id)).toMatchObject({ at: "superseded", by: next.id });
  expect(atsOf(bench, parent.id)).toEqual(["replaced", "replaced", "replaced"]);
  expect(taskRow(bench, parent.id, 1).state).toEqual({ at: "replaced", by: next.id, leg: 0 });
  expect(bench.store.tasks.counts(parent.id)).toEqual(new Map([["replaced", 3]]));
});

test("startCampaign(): one that never ran is replaced as well, with its tasks", () => {
  const bench = kit();
  const parent = planned(bench);
  const next = child(bench, parent.id);
  expect(next.start().ok).toBe(true);
  expect([stateOf(bench, parent.id)?.at, ...atsOf(bench, parent.id)]).toEqual(["superseded", "replaced", "replaced", "replaced"]);
});

test("startCampaign(): what was commanded stays with its campaign, between two attempts too; I25 all are accounted for", () => {
  const bench = kit();
  const parent = started(bench);
  const next = child(bench, parent.id);
  move(bench, parent.id, 1, toCommanded("token-01"));
  move(bench, parent.id, 2, [...toCommanded("token-02"), failsOnce]);
  const outcome = next.start();
  expect(outcome).toMatchObject({ ok: true, result: { state: "running", replaced: { campaign: parent.id, moved: 1, staying: 2 } } });
  expect(outcome.message).toContain("(commanded)");
  expect(outcome.message).toContain("(failedRetryable)");
  expect(atsOf(bench, parent.id)).toEqual(["commanded", "failedRetryable", "replaced"]);
  expect(stateOf(bench, parent.id)).toMatchObject({ at: "running", supersededBy: next.id });
  expect([...bench.store.tasks.counts(parent.id).values()].reduce((sum, count) => sum + count, 0)).toBe(3);
  expect(bench.drive.atRisk()).toEqual([deviceId(1)]);
});

test("startCampaign(): the new campaign takes no device that the old one has not done with: at risk, or between two attempts", () => {
  const bench = kit({ policy: { atRiskMax: 5 } });
  const parent = started(bench);
  const next = child(bench, parent.id);
  move(bench, parent.id, 1, toCommanded("token-01"));
  move(bench, parent.id, 2, [...toCommanded("token-02"), failsOnce]);
  next.start();
  for (const number of [1, 2]) {
    move(bench, next.id, number, [{ kind: "imageStaged" }]);
    expect(() => move(bench, next.id, number, [{ kind: "reserved", token: `token-1${number}` }])).toThrow(
      /another campaign has the device/,
    );
  }
  move(bench, next.id, 3, toCommanded("token-13"));
  // The old one goes on with its own.
  move(bench, parent.id, 2, [{ kind: "reserved", token: "token-03" }]);
  move(bench, parent.id, 1, toSucceeded("").slice(4));
  move(bench, next.id, 1, [{ kind: "reserved", token: "token-11" }]);
  expect(taskRow(bench, next.id, 1).state.at).toBe("reserved");
});

test("startCampaign(): I7 the budget counts both together", () => {
  const bench = kit({ policy: { atRiskMax: 1 } });
  const parent = started(bench);
  const next = child(bench, parent.id);
  move(bench, parent.id, 1, toCommanded("token-01"));
  next.start();
  expect(() => move(bench, next.id, 3, toCommanded("token-13"))).toThrow(/at risk, the limit/);
});

test("startCampaign(): again, it is running already and nothing moves", () => {
  const bench = kit();
  const parent = started(bench);
  move(bench, parent.id, 1, toCommanded("token-01"));
  const next = child(bench, parent.id);
  next.start();
  const rows = bench.store.tasks.ofCampaign(parent.id);
  expect(next.start()).toMatchObject({ ok: true, message: expect.stringContaining("already started") });
  expect(bench.store.tasks.ofCampaign(parent.id)).toEqual(rows);
});

test("startCampaign(): whatever breaks in the midst of it, nothing of it is written", () => {
  for (let nth = 1; ; nth++) {
    let count = 0;
    const broken = <A extends readonly unknown[], R>(write: (...about: A) => R) => {
      return (...about: A): R => {
        if (++count === nth) throw new Error("power fails");
        return write(...about);
      };
    };
    const bench = kit();
    const parent = started(bench);
    move(bench, parent.id, 1, toCommanded("token-01"));
    const next = child(bench, parent.id);
    const before = [stateOf(bench, parent.id), stateOf(bench, next.id), bench.store.tasks.ofCampaign(parent.id)];
    const drive = { ...bench.drive, applyTask: broken(bench.drive.applyTask), applyCampaign: broken(bench.drive.applyCampaign) };
    const start = () => startCampaign({ campaign: next.id, planHash: next.hash }, author, { ...bench.io, drive });
    if (nth === 5) {
      expect(start().ok).toBe(true);
      expect(count).toBe(4);
      break;
    }
    expect(start).toThrow("power fails");
    expect([stateOf(bench, parent.id), stateOf(bench, next.id), bench.store.tasks.ofCampaign(parent.id)]).toEqual(before);
    expect(next.start().ok).toBe(true);
  }
});

test("startCampaign(): failed, lost and left-out devices stay where they are, and nobody waits for them", () => {
  const bench = kit();
  const parent = started(bench);
  move(bench, parent.id, 1, toLost("token-01"));
  skipDevice({ campaign: parent.id, device: deviceId(2), reason: "broken" }, author, bench.io);
  pauseCampaign({ campaign: parent.id }, author, bench.io);
  const next = child(bench, parent.id);
  expect(next.start()).toMatchObject({ ok: true, result: { replaced: { moved: 1, staying: 0 } } });
  expect(atsOf(bench, parent.id)).toEqual(["lost", "skipped", "replaced"]);
  expect(stateOf(bench, parent.id)?.at).toBe("superseded");
  expect(bench.drive.atRisk()).toEqual([deviceId(1)]);
});

test("parentOf(): a plan of its own, and one whose parent has ended, replace nobody", () => {
  const bench = kit();
  const parent = started(bench);
  const load = (id: CampaignId) => bench.store.campaigns.load(id) as NonNullable<ReturnType<typeof bench.store.campaigns.load>>;
  expect(parentOf(load(parent.id), bench.store)).toBeUndefined();
  const next = child(bench, parent.id);
  expect(parentOf(load(next.id), bench.store)?.id).toBe(parent.id);
  haltCampaign({ campaign: parent.id, reason: "enough" }, author, bench.io);
  expect(parentOf(load(next.id), bench.store)).toBeUndefined();
});

test("replacedWords(): names as many as fit and counts the rest", () => {
  const stay = [{ device: "d-1" as DeviceId, name: "Reception", at: "rebooting" }] as const;
  const words = replacedWords({ campaign: "c-1" as CampaignId, moved: 1, staying: 4, stay });
  expect(words).toBe("it took 1 device over from c-1; until they have ended there stay: Reception (rebooting) and 3 more");
});
