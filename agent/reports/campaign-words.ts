/** How figures of a campaign's report read for people. Pure. */
import type { CampaignReport, ReportedWave, Totals } from "../../firmware/waves/report-document.ts";
import type { ReadingName } from "../../protocols/core/reading.ts";
import { SECOND, showDuration } from "../../protocols/core/time.ts";
import type { CellState } from "./report-shape.ts";

/** `2026-11-22 21:15` in the site's zone; its seconds decide nothing. */
export function wall(iso: string | undefined, zone: string): string {
  if (iso === undefined) return "";
  const at = Temporal.Instant.from(iso).toZonedDateTimeISO(zone);
  return `${at.toPlainDate()} ${at.toPlainTime().toString({ smallestUnit: "minute" })}`;
}

const ends = ({ updated, alreadyCurrent, failed, lost, refused, skipped, broughtBack, otherwise, unfinished }: Totals) =>
  [
    [updated, "updated"],
    [alreadyCurrent, "on it already"],
    [failed, "failed"],
    [lost, "lost"],
    [refused, "refused"],
    [skipped, "left out"],
    [broughtBack, "brought back"],
    [otherwise, "ended otherwise"],
    [unfinished, "not finished"],
  ] as const;

/** `46 planned: 40 updated, 1 lost, 5 not finished`. The parts add up. */
export function totalsWords(totals: Totals): string {
  const parts = ends(totals).flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`]));
  return `${totals.planned} planned${parts.length === 0 ? "" : `: ${parts.join(", ")}`}`;
}

type Outage = CampaignReport["worst"]["seen"];

export function outageWords({ devices, phones, rooms, darkRooms }: Outage): string {
  const parts = [
    `${devices} ${devices === 1 ? "device" : "devices"}`,
    ...(phones === 0 ? [] : [`${phones} ${phones === 1 ? "phone" : "phones"}`]),
    ...(rooms === 0 ? [] : [`${rooms} ${rooms === 1 ? "room" : "rooms"}`]),
    ...(darkRooms === 0 ? [] : [`${darkRooms} with nothing left in ${darkRooms === 1 ? "it" : "them"}`]),
  ];
  return parts.join(", ");
}

export function finishWords({ finish, ended, zone }: CampaignReport): string {
  const told = `by ${wall(finish.p50, zone)}, nine times of ten by ${wall(finish.p90, zone)} (foretold ${wall(finish.from, zone)})`;
  switch (finish.p90Held) {
    case "yes":
      return `${told}; it held`;
    case "no":
      return `${told}; it did not hold`;
    case "open":
      return ended === undefined ? told : `${told}; it was stopped before`;
  }
}

const NAMES: { readonly [name in ReadingName]?: string } = {
  registeredLines: "registered lines",
  configuredLines: "configured lines",
  peripheralsConnected: "parts connected",
  peripheralsMissing: "parts missing",
  componentsFailed: "components failed",
  packetLossRatio: "packet loss",
  jitterSeconds: "jitter",
  mos: "voice quality (MOS)",
  cpuRatio: "CPU",
  memoryRatio: "memory",
  temperatureCelsius: "temperature",
  responseSeconds: "time to answer",
  uptimeSeconds: "time since start",
  inCall: "in a call",
};

export const valueName = (name: ReadingName): string => NAMES[name] ?? name.replaceAll(/([A-Z])/g, " $1").toLowerCase();

/** In the unit people read: percent, milliseconds, degrees. */
export function valueWords(name: ReadingName, value: number): string {
  if (name.endsWith("Ratio") || name === "inCall") return `${rounded(value * 100)} %`;
  if (name === "jitterSeconds" || name === "responseSeconds") return `${rounded(value * 1_000)} ms`;
  if (name.endsWith("Seconds")) return showDuration(value * SECOND);
  if (name === "temperatureCelsius") return `${rounded(value)} °C`;
  return String(rounded(value));
}

const rounded = (value: number): number => Number(value.toPrecision(3));

/** Shape and colour of what became of a device or a wave. */
export function stateOf(state: string): CellState {
  if (["updated", "alreadyCurrent", "succeeded", "passed", "pass", "completed"].includes(state)) return "good";
  if (["failed", "lost", "fail", "halted", "revertFailed"].includes(state)) return "bad";
  if (["refused", "skipped", "held", "inconclusive", "failedRetryable", "paused", "completedWithFailures"].includes(state))
    return "attention";
  return "unknown";
}

const STATE_WORDS: Readonly<Record<string, string>> = {
  alreadyCurrent: "on it already",
  skipped: "left out",
  failedRetryable: "tried again",
  completedWithFailures: "completed with failures",
  awaitingApproval: "awaits approval",
  revertFailed: "not brought back",
  reverted: "brought back",
  rollingBack: "rolls back",
  rolledBack: "rolled back",
};

export const stateWords = (state: string): string => STATE_WORDS[state] ?? state;

/** `took 41 min; foretold 38 min to 52 min`. */
export function lengthsWords(length: ReportedWave["length"]): string {
  if (length === undefined) return "";
  return `${showDuration(length.ms)}; foretold ${showDuration(length.forecastP50Ms)} to ${showDuration(length.forecastP90Ms)}`;
}
