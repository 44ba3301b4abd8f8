import { join } from "node:path";
import { expect, test } from "vitest";
import { Bug } from "../../../protocols/core/fault.ts";
import { DAY, HOUR } from "../../../protocols/core/time.ts";
import { HISTORY_FILE } from "../../../store/open.ts";
import { deviceId, rawly, storeIn, T0, temporaryFolder, temporaryStore } from "../temporary.ts";

const at = (number: number, atMs: number, mos: number) => ({ device: deviceId(number), atMs, reading: { mos } });
const ALWAYS = { fromMs: 0, toMs: T0 + 1_000 * DAY };

test("append(): readings of many devices and days come back by device, oldest first", () => {
  const { history } = temporaryStore();
  history.append([at(1, T0 + DAY, 3), at(2, T0, 9), at(1, T0, 1), at(1, T0 + HOUR, 2)]);
  expect(history.window(deviceId(1), ALWAYS).map(({ reading }) => reading.mos)).toEqual([1, 2, 3]);
  expect(history.window(deviceId(2), ALWAYS)).toEqual([{ atMs: T0, reading: { mos: 9 } }]);
});

test("append(): a second reading of the same device and time takes the place of the first", () => {
  const { history } = temporaryStore();
  history.append([at(1, T0, 1)]);
  history.append([at(1, T0, 2)]);
  expect(history.window(deviceId(1), ALWAYS)).toEqual([{ atMs: T0, reading: { mos: 2 } }]);
  expect(history.latest(deviceId(1))?.reading).toEqual({ mos: 2 });
});

test("append(): a reading that comes late does not become the latest", () => {
  const { history } = temporaryStore();
  history.append([at(1, T0, 5)]);
  history.append([at(1, T0 - HOUR, 1)]);
  expect(history.latest(deviceId(1))).toEqual({ atMs: T0, reading: { mos: 5 } });
});

test("append(): one value that cannot be kept undoes the whole batch, and the next batch is written whole", () => {
  const { history } = temporaryStore();
  expect(() => history.append([at(1, T0, 1), at(2, T0, Number.NaN)])).toThrow(Bug);
  expect([history.allLatest(), history.window(deviceId(1), ALWAYS)]).toEqual([[], []]);
  history.append([at(2, T0, 7), at(1, T0, 6)]);
  expect(history.latest(deviceId(1))?.reading).toEqual({ mos: 6 });
  expect(history.latest(deviceId(2))?.reading).toEqual({ mos: 7 });
});

const tables = (directory: string): readonly unknown[] =>
  rawly(join(directory, HISTORY_FILE), (sql) =>
    sql.all("select name from sqlite_master where type = 'table' and name glob '*_[0-9]*' order by name").map(({ name }) => name),
  );

test("append(): an empty batch makes no table; readings go into a table half an hour", () => {
  const directory = temporaryFolder();
  const { history } = storeIn(directory);
  history.append([]);
  history.appendMissed([]);
  expect(tables(directory)).toEqual([]);
  history.append([at(1, T0, 1), at(1, T0 + HOUR / 2 - 1, 1), at(1, T0 + HOUR / 2, 1)]);
  expect(tables(directory)).toEqual(["raw_202611222000", "raw_202611222030"]);
});

test("append(): an answer without values is an answer, and what it showed last stays", () => {
  const { history } = temporaryStore();
  history.append([at(1, T0, 4), { device: deviceId(1), atMs: T0 + 1, reading: {} }]);
  expect(history.latest(deviceId(1))).toEqual({ atMs: T0, reading: { mos: 4 } });
  expect(history.asks(deviceId(1), ALWAYS)).toEqual([
    { atMs: T0, reading: { mos: 4 } },
    { atMs: T0 + 1, reading: {} },
  ]);
});

test("appendMissed(): is an ask and no reading", () => {
  const { history } = temporaryStore();
  history.append([at(1, T0, 4)]);
  history.appendMissed([{ device: deviceId(1), atMs: T0 + 1 }]);
  expect(history.window(deviceId(1), ALWAYS)).toHaveLength(1);
  expect(history.asks(deviceId(1), ALWAYS)[1]).toEqual({ atMs: T0 + 1, reading: undefined });
  expect(history.latest(deviceId(1))?.atMs).toBe(T0);
  expect(history.before(deviceId(1), T0 + HOUR)?.atMs).toBe(T0);
});

test("rename(): readings of both belong to the new id, beside its own", () => {
  const { history } = temporaryStore();
  history.append([at(1, T0, 1), at(2, T0 + 1, 2)]);
  history.rename(deviceId(1), deviceId(2));
  history.append([at(2, T0 + 2, 3), at(1, T0 + 3, 9)]);
  expect(history.window(deviceId(2), ALWAYS).map(({ reading }) => reading.mos)).toEqual([1, 2, 3]);
  expect(history.window(deviceId(1), ALWAYS).map(({ reading }) => reading.mos)).toEqual([9]);
  expect(history.latest(deviceId(2))?.reading).toEqual({ mos: 3 });
});
