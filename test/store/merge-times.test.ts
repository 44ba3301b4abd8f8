import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { giveBackTimes, makeRoom, shifted, timedRows } from "../../store/merge-times.ts";
import { MAIN_FILE } from "../../store/open.ts";
import { everything, fillBoth, KEEPS, OTHER } from "./every-table.ts";
import { rawly, storeIn, T0, temporaryFolder } from "./temporary.ts";

const moments = fc.uniqueArray(fc.nat(30)).map((list) => list.toSorted((a, b) => a - b));

test("shifted(): no two of one moment, none earlier than it was, in the order they had, and where it is free as it was", () => {
  fc.assert(
    fc.property(moments, moments, (others, taken) => {
      const found = shifted(others, taken);
      expect(new Set([...found, ...taken]).size).toBe(found.length + taken.length);
      expect(found).toEqual(found.toSorted((a, b) => a - b));
      found.forEach((nowMs, index) => {
        expect(nowMs).toBeGreaterThanOrEqual(others[index] ?? Number.NaN);
      });
      if (others.every((one) => !taken.includes(one))) expect(found).toEqual(others);
    }),
  );
});

test("timedRows(), makeRoom(): moments move as they were said to, and back to where they were", () => {
  const folder = temporaryFolder();
  const store = storeIn(folder);
  fillBoth(store, folder);
  const before = everything(folder);
  const rows = rawly(join(folder, MAIN_FILE), (sql) => {
    const told = timedRows(sql, { keeps: KEEPS, other: OTHER });
    makeRoom(sql, { keeps: KEEPS, other: OTHER });
    for (const table of Object.keys(told)) sql.run(`update ${table} set device = @KEEPS where device = @OTHER`, { KEEPS, OTHER });
    return told;
  });
  expect(rows["availability_changes"]?.map(({ wasMs, nowMs }) => [wasMs - T0, nowMs - T0])).toEqual([
    [0, 2],
    [1, 3],
    [200, 200],
  ]);
  // Seen so again meanwhile, by the one that stayed.
  store.configs.seen(store.configs.latest(KEEPS, "values") as never, T0 + 500);
  rawly(join(folder, MAIN_FILE), (sql) => giveBackTimes(sql, { keeps: KEEPS, other: OTHER }, rows));
  expect(everything(folder)).toEqual(before);
});
