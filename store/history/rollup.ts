/**
 * Readings of a UTC day become summaries: five minutes, hours, the day. Reading and counting need no right to write: the
 * history thread does them; who writes the file puts the answers in, some devices at a time.
 */
import { DAY, type Ms } from "../../protocols/core/time.ts";
import { bytes, whole } from "../row.ts";
import type { Sql } from "../sql.ts";
import type { NameTable } from "./pack.ts";
import { dayOf, drop, makeSummary, partitionOf, RAW_KEPT_MS, RESOLUTIONS, type ResolutionId, rawIn, summariesIn } from "./partitions.ts";
import { rawReader, type TimedAsk } from "./raw.ts";
import { packSlots, type Slots, unpackSlots } from "./slots.ts";
import { joinSlots, slotOf } from "./summary.ts";

/** One blob for one table. */
export interface SummaryRow {
  readonly resolution: ResolutionId;
  readonly fromMs: Ms;
  readonly ref: number;
  readonly packed: Uint8Array;
}

/** What of a day is summed up next. */
export interface RollStep {
  readonly dayMs: Ms;
  /** Devices up to this reference are done. */
  readonly afterRef: number;
}

export interface Rolled extends RollStep {
  readonly throughRef: number;
  /** No device comes after these. */
  readonly last: boolean;
  readonly rows: readonly SummaryRow[];
}

/** Devices a step takes: writing their six rows each stays far below what a call may take. Measured: 3 ms. */
export const ROLL_DEVICES = 100;
/** After midnight this long is waited for readings that are under way. */
const LATE_MS: Ms = 10 * 60_000;

const [FIVE, HOURS, DAYS] = RESOLUTIONS;

/** Sums up the next devices of a day. The same step always gives the same answer, done before or not. */
export function rollStep(sql: Sql, names: () => NameTable, { dayMs, afterRef }: RollStep, devices = ROLL_DEVICES): Rolled {
  return sql.snapshot(() => {
    const refs = sql
      .all("select ref from refs where ref > @afterRef order by ref limit @devices", { afterRef, devices })
      .map((row) => whole(row, "ref"));
    const throughRef = refs.at(-1) ?? afterRef;
    const asks = rawReader(sql, names).asksOf({ after: afterRef, through: throughRef }, { fromMs: dayMs, toMs: dayMs + DAY });
    const rows = [...asks].flatMap(([ref, ofDevice]) =>
      rowsOf(sql, { ref, dayMs, fives: slotsOf(ofDevice, { fromMs: dayMs, toMs: dayMs + DAY }, FIVE.slotMs, names()) }),
    );
    return { dayMs, afterRef, throughRef, last: refs.length < devices, rows };
  });
}

/** Asks in order of time, cut into slots. */
export function slotsOf(
  asks: readonly TimedAsk[],
  { fromMs, toMs }: { readonly fromMs: Ms; readonly toMs: Ms },
  slotMs: Ms,
  names: NameTable,
): Slots {
  const cut = Array.from({ length: Math.ceil((toMs - fromMs) / slotMs) }, (): TimedAsk["reading"][] => []);
  for (const { atMs, reading } of asks) cut[Math.floor((atMs - fromMs) / slotMs)]?.push(reading);
  return cut.map((readings) => slotOf(readings, names));
}

/** Slots of one length from those of a shorter one. */
export function widen(slots: Slots, by: number): Slots {
  return Array.from({ length: Math.ceil(slots.length / by) }, (_, i) => joinSlots(slots.slice(i * by, (i + 1) * by)));
}

interface OfDevice {
  readonly ref: number;
  readonly dayMs: Ms;
  readonly fives: Slots;
}

/** The rows of one device and day. */
export function rowsOf(sql: Sql, { ref, dayMs, fives }: OfDevice): SummaryRow[] {
  const hours = widen(fives, HOURS.slotMs / FIVE.slotMs);
  const rows: SummaryRow[] = [];
  for (let fromMs = dayMs; fromMs < dayMs + DAY; fromMs = partitionOf(FIVE.id, fromMs).toMs) {
    const { toMs } = partitionOf(FIVE.id, fromMs);
    const part = fives.slice((fromMs - dayMs) / FIVE.slotMs, (toMs - dayMs) / FIVE.slotMs);
    if (part.some((slot) => slot !== undefined)) rows.push({ resolution: FIVE.id, fromMs, ref, packed: packSlots(part) });
  }
  rows.push({ resolution: HOURS.id, fromMs: dayMs, ref, packed: packSlots(hours) });
  const month = partitionOf(DAYS.id, dayMs);
  const days = [...(loadSlots(sql, month.table, ref) ?? [])];
  const at = (dayMs - month.fromMs) / DAY;
  while (days.length < at) days.push(undefined);
  days[at] = joinSlots(hours);
  rows.push({ resolution: DAYS.id, fromMs: month.fromMs, ref, packed: packSlots(days) });
  return rows;
}

/** `undefined` where the table or the row is not there. */
export function loadSlots(sql: Sql, table: string, ref: number): Slots | undefined {
  if (sql.one("select 1 as found from sqlite_master where type = 'table' and name = @table", { table }) === undefined) return undefined;
  const row = sql.one(`select packed from ${table} where ref = @ref`, { ref });
  return row === undefined ? undefined : unpackSlots(bytes(row, "packed"));
}

export interface RollUps {
  /** The oldest day that is over and not summed up, and how far it is; `undefined` where there is none. */
  next(nowMs: Ms): RollStep | undefined;
  /** One transaction with the progress; put in twice it is the same. One that does not follow what is in is passed over. @returns whether it was taken */
  put(rolled: Rolled): boolean;
  /** Drops what is older than it is kept, at most `tablesMax` tables. @returns tables dropped */
  retain(nowMs: Ms, tablesMax?: number): number;
}

export function rollUpsIn(sql: Sql): RollUps {
  const stateOf = (dayMs: Ms) => {
    const row = sql.one("select through_ref, done from rolled where day_ms = @dayMs", { dayMs });
    return row === undefined ? undefined : { throughRef: whole(row, "through_ref"), done: whole(row, "done") === 1 };
  };
  const isRolled = (dayMs: Ms): boolean => stateOf(dayMs)?.done === true;
  return {
    next(nowMs) {
      for (const dayMs of new Set(rawIn(sql).map(({ fromMs }) => dayOf(fromMs).fromMs))) {
        if (dayMs + DAY + LATE_MS > nowMs) return undefined;
        if (!isRolled(dayMs)) return { dayMs, afterRef: stateOf(dayMs)?.throughRef ?? 0 };
      }
      return undefined;
    },
    put: ({ dayMs, afterRef, throughRef, last, rows }) =>
      sql.transaction(() => {
        const state = stateOf(dayMs);
        if (state?.done === true || afterRef > (state?.throughRef ?? 0)) return false;
        putRows(sql, rows);
        sql.run(
          `insert into rolled (day_ms, through_ref, done) values (@dayMs, @throughRef, @last)
            on conflict (day_ms) do update set through_ref = max(through_ref, excluded.through_ref), done = excluded.done`,
          { dayMs, throughRef, last },
        );
        return true;
      }),
    retain: (nowMs, tablesMax = 1) =>
      sql.transaction(() => {
        // What is still to be kept around a change is needed raw until then.
        const row = sql.one("select min(kept_to_ms) as kept from changes where closed = 0");
        const needed = typeof row?.["kept"] === "number" ? whole(row, "kept") : nowMs;
        const raw = rawIn(sql).filter(
          ({ fromMs, toMs }) => toMs <= Math.min(nowMs - RAW_KEPT_MS, needed) && isRolled(dayOf(fromMs).fromMs),
        );
        const summaries = RESOLUTIONS.flatMap(({ id, keptMs }) => summariesIn(sql, id).filter(({ toMs }) => toMs <= nowMs - keptMs));
        const over = [...raw, ...summaries].slice(0, tablesMax);
        for (const part of over) drop(sql, part);
        if (over.length > 0) sql.run("delete from rolled where day_ms < @beforeMs", { beforeMs: nowMs - DAYS.keptMs });
        return over.length;
      }),
  };
}

export function putRows(sql: Sql, rows: readonly SummaryRow[]): void {
  const made = new Set<string>();
  for (const { resolution, fromMs, ref, packed } of rows) {
    const part = partitionOf(resolution, fromMs);
    if (!made.has(part.table)) makeSummary(sql, part);
    made.add(part.table);
    sql.run(`insert into ${part.table} (ref, packed) values (@ref, @packed) on conflict (ref) do update set packed = excluded.packed`, {
      ref,
      packed,
    });
  }
}
