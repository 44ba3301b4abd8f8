/**
 * All commands: who may give them, what they take, when they are due. Same for MQTT, the socket and the page.
 */

import * as z from "zod";
import { parseNetwork } from "../../protocols/core/networks.ts";
import { DAY, MINUTE, type Ms } from "../../protocols/core/time.ts";
import { importRowSchema } from "../discovery/sources/csv.ts";
import { adviceCommands } from "./catalogue-advice.ts";
import { campaignCommands } from "./catalogue-campaigns.ts";
import { configCommands } from "./catalogue-config.ts";
import { firmwareCommands } from "./catalogue-firmware.ts";
import { historyCommands } from "./catalogue-history.ts";
import { incidentEntries } from "./catalogue-incidents.ts";
import { ruleCommands } from "./catalogue-rules.ts";
import { stagingCommands } from "./catalogue-staging.ts";
import type { Role } from "./roster.ts";

const isNetwork = (text: string): boolean => parseNetwork(text) !== undefined;
const month = z.string().regex(/^20\d\d-(0[1-9]|1[0-2])$/, 'is not a month such as "2026-11"');
const reason = z.string().max(500).default("");

/** A part of a table: larger ones come in several. */
const importArgs = z.strictObject({ file: z.string().min(1).max(200), rows: z.array(importRowSchema).min(1).max(100) });

/** A token for an immediate command lives at most this long. */
export const IMMEDIATE_VALID_MS: Ms = 10 * MINUTE;
/** A scheduled one carries its own window (`nbf` to `exp`), no longer than a plan stays valid. */
export const SCHEDULED_VALID_MS: Ms = 7 * DAY;

/** A device as a person names it: id, MAC, name, serial or address. */
const named = z.string().min(1).max(120);
const named500 = z.array(named).min(1).max(500);
const dryRun = z.boolean().default(false);
const short = z.string().trim().max(128);

/** One command. `kind`: a look changes nothing, an act does, a brake stops and works with a broken clock and an old roster. */
export interface Entry {
  /** The least role that may give it. */
  readonly role: Role;
  readonly when: "immediate" | "scheduled";
  readonly kind: "look" | "act" | "brake";
  readonly args: z.ZodType;
}

export const catalogue = {
  ...campaignCommands,
  "device.list": {
    role: "viewer",
    when: "immediate",
    kind: "look",
    args: z.strictObject({
      model: z.string().max(120).optional(),
      family: z.string().max(40).optional(),
      availability: z.string().max(40).optional(),
      where: z.string().max(200).optional(),
    }),
  },
  /** `device`: id, MAC, name, serial or address. */
  "device.show": { role: "viewer", when: "immediate", kind: "look", args: z.strictObject({ device: z.string().min(1).max(120) }) },
  ...historyCommands,
  ...firmwareCommands,
  ...stagingCommands,
  "ticket.show": { role: "viewer", when: "immediate", kind: "look", args: z.strictObject({ key: z.string().min(1).max(64) }) },
  "audit.verify": { role: "viewer", when: "immediate", kind: "look", args: z.strictObject({}) },
  "discover.run": {
    role: "technician",
    when: "immediate",
    kind: "act",
    /** Part of the configured networks; all of them where absent. */
    args: z.strictObject({
      networks: z.array(z.string().max(100).refine(isNetwork, "is not a network, a range or an address")).min(1).max(100).optional(),
      /** Asks also those that are known and watched. */
      full: z.boolean().default(false),
    }),
  },
  /** Ends the passes under way; what they found stays. */
  "discover.cancel": { role: "technician", when: "immediate", kind: "act", args: z.strictObject({}) },
  "device.refresh": { role: "technician", when: "immediate", kind: "act", args: z.strictObject({ device: z.string().min(1).max(120) }) },
  /** What it shows next is its own again: a host key or factory certificate that changed, credentials it refused. */
  "device.trust": {
    role: "approver",
    when: "immediate",
    kind: "act",
    args: z.strictObject({ device: z.string().min(1).max(120), reason }),
  },
  /** What an import would change, and nothing of it done. */
  "device.importPreview": { role: "viewer", when: "immediate", kind: "look", args: importArgs },
  "device.import": { role: "technician", when: "immediate", kind: "act", args: importArgs },
  /** `after`: of the events only those with a higher number, the last the portal has. */
  sync: { role: "viewer", when: "immediate", kind: "act", args: z.strictObject({ after: z.int().min(0).optional() }) },
  "agent.status": { role: "viewer", when: "immediate", kind: "look", args: z.strictObject({}) },
  "ticket.list": {
    role: "viewer",
    when: "immediate",
    kind: "look",
    args: z.strictObject({ state: z.enum(["open", "closed", "all"]).default("open"), limit: z.int().min(1).max(500).default(100) }),
  },
  "coverage.summary": { role: "viewer", when: "immediate", kind: "look", args: z.strictObject({}) },
  "coverage.list": {
    role: "viewer",
    when: "immediate",
    kind: "look",
    args: z.strictObject({ state: z.enum(["covered", "expiring", "lapsed", "notCovered", "unknown"]).optional() }),
  },
  "coverage.propose": { role: "viewer", when: "immediate", kind: "look", args: z.strictObject({}) },
  "coverage.import": {
    role: "technician",
    when: "immediate",
    kind: "act",
    /** `text`: of the source `csv`, the file itself; the other sources are asked by the agent. */
    args: z.strictObject({
      source: z.enum(["csv", "lens", "portal"]),
      name: z.string().min(1).max(200).optional(),
      text: z
        .string()
        .max(8 * 1024 * 1024)
        .optional(),
      /** Shows what would change and keeps nothing. */
      dryRun: z.boolean().default(false),
      /** Also where most of the old list goes. */
      acceptRemovals: z.boolean().default(false),
    }),
  },
  "coverage.register": {
    role: "technician",
    when: "immediate",
    kind: "act",
    args: z.strictObject({
      /** Through the portal instead of a file. */
      portal: z.boolean().default(false),
      /** Those of earlier files as well. */
      again: z.boolean().default(false),
      dryRun: z.boolean().default(false),
    }),
  },
  "coverage.attest": { role: "technician", when: "immediate", kind: "act", args: z.strictObject({ month }) },
  /** A piece of the newest attestation of a month, in base64. */
  "coverage.attestation": {
    role: "viewer",
    when: "immediate",
    kind: "look",
    args: z.strictObject({ month, file: z.enum(["json", "pdf"]), offset: z.int().min(0).default(0) }),
  },
  "audit.list": {
    role: "viewer",
    when: "immediate",
    kind: "look",
    args: z.strictObject({ after: z.int().min(0).default(0), limit: z.int().min(1).max(500).default(100) }),
  },
  "device.conflicts": { role: "viewer", when: "immediate", kind: "look", args: z.strictObject({ all: z.boolean().default(false) }) },
  "device.decisions": { role: "viewer", when: "immediate", kind: "look", args: z.strictObject({ all: z.boolean().default(false) }) },
  /** `other` becomes part of `device`. */
  "device.merge": { role: "technician", when: "immediate", kind: "act", args: z.strictObject({ device: named, other: named, dryRun }) },
  /** Two that are two; or, with `by`, what of one device is another's. */
  "device.split": {
    role: "technician",
    when: "immediate",
    kind: "act",
    args: z
      .strictObject({
        device: named,
        other: named.optional(),
        by: z.strictObject({ field: z.enum(["mac", "serial", "address"]), value: z.string().trim().min(1).max(120) }).optional(),
        dryRun,
      })
      .refine(({ other, by }) => (other === undefined) !== (by === undefined), "needs either another device or by what to split"),
  },
  "device.undo": {
    role: "technician",
    when: "immediate",
    kind: "act",
    args: z.strictObject({ decision: z.string().regex(/^[ms]-[0-9a-f]{4,40}$/, "is not the id of a merge or split"), dryRun }),
  },
  "device.swap": { role: "technician", when: "immediate", kind: "act", args: z.strictObject({ device: named, next: named, dryRun }) },
  "device.retire": { role: "technician", when: "immediate", kind: "act", args: z.strictObject({ device: named, reason, dryRun }) },
  "device.topology": {
    role: "viewer",
    when: "immediate",
    kind: "look",
    args: z.strictObject({ of: named.optional(), switch: named.optional() }),
  },
  "place.list": { role: "viewer", when: "immediate", kind: "look", args: z.strictObject({}) },
  "place.show": { role: "viewer", when: "immediate", kind: "look", args: z.strictObject({ place: named }) },
  /** How much places are in use, hour by hour of the week; all of them where none is named. */
  "place.usage": { role: "viewer", when: "immediate", kind: "look", args: z.strictObject({ place: named.optional() }) },
  /** Empty text takes a value away; `serves` ties a device to the place, `null` none. */
  "place.set": {
    role: "technician",
    when: "immediate",
    kind: "act",
    args: z.strictObject({
      place: short.min(1),
      name: short.min(1).optional(),
      room: short.optional(),
      floor: short.optional(),
      zone: short.optional(),
      ring: short.optional(),
      expectedLines: z.int().min(0).max(48).optional(),
      duties: z
        .array(z.enum(["vip", "reception", "emergency"]))
        .max(3)
        .optional(),
      serves: named.nullable().optional(),
      dryRun,
    }),
  },
  ...configCommands,
  ...adviceCommands,
  "inbox.list": {
    role: "viewer",
    when: "immediate",
    kind: "look",
    args: z.strictObject({ which: z.enum(["waiting", "ignored", "all"]).default("waiting") }),
  },
  "inbox.explain": { role: "viewer", when: "immediate", kind: "look", args: z.strictObject({ of: named }) },
  "inbox.adopt": { role: "technician", when: "immediate", kind: "act", args: z.strictObject({ devices: named500, dryRun }) },
  "inbox.ignore": { role: "technician", when: "immediate", kind: "act", args: z.strictObject({ devices: named500, dryRun }) },
  ...ruleCommands,
  ...incidentEntries,
} satisfies Readonly<Record<string, Entry>>;

export type Verb = keyof typeof catalogue;
/** The checked arguments of a verb, defaults filled in. */
export type ArgsOf<V extends Verb> = z.infer<(typeof catalogue)[V]["args"]>;

export const VERBS = Object.keys(catalogue) as readonly Verb[];

export function isVerb(name: string): name is Verb {
  return Object.hasOwn(catalogue, name);
}

export function entryOf(verb: Verb): Entry {
  return catalogue[verb];
}
