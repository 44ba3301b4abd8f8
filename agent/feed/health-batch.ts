/**
 * Readings of many devices in one message: a column per value, most of which are absent or small. Bytes per device and
 * day are a published figure, so only what changed is told, and the batch is deflated where that makes it smaller.
 */
import { deflateSync, inflateSync } from "node:zlib";
import * as z from "zod";
import { type DeviceId, parseDeviceId, type SiteId } from "../../protocols/core/ids.ts";
import { READING_NAMES, type Reading, type ReadingName } from "../../protocols/core/reading.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { healthTopic } from "../../protocols/mqtt/topics.ts";
import type { OutboxMessage } from "../../store/outbox.ts";

/** Rows in one batch: keeps encoding within a few milliseconds. */
export const MAX_SAMPLES = 2_000;
/** A batch of `MAX_SAMPLES` with all columns filled is below this. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/** First byte of a zlib stream (RFC 1950); JSON begins with `{`. */
const ZLIB = 0x78;

/** What the portal is told of one device at one time. */
export type Told =
  /** Everything it reports. */
  | { readonly how: "full"; readonly device: DeviceId; readonly atMs: Ms; readonly reading: Reading }
  /** What is other than told before; `gone`: what it reports no longer. */
  | {
      readonly how: "changed";
      readonly device: DeviceId;
      readonly atMs: Ms;
      readonly reading: Reading;
      readonly gone: readonly ReadingName[];
    }
  /** Asked, and all that was told at `sinceMs` still holds. */
  | { readonly how: "unchanged"; readonly device: DeviceId; readonly atMs: Ms; readonly sinceMs: Ms };

export interface HealthBatch {
  /** The site's count of batches. */
  readonly sequence: number;
  readonly rows: readonly Told[];
}

const deviceColumn = z.array(z.string().refine((text) => parseDeviceId(text) !== undefined)).max(MAX_SAMPLES);
const wholeColumn = z.array(z.int().min(0)).max(MAX_SAMPLES);
const readingName = z.enum(READING_NAMES);

/** Rows are in the order of names, to be small: read them by their times. */
export const healthSchema = z.strictObject({
  schema: z.literal("groundswell.health/1"),
  /** The site's count of batches: a reader sees a gap. What was given up for space is told by the event `feed.thinned`. */
  sequence: z.int().min(1),
  /** Epoch milliseconds of the earliest row. */
  fromMs: z.number(),
  devices: deviceColumn,
  /** Milliseconds after `fromMs`, one per device. */
  afterMs: wholeColumn,
  /** Places in `devices` of rows that say everything; the others say what changed. */
  full: wholeColumn.optional(),
  /** One array per reading that any row has. `null`: in a full row the device reports none, else it is as told before. */
  values: z.partialRecord(readingName, z.array(z.number().nullable()).max(MAX_SAMPLES)),
  /** Places in `devices` of rows in which a reading is reported no longer. */
  gone: z.partialRecord(readingName, wholeColumn).optional(),
  /** Devices that were asked and say what they said before, and for how many seconds they do. */
  unchanged: z.strictObject({ devices: deviceColumn, afterMs: wholeColumn, forS: wholeColumn }).optional(),
});
type Document = z.output<typeof healthSchema>;

/** Cuts rows into batches, each with its number, and encodes them. */
export function healthMessages(
  site: SiteId,
  told: readonly Told[],
  made: { readonly atMs: Ms; readonly nextSequence: () => number },
): readonly OutboxMessage[] {
  const out: OutboxMessage[] = [];
  for (let at = 0; at < told.length; at += MAX_SAMPLES) {
    const number = made.nextSequence();
    const payload = encodeHealth({ sequence: number, rows: told.slice(at, at + MAX_SAMPLES) });
    out.push({ topic: healthTopic(site), payload, retain: false, qos: 1, kind: "health", atMs: made.atMs, number });
  }
  return out;
}

/** One batch, of at most `MAX_SAMPLES`. Rows come out in the order of their devices: neighbours share most of their name. */
export function encodeHealth({ sequence, rows }: HealthBatch): Buffer {
  const fromMs = Math.round(rows.reduce((least, row) => Math.min(least, row.atMs), rows[0]?.atMs ?? 0));
  const after = (row: Told): number => Math.max(0, Math.round(row.atMs - fromMs));
  const sorted = rows.toSorted((a, b) => (a.device < b.device ? -1 : a.device > b.device ? 1 : a.atMs - b.atMs));
  const said = sorted.filter((row) => row.how !== "unchanged");
  const still = sorted.filter((row) => row.how === "unchanged");
  const names = READING_NAMES.filter((name) => said.some((row) => row.reading[name] !== undefined));
  const full = placesOf(said, (row) => row.how === "full");
  const gone = READING_NAMES.flatMap((name) => {
    const places = placesOf(said, (row) => row.how === "changed" && row.gone.includes(name));
    return places.length === 0 ? [] : [[name, places] as const];
  });
  const document: Document = {
    schema: "groundswell.health/1",
    sequence,
    fromMs,
    devices: said.map((row) => row.device),
    afterMs: said.map(after),
    ...(full.length === 0 ? {} : { full }),
    values: Object.fromEntries(names.map((name) => [name, said.map((row) => compact(row.reading[name]))])),
    ...(gone.length === 0 ? {} : { gone: Object.fromEntries(gone) }),
    ...(still.length === 0 ? {} : { unchanged: unchangedOf(still, after) }),
  };
  const plain = Buffer.from(JSON.stringify(document));
  const small = deflateSync(plain);
  return small.length < plain.length ? small : plain;
}

function unchangedOf(still: readonly Extract<Told, { how: "unchanged" }>[], after: (row: Told) => number) {
  return {
    devices: still.map((row) => row.device),
    afterMs: still.map(after),
    forS: still.map((row) => Math.max(0, Math.round((row.atMs - row.sinceMs) / 1_000))),
  };
}

function placesOf<T>(rows: readonly T[], is: (row: T) => boolean): number[] {
  return rows.flatMap((row, at) => (is(row) ? [at] : []));
}

/** Six digits are more than any device measures; what JSON cannot say is absent. */
export function compact(value: number | undefined): number | null {
  if (value === undefined || !Number.isFinite(value)) return null;
  return Number.isInteger(value) ? value : Number(value.toPrecision(6));
}

/** The document of a batch, checked; `undefined` where it is none. */
export function openHealth(payload: Buffer): Document | undefined {
  const text = payload[0] === ZLIB ? inflated(payload) : payload;
  if (text === undefined || text.length > MAX_BATCH_BYTES) return undefined;
  const parsed = healthSchema.safeParse(jsonOf(text));
  if (!parsed.success) return undefined;
  const { devices, afterMs, values, unchanged } = parsed.data;
  const columns = [afterMs, ...Object.values(values)];
  if (columns.some((column) => column?.length !== devices.length)) return undefined;
  if (unchanged !== undefined && [unchanged.afterMs, unchanged.forS].some(({ length }) => length !== unchanged.devices.length))
    return undefined;
  return parsed.data;
}

/** Reads a batch back; `undefined` where it is not one. */
export function decodeHealth(payload: Buffer): HealthBatch | undefined {
  const document = openHealth(payload);
  if (document === undefined) return undefined;
  const { sequence, fromMs, devices, afterMs, values, unchanged } = document;
  const columns = Object.entries(values) as [ReadingName, readonly (number | null)[]][];
  const full = new Set(document.full);
  const goneAt = (at: number) => READING_NAMES.filter((name) => document.gone?.[name]?.includes(at) === true);
  const rows = devices.map((id, at): Told => {
    const reading: { [name in ReadingName]?: number } = {};
    for (const [name, column] of columns) {
      const value = column[at];
      if (typeof value === "number") reading[name] = value;
    }
    const common = { device: id as DeviceId, atMs: fromMs + (afterMs[at] as number), reading };
    return full.has(at) ? { how: "full", ...common } : { how: "changed", ...common, gone: goneAt(at) };
  });
  const still = (unchanged?.devices ?? []).map((id, at): Told => {
    const atMs = fromMs + (unchanged?.afterMs[at] ?? 0);
    return { how: "unchanged", device: id as DeviceId, atMs, sinceMs: atMs - (unchanged?.forS[at] ?? 0) * 1_000 };
  });
  return { sequence, rows: [...rows, ...still] };
}

function inflated(payload: Buffer): Buffer | undefined {
  try {
    return inflateSync(payload, { maxOutputLength: MAX_BATCH_BYTES });
  } catch {
    return undefined;
  }
}

function jsonOf(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString("utf8"));
  } catch {
    return undefined;
  }
}
