import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { DAY } from "../../../protocols/core/time.ts";
import { dayOf, daysIn, makeDay } from "../../../store/history/days.ts";
import { openFile } from "../../../store/open.ts";
import { temporaryFolder } from "../temporary.ts";

test.each([
  [Date.UTC(2026, 10, 22), "readings_20261122"],
  [Date.UTC(2026, 10, 22, 23, 59, 59, 999), "readings_20261122"],
  [Date.UTC(2026, 10, 23), "readings_20261123"],
  [Date.UTC(2024, 1, 29, 12), "readings_20240229"],
  [0, "readings_19700101"],
])("dayOf(): %i lies in %s", (atMs, table) => {
  expect(dayOf(atMs).table).toBe(table);
});

test("dayOf(): every moment lies in its own UTC day, and days do not overlap", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) }), (atMs) => {
      const { fromMs, toMs, table } = dayOf(atMs);
      expect(fromMs <= atMs && atMs < toMs && toMs - fromMs === DAY && fromMs % DAY === 0).toBe(true);
      expect(dayOf(toMs).table > table).toBe(true);
    }),
  );
});

test("daysIn(): the days that were made, oldest first, and no other table", () => {
  const sql = openFile(join(temporaryFolder(), "a.db"), "NORMAL");
  onTestFinished(() => sql.close());
  const days = [Date.UTC(2026, 11, 1), Date.UTC(2025, 0, 31)].map(dayOf);
  for (const day of [...days, ...days]) makeDay(sql, day);
  sql.exec("create table readings_other (x integer) strict; create table readings_2026112 (x integer) strict");
  expect(daysIn(sql)).toEqual([...days].reverse());
});
