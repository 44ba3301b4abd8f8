/**
 * How moments, sizes and counts read on the command line. Pure.
 */
import { DAY, HOUR, instantOf, MINUTE, type Ms, SECOND } from "../../protocols/core/time.ts";
import type { OutputMode } from "./output.ts";

/** An ISO 8601 moment as epoch milliseconds; `undefined` for anything else. */
export function momentOf(iso: string | null | undefined): Ms | undefined {
  if (typeof iso !== "string") return undefined;
  try {
    return Temporal.Instant.from(iso).epochMilliseconds;
  } catch {
    return undefined;
  }
}

/** A length in one unit, as people glance at it: `9 s`, `14 min`, `5 h`, `12 d`. */
export function roughly(lengthMs: Ms): string {
  const length = Math.abs(lengthMs);
  if (length < 90 * SECOND) return `${Math.round(length / SECOND)} s`;
  if (length < 90 * MINUTE) return `${Math.round(length / MINUTE)} min`;
  if (length < 36 * HOUR) return `${Math.round(length / HOUR)} h`;
  return `${Math.round(length / DAY)} d`;
}

/** A moment beside now: `14 min ago`, `in 6 h`; `-` where there is none. */
export function relative(iso: string | null | undefined, nowMs: Ms): string {
  const atMs = momentOf(iso);
  if (atMs === undefined) return "-";
  if (Math.abs(nowMs - atMs) < 2 * SECOND) return "now";
  return atMs < nowMs ? `${roughly(nowMs - atMs)} ago` : `in ${roughly(atMs - nowMs)}`;
}

/** Until when something is good: `expires in 38 d`. */
export function expiry(iso: string | null | undefined, nowMs: Ms): string {
  const atMs = momentOf(iso);
  return `${atMs !== undefined && atMs < nowMs ? "expired" : "expires"} ${relative(iso, nowMs)}`;
}

/** People read how long ago, scripts read when. */
export function whenFor(mode: OutputMode, nowMs: Ms): (iso: string | null | undefined) => string {
  return (iso) => (mode === "text" ? relative(iso, nowMs) : (iso ?? "-"));
}

/** A moment on the wall of a zone: `Sun 01:00 Europe/Zurich`; in UTC where the zone is unknown here. */
export function wallTime(iso: string, zone: string): string {
  const atMs = momentOf(iso);
  if (atMs === undefined) return iso;
  const show = (name: string): string => {
    const at = instantOf(atMs).toZonedDateTimeISO(name);
    const day = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][at.dayOfWeek - 1];
    return `${day} ${String(at.hour).padStart(2, "0")}:${String(at.minute).padStart(2, "0")} ${name}`;
  };
  try {
    return show(zone);
  } catch {
    // A zone this machine does not know.
    return show("UTC");
  }
}

const SIZES = ["B", "kB", "MB", "GB", "TB"] as const;

/** Decimal, as disks and networks count: `92 MB`, `2.6 GB`. */
export function showBytes(bytes: number): string {
  let rest = bytes;
  let at = 0;
  while (rest >= 999.5 && at < SIZES.length - 1) {
    rest /= 1000;
    at++;
  }
  return `${at === 0 || rest >= 99.5 ? Math.round(rest) : Number(rest.toFixed(1))} ${SIZES[at]}`;
}

/** `1 device`, `2 devices`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Enough of a hash to compare by eye. */
export function shortHash(hash: string): string {
  return hash.slice(0, 12);
}

/** `name  value` lines under each other; lines without a value are left out. */
export function facts(rows: readonly (readonly [name: string, value: string | null | undefined])[], indent = "  "): string {
  const shown = rows.filter(([, value]) => value !== undefined && value !== null && value !== "");
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${indent}${name.padEnd(width)}  ${value}\n`).join("");
}

/** ` (31 uc-phone, 4 video-os)`; empty where nothing was found. */
export function familiesText(byFamily: Readonly<Record<string, number>>): string {
  const parts = Object.entries(byFamily)
    .toSorted(([, a], [, b]) => b - a)
    .map(([family, count]) => `${count} ${family}`);
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

/** What stands behind the bar of a sweep: what was found, how fast it goes, how long it takes. */
export function progressText(progress: {
  readonly found: number;
  readonly byFamily?: Readonly<Record<string, number>> | null | undefined;
  readonly packetsPerSecond?: number | null | undefined;
  readonly leftMs?: number | null | undefined;
}): string {
  const { found, byFamily, packetsPerSecond, leftMs } = progress;
  return [
    `addresses, ${counted(found, "device")} found${familiesText(byFamily ?? {})}`,
    ...(packetsPerSecond === undefined || packetsPerSecond === null || packetsPerSecond === 0 ? [] : [`${packetsPerSecond} packets/s`]),
    ...(leftMs === undefined || leftMs === null ? [] : [`${roughly(leftMs)} left`]),
  ].join(", ");
}
