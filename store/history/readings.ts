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

type RawRow = {
  readonly ref: number;
  readonly atMs: Ms;
  readonly packed: Buffer;
};

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
        sql.transaction(() =>
          writeRaw(
            sql,
            batch.map(({ device, atMs }) => ({ ref: refs.refOf(device), atMs, packed: MISSED })),
          ),
        ),
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
  const rows = batch.map(({ device, atMs, reading }) => ({ ref: refOf(device), atMs, packed: packReading(reading, names) }));
  writeRaw(sql, rows);
  for (const row of rows) {
    if (row.packed.length === 0) continue; // it told nothing: what it showed last still is
    sql.run(
      `insert into latest (ref, at_ms, packed) values (@ref, @atMs, @packed)
        on conflict (ref) do update set at_ms = excluded.at_ms, packed = excluded.packed where excluded.at_ms >= latest.at_ms`,
      row,
    );
  }
}

function writeRaw(sql: Sql, rows: RawRow[]): void {
  // In key order: each page of a table is visited once.
  rows.sort((a, b) => a.ref - b.ref || a.atMs - b.atMs);
  const made = new Set<string>();
  for (const row of rows) {
    const part = rawOf(row.atMs);
    if (!made.has(part.table)) makeRaw(sql, part);
    made.add(part.table);
    sql.run(
      `insert into ${part.table} (ref, at_ms, packed) values (@ref, @atMs, @packed)
        on conflict (ref, at_ms) do update set packed = excluded.packed`,
      row,
    );
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
