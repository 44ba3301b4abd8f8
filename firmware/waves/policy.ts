/**
 * How careful a campaign is. Part of the plan and of its hash: a change of mind is a new plan.
 */
import * as z from "zod";
import { DAY, HOUR, MINUTE, type Ms, parseDuration, SECOND } from "../../protocols/core/time.ts";
import { TRIABLE_GATES } from "./gates/ids.ts";

/** `90s`, `5m`, `1h30m` with bounds; in the parsed form milliseconds. */
export function duration(bounds: { readonly min: string; readonly max: string }) {
  const min = parseDuration(bounds.min) as Ms;
  const max = parseDuration(bounds.max) as Ms;
  return z.union([z.string(), z.int()]).transform((input, context): Ms => {
    const lengthMs = typeof input === "number" ? input : parseDuration(input);
    if (lengthMs === undefined) {
      context.addIssue({ code: "custom", message: `expected a length such as "90s" or "1h30m", got "${input}"` });
      return z.NEVER;
    }
    if (lengthMs < min || lengthMs > max) {
      context.addIssue({ code: "custom", message: `must be from ${bounds.min} to ${bounds.max}, got "${input}"` });
      return z.NEVER;
    }
    return lengthMs;
  });
}

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const localTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "expected hh:mm from 00:00 to 23:59");

/** IANA zone, such as `Europe/Zurich`. */
export const zoneSchema = z.string().refine(isZone, "is not a time zone of the IANA list, such as Europe/Zurich");

/** When a site allows change, in its own zone. `to` at or before `from` means the next day; equal means a whole day. */
export const windowSchema = z.strictObject({
  days: z.array(z.enum(DAYS)).min(1),
  from: localTime,
  to: localTime,
});
export const calendarSchema = z.strictObject({
  /** IANA zone, such as `Europe/Zurich`. */
  zone: zoneSchema,
  windows: z.array(windowSchema).min(1).max(50),
  /** Local dates on which no window opens: `2026-12-24`. */
  blackout: z.array(z.iso.date()).max(400).default([]),
});
export type Calendar = z.infer<typeof calendarSchema>;

/** Offsets such as `+01:00` and whole dates are zones to Temporal; a site that gave one would silently miss clock changes. */
function isZone(zone: string): boolean {
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    return true;
  } catch {
    return false;
  }
}

/** Kinds of domains that a person may give up for a while: what a room and an emergency zone keep is never given up (I2, I3). */
const OUTAGE_DOMAIN = /^(?:(?:floor|huntGroup|group):.+|reception)$/;

export const policySchema = z.strictObject({
  /** Devices in the first wave. */
  canaryCount: z.int().min(1).max(50).default(1),
  /** Devices we may have broken at any moment, over all campaigns of the site. */
  atRiskMax: z.int().min(1).max(200).default(10),
  /** The same within one /24 or /64 network, and below one switch with all its subordinates; no limit of their own where absent. */
  subnetAtRiskMax: z.int().min(1).max(200).optional(),
  switchAtRiskMax: z.int().min(1).max(200).optional(),
  /** Phones of an emergency zone that stay able to call while others are updated. One is the least that is any good. */
  zoneKeeps: z.int().min(1).max(1_000).default(1),
  /** Zones that keep another number. */
  zones: z
    .array(z.strictObject({ name: z.string().min(1).max(128), keeps: z.int().min(1).max(1_000) }))
    .max(500)
    .default([]),
  /**
   * Domains that may be down further than their rule allows while this plan runs: who approves the plan approves that. `keeps`: how
   * many of one stay up all the same. Rooms, ports and emergency zones are none; networks and switches have limits of their own.
   */
  plannedOutages: z
    .array(
      z.strictObject({
        domain: z.string().regex(OUTAGE_DOMAIN, 'expected "floor:NAME", "huntGroup:NAME", "group:NAME" or "reception"').max(160),
        keeps: z.int().min(0).max(1_000).default(0),
      }),
    )
    .max(100)
    .optional(),
  /** Rings of places in the order in which they go; who is in none of them goes after them, and devices with a duty last. */
  rings: z.array(z.string().min(1).max(128)).max(20).default([]),
  /** Devices on the shelf: a wave has no more steps of that model that cannot be undone; with none it has none at all. */
  spares: z
    .array(z.strictObject({ model: z.string().min(1).max(64), count: z.int().min(0).max(10_000) }))
    .max(500)
    .default([]),
  /** Starts of one wave are spread at random over so much for each of its devices; none at all with `0s`. */
  startEvery: duration({ min: "0s", max: "10m" }).default(SECOND),
  /** What the usual use of a place decides within the window: nothing, when it has its turn, or whether it may go at all. See docs/waves.md. */
  quietHours: z.enum(["off", "prefer", "require"]).default("off"),
  /** An hour of the week is quiet where the place is in a call for no more of it. */
  quietBusyPercentMax: z.int().min(0).max(100).default(5),
  /** Besides the update and its way back, a room stays free by its calendar for so long. */
  meetingMargin: duration({ min: "0s", max: "4h" }).default(10 * MINUTE),
  /** How long health is watched after a device answers on the new version. */
  soak: duration({ min: "10s", max: "7d" }).default(15 * MINUTE),
  /** A device that does not answer when it has its turn: its wave waits for it, or goes on without, and it follows when it is back. See docs/waves.md. */
  offline: z.enum(["arm", "hold"]).default("hold"),
  /** So long an armed device may stay away before it is left out. */
  armedFor: duration({ min: "10m", max: "90d" }).default(30 * DAY),
  /** How long a busy device is waited for at a time. */
  deferral: duration({ min: "1m", max: "7d" }).default(4 * HOUR),
  /** What follows where it stayed in use for all of that. See docs/waves.md. */
  afterDeferral: z.enum(["nextWindow", "skip", "fail"]).default("nextWindow"),
  /** So many times a device is waited for over several openings of the window. */
  deferralsMax: z.int().min(1).max(30).default(3),
  /** How often a busy device is looked at again. */
  lookAgain: duration({ min: "5s", max: "1h" }).default(MINUTE),
  /** Silence after which a device that went down for its flash is written down as lost. */
  lostAfter: duration({ min: "1m", max: "12h" }).default(30 * MINUTE),
  /** Commands one device may get in one plan. */
  attemptsMax: z.int().min(1).max(5).default(2),
  /** Wait after an attempt that failed without harm; by the kind of fault it is longer, and grows. See docs/campaigns.md. */
  retryAfter: duration({ min: "10s", max: "1d" }).default(5 * MINUTE),
  /** Failed or lost devices a wave of up to 29 tolerates before the gate fails; a canary always tolerates none. */
  failuresAllowed: z.int().min(0).max(10).default(0),
  /**
   * How much updated devices must have been used before a wave may pass: `devices` of them in `calls` calls or meetings each.
   * Devices that are hardly ever used do not count; 0 of either asks for none. After `waitUpTo` a person is asked.
   */
  realUse: z
    .strictObject({
      calls: z.int().min(0).max(1_000).default(1),
      devices: z.int().min(0).max(1_000).default(1),
      waitUpTo: duration({ min: "1m", max: "14d" }).default(3 * DAY),
    })
    .prefault({}),
  /** Waves after which a named person says whether it goes on; there is nothing to ask after the last one. */
  personAfter: z.union([z.literal("every"), z.array(z.int().min(1).max(10_000)).max(1_000)]).default([]),
  /** Gates that say what they see and decide nothing: to try a gate before it counts. */
  gatesOnlyReport: z.array(z.enum(TRIABLE_GATES)).max(TRIABLE_GATES.length).default([]),
  /** Phones are updated even where what was set on them by hand could not be copied or seen first. See docs/provisioning.md. */
  withoutBackup: z.boolean().default(false),
  /** Why the plan is made; printed everywhere. */
  reason: z.string().max(500).default(""),
});
export type WavePolicy = z.infer<typeof policySchema>;

/** A plan nobody started within this time must be made anew. */
export const PLAN_VALID_MS: Ms = 7 * DAY;
/** A look older than this is no look (design invariant I4). */
export const LOOK_VALID_MS: Ms = 30_000;
