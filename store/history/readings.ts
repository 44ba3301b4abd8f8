/**
 * Writes health history: packed readings in one table per UTC day, and the newest of each device. Nothing here is called
 * acknowledged: the file is written with `synchronous=NORMAL`, and a power cut may take its last seconds.
 */

import { whole } from "../row.ts";

import { dayOf, daysIn, makeDay } from "./days.ts";
import { giveNumbers, loadNames } from "./names.ts";
import {                 packReading } from "./pack.ts";
import { createHistoryReader,                                        } from "./reader.ts";

export function historyIn(sql     )          {
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
  };
}

function writeBatch(sql     , batch                          , { names, refOf }         )       {
  const rows = batch.map(({ device, atMs, reading }) => ({ ref: refOf(device), atMs, packed: packReading(reading, names) }));
  // In key order: each page of a day's table is visited once.
  rows.sort((a, b) => a.ref - b.ref || a.atMs - b.atMs);
  const made = new Set        ();
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
function refsKept(sql     ) {
  const kept = new Map                  ();
  return {
    refOf(device          )         {
      const known = kept.get(device);
      if (known !== undefined) return known;
      const row = sql.one("select max(ref) as ref from refs where device = @device", { device });
      const ref =
        typeof row?.["ref"] === "number" ? whole(row, "ref") : sql.run("insert into refs (device) values (@device)", { device }).lastId;
      kept.set(device, ref);
      return ref;
    },
    settle(write            )       {
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

