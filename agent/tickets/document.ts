/**
 * What a ticket says. Pure builders from failures; the same facts give the same document, letter for letter.
 */
import type { FailureCause } from "../../firmware/waves/task-state.ts";
import type { CampaignId, DeviceId } from "../../protocols/core/ids.ts";
import type { Reading } from "../../protocols/core/reading.ts";
import { isoOf, type Ms } from "../../protocols/core/time.ts";
import type { Version } from "../../protocols/core/version.ts";

/** What a task that ended badly is called in a ticket; `lost` never came back. */
export type TicketCause = FailureCause | "lost";

/** One device's failure in a campaign, with all that is known of it. `fault` is `showFault` text: it holds no secret. */
export interface FailureFact {
  readonly campaign: CampaignId;
  readonly device: DeviceId;
  readonly name: string;
  readonly model: string;
  readonly serial?: string;
  readonly mac?: string;
  readonly from: Version;
  readonly to: Version;
  readonly cause: TicketCause;
  readonly fault: string;
  readonly sinceMs: Ms;
  readonly timeline: readonly { readonly atMs: Ms; readonly what: string }[];
  readonly readingsBefore: Reading;
  readonly readingsAfter: Reading;
  /** Steps already tried, in order. */
  readonly tried?: readonly string[];
  /** Set when a verified recovery is on record; `proof` is its evidence id. Also set by a person's write-off. */
  readonly recovered?: { readonly proof: string; readonly atMs: Ms };
}

export type CauseClass = "hardware" | "software" | "network" | "power" | "cloud" | "configuration";
/** Who gets it. Source: design 12, "queue by cause class". */
export type Queue = "vendor" | "ecosystemCloud" | "partner";

/** 1 critical, 2 error, 3 warning, 4 information. */
export type Severity = 1 | 2 | 3 | 4;

interface CauseRow {
  readonly class: CauseClass;
  readonly queue: Queue;
  readonly severity: Severity;
  readonly text: string;
}

/** A device that is gone or without its lines is worse than one that stayed as it was. */
export const CAUSES: { readonly [cause in TicketCause]: CauseRow } = {
  neverReacted: { class: "software", queue: "partner", severity: 3, text: "did not react to the update command" },
  imageRefused: { class: "software", queue: "vendor", severity: 3, text: "refused the image" },
  fellBack: { class: "software", queue: "vendor", severity: 2, text: "fell back to its old version" },
  otherVersion: { class: "software", queue: "vendor", severity: 2, text: "came back with another version than planned" },
  registrationLost: { class: "software", queue: "vendor", severity: 1, text: "lost its lines after the update" },
  partsLost: { class: "hardware", queue: "vendor", severity: 2, text: "lost a connected part after the update" },
  unsteady: { class: "software", queue: "vendor", severity: 1, text: "restarts again and again after the update" },
  commandRefused: { class: "configuration", queue: "partner", severity: 3, text: "refused the update command" },
  busyTooLong: { class: "configuration", queue: "partner", severity: 4, text: "was in use until the deadline" },
  healthWorse: { class: "software", queue: "vendor", severity: 2, text: "is less healthy than before the update" },
  fellBackLater: { class: "software", queue: "vendor", severity: 2, text: "ran well on the new version and left it later" },
  lost: { class: "hardware", queue: "vendor", severity: 1, text: "did not come back after the update" },
};

export type TicketEnd =
  /** `proof` is the evidence id of a verified recovery; there is no closing without. */
  | { readonly how: "recovered"; readonly proof: string; readonly atMs: Ms }
  /** The devices stand in another ticket now. */
  | { readonly how: "merged"; readonly into: string; readonly atMs: Ms };

/** At most this many devices are written out; `deviceCount` says how many there are. */
export const MAX_DEVICES_LISTED = 200;
/** Of a device's timeline the newest are kept. */
const MAX_MOMENTS = 40;
/** Devices whose timeline and readings are written out in a ticket of many. */
const MAX_WITNESSES = 5;
const MAX_TITLE = 160;

export interface TicketDocument {
  readonly schema: "groundswell.ticket/1";
  readonly kind: "device" | "cause" | "storm";
  readonly site: string;
  readonly title: string;
  readonly body: string;
  readonly severity: Severity;
  readonly state: "open" | "closed";
  readonly end?: TicketEnd;
  readonly cause: { readonly code: string; readonly class: CauseClass; readonly queue: Queue; readonly text: string };
  readonly detectedAt: string;
  readonly campaigns: readonly string[];
  readonly versionPath?: { readonly from: string; readonly to: string };
  readonly deviceCount: number;
  readonly devices: readonly TicketDevice[];
  readonly timeline: readonly { readonly at: string; readonly device: string; readonly what: string }[];
  readonly evidence: readonly { readonly device: string; readonly before: Reading; readonly after: Reading }[];
  readonly tried: readonly string[];
}

export interface TicketDevice {
  readonly id: string;
  readonly name: string;
  readonly model: string;
  readonly serial?: string;
  readonly mac?: string;
  readonly fault: string;
  readonly since: string;
  readonly recovered: boolean;
}

/** One ticket about one or more devices that failed alike. `facts` is not empty; all share model, edge and cause. */
export function failureDocument(
  kind: "device" | "cause",
  site: string,
  facts: readonly [FailureFact, ...FailureFact[]],
  end?: TicketEnd,
): TicketDocument {
  const sorted = [...facts].sort((a, b) => a.sinceMs - b.sinceMs || (a.device < b.device ? -1 : 1));
  const first = sorted[0] as FailureFact;
  const row = CAUSES[first.cause];
  const open = sorted.filter((fact) => fact.recovered === undefined);
  const who = kind === "device" ? `${clean(first.name)} (${clean(first.model)})` : `${sorted.length} × ${clean(first.model)}`;
  const document: Omit<TicketDocument, "body"> = {
    schema: "groundswell.ticket/1",
    kind,
    site,
    title: `${who} ${row.text}: ${first.from} → ${first.to}`.slice(0, MAX_TITLE),
    severity: row.severity,
    state: end === undefined ? "open" : "closed",
    ...(end === undefined ? {} : { end }),
    cause: { code: first.cause, class: row.class, queue: row.queue, text: row.text },
    detectedAt: isoOf(first.sinceMs),
    campaigns: [...new Set(sorted.map((fact) => fact.campaign))].sort(),
    versionPath: { from: first.from, to: first.to },
    deviceCount: sorted.length,
    devices: sorted.slice(0, MAX_DEVICES_LISTED).map(deviceOf),
    timeline: sorted.slice(0, MAX_WITNESSES).flatMap(momentsOf),
    evidence: sorted
      .slice(0, MAX_WITNESSES)
      .map((fact) => ({ device: fact.device, before: fact.readingsBefore, after: fact.readingsAfter })),
    tried: [...new Set(sorted.flatMap((fact) => fact.tried ?? []))].map((step) => clean(step, 300)).slice(0, 50),
  };
  return { ...document, body: bodyOf(document, open.length) };
}

/** Lists what the storm cap holds back. `held` is not empty unless it ends. */
export function stormDocument(
  site: string,
  held: readonly { readonly key: string; readonly title: string }[],
  sinceMs: Ms,
  end?: TicketEnd,
): TicketDocument {
  const title = end === undefined ? `${held.length} tickets held back: too many in one hour` : "No tickets are held back any more";
  const list = held.slice(0, MAX_DEVICES_LISTED).map(({ key, title: what }) => `- ${what} [${key}]`);
  const more = held.length > list.length ? [`- and ${held.length - list.length} more`] : [];
  return {
    schema: "groundswell.ticket/1",
    kind: "storm",
    site,
    title,
    body: [title, "", "Nothing is dropped: each follows as its own ticket as soon as the cap allows.", "", ...list, ...more].join("\n"),
    severity: 2,
    state: end === undefined ? "open" : "closed",
    ...(end === undefined ? {} : { end }),
    cause: { code: "storm", class: "software", queue: "partner", text: "more tickets than the cap per hour" },
    detectedAt: isoOf(sinceMs),
    campaigns: [],
    deviceCount: 0,
    devices: [],
    timeline: [],
    evidence: [],
    tried: [],
  };
}

function deviceOf(fact: FailureFact): TicketDevice {
  return {
    id: fact.device,
    name: clean(fact.name),
    model: clean(fact.model),
    ...(fact.serial === undefined ? {} : { serial: clean(fact.serial) }),
    ...(fact.mac === undefined ? {} : { mac: fact.mac }),
    fault: clean(fact.fault, 300),
    since: isoOf(fact.sinceMs),
    recovered: fact.recovered !== undefined,
  };
}

function momentsOf(fact: FailureFact): TicketDocument["timeline"] {
  return fact.timeline.slice(-MAX_MOMENTS).map(({ atMs, what }) => ({ at: isoOf(atMs), device: fact.device, what: clean(what, 300) }));
}

/** Text from devices and people: one line, bounded, without control characters. */
function clean(text: string, maxChars = 120): string {
  return text
    .replaceAll(/\p{Cc}+/gu, " ")
    .trim()
    .slice(0, maxChars);
}

function bodyOf(document: Omit<TicketDocument, "body">, openCount: number): string {
  const { devices, deviceCount, versionPath, cause, timeline, evidence, tried, end, site, detectedAt, campaigns } = document;
  const unlisted = deviceCount - devices.length;
  const lines = [
    document.title,
    "",
    `Site: ${site}    Campaign: ${campaigns.join(", ")}    Detected: ${detectedAt}`,
    `Cause: ${cause.text} (${cause.code}, ${cause.class})    Version path: ${versionPath?.from} → ${versionPath?.to}`,
    ...(end === undefined ? [`Devices: ${deviceCount}, of which ${openCount} still affected`] : [endText(end)]),
    "",
    ...devices.map((device) => deviceLine(device)),
    ...(unlisted > 0 ? [`- and ${unlisted} more`] : []),
    ...(timeline.length === 0 ? [] : ["", "Timeline", ...timeline.map(({ at, device, what }) => `${at}  ${device}  ${what}`)]),
    ...(evidence.length === 0 ? [] : ["", "Readings before → after", ...evidence.flatMap(readingLines)]),
    ...(tried.length === 0 ? [] : ["", "Already tried", ...tried.map((step) => `- ${step}`)]),
  ];
  return lines.join("\n");
}

function endText(end: TicketEnd): string {
  return end.how === "recovered"
    ? `Closed: recovery verified ${isoOf(end.atMs)}, evidence ${end.proof}`
    : `Closed: continued in ${end.into}`;
}

function deviceLine(device: TicketDevice): string {
  const names = [
    device.model,
    device.serial === undefined ? "" : `serial ${device.serial}`,
    device.mac === undefined ? "" : `MAC ${device.mac}`,
  ];
  const state = device.recovered ? "recovered" : device.fault;
  return `- ${device.name}: ${names.filter((name) => name !== "").join(", ")}; since ${device.since}; ${state}`;
}

function readingLines({ device, before, after }: TicketDocument["evidence"][number]): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort() as (keyof Reading)[];
  return names
    .filter((name) => before[name] !== after[name])
    .map((name) => `${device}  ${name}: ${before[name] ?? "–"} → ${after[name] ?? "–"}`);
}
