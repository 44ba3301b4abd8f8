import { expect, test } from "vitest";
import { writeOffDevice } from "../../../agent/campaigns/failed-verbs.ts";
import { endOf } from "../../../agent/campaigns/undone.ts";
import { haltCampaign } from "../../../agent/campaigns/verbs.ts";
import { isAtRisk, type TaskState } from "../../../firmware/waves/task-state.ts";
import type { CampaignId } from "../../../protocols/core/ids.ts";
import { deviceId } from "../../store/temporary.ts";
import { goingBack, halted, plannedBack, toBack, toLostAgain, toTaken } from "./back-kit.ts";
import { author, type Kit, move, taskRow } from "./kit.ts";

const stateOf = ({ store }: Kit, id: CampaignId) => store.campaigns.summary(id)?.state;
const holderOf = ({ store }: Kit, number: number) => store.reservations.ofDevice(deviceId(number))?.task;
const ended = (bench: Kit & { down: CampaignId }): void => {
  const row = bench.drive.campaigns().find(({ id }) => id === bench.down);
  const counts = { succeeded: 0, failed: 0, lost: 0, refused: 0, skipped: 0 };
  if (row !== undefined)
    bench.drive.applyCampaign(
      row,
      { kind: "allDone", counts },
      { at: "completed", atMs: bench.clock.nowMs(), counts },
      bench.clock.nowMs(),
    );
};

test("reserve(): I7, I23 the slot of a device changes hands without a gap, and what is taken back says so", () => {
  const bench = goingBack();
  expect(holderOf(bench, 2)).toBe(taskRow(bench, bench.up, 2).id);
  move(bench, bench.down, 2, toTaken("down-2"));
  expect(holderOf(bench, 2)).toBe(taskRow(bench, bench.down, 2).id);
  expect(taskRow(bench, bench.up, 2).state).toEqual({ at: "reverting", rollback: bench.down, unproven: true, leg: 0 });
  expect(bench.store.tasks.atRisk()).toEqual([deviceId(2)]);
  move(bench, bench.down, 1, toTaken("down-1"));
  expect(taskRow(bench, bench.up, 1).state).toEqual({ at: "reverting", rollback: bench.down, unproven: false, leg: 1 });
  expect(bench.told).toContain("task 1 reverting");
});

test("applyTask(): I7 a slot that is given back before anything was sent stays with the device that was at risk before", () => {
  const bench = goingBack();
  const hold = { code: "window", why: "closed", endedBy: "the window" } as const;
  for (const number of [1, 2]) move(bench, bench.down, number, [...toTaken(`down-${number}`), { kind: "holdsFound", reasons: [hold] }]);
  expect(holderOf(bench, 1)).toBeUndefined();
  expect(holderOf(bench, 2)).toBe(taskRow(bench, bench.up, 2).id);
  expect(bench.store.tasks.atRisk()).toEqual([deviceId(2)]);
  move(bench, bench.down, 2, [{ kind: "reserved", token: "down-2-again" }]);
  expect(holderOf(bench, 2)).toBe(taskRow(bench, bench.down, 2).id);
});

test("applyTask(): I26 who is back is reverted and at risk no more; the campaign is rolled back when all of them are", () => {
  const bench = goingBack();
  expect(stateOf(bench, bench.up)).toMatchObject({ at: "rollingBack", rollback: bench.down, cause: { why: "phones restart" } });
  for (const number of [1, 2]) {
    move(bench, bench.down, number, toBack(`down-${number}`));
    expect(taskRow(bench, bench.up, number).state).toMatchObject({ at: "reverted", rollback: bench.down });
    expect(holderOf(bench, number)).toBeUndefined();
  }
  expect(bench.store.tasks.atRisk()).toEqual([]);
  expect(stateOf(bench, bench.up)?.at).toBe("rollingBack");
  ended(bench);
  expect(stateOf(bench, bench.up)).toMatchObject({ at: "rolledBack", rollback: bench.down });
  expect(taskRow(bench, bench.up, 3).state.at).toBe("planned");
});

test("applyTask(): one that is lost on its way back holds its slot under the rollback, and the campaign is closed with it", () => {
  const bench = goingBack();
  move(bench, bench.down, 1, toBack("down-1"));
  move(bench, bench.down, 2, toLostAgain("down-2"));
  expect(taskRow(bench, bench.up, 2).state).toMatchObject({ at: "revertFailed", why: "gone again", unproven: false });
  expect(holderOf(bench, 2)).toBe(taskRow(bench, bench.down, 2).id);
  expect(bench.store.tasks.atRisk()).toEqual([deviceId(2)]);
  ended(bench);
  expect(stateOf(bench, bench.up)).toMatchObject({ at: "closed", by: bench.down, why: "1 of 2 are not back" });
  expect(writeOffDevice({ campaign: bench.down, device: deviceId(2), reason: "replaced" }, author, bench.io).ok).toBe(true);
  expect(bench.store.tasks.atRisk()).toEqual([]);
  expect(holderOf(bench, 2)).toBeUndefined();
});

test("haltCampaign(): a rollback that is halted is followed to the end of its last device; then what it takes back is closed", () => {
  const bench = goingBack();
  const hold = { code: "window", why: "closed", endedBy: "the window" } as const;
  move(bench, bench.down, 2, [...toTaken("down-2"), { kind: "holdsFound", reasons: [hold] }]);
  move(bench, bench.down, 1, toBack("down-1").slice(0, 5));
  haltCampaign({ campaign: bench.down, reason: "worse" }, author, bench.io);
  expect(stateOf(bench, bench.up)?.at).toBe("rollingBack");
  expect(bench.drive.campaigns().map(({ id }) => id)).toEqual([bench.down]);
  move(bench, bench.down, 1, toBack("down-1").slice(5));
  expect(stateOf(bench, bench.up)).toMatchObject({ at: "closed", by: bench.down });
  expect(taskRow(bench, bench.up, 1).state.at).toBe("reverted");
  expect(taskRow(bench, bench.up, 2).state).toMatchObject({ at: "revertFailed", why: `campaign ${bench.down} is halted`, unproven: true });
  expect(holderOf(bench, 2)).toBe(taskRow(bench, bench.up, 2).id);
  // What did not come back may be tried again.
  expect(plannedBack(bench, bench.up).plan.tasks.map(({ device }) => device)).toEqual([deviceId(2)]);
});

test("reserve(): nothing is taken over that may be flashing, and nothing goes down without two people's approval", () => {
  const bench = halted();
  const { id, hash } = plannedBack(bench, bench.up);
  const { plan } = bench.store.campaigns.load(id) as { plan: { tasks: readonly { device: string }[] } };
  expect(plan.tasks).toHaveLength(2);
  bench.store.campaigns.approve({ campaign: id, planHash: hash as never, person: "anna", keyId: "key-anna", atMs: bench.clock.nowMs() });
  const running = { at: "running", approvals: [], wave: 1, startedBy: "doe" } as const;
  bench.store.campaigns.step({ id, expectedRevision: 1, next: running, why: "forced", atMs: bench.clock.nowMs() });
  expect(() => move(bench, id, 1, toTaken("down-1"))).toThrow("no approval for this plan stands");
  bench.store.campaigns.approve({ campaign: id, planHash: hash as never, person: "ben", keyId: "key-ben", atMs: bench.clock.nowMs() });
  const row = taskRow(bench, bench.up, 1);
  const flashing: TaskState = { at: "rebooting", attempt: { number: 1, token: "up-1", leg: 0 }, deadlineMs: 1 };
  bench.store.tasks.step({ task: row.id, expectedRevision: row.revision, next: flashing, event: { kind: "neverCommanded" }, atMs: 1 });
  expect(() => move(bench, id, 1, [{ kind: "reserved", token: "down-1" }])).toThrow(`campaign ${bench.up} has it rebooting`);
});

const rollback = "c-back0001" as CampaignId;
const fault = { kind: "stalled", waitedFor: "it" } as const;
test.each<[TaskState, boolean, boolean, object]>([
  [{ at: "succeeded", how: "updated" }, true, true, { kind: "revertDone" }],
  [{ at: "succeeded", how: "alreadyCurrent" }, false, false, { kind: "revertDone" }],
  // It was unwell, and nobody has watched it on its old version.
  [{ at: "succeeded", how: "alreadyCurrent" }, true, false, { kind: "revertFailed", unproven: true }],
  [
    { at: "failed", cause: "busyTooLong", fault, seenHealthy: true, leg: 0 },
    true,
    false,
    { kind: "revertFailed", why: "busyTooLong", unproven: true },
  ],
  [{ at: "failed", cause: "neverReacted", fault, seenHealthy: true, leg: 0 }, true, true, { kind: "revertFailed", unproven: false }],
  [{ at: "failed", cause: "fellBack", fault, seenHealthy: false, leg: 0 }, true, true, { kind: "revertFailed", unproven: false }],
  [{ at: "refused", why: "another device", leg: 0 }, true, false, { kind: "revertFailed", why: "another device", unproven: true }],
  [{ at: "skipped", why: "left", by: "doe", leg: 0 }, false, false, { kind: "revertFailed", unproven: false }],
])("endOf(): I7 %j, at risk before %s, touched %s", (next, wasAtRisk, touched, event) => {
  const told = endOf(next, { rollback, wasAtRisk, touched });
  expect(told).toMatchObject({ rollback, ...event });
  // Who is at risk in neither was seen well, or is answered for.
  if (wasAtRisk && told.kind === "revertFailed" && !told.unproven) expect(isAtRisk(next) || touched).toBe(true);
});
