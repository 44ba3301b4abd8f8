import fc from "fast-check";
import { expect, test } from "vitest";
import { DAY, HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { packAsks, SURPLUS_MAX, unpackAsks } from "../../../store/history/changes.ts";
import { onGrid } from "../../../store/history/summary.ts";
import { deviceId, T0, temporaryStore } from "../temporary.ts";
import { NAMES, timeline } from "./arbitrary.ts";

const one = deviceId(1);
const WINDOWS = { aroundMs: DAY, repeatsMs: 3 * DAY };
const restart = { device: one, kind: "restart" as const, atMs: T0, detail: "up for 30 s" };

test("unpackAsks(): times, answers and values are what they were, on the grid", () => {
  fc.assert(
    fc.property(timeline, fc.integer({ min: 1, max: 200_000 }), (readings, stepMs) => {
      const asks = readings.map((reading, i) => ({ atMs: T0 + i * i * stepMs, reading }));
      const back = unpackAsks(packAsks(asks, NAMES), NAMES);
      expect(back.map((ask) => ask.atMs)).toEqual(asks.map((ask) => ask.atMs));
      for (const [i, { reading }] of asks.entries()) {
        const wanted =
          reading &&
          Object.fromEntries(
            Object.entries(reading).flatMap(([name, value]) =>
              onGrid(name as never, value) === undefined ? [] : [[name, onGrid(name as never, value)]],
            ),
          );
        const got =
          back[i]?.reading &&
          Object.fromEntries(Object.entries(back[i].reading).map(([name, value]) => [name, onGrid(name as never, value)]));
        expect(got).toEqual(wanted);
      }
    }),
  );
});

test("note(): the same again while its window is open is one change, later it is another", () => {
  const { changes } = temporaryStore().history;
  expect(changes.note(restart, WINDOWS)).toBe(true);
  expect(changes.note({ ...restart, atMs: T0 + HOUR, detail: "up for 9 s" }, WINDOWS)).toBe(false);
  expect(changes.note({ ...restart, kind: "address", atMs: T0 + HOUR }, WINDOWS)).toBe(true);
  expect(changes.note({ ...restart, atMs: T0 + HOUR + DAY }, WINDOWS)).toBe(true);
  expect(changes.ofDevice(one, 10).map(({ kind, atMs, lastMs, times, detail }) => [kind, atMs - T0, lastMs - T0, times, detail])).toEqual([
    ["restart", HOUR + DAY, HOUR + DAY, 1, "up for 30 s"],
    ["address", HOUR, HOUR, 1, "up for 30 s"],
    ["restart", 0, HOUR, 2, "up for 9 s"],
  ]);
  expect(changes.ofDevice(one, 1)).toHaveLength(1);
});

test("note(): what happens every few hours is not one change for ever", () => {
  const { changes } = temporaryStore().history;
  for (let i = 0; i < 12; i++) changes.note({ ...restart, atMs: T0 + i * 12 * HOUR }, WINDOWS);
  expect(changes.ofDevice(one, 10).map(({ times }) => times)).toEqual([6, 6]);
});

test("keep(): what was kept is there when the raw readings are gone, twice is once", () => {
  const { history } = temporaryStore();
  const { changes } = history;
  const dayMs = Math.floor(T0 / DAY) * DAY;
  const times = Array.from({ length: 100 }, (_, i) => dayMs + i * 10 * MINUTE);
  history.append(times.map((atMs, i) => ({ device: one, atMs, reading: { cpuRatio: i / 100 } })));
  const middle = { ...restart, atMs: dayMs + 8 * HOUR };
  changes.note(middle, WINDOWS);
  const [open] = changes.open(10);
  if (open === undefined) throw new Error("no change is open");
  const recording = changes.record(open.id, { fromMs: dayMs, toMs: dayMs + 12 * HOUR });
  expect(recording.readings).toBe(72);
  changes.keep(recording, false);
  changes.keep(recording, false);
  const [kept] = changes.open(10);
  expect([kept?.keptToMs, kept?.closed]).toEqual([dayMs + 12 * HOUR, false]);
  if (kept === undefined) throw new Error("the change is gone");
  expect(changes.asks(kept, dayMs + DAY)).toEqual(history.asks(one, { fromMs: dayMs, toMs: dayMs + DAY }));
  changes.keep(changes.record(open.id, { fromMs: dayMs + 12 * HOUR, toMs: dayMs + DAY }), true);
  expect(changes.open(10)).toEqual([]);
  for (let step = history.rollUps.next(dayMs + 9 * DAY); step !== undefined; step = history.rollUps.next(dayMs + 9 * DAY))
    history.rollUps.put(history.roll(step));
  while (history.rollUps.retain(dayMs + 9 * DAY) > 0);
  expect(history.asks(one, { fromMs: dayMs, toMs: dayMs + DAY })).toEqual([]);
  const [closed] = changes.ofDevice(one, 1);
  if (closed === undefined) throw new Error("the change is gone");
  expect(changes.asks(closed, dayMs + DAY).map(({ reading }) => reading?.cpuRatio)).toEqual(times.map((_, i) => i / 100));
});

test("record(): after two devices were found to be one, the readings of both are kept", () => {
  const { history } = temporaryStore();
  history.append([1, 2].map((number) => ({ device: deviceId(number), atMs: T0 + number, reading: { mos: number } })));
  history.changes.note(restart, WINDOWS);
  history.rename(deviceId(2), one);
  const [change] = history.changes.open(1);
  expect(history.changes.record(change?.id ?? 0, { fromMs: T0, toMs: T0 + DAY }).readings).toBe(2);
});

test("surplus(): the oldest of a device with too many, and the oldest of all, some at a time", () => {
  const { changes } = temporaryStore().history;
  for (const number of [1, 2, 3])
    for (let i = 0; i < 3; i++) changes.note({ ...restart, device: deviceId(number), atMs: T0 + i * 2 * DAY + number }, WINDOWS);
  expect(changes.surplus({ perDevice: 3, total: 9 })).toEqual([]);
  const over = changes.surplus({ perDevice: 2, total: 9 });
  expect(over).toHaveLength(3);
  changes.forget(over);
  expect(changes.ofDevice(one, 10)).toHaveLength(2);
  expect(changes.surplus({ perDevice: 2, total: 5 })).toEqual([changes.ofDevice(one, 10)[1]?.id]);
  for (let i = 0; i < 2 * SURPLUS_MAX; i++) changes.note({ ...restart, atMs: T0 + (10 + i) * 2 * DAY }, WINDOWS);
  expect(changes.surplus({ perDevice: 1, total: 1 })).toHaveLength(SURPLUS_MAX);
});
