/**
 * The calls the main thread makes, on a file of 10,000 devices with 30 days behind it: none may take longer than 25 ms. The
 * history thread does its part beside them, as in the agent.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startThread, type Thread } from "../../agent/threads/channel.ts";
import type { HistoryRequests } from "../../agent/threads/requests.ts";
import { DAY, HOUR, loopTurn, MINUTE, type Ms, SECOND, systemClock } from "../../protocols/core/time.ts";
import { loadNames } from "../../store/history/names.ts";
import { packReading } from "../../store/history/pack.ts";
import { makeRaw, makeSummary, partitionOf, RAW_KEPT_MS, RESOLUTIONS, rawOf } from "../../store/history/partitions.ts";
import { type History, historyIn } from "../../store/history/readings.ts";
import { slotsOf } from "../../store/history/rollup.ts";
import { packSlots } from "../../store/history/slots.ts";
import { migrate, readMigrations } from "../../store/migrate.ts";
import { HISTORY_FILE, openFile, openStore } from "../../store/open.ts";
import type { SqlFile } from "../../store/sql.ts";
import { nowMs } from "../child.ts";
import { absoluteRow, median, type Row } from "../figure.ts";
import { deviceIdOf, START_MS } from "./plan.ts";
import { syntheticDevice } from "./synthetic.ts";

const DEVICES = 10_000;
const NOW_MS: Ms = START_MS + 30 * DAY + 10 * HOUR;
/** The day that is summed up meanwhile: the newest with readings in full. */
const ROLLED_MS: Ms = START_MS + 29 * DAY;
const RAW_MS: Ms = HOUR / 2;
const OLDEST_RAW_MS: Ms = NOW_MS - RAW_KEPT_MS - 3 * RAW_MS;
/** Full raw tables: the oldest, which are dropped, one of the day that is summed up, and the last. */
const FULL = [OLDEST_RAW_MS, OLDEST_RAW_MS + RAW_MS, ROLLED_MS + 12 * HOUR, NOW_MS - RAW_MS];
const TURN_MS: Ms = 2 * SECOND;
const TURN_DEVICES = 170;
const TURNS = 600;
/** As the agent does: each five seconds the log is worked in, each half minute old tables are looked for. */
const EVERY = { checkpoint: 3, retain: 15, step: 5 } as const;
const GOAL_MS = 25;

type Call = <T>(name: string, act: () => T) => T;

export async function mainCalls(folder: string, say: (text: string) => void): Promise<readonly Row[]> {
  const directory = join(folder, "calls");
  mkdirSync(directory);
  say(`a file of ${DEVICES} devices with 30 days of history`);
  fillFile(join(directory, HISTORY_FILE));
  const store = openStore({ directory, nowMs: NOW_MS });
  const thread = await startThread<HistoryRequests, never>({
    name: "history",
    entry: new URL("../../agent/threads/history.ts", import.meta.url),
    data: () => ({ directory }),
    heapMb: 512,
    clock: systemClock(),
    onEvent: () => undefined,
    onTrouble: say,
  });
  try {
    say(`${TURNS} turns of ${TURN_DEVICES} readings, and what goes on beside them`);
    const times = new Map<string, Took[]>();
    await turns(store.history, thread, (name, act) => {
      const before = { queuedMs: queuedMs(), ms: nowMs(), cpu: process.threadCpuUsage() };
      const value = act();
      const { user, system } = process.threadCpuUsage(before.cpu);
      const wallMs = nowMs() - before.ms;
      const all = times.get(name) ?? [];
      if (all.length === 0) times.set(name, all);
      const cpuMs = (user + system) / 1e3;
      const queued = queuedMs() - before.queuedMs;
      all.push({ wallMs, cpuMs, queuedMs: queued, waitedMs: Math.max(0, wallMs - cpuMs - queued) });
      return value;
    });
    for (const [name, all] of times) say(words(name, all));
    const all = [...times.values()].flat();
    const longest = (what: keyof Took, figure: string): Row =>
      absoluteRow(
        { figure, atMost: GOAL_MS },
        all.map((one) => one[what]),
      );
    return [longest("wallMs", "longest call of the main thread, ms"), longest("cpuMs", "longest call, its own time, ms")];
  } finally {
    await thread.close();
    store.close();
  }
}

/**
 * A busy machine takes the processor away in the middle of a call: what the call itself used stands beside, and what it stood in
 * line for a processor. What is left it waited: for a lock, for the disk, or for a machine that gave this one no time.
 */
interface Took {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly queuedMs: number;
  readonly waitedMs: number;
}

/** How long this thread was ready to run and did not, so far; 0 where the system does not say. Source: Linux, Documentation/scheduler/sched-stats.rst. */
function queuedMs(): number {
  try {
    const [, queuedNs = "0"] = readFileSync("/proc/thread-self/schedstat", "utf8").split(" ");
    return Number(queuedNs) / 1e6;
  } catch {
    return 0;
  }
}

function words(name: string, all: readonly Took[]): string {
  const wall = all.map(({ wallMs }) => wallMs);
  const cpu = all.map(({ cpuMs }) => cpuMs);
  const over = wall.filter((ms) => ms > GOAL_MS).length;
  const longest = all.reduce((most, one) => (one.wallMs > most.wallMs ? one : most));
  const waited = Math.max(...all.map(({ waitedMs }) => waitedMs));
  return `${name}: ${all.length} calls, median ${median(wall).toFixed(2)} ms, longest ${longest.wallMs.toFixed(1)} ms (${longest.queuedMs.toFixed(1)} of it in line for a processor); most of its own time ${Math.max(...cpu).toFixed(1)} ms, waited ${waited.toFixed(1)} ms; ${over} over ${GOAL_MS} ms`;
}

function fillFile(path: string): void {
  const sql = openFile(path, "NORMAL");
  try {
    migrate(sql, readMigrations(new URL("../../store/history/migrations/", import.meta.url).pathname), START_MS);
    fill(sql, historyIn(sql));
    sql.all("pragma wal_checkpoint(truncate)");
  } finally {
    sql.close();
  }
}

/** Every table that is there after 30 days; those that calls touch are full. */
function fill(sql: SqlFile, history: History): void {
  const names = loadNames(sql);
  const day = syntheticDevice(1, START_MS).asks(START_MS, START_MS + DAY);
  const reading = day.find((ask) => ask.reading !== undefined)?.reading ?? {};
  const packed = packReading(reading, names);
  const refs = Array.from({ length: DEVICES }, (_, i) => i + 1);
  history.append(refs.map((ref) => ({ device: deviceIdOf(ref - 1), atMs: NOW_MS - 2 * MINUTE, reading })));
  const putAll = (table: string, columns: string, row: (ref: number) => { [name: string]: number | Buffer }): void =>
    sql.transaction(() => {
      for (const ref of refs) sql.run(`insert or ignore into ${table} ${columns}`, row(ref));
    });
  for (let atMs = OLDEST_RAW_MS; atMs <= NOW_MS; atMs += RAW_MS) makeRaw(sql, rawOf(atMs));
  for (const { table, fromMs } of FULL.map(rawOf)) {
    for (let at = fromMs; at < fromMs + RAW_MS; at += 2 * MINUTE)
      putAll(table, "(ref, at_ms, packed) values (@ref, @atMs, @packed)", (ref) => ({ ref, atMs: at + ref, packed }));
  }
  for (const { id, slotMs, keptMs } of RESOLUTIONS) {
    // One table more than is kept: it is dropped.
    for (
      let part = partitionOf(id, Math.max(START_MS, NOW_MS - keptMs) - DAY);
      part.fromMs < ROLLED_MS;
      part = partitionOf(id, part.toMs)
    ) {
      makeSummary(sql, part);
      const blob = packSlots(slotsOf(day, { fromMs: START_MS, toMs: START_MS + Math.min(DAY, part.toMs - part.fromMs) }, slotMs, names));
      putAll(part.table, "(ref, packed) values (@ref, @packed)", (ref) => ({ ref, packed: blob }));
    }
  }
  for (let dayMs = START_MS - DAY; dayMs < ROLLED_MS; dayMs += DAY)
    sql.run("insert into rolled (day_ms, through_ref, done) values (@dayMs, 0, 1)", { dayMs });
}

/** As the agent makes them, in the same mixture. */
async function turns(history: History, thread: Thread<HistoryRequests>, call: Call): Promise<void> {
  const devices = Array.from({ length: DEVICES }, (_, i) => syntheticDevice(i, START_MS));
  let next = 0;
  let atMs = NOW_MS;
  for (let turn = 0; turn < TURNS; turn++, atMs += TURN_MS) {
    const one = deviceIdOf(turn);
    const batch = Array.from({ length: TURN_DEVICES }, () => next++ % DEVICES).flatMap((number) =>
      (devices[number]?.asks(atMs, atMs + 1, 1) ?? []).flatMap(({ reading }) =>
        reading === undefined ? [] : [{ device: deviceIdOf(number), atMs, reading }],
      ),
    );
    call("append", () => history.append(batch));
    call("appendMissed", () => history.appendMissed([{ device: one, atMs: atMs + 1 }]));
    call("latest", () => history.latest(one));
    call("before", () => history.before(one, atMs));
    call("changes.note", () => history.changes.note({ device: one, kind: "restart", atMs, detail: "" }, { aroundMs: DAY, repeatsMs: DAY }));
    if (turn % EVERY.retain === 0) call("rollUps.retain", () => history.rollUps.retain(atMs));
    if (turn % EVERY.checkpoint === 0) void thread.ask("checkpoint", null);
    if (turn % EVERY.step === 0) await step(history, thread, { atMs, call });
    await loopTurn();
  }
}

async function step(
  history: History,
  thread: Thread<HistoryRequests>,
  { atMs, call }: { readonly atMs: Ms; readonly call: Call },
): Promise<void> {
  const due = call("rollUps.next", () => history.rollUps.next(atMs));
  if (due !== undefined) {
    const rolled = await thread.ask("roll", due);
    call("rollUps.put", () => history.rollUps.put(rolled));
  }
  const { recordings } = await thread.ask("recordings", { nowMs: atMs });
  for (const { closes, ...recording } of recordings) call("changes.keep", () => history.changes.keep(recording, closes));
}
