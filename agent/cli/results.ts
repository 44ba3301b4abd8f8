/**
 * The agent's results as far as people are shown them. What these leave out still reaches scripts: `--json` prints the
 * result as it came.
 */
import * as z from "zod";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { sourceShown } from "./firmware-results.ts";
import { safeText } from "./output.ts";

const maybe = z.string().nullish();
/** Shown where its shape is known, else left out. */
const anything = z.unknown().optional();
const count = z.number();
const maybeCount = z.number().nullish();
const texts = z.array(z.string()).nullish();

/** Reads a result, or says that agent and command line do not fit. */
export function readResult<T>(schema: z.ZodType<T>, result: unknown): T {
  const read = schema.safeParse(result);
  if (read.success) return read.data;
  const where = read.error.issues[0]?.path.join(".") ?? "";
  throw new CliError(
    `The agent's answer has a shape this version does not know${where === "" ? "" : `, at "${where}"`}`,
    EXIT.failed,
    "Agent and command line may be of different versions; --json prints the answer as it is.",
  );
}

/** As `readResult`, with every text made fit for a terminal: for what is not printed as a table. */
export function readForPeople<T>(schema: z.ZodType<T>, result: unknown): T {
  return readResult(schema, tame(result));
}

export function tame(value: unknown): unknown {
  if (typeof value === "string") return safeText(value);
  if (Array.isArray(value)) return value.map(tame);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [safeText(name), tame(item)]));
}

export const statusClockSchema = z.object({
  site: z.object({ id: z.string() }),
  now: maybe,
  clock: z
    .object({ factor: z.number(), hasShown: z.string().nullish(), held: z.string().nullish(), heldWhy: z.string().nullish() })
    .nullish(),
});

/** What somebody else wrote down: a DHCP server's leases, the Lens account. */
const recordSchema = z.object({
  source: z.string(),
  at: maybe,
  listed: count,
  devices: count,
  unreadable: maybeCount,
  fault: maybe,
  since: maybe,
});
export type RecordShown = z.infer<typeof recordSchema>;

const kinds = z.array(z.object({ kind: z.string(), count })).nullish();

export const statusSchema = z.object({
  site: z.object({ id: z.string(), name: z.string(), environment: maybe }),
  agentVersion: z.string(),
  upSince: maybe,
  now: z.string(),
  clock: z
    .object({ factor: z.number(), hasShown: z.string().nullish(), held: z.string().nullish(), heldWhy: z.string().nullish() })
    .nullish(),
  broker: z.object({ configured: z.boolean(), connected: z.boolean(), since: maybe, fault: maybe }).nullish(),
  commands: z.object({ trouble: maybe }).nullish(),
  outbox: z.object({ waiting: count, oldest: maybe }).nullish(),
  devices: z.object({
    total: count,
    online: count,
    suspect: count,
    offline: count,
    unknown: count,
    byModel: z.array(z.object({ model: maybe, count, versions: z.array(z.object({ version: maybe, count })).nullish() })).nullish(),
  }),
  conditions: z.object({ open: count, byKind: kinds }).nullish(),
  coverage: z.object({ covered: count, expiring: count, lapsed: count, notCovered: count, unknown: count, lists: count }).nullish(),
  tickets: z.object({ open: count, undelivered: count }).nullish(),
  campaigns: z
    .array(z.object({ campaign: z.string(), state: z.string(), release: anything, planned: count, done: count, why: maybe }))
    .nullish(),
  kills: z
    .array(z.object({ scope: z.looseObject({ kind: z.string(), release: maybe, model: maybe }), by: z.string(), reason: z.string() }))
    .nullish(),
  window: z.object({ open: z.boolean(), until: maybe, opens: maybe, zone: z.string() }).nullish(),
  catalogue: z
    .object({ version: z.union([z.number(), z.string()]), releases: count, expires: maybe, lastSync: maybe, fault: anything })
    .nullish(),
  discovery: z
    .object({
      phase: z.string(),
      asked: count,
      total: count,
      found: count,
      byFamily: z.record(z.string(), count).nullish(),
      packetsPerSecond: maybeCount,
      leftMs: maybeCount,
    })
    .nullish(),
  provisioning: z
    .object({
      host: z.string(),
      port: z.number(),
      mode: z.string().nullish(),
      upstream: z.object({ url: z.string(), down: z.object({ why: z.string(), since: z.string() }).nullish() }).nullish(),
    })
    .nullish(),
  records: z.array(recordSchema).nullish(),
  sources: z.array(sourceShown).nullish(),
});

export type Status = z.infer<typeof statusSchema>;

const deviceFields = {
  id: z.string(),
  mac: maybe,
  serial: maybe,
  family: maybe,
  model: maybe,
  partNumber: maybe,
  name: maybe,
  address: maybe,
  running: maybe,
  updater: maybe,
  availability: z.string(),
  inUse: z.object({ state: z.string(), reason: maybe }).nullish(),
  registered: maybeCount,
  lines: maybeCount,
  managedBy: maybe,
  room: maybe,
  floor: maybe,
  switchPort: maybe,
  conditions: texts,
  coverage: z.object({ state: z.string(), until: maybe, contract: maybe, service: maybe, why: maybe }).nullish(),
  standing: maybe,
  lastSeen: maybe,
};
export const deviceSchema = z.object(deviceFields);

export const devicesSchema = z.object({ devices: z.array(z.looseObject(deviceFields)) });

export type DeviceListed = z.infer<typeof devicesSchema>["devices"][number];

const conditionSchema = z.object({ kind: z.string(), severity: maybe, what: maybe, evidence: anything, since: maybe, until: maybe });
const updateSide = z.object({ asked: z.number(), answered: z.number(), reading: z.record(z.string(), z.number()) });
export const deviceShowSchema = z.object({
  device: deviceSchema.extend({
    parts: z.array(z.object({ model: maybe, version: maybe, connected: z.boolean().nullish() })).nullish(),
    lineList: z.array(z.object({ address: z.string(), registered: z.boolean() })).nullish(),
  }),
  place: z.object({ name: maybe, room: maybe, floor: maybe, zone: maybe, duties: texts }).nullish(),
  facts: z.array(z.object({ field: z.string(), value: anything, source: z.string(), at: maybe })).nullish(),
  reading: z.object({ at: maybe, values: z.record(z.string(), z.number().nullish()) }).nullish(),
  conditions: z.array(z.union([z.string(), conditionSchema])).nullish(),
  updates: z
    .array(
      z.object({
        campaign: z.string(),
        at: z.string(),
        to: maybe,
        detail: z.string(),
        restartsSince: z.number(),
        before: updateSide,
        after: updateSide,
      }),
    )
    .nullish(),
  sightings: z.array(z.object({ source: z.string(), at: maybe, address: maybe, what: anything })).nullish(),
});

export type DeviceShow = z.infer<typeof deviceShowSchema>;

export const trustSchema = z.object({ forgotten: z.array(z.object({ via: z.string(), fingerprint: z.string() })) });
export const importedSchema = z.object({
  rows: z.array(
    z.object({
      line: count,
      outcome: z.enum(["new", "changed", "unchanged", "refused"]),
      device: maybe,
      name: maybe,
      changes: z.array(z.object({ field: z.string(), was: maybe, is: maybe })),
      overruled: z.array(z.object({ field: z.string(), table: z.string(), believed: z.string() })),
      why: maybe,
    }),
  ),
});

export type RowImported = z.infer<typeof importedSchema>["rows"][number];

export const refreshSchema = z.object({ device: deviceShowSchema });

const imageSchema = z.object({
  sha256: z.string(),
  target: maybe,
  sizeBytes: count,
  state: z.string(),
  doneBytes: maybeCount,
  bytesPerSecond: maybeCount,
  leftMs: maybeCount,
  fault: anything,
});
const depotSchema = z.object({
  budgetBytes: count,
  usedBytes: count,
  diskFreeBytes: count,
  images: z.array(z.looseObject({ sha256: z.string(), target: maybe, sizeBytes: count, usedAt: maybe, heldBy: z.array(z.string()) })),
  parts: z.array(z.object({ sha256: z.string(), doneBytes: count })),
});
export type DepotListed = z.infer<typeof depotSchema>;
export const pausedSchema = z.looseObject({ release: z.string(), stopped: z.boolean().nullish() });
export const releasesSchema = z.object({
  catalogueVersion: z.union([z.number(), z.string()]).nullish(),
  expires: maybe,
  depot: depotSchema.nullish(),
  releases: z.array(
    z.looseObject({
      id: z.string(),
      title: z.string(),
      family: maybe,
      version: z.string(),
      models: z.array(z.string()),
      advisories: texts,
      revoked: z.boolean().nullish(),
      paused: z.boolean().nullish(),
      fits: maybeCount,
      sources: texts,
      disputes: texts,
      overruled: maybe,
      images: z.array(imageSchema),
    }),
  ),
  sources: z.array(sourceShown).nullish(),
  disputes: z.array(z.object({ text: z.string() })).nullish(),
});

export type ReleaseListed = z.infer<typeof releasesSchema>["releases"][number];

export const stageSchema = z.object({ release: z.string(), images: z.array(imageSchema) });
export const syncSchema = z.object({
  version: z.union([z.number(), z.string()]).nullish(),
  releases: anything,
  refused: z.array(z.object({ document: z.string(), why: z.string() })).nullish(),
  sources: z.array(sourceShown).nullish(),
});

export const ticketsSchema = z.object({
  tickets: z.array(
    z.looseObject({
      key: z.string(),
      title: z.string(),
      severity: z.union([z.number(), z.string()]),
      queue: maybe,
      state: z.string(),
      devices: texts,
      created: maybe,
      version: maybeCount,
      deliveredVersion: maybeCount,
      remoteId: maybe,
      remoteUrl: maybe,
      lastOutcome: anything,
    }),
  ),
});

export type TicketListed = z.infer<typeof ticketsSchema>["tickets"][number];

export const ticketSchema = ticketsSchema.shape.tickets.element.extend({ document: z.looseObject({}).nullish() });

export const auditSchema = z.object({
  entries: z.array(z.looseObject({ seq: count, at: z.string(), actor: z.string(), action: z.string(), subject: maybe, detail: anything })),
});
export const auditVerifySchema = z.object({ ok: z.boolean(), count: maybeCount, head: maybe, atSeq: maybeCount, why: maybe });

export const discoverSchema = z.object({
  asked: count,
  answered: count,
  spared: maybeCount,
  switches: maybeCount,
  neighbours: maybeCount,
  faults: z.array(z.unknown()).nullish(),
  records: z.array(recordSchema).nullish(),
  cancelled: z.boolean().nullish(),
  resumed: z.boolean().nullish(),
});
