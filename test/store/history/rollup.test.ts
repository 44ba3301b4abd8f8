import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Reading } from "../../../protocols/core/reading.ts";
import { DAY, HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { loadNames } from "../../../store/history/names.ts";
import { partitionOf, RESOLUTIONS, summariesIn } from "../../../store/history/partitions.ts";
import type { History } from "../../../store/history/readings.ts";
import { loadSlots, rollStep, slotsOf } from "../../../store/history/rollup.ts";
import { HISTORY_FILE } from "../../../store/open.ts";
import type { Sql } from "../../../store/sql.ts";
import { deviceId, rawly, storeIn, temporaryFolder, temporaryStore } from "../temporary.ts";
import { readings } from "./arbitrary.ts";

const DAY0 = Date.UTC(2026, 10, 30);
const LATER = DAY0 + 3 * DAY;
const at = (number: number, atMs: number, reading: Reading) => ({ device: deviceId(number), atMs, reading });

/** All steps that are due, one after the other; the history thread's part is done here, too. */
function rollAll(history: History, nowMs = LATER): number {
  let steps = 0;
  for (let step = history.rollUps.next(nowMs); step !== undefined; step = history.rollUps.next(nowMs)) {
    expect(history.rollUps.put(history.roll(step))).toBe(true);
    steps++;
  }
  return steps;
}

/** Everything the file says of summaries. */
function summariesOf(sql: Sql) {
  return RESOLUTIONS.flatMap(({ id }) => summariesIn(sql, id).map(({ table }) => [table, sql.all(`select * from ${table} order by ref`)]));
}
const inFile = <T>(directory: string, look: (sql: Sql) => T): T => rawly(join(directory, HISTORY_FILE), look);

const ask = fc.record({
  device: fc.integer({ min: 1, max: 4 }),
  atMs: fc.integer({ min: DAY0, max: DAY0 + 2 * DAY - 1 }),
  reading: fc.option(readings, { nil: undefined }),
});
const asks = fc.uniqueArray(ask, { maxLength: 60, selector: ({ device, atMs }) => `${device} ${atMs}` });

test("roll-ups of random readings are what a naive computation gives, at every resolution", () => {
  fc.assert(
    fc.property(asks, (given) => {
      const directory = temporaryFolder();
      const { history } = storeIn(directory);
      history.append(given.flatMap(({ device, atMs, reading }) => (reading === undefined ? [] : [at(device, atMs, reading)])));
      history.appendMissed(
        given.flatMap(({ device, atMs, reading }) => (reading === undefined ? [{ device: deviceId(device), atMs }] : [])),
      );
      rollAll(history);
      inFile(directory, (sql) => {
        const names = loadNames(sql);
        for (const row of sql.all("select ref, device from refs")) {
          const mine = given.filter(({ device }) => deviceId(device) === row["device"]).sort((a, b) => a.atMs - b.atMs);
          for (const { id, slotMs } of RESOLUTIONS) {
            for (const part of summariesIn(sql, id)) {
              const wanted = slotsOf(mine, part, slotMs, names);
              const got = loadSlots(sql, part.table, Number(row["ref"])) ?? [];
              expect(wanted.map((_, i) => got[i])).toEqual(wanted);
            }
          }
        }
      });
    }),
    { numRuns: 25 },
  );
});

/** Two days of three devices, with a restart and an hour of silence. */
function fill(history: History): void {
  const times = Array.from({ length: 48 * 12 }, (_, i) => DAY0 + i * 5 * MINUTE + 7);
  for (const device of [1, 2, 3]) {
    history.append(
      times.map((atMs, i) =>
        at(device, atMs, {
          uptimeSeconds: ((i * 300 + device) % 50_000) + 1,
          cpuRatio: ((i * device) % 17) / 100,
          inCall: i % 9 === 0 ? 1 : 0,
        }),
      ),
    );
    history.appendMissed(Array.from({ length: 10 }, (_, i) => ({ device: deviceId(device), atMs: DAY0 + HOUR + i })));
  }
}

test("put(): killed after any step and started again, the file is the same as without", () => {
  const plain = temporaryFolder();
  const store = storeIn(plain);
  fill(store.history);
  rollAll(store.history);
  const wanted = inFile(plain, summariesOf);
  const broken = temporaryFolder();
  let process = storeIn(broken);
  fill(process.history);
  for (let kills = 0; ; kills++) {
    const { rollUps } = process.history;
    const step = rollUps.next(LATER);
    if (step === undefined) break;
    // One device a step; the second answer is lost with its process, the third is written twice.
    const rolled = inFile(broken, (sql) => rollStep(sql, () => loadNames(sql), step, 1));
    if (kills % 3 !== 1) rollUps.put(rolled);
    if (kills % 3 === 2) rollUps.put(rolled);
    process.close();
    process = storeIn(broken);
    expect(kills).toBeLessThan(40);
  }
  expect(inFile(broken, summariesOf)).toEqual(wanted);
});

test("roll(): the same step twice gives the same bytes, also when it was put in", () => {
  const { history } = temporaryStore();
  fill(history);
  const step = { dayMs: DAY0, afterRef: 0 };
  const first = history.roll(step);
  history.rollUps.put(first);
  expect(history.roll(step)).toEqual(first);
});

test("next(): a day is due when it is over and its late readings are in, the oldest first", () => {
  const { history } = temporaryStore();
  expect(history.rollUps.next(LATER)).toBeUndefined();
  fill(history);
  expect(history.rollUps.next(DAY0 + DAY + 9 * MINUTE)).toBeUndefined();
  expect(history.rollUps.next(DAY0 + DAY + 10 * MINUTE)).toEqual({ dayMs: DAY0, afterRef: 0 });
  rollAll(history, DAY0 + DAY + 10 * MINUTE);
  expect(history.rollUps.next(LATER)).toEqual({ dayMs: DAY0 + DAY, afterRef: 0 });
});

test("put(): what does not follow what is in is passed over", () => {
  const { history } = temporaryStore();
  fill(history);
  const rolled = history.roll({ dayMs: DAY0, afterRef: 2 });
  expect(history.rollUps.put(rolled)).toBe(false);
  expect(history.rollUps.next(LATER)).toEqual({ dayMs: DAY0, afterRef: 0 });
});

test("retain(): raw readings stay until their day is summed up, however old", () => {
  const { history } = temporaryStore();
  fill(history);
  expect(history.rollUps.retain(LATER + 100 * DAY, 100)).toBe(0);
  rollAll(history);
  expect(history.rollUps.retain(DAY0 + 2 * DAY, 100)).toBe(0);
  expect(history.rollUps.retain(DAY0 + 2 * DAY + HOUR, 100)).toBe(2);
  expect(history.rollUps.retain(LATER + DAY, 5)).toBe(5);
});

test("retain(): five minutes, hours and days go when each is over, one table at a time", () => {
  const directory = temporaryFolder();
  const { history } = storeIn(directory);
  fill(history);
  rollAll(history);
  const kept = (nowMs: number): readonly number[] => {
    while (history.rollUps.retain(nowMs) > 0);
    return inFile(directory, (sql) => RESOLUTIONS.map(({ id }) => summariesIn(sql, id).length));
  };
  expect(kept(DAY0 + 14 * DAY)).toEqual([8, 2, 2]);
  expect(kept(DAY0 + 15 * DAY)).toEqual([4, 2, 2]);
  expect(kept(DAY0 + 91 * DAY)).toEqual([0, 1, 2]);
  expect(kept(partitionOf("1d", DAY0).toMs + 400 * DAY)).toEqual([0, 0, 1]);
  expect(kept(partitionOf("1d", DAY0 + DAY).toMs + 400 * DAY)).toEqual([0, 0, 0]);
  expect(inFile(directory, (sql) => sql.all("select * from rolled"))).toEqual([]);
});
