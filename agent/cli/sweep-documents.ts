/**
 * What `groundswell sweep` prints for scripts. `docs/schemas/sweep.schema.json` is made from these declarations; other versions of the
 * command line only ever add fields.
 */
import * as z from "zod";
import type { DeviceRead, Sighting } from "../../protocols/core/device.ts";
import { READING_NAMES } from "../../protocols/core/reading.ts";
import { isoOf } from "../../protocols/core/time.ts";
import type { SweepProgress } from "../discovery/sources/sweep-course.ts";

const moment = z.iso.datetime().describe("ISO 8601, UTC");
const count = z.int().min(0);

const facts = {
  family: z.string().optional(),
  vendor: z.string().optional(),
  model: z.string().optional(),
  partNumber: z.string().optional(),
  revision: z.string().optional(),
  mac: z
    .string()
    .regex(/^[0-9a-f]{12}$/)
    .optional(),
  serial: z.string().optional(),
  name: z.string().optional(),
  running: z.strictObject({ application: z.string().optional(), updater: z.string().optional() }).optional(),
  managedBy: z.string().optional(),
};

const fields = z.strictObject({
  address: z.string().optional(),
  source: z.string().describe("the door that told most: device, tls, sip"),
  at: moment,
  ...facts,
  inUse: z.strictObject({ state: z.enum(["idle", "busy", "unknown"]), reason: z.string().optional() }).optional(),
  lines: z.array(z.strictObject({ address: z.string(), registered: z.boolean() })).optional(),
  readings: z.partialRecord(z.enum(READING_NAMES), z.number()).optional(),
  evidence: z.array(z.strictObject({ via: z.string(), what: z.string(), at: moment })),
});
const sighting = z
  .strictObject({ schema: z.literal("groundswell.sighting/1"), ...fields.shape })
  .describe("one device; a line of its own with --ndjson");

const progress = {
  total: count.describe("addresses to ask"),
  asked: count.describe("addresses that had their time"),
  found: count,
  byFamily: z.record(z.string(), count),
  packetsPerSecond: count.describe("the pace; less than --rate while answers get lost"),
};

/** A line on standard error every second, with `--ndjson`. */
export const sweepProgressSchema = z.strictObject({
  schema: z.literal("groundswell.sweep-progress/1"),
  ...progress,
  leftMs: count.optional(),
});

/** `sweep --json`, one document. */
export const sweepSchema = z.strictObject({
  schema: z.literal("groundswell.sweep/1"),
  total: progress.total,
  asked: progress.asked,
  complete: z.boolean().describe("false where it was stopped before its end"),
  byFamily: progress.byFamily,
  sightings: z.array(sighting),
});

/** The published JSON Schema of everything above. */
export function sweepJsonSchema(): object {
  const { $schema, ...document } = z.toJSONSchema(sweepSchema, { target: "draft-2020-12" });
  const { $schema: _, ...line } = z.toJSONSchema(sweepProgressSchema, { target: "draft-2020-12" });
  return { $schema, title: "groundswell sweep", $defs: { progress: line }, ...document };
}

export interface Seen {
  readonly sighting: Sighting;
  /** There where it could be asked with credentials. */
  readonly read: DeviceRead | undefined;
}

/** Absent fields are left out. */
export function sightingDocument(seen: Seen): z.infer<typeof sighting> {
  return { schema: "groundswell.sighting/1", ...sightingFields(seen) };
}

export function sightingFields({ sighting, read }: Seen): z.infer<typeof fields> {
  const { address, source, atMs, facts, evidence } = sighting;
  return {
    ...(address === undefined ? {} : { address }),
    source,
    at: isoOf(atMs),
    ...facts,
    ...(read === undefined ? {} : { inUse: read.inUse, lines: [...read.lines], readings: read.reading }),
    evidence: evidence.map(({ via, what, atMs: whenMs }) => ({ via, what, at: isoOf(whenMs) })),
  };
}

export function progressDocument(progress: SweepProgress): z.infer<typeof sweepProgressSchema> {
  const { total, asked, found, byFamily, packetsPerSecond, leftMs } = progress;
  return {
    schema: "groundswell.sweep-progress/1",
    ...{ total, asked, found, byFamily, packetsPerSecond },
    ...(leftMs === undefined ? {} : { leftMs }),
  };
}
