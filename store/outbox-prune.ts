/**
 * Keeps the outbox small: forgets events that were published long ago, gives up health batches of more than two weeks, and
 * thins the others where they take too much space: every second one of the oldest first, then of what is left every second
 * again. What was given up is told, so that a reader need not take it for a loss.
 */
import type { Ms } from "../protocols/core/time.ts";
import { takeOut } from "./outbox-load.ts";
import { flag, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export interface OutboxLimits {
  /** Published events that were written before this go. */
  readonly keptBeforeMs: Ms;
  /** As many of the newest published events stay at most. */
  readonly keptMax: number;
  /** Waiting health batches written before this go; nothing else that waits does. */
  readonly healthBeforeMs: Ms;
  /** Waiting health batches of more bytes than this are thinned. */
  readonly healthBytesMax: number;
}

/** Of the batches numbered `first` to `last` those were given up whose number does not divide by `keptEvery`; 0: all. */
export interface Thinned {
  readonly first: number;
  readonly last: number;
  readonly keptEvery: number;
  readonly batches: number;
}

export interface Pruned {
  /** Rows that went, published ones included. */
  readonly rows: number;
  readonly thinned: readonly Thinned[];
}

/** Rows of each sort that one call takes away: keeps it within some milliseconds. A guess. */
export const OUTBOX_PRUNE_MAX = 1_000;
/** The last step: of two weeks of minutes a batch a day is left. */
const STEP_MAX = 1_024;

interface Batch {
  readonly seq: number;
  readonly number: number;
  readonly size: number;
}

const batchOf = (row: Row): Batch => ({
  seq: whole(row, "seq"),
  number: whole(row, "number"),
  size: whole(row, "bytes"),
});

export function prune(sql: Sql, limits: OutboxLimits): Pruned {
  const published = forgetPublished(sql, limits);
  const old = giveUpOld(sql, limits.healthBeforeMs);
  const thinned = old.length > 0 ? [] : thin(sql, limits.healthBytesMax);
  const told = [...old, ...thinned];
  return { rows: published + told.reduce((sum, { batches }) => sum + batches, 0), thinned: told };
}

/** Events leave in the order of their numbers, so nothing behind the first that waits was published long ago. */
function forgetPublished(sql: Sql, { keptBeforeMs, keptMax }: OutboxLimits): number {
  const oldest = sql.all(
    `select seq, at_ms, number, exists (select 1 from outbox_waiting where lane = 1 and seq = outbox.seq) as waits
      from outbox where kind in ('event', 'ticket') and number is not null order by number limit @limit`,
    { limit: OUTBOX_PRUNE_MAX },
  );
  const counted = sql.one("select value from counters where name = 'event'");
  const numberMax = (counted === undefined ? 0 : whole(counted, "value")) - keptMax;
  const stays = (row: Row): boolean => flag(row, "waits") || (whole(row, "at_ms") >= keptBeforeMs && whole(row, "number") > numberMax);
  const end = oldest.findIndex(stays);
  const gone = (end < 0 ? oldest : oldest.slice(0, end)).map((row) => whole(row, "seq"));
  if (gone.length > 0) sql.run("delete from outbox where seq in (select value from json_each(@seqs))", { seqs: toJson(gone) });
  return gone.length;
}

function giveUpOld(sql: Sql, beforeMs: Ms): readonly Thinned[] {
  const first = sql.one("select at_ms from outbox where seq = (select seq from outbox_waiting where lane = 3 order by seq limit 1)");
  if (first === undefined || whole(first, "at_ms") >= beforeMs) return [];
  const oldest = batches(sql, { beyond: 0, keptEvery: 0 });
  const end = oldest.findIndex(
    ({ seq }) => whole(sql.one("select at_ms from outbox where seq = @seq", { seq }) ?? {}, "at_ms") >= beforeMs,
  );
  return giveUp(sql, end < 0 ? oldest : oldest.slice(0, end), 0);
}

/** Goes on from where the call before it ended: the step, and the row it came to, are in the file. */
function thin(sql: Sql, bytesMax: number): readonly Thinned[] {
  let excess = waitingBytes(sql) - bytesMax;
  const done: Thinned[] = [];
  let step = Math.max(2, mark(sql, STEP));
  let beyond = mark(sql, BEYOND);
  while (excess > 0 && step <= STEP_MAX) {
    const found = batches(sql, { beyond, keptEvery: step });
    const wanted = upTo(found, excess);
    done.push(...giveUp(sql, wanted, step));
    excess -= wanted.reduce((sum, { size }) => sum + size, 0);
    const last = wanted.at(-1);
    beyond = last?.seq ?? 0;
    if (last === undefined) step *= 2;
    else if (excess > 0) break; // the rest with the next call
  }
  if (step > STEP_MAX || sql.one("select 1 as found from outbox_waiting where lane = 3 limit 1") === undefined) {
    // Nothing waits, or all is as thin as it gets: the next outage begins anew.
    step = 2;
    beyond = 0;
  }
  setMark(sql, STEP, step);
  setMark(sql, BEYOND, beyond);
  return done;
}

/** Waiting batches whose number does not divide by `keptEvery`; 0: all. */
function batches(sql: Sql, { beyond, keptEvery }: { readonly beyond: number; readonly keptEvery: number }): readonly Batch[] {
  return sql
    .all(
      `select seq, number, bytes from outbox_waiting where lane = 3 and seq > @beyond
        and (@keptEvery = 0 or number % @keptEvery <> 0) order by seq limit @limit`,
      { beyond, keptEvery, limit: OUTBOX_PRUNE_MAX },
    )
    .map(batchOf);
}

/** As many from the front as are needed to save that many bytes. */
function upTo(found: readonly Batch[], bytes: number): readonly Batch[] {
  let saved = 0;
  const end = found.findIndex(({ size }) => {
    saved += size;
    return saved >= bytes;
  });
  return end < 0 ? found : found.slice(0, end + 1);
}

function giveUp(sql: Sql, gone: readonly Batch[], keptEvery: number): readonly Thinned[] {
  const [first, last] = [gone[0], gone.at(-1)];
  if (first === undefined || last === undefined) return [];
  const seqs = gone.map(({ seq }) => seq);
  takeOut(sql, seqs, "false");
  sql.run("delete from outbox where seq in (select value from json_each(@seqs))", { seqs: toJson(seqs) });
  return [{ first: first.number, last: last.number, keptEvery, batches: gone.length }];
}

const STEP = "healthThinStep";
const BEYOND = "healthThinBeyond";

function mark(sql: Sql, name: string): number {
  const row = sql.one("select value from counters where name = @name", { name });
  return row === undefined ? 0 : whole(row, "value");
}

function setMark(sql: Sql, name: string, value: number): void {
  if (mark(sql, name) === value) return;
  sql.run("insert into counters (name, value) values (@name, @value) on conflict (name) do update set value = excluded.value", {
    name,
    value,
  });
}

function waitingBytes(sql: Sql): number {
  return whole(sql.one("select bytes from outbox_load where kind = 'health'") ?? {}, "bytes");
}
