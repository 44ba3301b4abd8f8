import { expect, test } from "vitest";
import { retryDevice, writeOffDevice } from "../../../agent/campaigns/failed-verbs.ts";
import { haltCampaign } from "../../../agent/campaigns/verbs.ts";
import type { TaskEvent } from "../../../firmware/waves/task-state.ts";
import { deviceId } from "../../store/temporary.ts";
import { approver, author, kit, move, started, taskRow, toCommanded, toLost } from "./kit.ts";

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

test("campaign.writeOff: frees the place of a lost device in the name of whoever says so, once; not of one that is well", () => {
  const bench = kit();
  const { id } = started(bench);
  move(bench, id, 1, toLost("token-01"));
  const about = { campaign: id, device: deviceId(1), reason: "replaced" };
  expect(writeOffDevice({ ...about, device: deviceId(2) }, author, bench.io)).toMatchObject({
    ok: false,
    message: expect.stringContaining("campaign skip"),
  });
  expect(writeOffDevice(about, approver, bench.io)).toMatchObject({ ok: true, message: expect.stringContaining("by anna") });
  expect([bench.drive.atRisk(), bench.store.reservations.count()]).toEqual([[], 0]);
  expect(writeOffDevice(about, author, bench.io)).toMatchObject({ ok: true, message: "already written off by anna: replaced" });
});
