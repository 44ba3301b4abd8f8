import fc from "fast-check";
import { expect, test } from "vitest";
import { type HistoryPage, type HistorySeries, type HistoryWhole, pageOf, parseCursor } from "../../../agent/health/history-page.ts";
import { isoOf, MINUTE } from "../../../protocols/core/time.ts";
import { T0 } from "../../store/temporary.ts";

interface Asked {
  readonly at: string;
  readonly asked: number;
}
const at = (minute: number): string => isoOf(T0 + minute * MINUTE);
const series = (reading: string, count: number): HistorySeries => ({
  reading,
  kind: "gauge",
  points: Array.from({ length: count }, (_, minute) => ({ at: at(minute), mean: minute / 7 })),
});
const bytesOf = ({ availability, series: told }: HistoryPage<Asked>): number =>
  Buffer.byteLength(JSON.stringify(availability)) + Buffer.byteLength(JSON.stringify(told));

const wholes = fc.record({ lengths: fc.array(fc.nat({ max: 40 }), { maxLength: 6 }), asks: fc.nat({ max: 20 }) }).map(
  ({ lengths, asks }): HistoryWhole<Asked> => ({
    availability: Array.from({ length: asks }, (_, minute) => ({ at: at(minute), asked: 2 })),
    series: lengths.map((length, index) => series("abcdef".charAt(index), length)),
  }),
);

/** All pages one after the other, as whoever asks goes on. */
function pages(whole: HistoryWhole<Asked>, maxBytes: number): readonly HistoryPage<Asked>[] {
  const found: HistoryPage<Asked>[] = [];
  for (let next: string | undefined; ; ) {
    const page = pageOf(whole, next === undefined ? undefined : parseCursor(next), maxBytes);
    if (page === undefined || found.length > 500) throw new Error(`no page behind "${next}"`);
    found.push(page);
    next = page.next;
    if (next === undefined) return found;
  }
}

test("pageOf(): put together, the pages are the whole, each point once and in order, whatever fits", () => {
  fc.assert(
    fc.property(wholes, fc.integer({ min: 1, max: 6_000 }), (whole, maxBytes) => {
      const all = pages(whole, maxBytes);
      expect(all.flatMap(({ availability }) => availability)).toEqual(whole.availability);
      const points = (list: readonly HistorySeries[]) => list.flatMap(({ reading, points: own }) => own.map((point) => [reading, point]));
      expect(points(all.flatMap((page) => page.series))).toEqual(points(whole.series));
      // Those without a point are told, too: they were asked for by name.
      expect([...new Set(all.flatMap((page) => page.series.map(({ reading }) => reading)))]).toEqual(
        whole.series.map(({ reading }) => reading),
      );
    }),
  );
});

test("pageOf(): no page is longer than it may be, once a point and the head of a reading fit into it", () => {
  fc.assert(
    fc.property(wholes, fc.integer({ min: 200, max: 6_000 }), (whole, spare) => {
      const maxBytes = spare + Buffer.byteLength(JSON.stringify(whole.availability));
      for (const page of pages(whole, maxBytes)) expect(bytesOf(page)).toBeLessThanOrEqual(maxBytes);
    }),
  );
});

test("pageOf(): what fits has no end to go on from; a reading that is not told is of another question", () => {
  const whole = { availability: [], series: [series("mos", 3)] };
  expect(pageOf(whole, undefined, 10_000)).toEqual(whole);
  expect(pageOf(whole, { reading: "cpuRatio" }, 10_000)).toBeUndefined();
});

test.each([
  ["cpuRatio 2026-11-22T20:00:00.000Z", { reading: "cpuRatio", at: "2026-11-22T20:00:00.000Z" }],
  ["cpuRatio", { reading: "cpuRatio" }],
  ["", undefined],
  ["cpuRatio later", undefined],
  ["../x 2026-11-22T20:00:00.000Z", undefined],
])("parseCursor(): %j", (text, cursor) => {
  expect(parseCursor(text)).toEqual(cursor);
});
