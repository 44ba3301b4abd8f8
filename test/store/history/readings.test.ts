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

test("append(): an empty batch makes no day", () => {
  const directory = temporaryFolder();
  const { history } = storeIn(directory);
  history.append([]);
  expect(history.dropBefore(T0 + 1_000 * DAY)).toBe(0);
});

test("dropBefore(): whole days that ended go, the running day and its table stay", () => {
  const directory = temporaryFolder();
  const { history } = storeIn(directory);
  const midnight = Date.UTC(2026, 10, 22);
  history.append([at(1, midnight - 1, 1), at(1, midnight, 2), at(1, midnight + DAY, 3)]);
  expect(history.dropBefore(midnight - 1)).toBe(0);
  expect(history.dropBefore(midnight)).toBe(1);
  expect(history.window(deviceId(1), ALWAYS).map(({ reading }) => reading.mos)).toEqual([2, 3]);
  expect(history.dropBefore(midnight + DAY - 1)).toBe(0);
  expect(
    rawly(join(directory, HISTORY_FILE), (sql) => sql.all("select name from sqlite_master where name glob 'readings_*' order by name")),
  ).toEqual([{ name: "readings_20261122" }, { name: "readings_20261123" }]);
});

test("dropBefore(): what a device showed last is known when its days are gone", () => {
  const { history } = temporaryStore();
  history.append([at(1, T0, 4)]);
  expect(history.dropBefore(T0 + 10 * DAY)).toBe(1);
  expect(history.latest(deviceId(1))).toEqual({ atMs: T0, reading: { mos: 4 } });
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
