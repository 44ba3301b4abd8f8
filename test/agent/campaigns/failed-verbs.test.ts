import { expect, test } from "vitest";
import { retryDevice, writeOffDevice } from "../../../agent/campaigns/failed-verbs.ts";
import { approveCampaign, haltCampaign, pauseCampaign, skipDevice, startCampaign } from "../../../agent/campaigns/verbs.ts";
import type { TaskEvent } from "../../../firmware/waves/task-state.ts";
import { deviceId } from "../../store/temporary.ts";
import { approver, author, kit, move, planned, started, taskRow, toCommanded, toLost, toSucceeded } from "./kit.ts";

const fault = { kind: "stalled", waitedFor: "the device to fetch the image" } as const;
const gaveUp: TaskEvent = { kind: "failed", cause: "neverReacted", fault, seenHealthy: true, retry: false };

test("campaign.retry: one more attempt with a number of its own; twice says so", () => {
  const bench = kit();
  const { id } = started(bench);
  const about = { campaign: id, device: deviceId(1) };
  expect(retryDevice(about, author, bench.io)).toMatchObject({ ok: false, message: expect.stringContaining("it has not failed") });
  move(bench, id, 1, [...toCommanded("token-01"), gaveUp]);
  expect(retryDevice(about, author, bench.io)).toMatchObject({ ok: true, result: { at: "staged", attempts: 1 } });
  expect(retryDevice(about, author, bench.io)).toMatchObject({ ok: true, message: expect.stringContaining("already") });
  const state = move(bench, id, 1, [{ kind: "reserved", token: "token-02" }]);
  expect(state).toMatchObject({ at: "reserved", attempt: { number: 2 } });
  expect(bench.store.tasks.history(taskRow(bench, id, 1).id).filter(({ event }) => event.kind === "retriedByPerson")).toHaveLength(1);
});

test("campaign.retry: what failed in a campaign whose place another has taken is for that one", () => {
  const bench = kit();
  const { id } = started(bench);
  move(bench, id, 1, [...toCommanded("token-01"), gaveUp]);
  move(bench, id, 2, toCommanded("token-02"));
  const next = planned(bench, { parent: id });
  approveCampaign({ campaign: next.id, planHash: next.hash }, approver, bench.io);
  startCampaign({ campaign: next.id, planHash: next.hash }, author, bench.io);
  expect(retryDevice({ campaign: id, device: deviceId(1) }, author, bench.io)).toMatchObject({
    ok: false,
    message: `Campaign "${next.id}" has taken the place of "${id}": what failed in it is for that one`,
  });
});

test("campaign.retry: I7 a lost device keeps its place at risk; of a halted campaign nothing is tried again", () => {
  const bench = kit();
  const { id } = started(bench);
  move(bench, id, 1, toLost("token-01"));
  const about = { campaign: id, device: deviceId(1) };
  expect(retryDevice(about, author, bench.io)).toMatchObject({ ok: false, code: "wrongState" });
  expect(bench.drive.atRisk()).toEqual([deviceId(1)]);
  move(bench, id, 2, [...toCommanded("token-02"), gaveUp]);
  haltCampaign({ campaign: id, reason: "enough" }, approver, bench.io);
  expect(retryDevice({ ...about, device: deviceId(2) }, author, bench.io)).toMatchObject({
    ok: false,
    message: expect.stringContaining("halted"),
  });
  expect(retryDevice({ ...about, campaign: "c-none" }, author, bench.io)).toMatchObject({ code: "notFound" });
  expect(retryDevice({ ...about, device: deviceId(9) }, author, bench.io)).toMatchObject({ code: "notFound" });
});

/** Phone 1 has failed without harm, and a campaign made afterwards has it on its list. */
function failedThenPlanned() {
  const bench = kit();
  const { id } = started(bench);
  move(bench, id, 1, [...toCommanded("token-01"), gaveUp]);
  bench.clock.advance(60_000);
  const { id: other, hash } = planned(bench, { devices: [deviceId(1)] });
  const retry = () => retryDevice({ campaign: id, device: deviceId(1) }, author, bench.io);
  const start = (): void => {
    approveCampaign({ campaign: other, planHash: hash }, approver, bench.io);
    const outcome = startCampaign({ campaign: other, planHash: hash }, author, bench.io);
    if (!outcome.ok) throw new Error(outcome.message);
  };
  return { bench, id, other, retry, start };
}

test("campaign.retry: not beside another campaign that has the device on its list; skipped there, it is tried again", () => {
  const { bench, id, other, retry, start } = failedThenPlanned();
  start();
  expect(retry()).toMatchObject({ ok: false, code: "wrongState", message: expect.stringContaining(`campaign ${other} is running`) });
  expect(taskRow(bench, id, 1).state.at).toBe("failed");
  pauseCampaign({ campaign: other }, author, bench.io);
  expect(retry()).toMatchObject({ ok: false, message: expect.stringContaining("skip it there first") });
  expect(skipDevice({ campaign: other, device: deviceId(1), reason: "tried again where it failed" }, author, bench.io).ok).toBe(true);
  expect(retry()).toMatchObject({ ok: true, result: { at: "staged" } });
});

test("campaign.retry: a plan that nobody has started is no other campaign", () => {
  expect(failedThenPlanned().retry()).toMatchObject({ ok: true });
});

test("campaign.retry: not of a device that another campaign has at risk, though that was halted since", () => {
  const { bench, other, retry, start } = failedThenPlanned();
  start();
  move(bench, other, 1, toLost("token-02"));
  haltCampaign({ campaign: other, reason: "enough" }, approver, bench.io);
  expect(retry()).toMatchObject({ ok: false, message: expect.stringContaining(`campaign ${other} has it at risk (lost)`) });
  expect(bench.store.reservations.ofDevice(deviceId(1))?.token).toBe("token-02");
});

test("campaign.retry: not of a device that another campaign has updated since", () => {
  const { bench, other, retry, start } = failedThenPlanned();
  start();
  move(bench, other, 1, toSucceeded("token-02"));
  expect(retry()).toMatchObject({ ok: false, message: expect.stringContaining(`campaign ${other} has updated it since`) });
});

test("campaign.writeOff: frees the place of a lost device in the name of whoever says so, once; not of one that is well", () => {
  const bench = kit();
  const { id } = started(bench);
  move(bench, id, 1, toLost("token-01"));
  const about = { campaign: id, device: deviceId(1), reason: "replaced" };
  expect(writeOffDevice({ ...about, device: deviceId(2) }, author, bench.io)).toMatchObject({
    ok: false,
    message: expect.stringContaining("campaign skip"),
  });
  move(bench, id, 3, toCommanded("token-03"));
  expect(writeOffDevice({ ...about, device: deviceId(3) }, author, bench.io).message).toContain("it is in hand");
  expect(writeOffDevice(about, approver, bench.io)).toMatchObject({ ok: true, message: expect.stringContaining("by anna") });
  expect([bench.drive.atRisk(), bench.store.reservations.count()]).toEqual([[deviceId(3)], 1]);
  expect(writeOffDevice(about, author, bench.io)).toMatchObject({ ok: true, message: "already written off by anna: replaced" });
});
