/** Rules, and what they would have said, as text for people. Pure. */
import * as z from "zod";
import { SECOND, showDuration } from "../../protocols/core/time.ts";
import { counted, facts } from "./show.ts";

const rule = z.looseObject({
  rule: z.string(),
  families: z.array(z.string()),
  severity: z.string(),
  causeClass: z.string(),
  condition: z.string(),
  badForSeconds: z.number(),
  goodForSeconds: z.number(),
  says: z.string(),
  todo: z.string(),
  reason: z.string(),
  source: z.string().optional(),
  origin: z.string(),
  open: z.number(),
});
export type RuleShown = z.infer<typeof rule>;
export const ruleListSchema = z.object({ rules: z.array(rule) });

const firing = z.object({
  rule: z.string(),
  device: z.string(),
  name: z.string(),
  from: z.string(),
  until: z.string().optional(),
  words: z.string(),
});
export type FiringShown = z.infer<typeof firing>;

export const tryPageSchema = z.object({
  from: z.string(),
  to: z.string(),
  toMs: z.number(),
  devices: z.number(),
  total: z.number(),
  rules: z.array(
    z.object({ rule: z.string(), when: z.string(), tried: z.boolean(), judged: z.number(), fired: z.number(), on: z.number() }),
  ),
  firings: z.array(firing),
  left: z.number(),
  next: z.string().optional(),
});
export type TriedShown = z.infer<typeof tryPageSchema>;

export function ruleText(shown: RuleShown): string {
  const {
    rule: name,
    severity,
    causeClass,
    condition,
    families,
    badForSeconds,
    goodForSeconds,
    says,
    todo,
    reason,
    source,
    origin,
    open,
  } = shown;
  const times = `opens after ${lengthWords(badForSeconds)}, ends after ${lengthWords(goodForSeconds)}`;
  const from =
    origin === "own" ? "the site's own rules" : origin === "changed" ? "the starting set, changed by the site" : "the starting set";
  const about = facts([
    ["holds when", condition],
    ["time", times],
    ["families", families.join(", ")],
    ["says", says],
    ["to do", todo],
    ["why", reason],
    ["source", source],
    ["from", from],
    ["open now", String(open)],
  ]);
  return `${name}: ${severity}, ${causeClass}\n${about.trimEnd()}`;
}

const lengthWords = (seconds: number): string => (seconds === 0 ? "no time at all" : showDuration(seconds * SECOND));

/** Told by line; the rest is counted. */
const LINES_MAX = 50;

export function triedText({ from, to, devices, rules, firings, left }: TriedShown, when: (at: string) => string): string {
  const lines = [`Tried on ${counted(devices, "device")}, from ${from.slice(0, 16)} to ${to.slice(0, 16)} (UTC)`];
  for (const { rule: name, tried, judged, fired, on } of rules) {
    const what = tried
      ? fired === 0
        ? `would not have fired (${counted(judged, "device")} judged)`
        : `would have fired ${counted(fired, "time")} on ${counted(on, "device")}`
      : "cannot be tried: what a device answers is not stored";
    lines.push("", `${name}: ${what}`);
    for (const one of firings.filter((each) => each.rule === name).slice(0, LINES_MAX)) {
      const until = one.until === undefined ? "goes on" : `until ${when(one.until)}`;
      lines.push(`  ${one.name}  ${when(one.from)}  ${until}  ${one.words}`);
    }
    if (fired > LINES_MAX) lines.push(`  and ${fired - LINES_MAX} more: --json has up to 500 of each page`);
  }
  if (left > 0) lines.push("", `${left} more were counted and not listed.`);
  return lines.join("\n");
}
