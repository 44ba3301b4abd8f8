/**
 * One device for people. Pure.
 */
import { shortCoverage } from "./coverage-view.ts";
import { type Health, showState } from "./output.ts";
import type { DeviceShow } from "./results.ts";
import { facts } from "./show.ts";

const HEALTH: Readonly<Record<string, Health>> = { online: "ok", suspect: "warning", offline: "error" };

export function deviceText(shown: DeviceShow, when: (iso: string | null | undefined) => string, colour: boolean): string {
  const { device, place, conditions, reading, sightings } = shown;
  const head = [device.name ?? device.id, device.model, device.serial && `serial ${device.serial}`, device.mac, device.address];
  const use = device.inUse;
  const lines = device.lineList ?? [];
  const registered = lines.filter((line) => line.registered).length;
  const where = place ?? device;
  const known = facts([
    [
      "state",
      `${showState(HEALTH[device.availability] ?? "unknown", { colour, word: device.availability })}, seen ${when(device.lastSeen)}`,
    ],
    ["in use", use === undefined || use === null ? undefined : `${use.state}${typeof use.reason === "string" ? `: ${use.reason}` : ""}`],
    ["standing", device.standing === "adopted" ? undefined : device.standing],
    ["firmware", device.running],
    ["updater", device.updater],
    ["managed by", device.managedBy],
    ["part number", device.partNumber],
    ["contract", contractText(device.coverage)],
    ["place", [where.room, where.floor, ...(place?.duties ?? [])].filter((part) => typeof part === "string").join(", ")],
    ["switch port", device.switchPort],
    ["lines", lines.length === 0 ? undefined : `${registered} of ${lines.length} registered`],
  ]);
  return [
    `${head.filter((part) => typeof part === "string" && part !== "").join(" · ")}\n${known}`,
    section(
      "wrong",
      (conditions ?? []).map((one) => conditionText(one, when)),
      "nothing known",
    ),
    section(
      "lines",
      lines.map(({ address, registered: is }) => `${address}  ${is ? "registered" : "not registered"}`),
    ),
    section(
      "parts",
      (device.parts ?? []).map(
        (part) => `${part.model ?? "part"}  ${part.version ?? ""}  ${part.connected === false ? "not connected" : "connected"}`,
      ),
    ),
    section(
      `reading, ${when(reading?.at)}`,
      Object.entries(reading?.values ?? {}).map(([name, value]) => `${name}  ${value ?? "-"}`),
    ),
    section(
      "updates",
      (shown.updates ?? []).flatMap((update) => updateLines(update, when)),
    ),
    section(
      "known from",
      (shown.facts ?? []).map(({ field, value, source, at }) => `${field}  ${textOf(value)}  by ${source} ${when(at)}`),
    ),
    section(
      "sightings",
      (sightings ?? []).map(({ source, at, address, what }) => `${when(at)}  ${source}  ${address ?? ""}  ${textOf(what)}`),
    ),
  ].join("");
}

function contractText(coverage: DeviceShow["device"]["coverage"]): string | undefined {
  if (coverage === undefined || coverage === null) return undefined;
  const named = [coverage.contract, coverage.service].filter((part) => typeof part === "string").join(", ");
  return `${shortCoverage(coverage, "text")}${named === "" ? "" : `, ${named}`}${coverage.state === "notCovered" ? `: ${coverage.why ?? ""}` : ""}`;
}

function section(title: string, rows: readonly string[], empty?: string): string {
  if (rows.length === 0) return empty === undefined ? "" : `  ${title}\n    ${empty}\n`;
  return `  ${title}\n${rows.map((row) => `    ${row.trimEnd()}\n`).join("")}`;
}

function conditionText(condition: NonNullable<DeviceShow["conditions"]>[number], when: (iso: string | null | undefined) => string): string {
  if (typeof condition === "string") return condition;
  const { kind, severity, since, until } = condition;
  const over = typeof until === "string" ? `over ${when(until)}` : `since ${when(since)}`;
  return [kind, severity, over, condition.what ?? textOf(condition.evidence)]
    .filter((part) => typeof part === "string" && part !== "")
    .join("  ");
}

type Update = NonNullable<DeviceShow["updates"]>[number];

/** What happened, and each value that is known on both sides. */
function updateLines({ campaign, at, to, detail, before, after, restartsSince }: Update, when: (iso: string | null | undefined) => string) {
  const values = Object.entries(before.reading).flatMap(([name, was]) => {
    const is = after.reading[name];
    return is === undefined ? [] : [`  ${name}  ${was} → ${is}`];
  });
  const answers = `answered ${before.answered}/${before.asked} asks before, ${after.answered}/${after.asked} after`;
  const restarts = restartsSince === 0 ? "" : `, started anew ${restartsSince} times since`;
  return [`${campaign}  ${at}  ${when(to)}  ${detail}  ${answers}${restarts}`, ...values];
}

/** Evidence is text or a small document. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
