import fc from "fast-check";
import { expect, test } from "vitest";
import { callsIn, daysWithCalls, useOf } from "../../../agent/campaigns/use-evidence.ts";
import type { Thread } from "../../../agent/threads/channel.ts";
import type { HistoryRequests } from "../../../agent/threads/requests.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { DAY, HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { deviceId, T0, temporaryStore } from "../../store/temporary.ts";

test.each([
  [[], 0],
  [[0, 0], 0],
  [[1, 1, 1], 1],
  [[0, 1, 2, 0, 1], 2],
  [[1, 0, 1, 0, 1], 3],
] as const)("callsIn(): in %j there are %i", (values, calls) => {
  expect(callsIn(values)).toBe(calls);
});

test("callsIn(): repeating a reading tells of no other call", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2), { minLength: 1 }), fc.nat(), (values, where) => {
      const at = where % values.length;
      expect(callsIn([...values.slice(0, at + 1), ...values.slice(at)])).toBe(callsIn(values));
    }),
  );
});

test("daysWithCalls(): counts each day once", () => {
  const point = (atMs: number, max: number) => ({ atMs, count: 1, min: 0, mean: 0, max, last: 0 });
  expect(daysWithCalls([point(0, 1), point(HOUR, 2), point(DAY, 0), point(2 * DAY, 1)])).toBe(2);
});

test("useOf(): calls since it landed, and days in use before, from what the history holds", async () => {
  const { history } = temporaryStore();
  const device = deviceId(1);
  const landedAtMs = T0;
  const calls = [-40, -20, -10, -3].map((days) => ({ device, atMs: T0 + days * DAY, reading: { inCall: 1 } }));
  const since = [1, 2, 3, 4].map((minutes) => ({ device, atMs: T0 + minutes * MINUTE, reading: { inCall: minutes % 2 } }));
  history.append([...calls, { device, atMs: T0 - DAY, reading: { inCall: 0 } }, ...since]);
  const thread = {
    async ask(name: string, input: { deviceId: string; name: "inCall"; fromMs: number; toMs: number; points: number }) {
      const id = input.deviceId as DeviceId;
      return name === "series" ? history.series(id, input.name, input) : history.story(id, { ...input, names: ["inCall"] });
    },
  } as unknown as Thread<HistoryRequests>;
  const use = await useOf({ device, landedAtMs }, { history: thread, nowMs: T0 + HOUR }, new AbortController().signal);
  expect(use).toEqual({ device, landedAtMs, calls: 2, daysInUse: 3 });
});
