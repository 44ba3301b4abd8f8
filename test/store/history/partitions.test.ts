import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { DAY, HOUR } from "../../../protocols/core/time.ts";
import {
  dayOf,
  drop,
  makeRaw,
  makeSummary,
  type Partition,
  partitionOf,
  RESOLUTIONS,
  rawIn,
  rawOf,
  summariesIn,
} from "../../../store/history/partitions.ts";
import { openFile } from "../../../store/open.ts";
import { temporaryFolder } from "../temporary.ts";

const AT = Date.UTC(2026, 10, 22, 19, 59, 59, 999);

test.each([
  [rawOf(AT), "raw_202611221930"],
  [dayOf(AT), "readings_20261122"],
  [partitionOf("5m", AT), "five_2026112218"],
  [partitionOf("1h", AT), "hour_20261122"],
  [partitionOf("1d", AT), "day_202611"],
  [partitionOf("1d", Date.UTC(2024, 1, 29, 12)), "day_202402"],
  [rawOf(0), "raw_197001010000"],
])("partitionOf(): %j is %s", (part, table) => {
  expect(part.table).toBe(table);
});

const kinds: readonly ((atMs: number) => Partition)[] = [
  rawOf,
  dayOf,
  ...RESOLUTIONS.map(
    ({ id }) =>
      (atMs: number) =>
        partitionOf(id, atMs),
  ),
];

test("partitionOf(): every moment lies in its own table, and tables do not overlap", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) }), fc.constantFrom(...kinds), (atMs, of) => {
      const { fromMs, toMs, table } = of(atMs);
      expect(fromMs <= atMs && atMs < toMs).toBe(true);
      expect([of(fromMs).table, of(toMs - 1).table]).toEqual([table, table]);
      expect(of(toMs).fromMs).toBe(toMs);
      expect(of(toMs).table > table).toBe(true);
    }),
  );
});

test("partitionOf(): slots of a table lie wholly in it", () => {
  for (const { id, slotMs } of RESOLUTIONS) {
    const { fromMs, toMs } = partitionOf(id, AT);
    expect([(toMs - fromMs) % slotMs, fromMs % slotMs]).toEqual([0, 0]);
  }
});

test("rawIn(), summariesIn(): the tables that were made, oldest first, those of earlier versions among them, and no other", () => {
  const sql = openFile(join(temporaryFolder(), "a.db"), "NORMAL");
  onTestFinished(() => sql.close());
  const raws = [rawOf(AT), dayOf(AT - 2 * DAY), rawOf(AT - HOUR)];
  for (const part of [...raws, ...raws]) makeRaw(sql, part);
  for (const { id } of RESOLUTIONS) for (const atMs of [AT, AT - 40 * DAY]) makeSummary(sql, partitionOf(id, atMs));
  sql.exec(
    "create table raw_other (x integer) strict; create table raw_2026112 (x integer) strict; create table day_20261122 (x integer) strict",
  );
  expect(rawIn(sql)).toEqual([raws[1], raws[2], raws[0]]);
  for (const { id } of RESOLUTIONS) expect(summariesIn(sql, id)).toEqual([AT - 40 * DAY, AT].map((atMs) => partitionOf(id, atMs)));
  drop(sql, rawOf(AT));
  expect(rawIn(sql)).toEqual([raws[1], raws[2]]);
});
