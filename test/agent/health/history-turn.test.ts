import { expect, test } from "vitest";
import { createFlight } from "../../../agent/health/flight.ts";
import { historyTurn } from "../../../agent/health/history-turn.ts";
import type { HistoryRequests } from "../../../agent/threads/requests.ts";
import { DAY, HOUR, MINUTE, manualClock } from "../../../protocols/core/time.ts";
import { deviceId, storeIn, temporaryFolder } from "../../store/temporary.ts";
import { worker } from "../threads/kit.ts";

const DAY0 = Date.UTC(2026, 10, 20);
const one = deviceId(1);
const never = new AbortController().signal;

test("historyTurn(): catches up after days away, keeps what is around a change before its readings go, and then has nothing to do", async () => {
  const directory = temporaryFolder();
  const { history } = storeIn(directory);
  const { thread } = await worker<HistoryRequests, never>("history", { directory });
  const clock = manualClock(DAY0 + 4 * DAY + HOUR);
  const io = { history, thread, clock };
  history.append(Array.from({ length: 4 * 288 }, (_, i) => ({ device: one, atMs: DAY0 + i * 5 * MINUTE, reading: { inCall: i % 2 } })));
  createFlight({ history, clock }).noteChange(one, "configuration", DAY0 + 2 * DAY, "3 settings");
  expect(history.rollUps.retain(clock.nowMs())).toBe(0);
  expect(await historyTurn(io, never)).toEqual({ rolled: 4, kept: 2 });
  expect(await historyTurn(io, never)).toEqual({ rolled: 0, kept: 0 });
  while (history.rollUps.retain(clock.nowMs() + 3 * DAY) > 0);
  expect(history.asks(one, { fromMs: 0, toMs: DAY0 + 9 * DAY })).toEqual([]);
  const days = await thread.ask("story", { deviceId: one, fromMs: DAY0, toMs: DAY0 + 4 * DAY, points: 4, names: ["inCall"] });
  expect(days.series[0]?.points.map((point) => "mean" in point && [point.count, point.mean])).toEqual(Array(4).fill([288, 0.5]));
  const [told] = await thread.ask("changes", { deviceId: one, limit: 10 });
  expect(told).toMatchObject({
    change: { kind: "configuration", closed: true },
    around: { before: { asked: 288 }, after: { asked: 286 }, readings: [{ reading: "inCall", before: 0.5, after: 0.5, worst: 1 }] },
  });
});

test("historyTurn(): told to stop it begins no further step", async () => {
  const directory = temporaryFolder();
  const { history } = storeIn(directory);
  const { thread } = await worker<HistoryRequests, never>("history", { directory });
  history.append([{ device: one, atMs: DAY0, reading: { inCall: 1 } }]);
  const io = { history, thread, clock: manualClock(DAY0 + 4 * DAY) };
  expect(await historyTurn(io, AbortSignal.abort())).toEqual({ rolled: 0, kept: 0 });
  expect(history.rollUps.next(DAY0 + 4 * DAY)).toEqual({ dayMs: DAY0, afterRef: 0 });
});
