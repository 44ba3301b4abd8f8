import { expect, test } from "vitest";
import { decodeHealth, MAX_SAMPLES, type Told } from "../../../agent/feed/health-batch.ts";
import { CHANGE_WAITS_MS, createSamples, isDue, REST_WAITS_MS } from "../../../agent/feed/samples.ts";
import type { SiteId } from "../../../protocols/core/ids.ts";
import { deviceId, T0, temporaryStore, waitingIn } from "../../store/temporary.ts";

function bench() {
  const store = temporaryStore();
  const now = { ms: T0 };
  let wakes = 0;
  const samples = createSamples({ store, site: "zug-01" as SiteId, nowMs: () => now.ms, wake: () => void wakes++ });
  const batches = () => waitingIn(store).map(({ payload }) => decodeHealth(payload));
  return { store, now, samples, batches, wakes: () => wakes };
}

const row = (how: "changed" | "unchanged"): Told =>
  how === "changed"
    ? { how, device: deviceId(1), atMs: T0, reading: { inCall: 1 }, gone: [] }
    : { how, device: deviceId(1), atMs: T0, sinceMs: T0 };

test("isDue(): a change at once, the rest with company; while nobody hears it everything waits for company", () => {
  const due = (how: "changed" | "unchanged", waitedMs: number, heard: boolean) => isDue([row(how)], { nowMs: T0 + waitedMs, heard });
  expect([due("changed", CHANGE_WAITS_MS - 1, true), due("changed", CHANGE_WAITS_MS, true)]).toEqual([false, true]);
  expect([due("unchanged", CHANGE_WAITS_MS, true), due("unchanged", REST_WAITS_MS, true)]).toEqual([false, true]);
  expect([due("changed", CHANGE_WAITS_MS, false), due("changed", REST_WAITS_MS, false)]).toEqual([false, true]);
  expect(isDue([], { nowMs: T0, heard: true })).toBe(false);
  expect(isDue(new Array<Told>(MAX_SAMPLES).fill(row("unchanged")), { nowMs: T0, heard: false })).toBe(true);
});

test("flush(): one batch with the next number, once; nothing where nothing is due", () => {
  const { samples, batches, now, wakes } = bench();
  samples.take(deviceId(1), T0, { inCall: 0 });
  samples.take(deviceId(1), T0 + 1, { inCall: 0 });
  samples.flush({ heard: true });
  expect([batches(), wakes()]).toEqual([[], 0]);
  now.ms = T0 + REST_WAITS_MS;
  samples.take(deviceId(1), now.ms, { inCall: 1 });
  samples.flush({ heard: true });
  samples.flush({ heard: true });
  expect(batches()).toMatchObject([{ sequence: 1, rows: [{ how: "full" }, { how: "changed", reading: { inCall: 1 } }] }]);
  expect(wakes()).toBe(1);
  samples.take(deviceId(1), now.ms, { inCall: 0 });
  samples.flush("all");
  expect(batches().map((batch) => batch?.sequence)).toEqual([1, 2]);
});

test("flush(): a number taken in a transaction that is undone is given again: no gap that is none", () => {
  const { samples, batches, store } = bench();
  samples.take(deviceId(1), T0, { inCall: 0 });
  expect(() =>
    store.transaction(() => {
      samples.flush("all");
      throw new Error("stop");
    }),
  ).toThrow("stop");
  samples.take(deviceId(2), T0, { inCall: 0 });
  samples.flush("all");
  expect(batches().map((batch) => batch?.sequence)).toEqual([1]);
});

test("tellAll(): every device says everything once more", () => {
  const { samples, batches } = bench();
  for (let i = 0; i < 2; i++) {
    samples.take(deviceId(1), T0 + i, { inCall: 0 });
    samples.tellAll();
  }
  samples.flush("all");
  expect(batches()[0]?.rows.map(({ how }) => how)).toEqual(["full", "full"]);
});

test("tellAllWhenHeard(): not while room is short: once somebody hears it", () => {
  const { samples, batches } = bench();
  const say = (at: number): void => samples.take(deviceId(1), T0 + at, { inCall: 0 });
  say(0);
  samples.tellAllWhenHeard();
  samples.flush({ heard: false });
  say(1);
  samples.flush({ heard: true });
  say(2);
  samples.flush({ heard: true });
  say(3);
  samples.flush("all");
  expect(batches()[0]?.rows.map(({ how, atMs }) => [how, atMs - T0])).toEqual([
    ["full", 0],
    ["full", 2],
  ]);
});
