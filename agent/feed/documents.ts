/**
 * What the retained documents and the answers hold, as schemas: what we send is made from them, what the portal reads is
 * described by them.
 */
import * as z from "zod";
import { answerSchema } from "../commands/answer.ts";

const id = z.string().min(1).max(120);
const short = z.string().max(200);
const count = z.int().min(0);
const iso = z.iso.datetime();

/** `state`: a plain word, so that the broker's last will can say it. */
export const stateSchema = z.enum(["online", "offline"]);

export const infoSchema = z.strictObject({
  schema: z.literal("groundswell.info/1"),
  /** Grows with every change that an old reader would misread. */
  contract: z.int().min(1),
  agentVersion: short,
  configRevision: short,
  capabilities: z.array(short).max(100),
  /** Name of the brand pack. */
  brand: short,
  /** This run of the agent: another id means it was started again. */
  session: z.strictObject({ id: z.string().regex(/^[0-9a-f]{16}$/), since: iso }),
  /** Checks the agent's answers. */
  agentKey: z.strictObject({ kid: short, publicKey: short }),
  /** Length and last hash of the audit log. */
  audit: z.strictObject({ count, hash: short }),
});

export const deviceSchema = z.strictObject({
  schema: z.literal("groundswell.device/1"),
  id,
  mac: short.optional(),
  serial: short.optional(),
  family: short.optional(),
  vendor: short.optional(),
  model: short.optional(),
  partNumber: short.optional(),
  revision: short.optional(),
  name: z.string(),
  address: short.optional(),
  /** Versions: of the application, and of what loads it. */
  running: short.optional(),
  updater: short.optional(),
  managedBy: short,
  availability: z.enum(["online", "suspect", "offline", "unknown"]),
  adopted: z.boolean(),
  lines: z.array(z.strictObject({ address: z.string(), registered: z.boolean() })),
  /** Coupled parts: a touch panel, a microphone. */
  parts: z.array(
    z.strictObject({
      mac: short.optional(),
      serial: short.optional(),
      model: z.string(),
      version: z.string().optional(),
      connected: z.boolean(),
    }),
  ),
  switchPort: z.object({ switchAddress: z.string(), name: z.string() }).optional(),
  firstSeen: iso,
});

export const campaignSchema = z.strictObject({
  schema: z.literal("groundswell.campaign/1"),
  id,
  state: short,
  why: z.string().optional(),
  planHash: short,
  release: z.strictObject({ id: short, title: z.string(), version: short }),
  waves: z.array(z.strictObject({ index: z.int().min(1), state: short, devices: count })),
  /** Tasks by state; they add up to `devices`. */
  counts: z.record(short, count),
  devices: count,
  atRisk: count,
  finishP50: iso.optional(),
  finishP90: iso.optional(),
  at: iso,
});

export const ticketStateSchema = z.strictObject({
  schema: z.literal("groundswell.ticketState/1"),
  key: id,
  state: z.enum(["open", "closing"]),
  /** Versions of the document: ours, and the one the desk has. */
  delivery: z.strictObject({
    version: z.int().min(1),
    delivered: count,
    last: z.enum(["done", "refused", "later", "unknown"]).optional(),
  }),
  remoteId: z.string().optional(),
  url: z.string().optional(),
  ticket: z.record(z.string(), z.unknown()),
});

/** The payload of a signed answer; `request` is the digest of the token it answers. */
export const replySchema = answerSchema.extend({ request: short });
