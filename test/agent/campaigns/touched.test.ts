import { expect, test } from "vitest";
import { touchedAt } from "../../../agent/campaigns/touched.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import { T0 } from "../../store/temporary.ts";
import { kit, move, started, taskRow, toCommanded, toSucceeded } from "./kit.ts";

test("touchedAt(): nothing of a device that was never taken in hand", () => {
  const made = kit();
  const { id } = started(made);
  expect(touchedAt(taskRow(made, id, 1), made.store)).toBeUndefined();
});

test("touchedAt(): the first attempt, whichever bore fruit, and when the device was well on the new version", async () => {
  const made = kit();
  const { id } = started(made);
  const fault = { kind: "stalled", waitedFor: "the device to fetch the image" } as const;
  move(made, id, 1, [...toCommanded("token-01"), { kind: "failed", cause: "neverReacted", fault, seenHealthy: true, retry: true }]);
  await made.clock.advance(10 * MINUTE);
  const [, ...steps] = toSucceeded("token-02");
  move(made, id, 1, steps.slice(0, -2));
  // It answers; its lines and panels are still coming up.
  expect(touchedAt(taskRow(made, id, 1), made.store)).toEqual({ touchedAtMs: T0 });
  await made.clock.advance(3 * MINUTE);
  move(made, id, 1, steps.slice(-2));
  expect(touchedAt(taskRow(made, id, 1), made.store)).toEqual({ touchedAtMs: T0, landedAtMs: T0 + 13 * MINUTE });
});
