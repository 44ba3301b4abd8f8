/**
 * What counts as a change of a device, and which readings are kept around it. Pure.
 */
import { DAY, MINUTE, type Ms, SECOND, showDuration } from "../../protocols/core/time.ts";
import type { ChangeKind, ChangeRow } from "../../store/history/changes.ts";

/**
 * Readings are kept for so long on either side of a change: a whole day, so that both sides hold the same hours, the busy
 * morning and the quiet night.
 */
export const AROUND_MS: Ms = DAY;
/** After a change a device is asked more often for so long: boot, registration and first calls are over by then. A guess. */
export const DENSE_MS: Ms = 30 * MINUTE;
/** What a device shows while it boots and registers is not how it is afterwards. Cold boot of a room takes up to 10 min. */
export const SETTLE_MS: Ms = 10 * MINUTE;
/** A device that changes again and again is one change for no longer than this. */
export const REPEATS_MS: Ms = 7 * DAY;
/** Kept of one device: a year of monthly updates, and some trouble. */
export const CHANGES_PER_DEVICE = 20;
/** Kept in all: four of each of 10,000 devices, some 5 kB each. */
export const CHANGES_MAX = 40_000;

/** The uptime of a device as it was read. */
export interface Uptime {
  readonly atMs: Ms;
  readonly uptimeSeconds: number;
}

/** Devices tell whole minutes at times, and an answer takes its time. */
const SLACK_MS: Ms = 90 * SECOND;
/** TimeTicks are 32 bits of hundredths: after 497 days they begin anew without a restart. Source: RFC 2578, 7.1.8. */
const TICKS_WRAP_MS: Ms = 2 ** 32 * 10;

/** When it started anew since it was read before; `undefined` where it did not. */
export function restartedAt(before: Uptime | undefined, now: Uptime): Ms | undefined {
  if (before === undefined || now.atMs <= before.atMs) return undefined;
  const upMs = now.uptimeSeconds * SECOND;
  const expectedMs = before.uptimeSeconds * SECOND + (now.atMs - before.atMs);
  if (upMs >= expectedMs - SLACK_MS) return undefined;
  if (Math.abs(upMs - (expectedMs - TICKS_WRAP_MS)) <= SLACK_MS) return undefined;
  const bootMs = now.atMs - upMs;
  // A clock that goes slow is no restart: that happens after the last look.
  return bootMs > before.atMs - SLACK_MS ? bootMs : undefined;
}

export const restartWords = (before: Uptime): string => `it had been up for ${showDuration(before.uptimeSeconds * SECOND)}`;

/** A restart soon after one of these is part of it. */
const BRING_RESTARTS: ReadonlySet<ChangeKind> = new Set(["update", "configuration", "swap"]);

export function isPartOf(known: Pick<ChangeRow, "kind" | "lastMs">, kind: ChangeKind, atMs: Ms): boolean {
  return kind === "restart" && BRING_RESTARTS.has(known.kind) && Math.abs(atMs - known.lastMs) <= DENSE_MS;
}

/** Fields of the inventory whose change is a change of the device. */
const FIELDS: Readonly<Record<string, ChangeKind>> = { running: "update", address: "address", place: "swap" };

/** What of the inventory's change is one to watch. A value that was not known before did not change. */
export function changesOf(
  fields: readonly { readonly field: string; readonly was?: string; readonly is?: string }[],
): readonly { readonly kind: ChangeKind; readonly detail: string }[] {
  return fields.flatMap(({ field, was, is }) => {
    const kind = FIELDS[field];
    if (kind === undefined || is === undefined || (was === undefined && kind !== "swap")) return [];
    return [{ kind, detail: was === undefined ? `now ${is}` : `${was} → ${is}` }];
  });
}

export interface Copy {
  readonly fromMs: Ms;
  readonly toMs: Ms;
  /** Nothing comes after it. */
  readonly closes: boolean;
}

/** What has to be kept of a change by now: a day at a time, so that raw readings need not wait; `undefined` for nothing yet. */
export function copyDue({ lastMs, keptToMs }: Pick<ChangeRow, "lastMs" | "keptToMs">, nowMs: Ms): Copy | undefined {
  const endMs = lastMs + AROUND_MS;
  const toMs = Math.min(keptToMs + AROUND_MS, endMs);
  return toMs > nowMs ? undefined : { fromMs: keptToMs, toMs, closes: toMs === endMs };
}
