/**
 * What happened, as CloudEvents. Source: CloudEvents 1.0.2 (JSON, structured) and its sequence extension.
 * `source` + `id` is the duplicate key; the id follows from the happening itself, so telling it twice is seen.
 */
import { createHash } from "node:crypto";
import * as z from "zod";
import type { SiteId } from "../../protocols/core/ids.ts";
import { isoOf, type Ms } from "../../protocols/core/time.ts";
import { eventTopic } from "../../protocols/mqtt/topics.ts";
import type { OutboxMessage } from "../../store/outbox.ts";

const id = z.string().min(1).max(120);
const short = z.string().max(120);
const long = z.string().max(1_000);
const severity = z.string().max(20);

/** One cause with what it holds. `parent`: the incident it went into, where `state` is `partOf`. */
const incident = z.strictObject({
  incident: z.int().min(1),
  cause: z.string().max(300),
  kind: short,
  state: z.enum(["open", "ended", "partOf"]),
  title: z.string().max(300),
  why: long,
  advice: long,
  severity,
  causeClass: short,
  service: short.optional(),
  affected: z.int().min(0),
  total: z.int().min(0),
  since: z.iso.datetime(),
  until: z.iso.datetime().optional(),
  parent: z.int().min(1).optional(),
  /** How often its cause came back after its end. */
  reopened: z.int().min(0),
  /** Those concerned, as many as fit; `affected` counts all. */
  devices: z.array(id).max(200),
});

/** The payload of each type of event. Exported as JSON Schema for the portal. */
export const eventSchemas = {
  "device.found": z.strictObject({
    device: id,
    name: short,
    family: short.optional(),
    model: short.optional(),
    mac: short.optional(),
    serial: short.optional(),
    address: short.optional(),
    adopted: z.boolean(),
  }),
  /** Fields that changed, with what they were and are; an absent side was or is unknown. */
  "device.changed": z.strictObject({
    device: id,
    changes: z
      .array(z.strictObject({ field: short, was: long.optional(), is: long.optional() }))
      .min(1)
      .max(100),
  }),
  "condition.opened": z.strictObject({ device: id, kind: short, severity, causeClass: short, evidence: long }),
  "incident.opened": incident,
  "incident.changed": incident,
  "incident.closed": incident,
  "condition.closed": z.strictObject({ device: id, kind: short, severity, causeClass: short, evidence: long }),
  "campaign.changed": z.strictObject({ campaign: id, state: short, was: short.optional(), why: long.optional(), by: short.optional() }),
  "wave.changed": z.strictObject({ campaign: id, wave: z.int().min(1), state: short, was: short.optional(), why: long.optional() }),
  "task.changed": z.strictObject({ campaign: id, task: id, device: id, state: short, was: short.optional(), why: long.optional() }),
  "ticket.changed": z.strictObject({
    key: id,
    version: z.int().min(1),
    state: short,
    title: short.max(200),
    severity: z.int().min(1).max(4),
    delivery: short,
    url: z.string().max(2_000).optional(),
  }),
  "release.changed": z.strictObject({ release: id, state: short, why: long.optional() }),
  /** A file that nobody signed waits for a person. */
  "firmware.quarantined": z.strictObject({
    source: short,
    name: z.string().max(255),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    sizeBytes: z.int().min(1),
  }),
  /** Two sources say different things of one version for the same hardware; `used` is believed. */
  "firmware.disputed": z.strictObject({
    about: z.enum(["file", "size", "revoked"]),
    version: short,
    used: z.strictObject({ source: short, rank: z.int().min(1), name: z.string().max(200) }),
    other: z.strictObject({ source: short, rank: z.int().min(1), name: z.string().max(200) }),
    why: long,
  }),
  /** Decisions about contracts that changed in one look over the inventory, and the site's totals after it. */
  "coverage.changed": z.strictObject({
    ...{ covered: z.int(), expiring: z.int(), lapsed: z.int(), notCovered: z.int(), unknown: z.int() },
    devices: z
      .array(z.strictObject({ device: id, name: short, state: short, was: short.optional(), until: short.optional(), why: long }))
      .min(1)
      .max(1_000),
  }),
  /** Contracts that end together: told once each at 90, 60 and 30 days. */
  "coverage.ending": z.strictObject({ days: z.int().min(30).max(90), until: short, devices: z.array(id).min(1).max(1_000) }),
  /** Settings of a device that changed: the names, and values as far as they are no secret; the first of them where there are many. */
  "config.changed": z.strictObject({
    device: id,
    /** What was compared: an uploaded file, all that the device shows, or values asked by name. */
    source: short,
    ...{ added: z.int().min(0), removed: z.int().min(0), changed: z.int().min(0) },
    /** When it was last seen as it was; the change lies between then and the event's time. */
    unchangedUntil: z.iso.datetime(),
    cause: z.enum(["campaign", "phone", "web", "unknown"]),
    campaign: id.optional(),
    task: id.optional(),
    settings: z
      .array(z.strictObject({ key: short, was: short.optional(), is: short.optional() }))
      .min(1)
      .max(50),
  }),
  /** The kill switch: commands and image bytes in its scope stop at once, and nothing starts there until it is off. */
  "kill.changed": z.strictObject({
    on: z.boolean(),
    scope: z.enum(["site", "release", "model"]),
    release: id.optional(),
    model: short.optional(),
    by: short,
    reason: long,
  }),
  "command.refused": z.strictObject({ code: short, door: z.enum(["mqtt", "socket", "http"]), count: z.int().min(1) }),
  /** The customer's boot server, in front of which the agent stands. `failed`: requests of phones that got no answer meanwhile. */
  "upstream.changed": z.strictObject({
    state: z.enum(["up", "down"]),
    why: short.optional(),
    failed: z.int().min(0).optional(),
    seconds: z.int().min(0).optional(),
  }),
  /** It answered what a phone may stumble over (`html`), or a master file that is not understood and so was not changed. */
  "upstream.odd": z.strictObject({
    what: z.enum(["html", "unreadable", "elsewhere", "broken"]),
    path: z.string().max(200),
    why: short,
    device: id.optional(),
  }),
  /**
   * Health batches given up for space during an outage: of those numbered `first` to `last` only every `keptEvery`th is sent
   * (its number divides by it); 0: none of them.
   */
  "feed.thinned": z.strictObject({ first: z.int().min(1), last: z.int().min(1), keptEvery: z.int().min(0), batches: z.int().min(1) }),
  "command.finished": z.strictObject({ id, verb: short, status: z.enum(["done", "failed"]), code: short }),
} satisfies Readonly<Record<string, z.ZodType>>;

export type EventType = keyof typeof eventSchemas;
export const EVENT_TYPES = Object.keys(eventSchemas) as readonly EventType[];
export type EventData<T extends EventType> = z.output<(typeof eventSchemas)[T]>;

export const cloudEventSchema = z.strictObject({
  specversion: z.literal("1.0"),
  id: z.string().regex(/^[0-9a-f]{32}$/),
  source: z.string().regex(/^urn:groundswell:site:[a-z0-9-]{3,64}$/),
  type: z.string().regex(/^groundswell\.[a-z]+\.[a-z]+$/),
  subject: z.string().min(1).max(160),
  time: z.iso.datetime(),
  datacontenttype: z.literal("application/json"),
  /** The site's count of events: a reader sees a gap. */
  sequence: z.string().regex(/^[1-9]\d{0,15}$/),
  sequencetype: z.literal("Integer"),
  data: z.unknown(),
});
export type CloudEvent = z.output<typeof cloudEventSchema>;

export interface Happening {
  readonly site: SiteId;
  /** What it happened to: a device id, a campaign id, a ticket key. */
  readonly subject: string;
  /** Tells this happening from others of the same type and subject: a row's revision, a command's id. */
  readonly revision: string | number;
  /** From `outbox.nextSequence()`, in the same transaction. */
  readonly sequence: number;
  /** When it happened, not when it is told. */
  readonly atMs: Ms;
}

/** Throws where the data does not fit its schema: only our own code makes events. */
export function makeEvent<T extends EventType>(type: T, what: Happening, data: EventData<T>): CloudEvent {
  const { site, subject, revision, sequence, atMs } = what;
  const name = JSON.stringify([site, type, subject, revision]);
  return {
    specversion: "1.0",
    id: createHash("sha256").update(name).digest("hex").slice(0, 32),
    source: `urn:groundswell:site:${site}`,
    type: `groundswell.${type}`,
    subject,
    time: isoOf(atMs),
    datacontenttype: "application/json",
    sequence: String(sequence),
    sequencetype: "Integer",
    data: eventSchemas[type].parse(data),
  };
}

/** The outbox row of an event. */
export function eventMessage<T extends EventType>(type: T, what: Happening, data: EventData<T>): OutboxMessage {
  return {
    topic: eventTopic(what.site, type),
    payload: Buffer.from(JSON.stringify(makeEvent(type, what, data))),
    retain: false,
    qos: 1,
    kind: type === "ticket.changed" ? "ticket" : "event",
    atMs: what.atMs,
    number: what.sequence,
  };
}
