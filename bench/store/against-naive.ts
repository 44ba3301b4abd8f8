/** Writing, size, the last sample of all, and dropping a day, beside a row per value. */
import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { READING_NAMES } from "../../protocols/core/reading.ts";
import { DAY } from "../../protocols/core/time.ts";
import { historyIn } from "../../store/history/readings.ts";
import { migrate, readMigrations } from "../../store/migrate.ts";
import { openFile } from "../../store/open.ts";
import { nowMs } from "../child.ts";
import { type Row, ratioRow } from "../figure.ts";
import { deleteBefore, importCsv, installSqlite3, LAST_OF_ALL, openNaive, timed } from "./naive.ts";
import { type Batch, batchesOf, START_MS, samplesIn, sizeOf } from "./plan.ts";

/** Medians of this many rounds, ours and the peer's in turn. */
const ROUNDS = 5;
const DEVICES = 60;
const DAYS = 2;
/** What a turn of the poller brings on a large site: 10,000 devices in two minutes, a turn every two seconds. */
const BATCH = 170;

interface Round {
  readonly write: { readonly ours: number; readonly peer: number };
  readonly bytes: { readonly ours: number; readonly peer: number };
  readonly last: { readonly ours: number; readonly peer: number };
  readonly drop: { readonly ours: number; readonly peer: number };
}

export async function againstNaive(folder: string, say: (text: string) => void): Promise<readonly Row[]> {
  const peer = installSqlite3();
  if ("missing" in peer) {
    say(`skipped: rows written a second, bytes per sample, last sample of all, dropping a day: ${peer.missing}`);
    return [];
  }
  const batches = batchesOf(DEVICES, DAYS, BATCH);
  const samples = samplesIn(batches);
  say(`${DEVICES} devices over ${DAYS} days, ${samples} samples; peer: sqlite3 ${peer.version}, a row per value and an index`);
  const csv = join(folder, "samples.csv");
  writeCsv(csv, batches);
  const rounds: Round[] = [];
  for (let i = 1; i <= ROUNDS; i++) {
    say(`beside a row per value: round ${i} of ${ROUNDS}`);
    rounds.push(await round(folder, batches, { csv, samples }));
  }
  const of = (what: keyof Round) => rounds.map((one) => one[what]);
  return [
    ratioRow({ figure: "samples stored a second, sqlite3 .import", atLeast: 1 }, of("write")),
    ratioRow({ figure: "bytes per sample, a row per value", atMost: 0.3 }, of("bytes")),
    ratioRow({ figure: "last sample of all, ms, GROUP BY", atMost: 0.03 }, of("last")),
    ratioRow({ figure: "dropping a day, ms, DELETE", atMost: 0.08 }, of("drop")),
  ];
}

function writeCsv(path: string, batches: readonly Batch[]): void {
  writeFileSync(path, "");
  for (const { answered } of batches) {
    const lines = answered.flatMap(({ device, atMs, reading }) =>
      READING_NAMES.flatMap((name, number) =>
        reading[name] === undefined ? [] : [`${Number.parseInt(device.slice(-6), 16)},${number},${atMs},${reading[name]}\n`],
      ),
    );
    appendFileSync(path, lines.join(""));
  }
}

async function round(
  folder: string,
  batches: readonly Batch[],
  { csv, samples }: { readonly csv: string; readonly samples: number },
): Promise<Round> {
  const files = { ours: join(folder, "ours.db"), naive: join(folder, "naive.db") };
  for (const file of Object.values(files)) for (const end of ["", "-wal", "-shm"]) rmSync(`${file}${end}`, { force: true });
  const ours = openFile(files.ours, "NORMAL");
  try {
    migrate(ours, readMigrations(new URL("../../store/history/migrations/", import.meta.url).pathname), START_MS);
    const history = historyIn(ours);
    const startMs = nowMs();
    for (const { answered, missed } of batches) {
      history.append(answered);
      history.appendMissed(missed);
    }
    const ourWriteMs = nowMs() - startMs;
    const importMs = await importCsv(files.naive, csv);
    const naive = openNaive(files.naive);
    try {
      const bytes = { ours: sizeOf(ours) / samples, peer: sizeOf(naive) / samples };
      const lastStart = nowMs();
      history.allLatest();
      const last = { ours: nowMs() - lastStart, peer: timed(naive, LAST_OF_ALL) };
      const dayEnd = START_MS + DAY;
      const dropStart = nowMs();
      history.rollUps.put({ dayMs: START_MS, afterRef: 0, throughRef: DEVICES, last: true, rows: [] });
      while (history.rollUps.retain(dayEnd + 2 * DAY) > 0);
      const drop = { ours: nowMs() - dropStart, peer: timed(naive, deleteBefore(dayEnd)) };
      return { write: { ours: (samples / ourWriteMs) * 1e3, peer: (samples / importMs) * 1e3 }, bytes, last, drop };
    } finally {
      naive.close();
    }
  } finally {
    ours.close();
  }
}
