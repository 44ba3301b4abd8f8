import { expect, test } from "vitest";
import { taskIdOf } from "../../protocols/core/ids.ts";
import { DAY, HOUR } from "../../protocols/core/time.ts";
import { kit, move, started, taskRow, toCommanded, toSucceeded } from "../agent/campaigns/kit.ts";
import { deviceId, T0 } from "./temporary.ts";

const WINDOW = {
  fromMs: T0,
  toMs: T0 + HOUR,
  detail: "a → b",
  before: { asked: 2, answered: 1, reading: { jitterSeconds: 0.01 } },
  after: { asked: 0, answered: 0, reading: {} },
  restartsSince: 1,
};

test("task windows: due once when a task that touched its device has ended, and again a day later", () => {
  const made = kit();
  const { id } = started(made);
  move(made, id, 1, toSucceeded("token-01"));
  move(made, id, 2, toCommanded("token-02"));
  const { taskWindows } = made.store;
  const due = (nowMs: number, sinceMs = T0 - DAY) => taskWindows.due({ sinceMs, nowMs, aroundMs: DAY }, 10);
  const task = taskIdOf(id, deviceId(1));
  expect(due(T0)).toEqual([task]);
  expect(due(T0, T0)).toEqual([]);
  taskWindows.save(task, WINDOW, T0 + 1);
  expect([due(T0 + DAY - 1), due(T0 + DAY)]).toEqual([[], [task]]);
  taskWindows.save(task, { ...WINDOW, restartsSince: 2 }, T0 + DAY);
  expect(due(T0 + 2 * DAY)).toEqual([]);
  expect(taskWindows.load(task)).toEqual({ ...WINDOW, restartsSince: 2 });
  expect(taskWindows.ofDevice(deviceId(1), 5)).toEqual([
    { campaign: id, wave: taskRow(made, id, 1).wave, at: "succeeded", endedMs: T0, window: { ...WINDOW, restartsSince: 2 } },
  ]);
  expect(taskWindows.ofDevice(deviceId(2), 5)).toEqual([]);
});
