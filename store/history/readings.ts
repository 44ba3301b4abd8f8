/**
 * Writes health history: packed readings in one table per UTC day, and the newest of each device. Nothing here is called
 * acknowledged: the file is written with `synchronous=NORMAL`, and a power cut may take its last seconds.
 */

import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { whole } from "../row.ts";
import type { Sql } from "../sql.ts";

import { dayOf, daysIn, makeDay } from "./days.ts";
import { giveNumbers, loadNames } from "./names.ts";
import { type NameTable, packReading } from "./pack.ts";
import { createHistoryReader, type DeviceReading, type HistoryReader } from "./reader.ts";

export interface History extends HistoryReader {
  /** One transaction; a second reading of the same device and time takes the place of the first. */
  append(batch: readonly DeviceReading[]): void;
  /** Drops whole days that ended at or before this. @returns days dropped */
  dropBefore(beforeMs: Ms): number;
  /** The readings of `oldId` belong to `newId` from now on, beside its own. */
  rename(oldId: DeviceId, newId: DeviceId): void;
  /** As `rename`, in a way that can be undone: later readings stay apart from both. @returns what `giveBack` takes */
  join(oldId: DeviceId, newId: DeviceId): readonly number[];
  giveBack(joined: readonly number[], to: DeviceId): void;
}

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
    append(batch) {
      if (batch.length === 0) return;
      refs.settle(() => sql.transaction(() => writeBatch(sql, batch, { names, refOf: refs.refOf })));
    },
    dropBefore: (beforeMs) =>
      sql.transaction(() => {
        const ended = daysIn(sql).filter((day) => day.toMs <= beforeMs);
        for (const day of ended) sql.exec(`drop table ${day.table}`);
        return ended.length;
      }),
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
  // In key order: each page of a day's table is visited once.
  rows.sort((a, b) => a.ref - b.ref || a.atMs - b.atMs);
  const made = new Set<string>();
  for (const row of rows) {
    const day = dayOf(row.atMs);
    if (!made.has(day.table)) makeDay(sql, day);
    made.add(day.table);
    sql.run(
      `insert into ${day.table} (ref, at_ms, packed) values (@ref, @atMs, @packed)
        on conflict (ref, at_ms) do update set packed = excluded.packed`,
      row,
    );
    sql.run(
      `insert into latest (ref, at_ms, packed) values (@ref, @atMs, @packed)
        on conflict (ref) do update set at_ms = excluded.at_ms, packed = excluded.packed where excluded.at_ms >= latest.at_ms`,
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
