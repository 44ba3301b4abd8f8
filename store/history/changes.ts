/**
 * Changes of devices, and the readings around each of them: they stay when the raw readings of that time are gone. Packed
 * as columns, on the grid of the summaries.
 */
import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Reading, ReadingName } from "../../protocols/core/reading.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { bytes, decoder, flag, oneOf, text, whole } from "../row.ts";
import type { Row, Sql } from "../sql.ts";
import { bitReader, bitWriter } from "./bits.ts";
import { readColumn, writeColumn } from "./column.ts";
import type { NameTable } from "./pack.ts";
import { rawReader, type Span, type TimedAsk } from "./raw.ts";
import { packSlots, unpackSlots } from "./slots.ts";
import { gridOf, type Slot, slotOf } from "./summary.ts";

export const CHANGE_KINDS = { update: true, restart: true, configuration: true, swap: true, address: true } as const;
export type ChangeKind = keyof typeof CHANGE_KINDS;

export interface ChangeRow {
  readonly id: number;
  readonly device: DeviceId;
  readonly kind: ChangeKind;
  readonly atMs: Ms;
  /** The last time, where it happened more than once (`times`) within its window. */
  readonly lastMs: Ms;
  readonly times: number;
  /** What changed, for people. */
  readonly detail: string;
  /** Readings are kept up to here. */
  readonly keptToMs: Ms;
  /** All of its readings are kept. */
  readonly closed: boolean;
}

/** Readings of a span, fit to be kept. */
export interface Recording extends Span {
  readonly change: number;
  readonly readings: number;
  readonly packed: Uint8Array;
}

export interface ChangeReader {
  /** Newest first. */
  ofDevice(device: DeviceId, limit: number): readonly ChangeRow[];
  /** Those whose readings are not all kept yet, oldest first. */
  open(limit: number): readonly ChangeRow[];
  /** Packs what was asked of the change's device in this span; at most `RECORDED_MAX` readings. */
  record(change: number, span: Span): Recording;
  /** The oldest where there are more than these, at most `SURPLUS_MAX`. */
  surplus(max: { readonly perDevice: number; readonly total: number }): readonly number[];
  /** What was kept around a change, and what is there raw after that, up to `toMs`. */
  asks(change: ChangeRow, toMs: Ms): readonly TimedAsk[];
}

export interface ChangeWriter {
  /**
   * A change of the same kind within `aroundMs` takes it in, unless that began more than `repeatsMs` ago.
   * @returns whether it is a change of its own
   */
  note(change: Pick<ChangeRow, "device" | "kind" | "atMs" | "detail">, windows: { readonly aroundMs: Ms; readonly repeatsMs: Ms }): boolean;
  /** Keeps readings; one transaction, twice is once. `closes`: no more are coming. */
  keep(recording: Recording, closes: boolean): void;
  /** Takes changes away with what was kept around them; at most `SURPLUS_MAX` a call. */
  forget(changes: readonly number[]): void;
}

/** Readings of one span: a day at one every 8 s. */
export const RECORDED_MAX = 10_000;
/** Changes a call takes away: far below what a call may take. */
export const SURPLUS_MAX = 20;

const COLUMNS = "id, device, kind, at_ms, last_ms, times, detail, kept_to_ms, closed";
const read = decoder(
  "changes",
  "id",
  (row: Row): ChangeRow => ({
    id: whole(row, "id"),
    device: text(row, "device") as DeviceId,
    kind: oneOf(row, "kind", CHANGE_KINDS),
    atMs: whole(row, "at_ms"),
    lastMs: whole(row, "last_ms"),
    times: whole(row, "times"),
    detail: text(row, "detail"),
    keptToMs: whole(row, "kept_to_ms"),
    closed: flag(row, "closed"),
  }),
);

export function changeReader(sql: Sql, names: () => NameTable): ChangeReader {
  const raw = rawReader(sql, names);
  const refOf = (change: number): number => whole(sql.one("select ref from changes where id = @change", { change }) ?? {}, "ref");
  /** All references of the device: it may have been found to be two before. */
  const refsOf = (change: number): readonly number[] =>
    sql
      .all("select ref from refs where device in (select device from refs where ref = @ref) order by ref", { ref: refOf(change) })
      .map((row) => whole(row, "ref"));
  return {
    ofDevice: (device, limit) =>
      sql
        .all(`select ${COLUMNS} from changes join refs using (ref) where device = @device order by at_ms desc, id desc limit @limit`, {
          device,
          limit,
        })
        .map(read),
    open: (limit) =>
      sql.all(`select ${COLUMNS} from changes join refs using (ref) where closed = 0 order by at_ms, id limit @limit`, { limit }).map(read),
    record: (change, span) =>
      sql.snapshot(() => {
        const asks = raw.asks(refsOf(change), span, RECORDED_MAX);
        return { change, ...span, readings: asks.length, packed: packAsks(asks, names()) };
      }),
    surplus: ({ perDevice, total }) =>
      sql
        .all(
          `select id from (
            select id, at_ms, row_number() over (partition by ref order by at_ms desc, id desc) as nth_of_device,
              row_number() over (order by at_ms desc, id desc) as nth from changes)
            where nth_of_device > @perDevice or nth > @total order by at_ms limit @max`,
          { perDevice, total, max: SURPLUS_MAX },
        )
        .map((row) => whole(row, "id")),
    asks: (change, toMs) =>
      sql.snapshot(() => {
        const kept = sql
          .all("select packed from recorded where change = @id order by from_ms", { id: change.id })
          .flatMap((row) => unpackAsks(bytes(row, "packed"), names()));
        return [...kept, ...raw.asks(refsOf(change.id), { fromMs: change.keptToMs, toMs }, RECORDED_MAX)];
      }),
  };
}

export function changeWriter(sql: Sql, refOf: (device: DeviceId) => number): ChangeWriter {
  return {
    note: ({ device, kind, atMs, detail }, { aroundMs, repeatsMs }) =>
      sql.transaction(() => {
        const ref = refOf(device);
        const open = sql.one(
          `select id from changes where ref in (select ref from refs where device = @device) and kind = @kind and closed = 0
            and last_ms > @sinceMs and at_ms > @begunMs order by at_ms desc limit 1`,
          { device, kind, sinceMs: atMs - aroundMs, begunMs: atMs - repeatsMs },
        );
        if (open !== undefined) {
          sql.run("update changes set last_ms = max(last_ms, @atMs), times = times + 1, detail = @detail where id = @id", {
            id: whole(open, "id"),
            atMs,
            detail,
          });
          return false;
        }
        sql.run(
          `insert into changes (ref, kind, at_ms, last_ms, times, detail, kept_to_ms, closed)
            values (@ref, @kind, @atMs, @atMs, 1, @detail, @keptMs, 0)`,
          { ref, kind, atMs, detail, keptMs: atMs - aroundMs },
        );
        return true;
      }),
    keep: ({ change, fromMs, toMs, readings, packed }, closes) =>
      sql.transaction(() => {
        if (readings > 0) {
          sql.run(
            `insert into recorded (change, from_ms, readings, packed) values (@change, @fromMs, @readings, @packed)
              on conflict (change, from_ms) do update set readings = excluded.readings, packed = excluded.packed`,
            { change, fromMs, readings, packed },
          );
        }
        sql.run("update changes set kept_to_ms = max(kept_to_ms, @toMs), closed = max(closed, @closes) where id = @change", {
          change,
          toMs,
          closes,
        });
      }),
    forget: (changes) =>
      sql.transaction(() => {
        for (const id of changes) {
          sql.run("delete from recorded where change = @id", { id });
          sql.run("delete from changes where id = @id", { id });
        }
      }),
  };
}

/** The times as a column, each ask as a slot of its own. */
export function packAsks(asks: readonly TimedAsk[], names: NameTable): Buffer {
  const out = bitWriter();
  out.gamma(asks.length);
  writeColumn(
    out,
    asks.map(({ atMs }) => atMs),
  );
  return Buffer.concat([out.done(), packSlots(asks.map(({ reading }) => slotOf([reading], names)))]);
}

export function unpackAsks(packed: Buffer, names: NameTable): TimedAsk[] {
  const from = bitReader(packed);
  const times = readColumn(from, from.gamma());
  const slots = unpackSlots(packed.subarray(from.octets()));
  return times.map((atMs, i) => ({ atMs, reading: readingOf(slots[i], names) }));
}

function readingOf(slot: Slot | undefined, names: NameTable): Reading | undefined {
  if (slot === undefined || slot.answered === 0) return undefined;
  const reading: { [name in ReadingName]?: number } = {};
  for (const [number, { last }] of slot.values) {
    const name = names.nameOf(number);
    if (name !== undefined) reading[name] = last / gridOf(name);
  }
  return reading;
}
