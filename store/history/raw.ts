/** Raw readings as the file has them: packed readings, and asks that nobody answered. */
import type { Reading } from "../../protocols/core/reading.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { bytes, decoder, whole } from "../row.ts";
import type { Row, Sql } from "../sql.ts";
import { loadNames } from "./names.ts";
import { type NameTable, unpackReading } from "./pack.ts";
import { rawIn } from "./partitions.ts";

/** An ask without an answer: no packed reading begins like this. */
export const MISSED = Buffer.of(255);

export interface TimedAsk {
  readonly atMs: Ms;
  /** `undefined` where nobody answered. */
  readonly reading: Reading | undefined;
}

export interface RefAsk extends TimedAsk {
  readonly ref: number;
}

export interface Span {
  readonly fromMs: Ms;
  readonly toMs: Ms;
}

/** Reads the numbers of names once: the writer gives all of them before it writes the first reading. */
export function namesKept(sql: Sql): () => NameTable {
  let names: NameTable | undefined;
  return () => {
    names ??= loadNames(sql);
    return names;
  };
}

export function rawReader(sql: Sql, names: () => NameTable) {
  const read = decoder("readings", "at_ms", (row: Row): TimedAsk => {
    const packed = bytes(row, "packed");
    return { atMs: whole(row, "at_ms"), reading: packed.equals(MISSED) ? undefined : unpackReading(packed, names()) };
  });
  return {
    read,
    /** What was asked of these references, `fromMs` ≤ time < `toMs`, oldest first, at most `max`. */
    asks(refs: readonly number[], { fromMs, toMs }: Span, max: number): TimedAsk[] {
      const found: TimedAsk[] = [];
      for (const part of rawIn(sql)) {
        const limit = max - found.length;
        if (part.toMs <= fromMs || part.fromMs >= toMs || limit <= 0) continue;
        const rows = sql.all(
          `select at_ms, packed from ${part.table} where ref in (select value from json_each(@refs))
            and at_ms >= @fromMs and at_ms < @toMs order by at_ms limit @limit`,
          { refs: JSON.stringify(refs), fromMs, toMs, limit },
        );
        for (const row of rows) found.push(read(row));
      }
      return found;
    },
    /** As `asks`, of all references after one up to another, by reference. */
    asksOf(refs: { readonly after: number; readonly through: number }, { fromMs, toMs }: Span): Map<number, TimedAsk[]> {
      const found = new Map<number, TimedAsk[]>();
      for (const part of rawIn(sql)) {
        if (part.toMs <= fromMs || part.fromMs >= toMs) continue;
        const rows = sql.all(
          `select ref, at_ms, packed from ${part.table} where ref > @after and ref <= @through and at_ms >= @fromMs and at_ms < @toMs
            order by ref, at_ms`,
          { ...refs, fromMs, toMs },
        );
        for (const row of rows) {
          const ref = whole(row, "ref");
          const asks = found.get(ref) ?? [];
          if (asks.length === 0) found.set(ref, asks);
          asks.push(read(row));
        }
      }
      // A table of an earlier version and one of this may hold parts of the same hour.
      for (const asks of found.values()) asks.sort((a, b) => a.atMs - b.atMs);
      return found;
    },
  };
}

/** References of a device: more than one after two were found to be one. */
export function refsOf(sql: Sql, device: string): readonly number[] {
  return sql.all("select ref from refs where device = @device order by ref", { device }).map((row) => whole(row, "ref"));
}
