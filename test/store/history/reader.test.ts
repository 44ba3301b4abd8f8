import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { DAY } from "../../../protocols/core/time.ts";
import { WINDOW_ROWS_MAX } from "../../../store/history/reader.ts";
import { HISTORY_FILE, openHistoryReader } from "../../../store/open.ts";
import { deviceId, rawly, storeIn, T0, temporaryFolder, temporaryStore } from "../temporary.ts";

const at = (number: number, atMs: number, reading = {}) => ({ device: deviceId(number), atMs, reading });

test("window(): from is included, to is not, over the edge of a day", () => {
  const { history } = temporaryStore();
  const midnight = Date.UTC(2026, 10, 22);
  history.append([-2, -1, 0, 1].map((offset) => at(1, midnight + offset)));
  expect(history.window(deviceId(1), { fromMs: midnight - 1, toMs: midnight + 1 }).map(({ atMs }) => atMs - midnight)).toEqual([-1, 0]);
  expect(history.window(deviceId(1), { fromMs: midnight, toMs: midnight })).toEqual([]);
});

test("window(): an unknown device has none", () => {
  const { history } = temporaryStore();
  expect([history.window(deviceId(9), { fromMs: 0, toMs: T0 }), history.latest(deviceId(9)), history.allLatest()]).toEqual([
    [],
    undefined,
    [],
  ]);
});

test("window(): an answer is bounded, the oldest rows stay", () => {
  const { history } = temporaryStore();
  history.append(Array.from({ length: WINDOW_ROWS_MAX + 5 }, (_, i) => at(1, T0 + i * 10_000)));
  const found = history.window(deviceId(1), { fromMs: 0, toMs: T0 + 10 * DAY });
  expect([found.length, found[0]?.atMs]).toEqual([WINDOW_ROWS_MAX, T0]);
});

test("series(): readings without the value are left out, zero is a value", () => {
  const { history } = temporaryStore();
  history.append([at(1, T0, { inCall: 0 }), at(1, T0 + 1, { mos: 4 }), at(1, T0 + 2, { inCall: 1 })]);
  expect(history.series(deviceId(1), "inCall", { fromMs: 0, toMs: T0 + 9 })).toEqual([
    { atMs: T0, value: 0 },
    { atMs: T0 + 2, value: 1 },
  ]);
});

test("allLatest(): the newest of every device, of two that became one the newer", () => {
  const { history } = temporaryStore();
  history.append([at(1, T0 + 5, { mos: 1 }), at(2, T0, { mos: 2 }), at(3, T0, { mos: 3 })]);
  history.rename(deviceId(1), deviceId(2));
  expect(history.allLatest()).toEqual([at(2, T0 + 5, { mos: 1 }), at(3, T0, { mos: 3 })]);
});

test("openHistoryReader(): sees what the writer adds after it was opened", () => {
  const directory = temporaryFolder();
  const { history } = storeIn(directory);
  const reader = openHistoryReader({ directory });
  onTestFinished(() => reader.close());
  expect(reader.latest(deviceId(1))).toBeUndefined();
  history.append([at(1, T0, { mos: 4 })]);
  expect(reader.latest(deviceId(1))).toEqual({ atMs: T0, reading: { mos: 4 } });
  expect(reader.series(deviceId(1), "mos", { fromMs: T0, toMs: T0 + 1 })).toEqual([{ atMs: T0, value: 4 }]);
});

test("window(): a reading that does not decode is named by its time", () => {
  const directory = temporaryFolder();
  const { history } = storeIn(directory);
  history.append([at(1, T0, { mos: 4.2 })]);
  rawly(join(directory, HISTORY_FILE), (sql) => sql.run("update latest set packed = x'03'"));
  expect(() => history.latest(deviceId(1))).toThrow(`Row "${T0}" of table readings does not decode`);
});
