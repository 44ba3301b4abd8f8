/**
 * A rule's words for a person: its template with the values filled in, each with its unit. Pure.
 */
import type { ReadingName } from "../../protocols/core/reading.ts";
import { DAY, type Ms, SECOND, showDuration } from "../../protocols/core/time.ts";
import type { When } from "./rules-schema.ts";

/** What may stand in the template of each form, beside `{limit}` where the form has one. */
const PLACEHOLDERS: Readonly<Record<When["kind"], readonly string[]>> = {
  offline: [],
  flapping: ["count"],
  reading: ["value", "limit", "of"],
  missing: [],
  fallen: ["value", "usual"],
  fault: ["via", "proof"],
  trend: ["from", "to", "span", "when"],
  oftener: ["from", "to", "span"],
  changes: ["count", "span"],
};

const PLACE = /\{([a-zA-Z]+)\}/g;

export function placeholdersOf(kind: When["kind"]): readonly string[] {
  return PLACEHOLDERS[kind];
}

/** Names between braces that this form has no value for. */
export function strangersIn(template: string, kind: When["kind"]): readonly string[] {
  return [...template.matchAll(PLACE)].map(([, name]) => name ?? "").filter((name) => !PLACEHOLDERS[kind].includes(name));
}

/** Names without a value stay as they are: a template is checked before it is used. */
export function fill(template: string, values: Readonly<Record<string, string | undefined>>): string {
  return template.replaceAll(PLACE, (all, name: string) => (Object.hasOwn(values, name) ? values[name] : undefined) ?? all);
}

/** Three figures are enough to decide by. */
function rounded(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** A reading with its unit: `79.9 °C`, `4.2 %`, `35 ms`, `3 days`, `2`. */
export function showReading(name: ReadingName, value: number): string {
  if (name === "certificateNotAfterSeconds") return counted(Math.floor((value * SECOND) / DAY), "day");
  if (name === "jitterSeconds" || name === "responseSeconds") return `${rounded(value * 1_000)} ms`;
  if (name.endsWith("Seconds")) return showDuration(value * SECOND);
  if (name.endsWith("Ratio")) return showShare(value);
  if (name.endsWith("Celsius")) return `${value} °C`;
  return Number.isInteger(value) ? String(value) : rounded(value);
}

export function showShare(value: number): string {
  return `${rounded(value * 100)} %`;
}

/** `6 h`, `14 d`: a length as one number where it is a whole one. */
export function showSpan(lengthMs: Ms): string {
  return showDuration(lengthMs);
}

function counted(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? "" : "s"}`;
}
