/**
 * Readings of many devices in one message: a column per value, most of which are absent or small. Bytes per device and
 * day are a published figure, so the batch is deflated where that makes it smaller.
 */
import { deflateSync, inflateSync } from "node:zlib";
import * as z from "zod";
import { type DeviceId, parseDeviceId, type SiteId } from "../../protocols/core/ids.ts";
import { READING_NAMES, type Reading, type ReadingName } from "../../protocols/core/reading.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { healthTopic } from "../../protocols/mqtt/topics.ts";
import type { OutboxMessage } from "../../store/outbox.ts";

/** Samples in one batch: keeps encoding within a few milliseconds. */
export const MAX_SAMPLES = 2_000;
/** A batch of `MAX_SAMPLES` with all columns filled is below this. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/** First byte of a zlib stream (RFC 1950); JSON begins with `{`. */
const ZLIB = 0x78;

export interface Sample {
  readonly device: DeviceId;
  readonly atMs: Ms;
  readonly reading: Reading;
}

const batchSchema = z.strictObject({
  schema: z.literal("groundswell.health/1"),
  /** Epoch milliseconds of the earliest sample. */
  fromMs: z.number(),
  devices: z.array(z.string().refine((text) => parseDeviceId(text) !== undefined)).max(MAX_SAMPLES),
  /** Milliseconds after `fromMs`, one per sample. */
  afterMs: z.array(z.int().min(0)).max(MAX_SAMPLES),
  /** One array per reading that any sample has; `null` where a sample has none. */
  values: z.partialRecord(z.enum(READING_NAMES), z.array(z.number().nullable()).max(MAX_SAMPLES)),
});

/** Cuts samples into batches and encodes each. */
export function healthMessages(site: SiteId, samples: readonly Sample[], atMs: Ms): readonly OutboxMessage[] {
  const out: OutboxMessage[] = [];
  for (let at = 0; at < samples.length; at += MAX_SAMPLES) {
    const payload = encodeHealth(samples.slice(at, at + MAX_SAMPLES));
    out.push({ topic: healthTopic(site), payload, retain: false, qos: 1, kind: "health", atMs });
  }
  return out;
}

/** One batch, of at most `MAX_SAMPLES`. */
export function encodeHealth(samples: readonly Sample[]): Buffer {
  const fromMs = Math.round(samples.reduce((least, sample) => Math.min(least, sample.atMs), samples[0]?.atMs ?? 0));
  const names = READING_NAMES.filter((name) => samples.some((sample) => sample.reading[name] !== undefined));
  const plain = Buffer.from(
    JSON.stringify({
      schema: "groundswell.health/1",
      fromMs,
      devices: samples.map((sample) => sample.device),
      afterMs: samples.map((sample) => Math.max(0, Math.round(sample.atMs - fromMs))),
      values: Object.fromEntries(names.map((name) => [name, samples.map((sample) => compact(sample.reading[name]))])),
    }),
  );
  const small = deflateSync(plain);
  return small.length < plain.length ? small : plain;
}

/** Six digits are more than any device measures; what JSON cannot say is absent. */
function compact(value: number | undefined): number | null {
  if (value === undefined || !Number.isFinite(value)) return null;
  return Number.isInteger(value) ? value : Number(value.toPrecision(6));
}

/** Reads a batch back; `undefined` where it is not one. For the portal's side and tests. */
export function decodeHealth(payload: Buffer): readonly Sample[] | undefined {
  const text = payload[0] === ZLIB ? inflated(payload) : payload;
  if (text === undefined || text.length > MAX_BATCH_BYTES) return undefined;
  const parsed = batchSchema.safeParse(jsonOf(text));
  if (!parsed.success) return undefined;
  const { devices, afterMs, values, fromMs } = parsed.data;
  const columns = Object.entries(values) as [ReadingName, readonly (number | null)[]][];
  if (afterMs.length !== devices.length || columns.some(([, column]) => column.length !== devices.length)) return undefined;
  return devices.map((device, at) => {
    const reading: { [name in ReadingName]?: number } = {};
    for (const [name, column] of columns) {
      const value = column[at];
      if (typeof value === "number") reading[name] = value;
    }
    return { device: device as DeviceId, atMs: fromMs + (afterMs[at] as number), reading };
  });
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
