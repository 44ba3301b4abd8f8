import { join } from "node:path";
import { expect, test } from "vitest";
import { MAIN_FILE } from "../../store/open.ts";
import { rawly, storeIn, T0, temporaryFolder, temporaryStore } from "./temporary.ts";

const usage = { zone: "UTC", days: 28, busy: Array.from({ length: 168 }, (_, hour) => (hour === 0 ? null : 0.25)) };

test("replace(): all of a day in place of those of before", () => {
  const { placeUsages } = temporaryStore();
  placeUsages.replace(
    [
      { key: "room:A", usage },
      { key: "site", usage },
    ],
    T0,
  );
  placeUsages.replace([{ key: "room:B", usage }], T0 + 1);
  expect(placeUsages.all()).toEqual([{ key: "room:B", learnedAtMs: T0 + 1, usage }]);
  expect(placeUsages.load("room:B")).toEqual({ key: "room:B", learnedAtMs: T0 + 1, usage });
  expect(placeUsages.load("room:A")).toBeUndefined();
});

test("all(): a week that is not whole does not decode", () => {
  const directory = temporaryFolder();
  const { placeUsages } = storeIn(directory);
  placeUsages.replace([{ key: "site", usage }], T0);
  rawly(join(directory, MAIN_FILE), (sql) => sql.run("update place_usages set busy = '[0.5]'", {}));
  expect(() => placeUsages.all()).toThrow(/busy/);
});
