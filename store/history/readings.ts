/**
 * Writes health history: packed readings in one table per half hour, and the newest of each device. Nothing here is called
 * acknowledged: the file is written with `synchronous=NORMAL`, and a power cut may take its last seconds.
 */

import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { whole } from "../row.ts";
import type { Sql } from "../sql.ts";
import { type ChangeWriter, changeWriter } from "./changes.ts";
import { giveNumbers, loadNames } from "./names.ts";
import { type NameTable, packReading } from "./pack.ts";
import { makeRaw, rawOf } from "./partitions.ts";
import { MISSED } from "./raw.ts";
import { createHistoryReader, type DeviceReading, type HistoryReader } from "./reader.ts";
import { type RollUps, rollUpsIn } from "./rollup.ts";

export interface History extends HistoryReader {
  /**
   * One transaction; a second reading of the same device and time takes the place of the first. An empty one says that it
   * answered and told no values.
   */
  append(batch: readonly DeviceReading[]): void;
  /** Asks that nobody answered: with them a device's availability can be told. One transaction. */
  appendMissed(batch: readonly Missed[]): void;
  readonly rollUps: RollUps;
  readonly changes: HistoryReader["changes"] & ChangeWriter;
  /** The readings of `oldId` belong to `newId` from now on, beside its own. */
  rename(oldId: DeviceId, newId: DeviceId): void;
  /** As `rename`, in a way that can be undone: later readings stay apart from both. @returns what `giveBack` takes */
  join(oldId: DeviceId, newId: DeviceId): readonly number[];
  giveBack(joined: readonly number[], to: DeviceId): void;
}

export interface Missed {
  readonly device: DeviceId;
  readonly atMs: Ms;
}

/** Reference, time in whole milliseconds, packed reading: as they are written. */
type RawRow = readonly [number, number, Buffer];

/** The demo's fast clock may show fractions, and columns hold whole milliseconds. */
const rawRow = (ref: number, atMs: Ms, packed: Buffer): RawRow => [ref, Math.round(atMs), packed];

interface Writing {
  readonly names: NameTable;
  readonly refOf: (device: DeviceId) => number;
}

export function historyIn(sql: Sql): History {
  giveNumbers(sql);
  const names = loadNames(sql);
  const reader = createHistoryReader(sql);
  const refs = refsKept(sql);
  return {
    ...reader,
    rollUps: rollUpsIn(sql),
    changes: { ...reader.changes, ...changeWriter(sql, refs.refOf) },
    append(batch) {
      if (batch.length === 0) return;
      refs.settle(() => sql.transaction(() => writeBatch(sql, batch, { names, refOf: refs.refOf })));
    },
    appendMissed(batch) {
      if (batch.length === 0) return;
      refs.settle(() =>
        sql.transaction(() => writeRaw(sql, inKeyOrder(batch.map(({ device, atMs }) => rawRow(refs.refOf(device), atMs, MISSED))))),
      );
    },
    rename(oldId, newId) {
      sql.run("update refs set device = @newId where device = @oldId", { oldId, newId });
      refs.forget();
    },
    join: (oldId, newId) =>
      sql.transaction(() => {
        const moved = sql.all("select ref from refs where device = @oldId order by ref", { oldId }).map((row) => whole(row, "ref"));
        sql.run("update refs set device = @newId where device = @oldId", { oldId, newId });
        // Readings go to the highest number of a device: this one is neither's of before.
        if (moved.length > 0) sql.run("insert into refs (device) values (@newId)", { newId });
        refs.forget();
        return moved;
      }),
    giveBack(joined, to) {
      for (const ref of joined) sql.run("update refs set device = @to where ref = @ref", { ref, to });
      refs.forget();
    },
  };
}

function writeBatch(sql: Sql, batch: readonly DeviceReading[], { names, refOf }: Writing): void {
  const rows = inKeyOrder(batch.map(({ device, atMs, reading }) => rawRow(refOf(device), atMs, packReading(reading, names))));
  writeRaw(sql, rows);
  sql.runEach(
    `insert into latest (ref, at_ms, packed) values (?, ?, ?)
      on conflict (ref) do update set at_ms = excluded.at_ms, packed = excluded.packed where excluded.at_ms >= latest.at_ms`,
    // Of one that told nothing, what it showed last still is.
    rows.filter(([, , packed]) => packed.length > 0),
  );
}

/** Each page of a table is then visited once. */
const inKeyOrder = (rows: readonly RawRow[]): readonly RawRow[] => rows.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);

function writeRaw(sql: Sql, rows: readonly RawRow[]): void {
  let rest = rows;
  while (rest.length > 0) {
    const part = rawOf((rest[0] as RawRow)[1]);
    const isHere = ([, atMs]: RawRow): boolean => atMs >= part.fromMs && atMs < part.toMs;
    makeRaw(sql, part);
    sql.runEach(
      `insert into ${part.table} (ref, at_ms, packed) values (?, ?, ?) on conflict (ref, at_ms) do update set packed = excluded.packed`,
      rest.filter(isHere),
    );
    rest = rest.filter((row) => !isHere(row));
  }
}

/** Numbers of devices in memory. What a transaction gave and then undid is forgotten with it. */
function refsKept(sql: Sql) {
  const kept = new Map<DeviceId, number>();
  return {
    refOf(device: DeviceId): number {
      const known = kept.get(device);
      if (known !== undefined) return known;
      const row = sql.one("select max(ref) as ref from refs where device = @device", { device });
      const ref =
        typeof row?.["ref"] === "number" ? whole(row, "ref") : sql.run("insert into refs (device) values (@device)", { device }).lastId;
      kept.set(device, ref);
      return ref;
    },
    settle(write: () => void): void {
      try {
        write();
      } catch (error) {
        kept.clear();
        throw error;
      }
    },
    forget: () => kept.clear(),
  };
}
