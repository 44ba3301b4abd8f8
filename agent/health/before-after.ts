/**
 * A device before and after a change, from the readings kept around it. Pure.
 */
import { READING_NAMES, type ReadingName } from "../../protocols/core/reading.ts";
import { type Ms, SECOND } from "../../protocols/core/time.ts";
import type { ChangeRow } from "../../store/history/changes.ts";
import type { TimedAsk } from "../../store/history/raw.ts";
import { AROUND_MS, SETTLE_MS } from "./recorder.ts";

/** One reading on either side; of packet counters, packets a second. A side without readings is absent. */
export interface Compared {
  readonly reading: ReadingName;
  readonly unit: "value" | "perSecond";
  /** Medians. */
  readonly before?: number;
  readonly after?: number;
  /** The worst afterwards: the lowest where less is worse, else the highest. */
  readonly worst?: number;
}

/** How much of it answered, and from how many readings the comparison is. */
export interface Side {
  readonly asked: number;
  readonly answered: number;
}

export interface BeforeAfter {
  readonly before: Side;
  readonly after: Side;
  readonly readings: readonly Compared[];
}

/** Fewer is worse; of all others, more. */
const LESS_IS_WORSE: ReadonlySet<ReadingName> = new Set([
  "registeredLines",
  "mos",
  "peripheralsConnected",
  "portsUp",
  "poePortsDelivering",
  "neighbours",
  "certificateNotAfterSeconds",
  "registeredEndpoints",
]);
/** Told a second: how many packets there were since the start says nothing. */
const RATES: ReadonlySet<ReadingName> = new Set(["rxPackets", "txPackets"]);
/** Begins anew by the change itself. */
const LEFT_OUT: ReadonlySet<ReadingName> = new Set(["uptimeSeconds"]);

/** @param asks around the change, in order of time; the minutes in which it settles are left out */
export function compareAround({ atMs, lastMs }: Pick<ChangeRow, "atMs" | "lastMs">, asks: readonly TimedAsk[]): BeforeAfter {
  const before = asks.filter((ask) => ask.atMs >= atMs - AROUND_MS && ask.atMs < atMs);
  const after = asks.filter((ask) => ask.atMs >= lastMs + SETTLE_MS && ask.atMs < lastMs + AROUND_MS);
  const readings = READING_NAMES.filter((name) => !LEFT_OUT.has(name)).flatMap((name) => {
    const [was, is] = [valuesOf(name, before), valuesOf(name, after)];
    if (was.length === 0 && is.length === 0) return [];
    return [compared(name, was, is)];
  });
  return { before: sideOf(before), after: sideOf(after), readings };
}

function compared(reading: ReadingName, was: readonly number[], is: readonly number[]): Compared {
  const worst = LESS_IS_WORSE.has(reading) ? Math.min(...is) : Math.max(...is);
  return {
    reading,
    unit: RATES.has(reading) ? "perSecond" : "value",
    ...(was.length === 0 ? {} : { before: medianOf(was) }),
    ...(is.length === 0 ? {} : { after: medianOf(is), worst }),
  };
}

const sideOf = (asks: readonly TimedAsk[]): Side => ({
  asked: asks.length,
  answered: asks.filter(({ reading }) => reading !== undefined).length,
});

function valuesOf(name: ReadingName, asks: readonly TimedAsk[]): readonly number[] {
  const timed = asks.flatMap(({ atMs, reading }) => (reading?.[name] === undefined ? [] : [{ atMs, value: reading[name] }]));
  if (!RATES.has(name)) return timed.map(({ value }) => value);
  return timed.slice(1).flatMap(({ atMs, value }, i) => {
    const from = timed[i] as { atMs: Ms; value: number };
    return value < from.value ? [] : [((value - from.value) * SECOND) / (atMs - from.atMs)];
  });
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[(sorted.length >> 1) - 1] ?? upper) + upper) / 2;
}
