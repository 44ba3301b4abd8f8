/**
 * What a rule is: data alone, from the agent and from a partner's YAML alike. Lengths of time are milliseconds once parsed.
 */
import * as z from "zod";
import { duration } from "../../firmware/waves/policy.ts";
import type { FamilyId } from "../../protocols/core/device.ts";
import { FAULT_KINDS } from "../../protocols/core/fault.ts";
import { READING_NAMES } from "../../protocols/core/reading.ts";
import { DAY, HOUR } from "../../protocols/core/time.ts";

/** In the order of the documents. */
export const RULE_FAMILIES = [
  "uc-phone",
  "soundpoint",
  "video-os",
  "group",
  "hdx",
  "lens-only",
  "switch",
  "generic-snmp",
] as const satisfies readonly FamilyId[];

export const SEVERITIES = ["info", "warning", "error", "critical"] as const;
export const CAUSE_CLASSES = ["hardware", "software", "network", "power", "cloud", "configuration"] as const;

export const ruleId = z
  .string()
  .regex(/^[a-z][A-Za-z0-9]{2,39}$/, "expected a name such as hotRoom: 3 to 40 letters and digits, the first a small letter");
const reading = z.enum(READING_NAMES);
/** Readings are far below this, packets since boot included. */
const amount = z.number().min(-1e15).max(1e15);
const bounds = { above: amount.optional(), atLeast: amount.optional(), below: amount.optional(), atMost: amount.optional() };
const share = z.number().min(0).max(1);
const wait = duration({ min: "0s", max: "30d" });

/** Bad is a value within all bounds that are given; `clear` is the value at which it is good again. */
const readingForm = z.strictObject({ kind: z.literal("reading"), reading, of: reading.optional(), ...bounds, clear: amount.optional() });
/** It told this before, answers without being refused, and tells it no more. */
const missingForm = z.strictObject({ kind: z.literal("missing"), reading });
/**
 * So much less than the device's own usual value, which is the most it had within `over` (twice that at most); without
 * `over`, ever.
 */
const fallenForm = z.strictObject({
  kind: z.literal("fallen"),
  reading,
  by: z.number().positive().max(1e15),
  byShare: share.default(0),
  over: duration({ min: "1h", max: "90d" }).optional(),
});
/** `of: "key"`: only where it shows another key or certificate; another MAC is another device at its old address. */
const faultForm = z.strictObject({ kind: z.literal("fault"), fault: z.enum(FAULT_KINDS), of: z.literal("key").optional() });
/** Penalty per time it went away is 1,000; it halves every `halfLife`. */
const flappingForm = z.strictObject({
  kind: z.literal("flapping"),
  halfLife: duration({ min: "1m", max: "7d" }),
  open: z.number().min(1_000).max(100_000),
  close: z.number().min(1).max(100_000),
  most: z.number().min(1_000).max(1_000_000),
});

/** How the history is cut: means over `bucket`, the last `over`. */
const cut = { bucket: duration({ min: "5m", max: "7d" }).default(DAY), over: duration({ min: "1h", max: "400d" }) };
/** A steady way up or down, at least `by` from one end of the time to the other; with `reach`, only where it gets there `within`. */
const trendForm = z.strictObject({
  kind: z.literal("trend"),
  reading,
  way: z.enum(["up", "down"]),
  ...cut,
  by: z.number().positive().max(1e15),
  reach: amount.optional(),
  within: duration({ min: "1h", max: "400d" }).optional(),
  /** Only what was since the device last started: a restart begins such a count anew. */
  sinceRestart: z.boolean().default(false),
});
/** Something that should not be at all (a value above 0) comes ever more often. */
const oftenerForm = z.strictObject({ kind: z.literal("oftener"), reading, ...cut });
/** So many changes within the time; `falls` counts only those to a lesser value. */
const changesForm = z.strictObject({
  kind: z.literal("changes"),
  reading,
  over: duration({ min: "10m", max: "48h" }).default(6 * HOUR),
  times: z.int().min(2).max(10_000),
  falls: z.boolean().default(false),
});

export const whenSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("offline") }),
  flappingForm,
  readingForm,
  missingForm,
  fallenForm,
  faultForm,
  trendForm,
  oftenerForm,
  changesForm,
]);
export type When = z.infer<typeof whenSchema>;
export type WhenOf<K extends When["kind"]> = Extract<When, { readonly kind: K }>;

const words = z.string().trim().min(3).max(300);

export const ruleSchema = z.strictObject({
  /** The kind of the condition it opens. */
  id: ruleId,
  /** Which devices it judges; `all` without it. */
  families: z.union([z.literal("all"), z.array(z.enum(RULE_FAMILIES)).min(1)]).default("all"),
  when: whenSchema,
  /** How long it must be so before it is a condition, and how long not before that ends. */
  badFor: wait.default(0),
  goodFor: wait.default(0),
  severity: z.enum(SEVERITIES),
  causeClass: z.enum(CAUSE_CLASSES),
  /** What holds, for people: `{value}`, `{usual}`, `{limit}` … are filled in with their units. */
  says: words,
  /** What to do, one line. */
  todo: words,
  /** Why it is there and why its numbers are these. */
  reason: words,
  /** Where a fact about a device comes from. */
  source: words.optional(),
});
export type Rule = z.infer<typeof ruleSchema>;
export type RuleInput = z.input<typeof ruleSchema>;
export type Severity = Rule["severity"];
export type CauseClass = Rule["causeClass"];

/** What a partner may change of a rule that is there: numbers, times, severity, or all of it away. */
export const changeSchema = z.strictObject({
  off: z.boolean().optional(),
  severity: z.enum(SEVERITIES).optional(),
  badFor: wait.optional(),
  goodFor: wait.optional(),
  ...bounds,
  clear: amount.optional(),
  by: z.number().positive().max(1e15).optional(),
  byShare: share.optional(),
  reach: amount.optional(),
  within: duration({ min: "1h", max: "400d" }).optional(),
  over: duration({ min: "10m", max: "400d" }).optional(),
  times: z.int().min(2).max(10_000).optional(),
  halfLife: duration({ min: "1m", max: "7d" }).optional(),
  open: z.number().min(1_000).max(100_000).optional(),
  close: z.number().min(1).max(100_000).optional(),
});
export type RuleChange = z.infer<typeof changeSchema>;

/** A site's own rules and what it changes of the starting ones. 500: a guess far above any need. */
export const siteRulesSchema = z.strictObject({
  add: z.array(ruleSchema).max(500).default([]),
  change: z.record(z.string().max(64), changeSchema).default({}),
});
export type SiteRules = z.infer<typeof siteRulesSchema>;
