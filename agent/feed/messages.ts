/**
 * Every kind of message between a site and its portal: its topic, what it holds, and an example made by the very code that
 * makes the real ones. The contract's documents are generated from this list.
 */
import * as z from "zod";
import type { CampaignId, DeviceId, Mac, SiteId } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { OutgoingMessage } from "../../protocols/mqtt/link.ts";
import {
  campaignTopic,
  commandTopic,
  deviceTopic,
  eventTopic,
  healthTopic,
  infoTopic,
  replyTopic,
  stateTopic,
  ticketTopic,
} from "../../protocols/mqtt/topics.ts";
import { claimsSchema } from "../commands/decode.ts";
import { campaignSchema, deviceSchema, infoSchema, replySchema, stateSchema, ticketStateSchema } from "./documents.ts";
import { eventExamples } from "./event-examples.ts";
import { cloudEventSchema, EVENT_TYPES, type EventType, eventMessage, eventSchemas } from "./events.ts";
import { encodeHealth, healthSchema, openHealth } from "./health-batch.ts";
import { willOf } from "./presence.ts";
import { campaignSnapshot, deviceSnapshot, infoDocument, ticketSnapshot } from "./snapshots.ts";

/** How the bytes of a payload are written; `deflate` is a zlib stream of JSON, or the JSON itself where that is shorter. */
export type PayloadForm = "text" | "json" | "deflate" | "jws";

export interface MessageKind {
  /** Short and unique: `device`, `event/device.found`. */
  readonly name: string;
  readonly title: string;
  /** With `{site}`, `{device}` … where an id stands. */
  readonly topic: string;
  /** Who sends it: the site's agent, or a technician's desk or portal. */
  readonly from: "site" | "desk";
  readonly retained: boolean;
  readonly form: PayloadForm;
  /** Of the payload once `decode` has read it; of a signed one, of the claims inside. */
  readonly schema: z.ZodType;
  /** What the payload says, checked; `undefined` where it is no such message. Signed ones are opened by `agent/commands/jws.ts`. */
  readonly decode: (payload: Buffer) => unknown;
  /** As it goes over the wire; signed ones have their claims in clear. */
  readonly example: () => OutgoingMessage;
}

const SITE = "contoso-zh" as SiteId;
const DEVICE = "d-64167f0a1b2c" as DeviceId;
const CAMPAIGN = "c-2026w47" as CampaignId;
const AT_MS: Ms = Date.UTC(2026, 10, 22, 1, 5);
/** The thumbprint of the key below. Source: RFC 8037, A.1 to A.3: a key everybody knows. */
const PUBLISHED_KEY = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
/** Ids as they stand in a pattern; nothing but this file may call that an id. */
const slot = <T extends string>(name: string): T => `{${name}}` as T;
const site = slot<SiteId>("site");

const fromJson =
  (schema: z.ZodType) =>
  (payload: Buffer): unknown => {
    try {
      return schema.safeParse(JSON.parse(payload.toString("utf8"))).data;
    } catch {
      return undefined;
    }
  };

/** The CloudEvent of one type, its data included. */
export function eventSchemaOf(type: EventType) {
  return cloudEventSchema.extend({ type: z.literal(`groundswell.${type}`), data: eventSchemas[type] });
}

function eventKind<T extends EventType>(type: T): MessageKind {
  const schema = eventSchemaOf(type);
  return {
    name: `event/${type}`,
    title: EVENT_TITLES[type],
    topic: eventTopic(site, type),
    from: "site",
    retained: false,
    form: "json",
    schema,
    decode: fromJson(schema),
    example() {
      const what = { site: SITE, subject: DEVICE, revision: 1, sequence: 42, atMs: AT_MS };
      return outgoing(eventMessage(type, what, eventExamples[type]));
    },
  };
}

const EVENT_TITLES: { readonly [T in EventType]: string } = {
  "device.found": "A device was found",
  "device.changed": "What is known of a device changed",
  "condition.opened": "Something is wrong with a device",
  "condition.closed": "Something is well again",
  "incident.opened": "One cause of one or more conditions was found, or came back",
  "incident.changed": "An incident holds other devices, or has another cause",
  "incident.closed": "A cause is over, or part of another one",
  "campaign.changed": "A campaign went on to another state",
  "wave.changed": "A wave of a campaign went on to another state",
  "task.changed": "The update of one device went on to another state",
  "ticket.changed": "A ticket changed, or the desk has it now",
  "release.changed": "A release was offered, staged, refused or revoked",
  "firmware.quarantined": "A file of firmware waits for a person",
  "firmware.disputed": "Sources of firmware contradict each other",
  "coverage.changed": "Devices came under contract, or fell out of it",
  "coverage.ending": "Contracts end soon",
  "kill.changed": "The kill switch was turned on or off",
  "command.refused": "Commands were refused",
  "config.changed": "Settings of a device changed",
  "upstream.changed": "The customer's boot server stopped answering, or answers again",
  "upstream.odd": "The customer's boot server answered what a phone may stumble over",
  "feed.thinned": "Health batches were given up for space",
  "command.finished": "A command was carried out, or failed",
};

function outgoing({ topic, payload, retain }: { topic: string; payload: Uint8Array; retain: boolean }): OutgoingMessage {
  return { topic, payload: Buffer.from(payload), retain };
}

function exampleInfo(): string {
  return infoDocument({
    agentVersion: "0.1.0",
    configRevision: "1",
    capabilities: ["campaigns", "health", "tickets"],
    brand: "neutral",
    session: { id: "5f3a9c0e71b24d86", sinceMs: AT_MS },
    agentKey: { kid: PUBLISHED_KEY, publicKey: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" },
    audit: { count: 17, hash: "9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab" },
  });
}

const retained = (name: string, title: string, schema: z.ZodType, made: Pick<MessageKind, "topic" | "example">): MessageKind => ({
  ...{ name, title, from: "site", retained: true, form: "json", schema, decode: fromJson(schema) },
  ...made,
});

export const MESSAGES: readonly MessageKind[] = [
  {
    name: "state",
    title: "Is the agent there? Also its last will",
    topic: stateTopic(site),
    from: "site",
    retained: true,
    form: "text",
    schema: stateSchema,
    decode: (payload) => stateSchema.safeParse(payload.toString("utf8")).data,
    example: () => ({ ...willOf(SITE), payload: "online" }),
  },
  retained("info", "What the agent is", infoSchema, {
    topic: infoTopic(site),
    example: () => ({ topic: infoTopic(SITE), payload: exampleInfo(), retain: true }),
  }),
  retained("device", "One device: its description and how it stands", deviceSchema, {
    topic: deviceTopic(site, slot("device")),
    example: () => outgoing(deviceSnapshot(SITE, exampleDevice, AT_MS)),
  }),
  {
    name: "health",
    title: "Readings of many devices",
    topic: healthTopic(site),
    from: "site",
    retained: false,
    form: "deflate",
    schema: healthSchema,
    decode: openHealth,
    example: () => ({ topic: healthTopic(SITE), payload: exampleHealth(), retain: false }),
  },
  ...EVENT_TYPES.map((type) => eventKind(type)),
  retained("campaign", "One campaign as it stands; cleared when it is archived", campaignSchema, {
    topic: campaignTopic(site, slot("campaign")),
    example: () => outgoing(campaignSnapshot(SITE, exampleCampaign, AT_MS)),
  }),
  retained("ticket", "One open ticket as it stands; cleared when it is closed", ticketStateSchema, {
    topic: ticketTopic(site, slot("ticket")),
    example: () => outgoing(ticketSnapshot(SITE, exampleTicket, AT_MS)),
  }),
  {
    name: "cmd",
    title: "A signed command; never retained",
    topic: commandTopic(site),
    from: "desk",
    retained: false,
    form: "jws",
    schema: claimsSchema,
    decode: fromJson(claimsSchema),
    example: () => ({ topic: commandTopic(SITE), payload: JSON.stringify(exampleClaims), retain: false }),
  },
  {
    name: "reply",
    title: "A signed answer to one command",
    // A slot is no safe part of a real topic, so it takes the place of one.
    topic: (replyTopic(site, "client", "id") ?? "").replace("client/id", "{client}/{id}"),
    from: "site",
    retained: false,
    form: "jws",
    schema: replySchema,
    decode: fromJson(replySchema),
    example: () => ({ topic: replyTopic(SITE, "desk-1", exampleClaims.jti) ?? "", payload: JSON.stringify(exampleReply), retain: false }),
  },
];

const exampleDevice = {
  id: DEVICE,
  mac: "64167f0a1b2c" as Mac,
  family: "uc-phone",
  vendor: "Polycom",
  model: "VVX 411",
  partNumber: "3111-48450-001",
  name: "Reception",
  address: "192.0.2.17",
  running: "6.4.6.2327",
  managedBy: "none",
  availability: "online",
  inUse: { state: "idle" },
  lines: [{ address: "1001@pbx.example", registered: true }],
  parts: [],
  firstSeenMs: AT_MS,
  lastSeenMs: AT_MS,
  adopted: true,
} as const;

const exampleCampaign = {
  id: CAMPAIGN,
  state: "running",
  planHash: "0f343b0931126a20f133d67c2b018a3b0f343b0931126a20f133d67c2b018a3b",
  release: { id: "uc-software-6.4.8.1190", title: "UC Software 6.4.8", version: "6.4.8.1190" },
  waves: [{ index: 1, state: "running", devices: 2 }],
  counts: { verifying: 1, planned: 1 },
  devices: 2,
  atRisk: 1,
  finishP50AtMs: AT_MS,
  finishP90AtMs: AT_MS,
} as const;

const exampleTicket = {
  key: "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U",
  generation: 1,
  version: 2,
  deliveredVersion: 1,
  doc: { schema: "groundswell.ticket/1", title: "VVX 411 fell back to its old version", severity: 2 },
  state: "open",
  createdAtMs: AT_MS,
  tries: 1,
  devices: [DEVICE],
} as const;

const exampleClaims = {
  iss: PUBLISHED_KEY,
  aud: SITE as string,
  iat: AT_MS / 1_000,
  exp: AT_MS / 1_000 + 600,
  jti: "01JDQ4Z3N8C5W7X9Y0A1B2C3D4",
  reply: replyTopic(SITE, "desk-1", "01JDQ4Z3N8C5W7X9Y0A1B2C3D4") ?? "",
  cmd: { name: "sync", args: {} },
} satisfies z.input<typeof claimsSchema>;

const exampleReply = {
  id: exampleClaims.jti,
  status: "done",
  code: "done",
  message: "everything is sent again",
  request: "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
} satisfies z.input<typeof replySchema>;

function exampleHealth(): Buffer {
  const device = (last: string): DeviceId => `d-64167f0a1b${last}` as DeviceId;
  return encodeHealth({
    sequence: 7,
    rows: [
      { how: "full", device: device("2c"), atMs: AT_MS, reading: { registeredLines: 2, cpuRatio: 0.12, uptimeSeconds: 86_400 } },
      { how: "changed", device: device("2d"), atMs: AT_MS + 800, reading: { registeredLines: 1 }, gone: ["mos"] },
      { how: "unchanged", device: device("2e"), atMs: AT_MS + 1_200, sinceMs: AT_MS - 600_000 },
    ],
  });
}
