/** What the usual use of a place says, in words. Pure. */
import { HOUR, type Ms } from "../../protocols/core/time.ts";
import { isConclusive, quietFrom, type Usage } from "./quiet-hours.ts";

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;

/**
 * `Reception is in a call 37 % of Mon 09–10; next quiet hour Mon 22:00`; `undefined` where too little was learned to say anything.
 * @param busyMax  an hour with no larger share is quiet
 */
export function usageWords(name: string, usage: Usage, nowMs: Ms, busyMax: number): string | undefined {
  if (!isConclusive(usage)) return undefined;
  const local = Temporal.Instant.fromEpochMilliseconds(Math.floor(nowMs)).toZonedDateTimeISO(usage.zone);
  const share = usage.busy[(local.dayOfWeek - 1) * 24 + local.hour] ?? null;
  const hour = `${DAYS[local.dayOfWeek - 1]} ${twoDigits(local.hour)}–${twoDigits((local.hour + 1) % 24)}`;
  const now = share === null ? `nobody looked at ${name} ${hour} yet` : `${name} is in a call ${percentOf(share)} % of ${hour}`;
  const nextMs = quietFrom(usage, nowMs, HOUR, busyMax);
  return `${now}; ${nextMs === undefined ? "no hour of its week is quiet" : `next quiet hour ${momentWords(nextMs, usage.zone)}`}`;
}

/** A share of some thousandths is no quiet of nothing at all. */
export function percentOf(share: number): string {
  const percent = share * 100;
  return percent === 0 || percent >= 9.95 ? String(Math.round(percent)) : String(Number(percent.toFixed(1)));
}

function momentWords(atMs: Ms, zone: string): string {
  const local = Temporal.Instant.fromEpochMilliseconds(Math.floor(atMs)).toZonedDateTimeISO(zone);
  return `${DAYS[local.dayOfWeek - 1]} ${twoDigits(local.hour)}:${twoDigits(local.minute)}`;
}

const twoDigits = (value: number): string => String(value).padStart(2, "0");
