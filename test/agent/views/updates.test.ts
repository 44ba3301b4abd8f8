import { expect, test } from "vitest";
import { updatesOf } from "../../../agent/views/updates.ts";
import { taskIdOf } from "../../../protocols/core/ids.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import { deviceId, T0 } from "../../store/temporary.ts";
import { kit, move, started, toSucceeded } from "../campaigns/kit.ts";

test("updatesOf(): each update with what the device was like around it", () => {
  const made = kit();
  const { id } = started(made);
  move(made, id, 1, toSucceeded("token-01"));
  expect(updatesOf(deviceId(1), made.store)).toEqual([]);
  const side = { asked: 1, answered: 1, reading: { mos: 4 } };
  const window = { fromMs: T0, toMs: T0 + MINUTE, detail: "a → b", before: side, after: side, restartsSince: 0 };
  made.store.taskWindows.save(taskIdOf(id, deviceId(1)), window, T0);
  expect(updatesOf(deviceId(1), made.store)).toMatchObject([{ campaign: id, at: "succeeded", detail: "a → b", before: side }]);
});
