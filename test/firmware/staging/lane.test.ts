import { expect, test } from "vitest";
import { laneIn } from "../../../firmware/staging/lane.ts";
import { limit } from "../../../protocols/core/limit.ts";
import { loopTurn } from "../../../protocols/core/time.ts";

const never = new AbortController().signal;

test("laneIn(): whoever waits aside lets the next one in, and comes again behind it", async () => {
  const lanes = limit(1);
  const [one, other] = [laneIn(lanes, never), laneIn(lanes, never)];
  const told: string[] = [];
  await one.take();
  const turn = other.take().then(() => told.push("other"));
  await loopTurn();
  expect(told).toEqual([]);
  const back = one.aside(() => turn.then(() => undefined)).then(() => told.push("one again"));
  await turn;
  await loopTurn();
  expect(told).toEqual(["other"]);
  other.leave();
  await back;
  expect(told).toEqual(["other", "one again"]);
  one.leave();
  await lanes.idle();
});

test("laneIn(): an abort while it waits for its turn, or aside, leaves nothing held", async () => {
  const lanes = limit(1);
  const stop = new AbortController();
  const [one, other] = [laneIn(lanes, never), laneIn(lanes, stop.signal)];
  await one.take();
  const waiting = other.take();
  stop.abort(new Error("gone"));
  await expect(waiting).rejects.toThrow("gone");
  await expect(one.aside(() => Promise.reject(new Error("aborted")))).rejects.toThrow("aborted");
  one.leave();
  await lanes.idle();
  expect(lanes.waiting).toBe(0);
});
