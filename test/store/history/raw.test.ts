import { join } from "node:path";
import { expect, test } from "vitest";
import { DAY, HOUR } from "../../../protocols/core/time.ts";
import { loadNames } from "../../../store/history/names.ts";
import { packReading } from "../../../store/history/pack.ts";
import { dayOf, makeRaw } from "../../../store/history/partitions.ts";
import { MISSED, rawReader, refsOf } from "../../../store/history/raw.ts";
import { HISTORY_FILE, openFile } from "../../../store/open.ts";
import { deviceId, storeIn, T0, temporaryFolder } from "../temporary.ts";

test("asksOf(): every device's asks in order, also where an earlier version of the agent kept a table a day", () => {
  const directory = temporaryFolder();
  const { history } = storeIn(directory);
  history.append([1, 2].map((number) => ({ device: deviceId(number), atMs: T0 + HOUR, reading: { mos: number } })));
  const sql = openFile(join(directory, HISTORY_FILE), "NORMAL");
  try {
    const names = loadNames(sql);
    makeRaw(sql, dayOf(T0));
    sql.run(`insert into ${dayOf(T0).table} (ref, at_ms, packed) values (1, @atMs, @packed)`, { atMs: T0 + 2 * HOUR, packed: MISSED });
    sql.run(`insert into ${dayOf(T0).table} (ref, at_ms, packed) values (1, @atMs, @packed)`, {
      atMs: T0,
      packed: packReading({ mos: 4 }, names),
    });
    const found = rawReader(sql, () => names).asksOf({ after: 0, through: 9 }, { fromMs: T0 - DAY, toMs: T0 + DAY });
    expect([...found].map(([ref, asks]) => [ref, asks.map(({ reading }) => reading?.mos)])).toEqual([
      [1, [4, 1, undefined]],
      [2, [2]],
    ]);
    expect(refsOf(sql, deviceId(2))).toEqual([2]);
  } finally {
    sql.close();
  }
});

test("MISSED: is no packed reading", () => {
  expect(() => packReading({ mos: 1 }, { numberOf: () => 63, nameOf: () => "mos" })).not.toThrow();
  expect(packReading({ mos: 1 }, { numberOf: () => 63, nameOf: () => "mos" })[0]).not.toBe(MISSED[0]);
});
