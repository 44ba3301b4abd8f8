/** A rule in words: for lists, documents and scripts. Pure. */
import { showDuration } from "../../protocols/core/time.ts";
import type { Rule, WhenOf } from "./rules-schema.ts";
import { showReading, showShare, showSpan } from "./rules-words.ts";

/** All of a rule, its condition in words beside its data. */
export function viewRule(rule: Rule) {
  const { id, families, when, badFor, goodFor, severity, causeClass, says, todo, reason, source } = rule;
  return {
    rule: id,
    families: families === "all" ? ["all"] : families,
    severity,
    causeClass,
    when,
    condition: formWords(rule),
    badForSeconds: badFor / 1_000,
    goodForSeconds: goodFor / 1_000,
    says,
    todo,
    reason,
    ...(source === undefined ? {} : { source }),
  };
}

/** `packetLossRatio above 2 %, clear at 1 %`. */
export function formWords({ when }: Pick<Rule, "when">): string {
  switch (when.kind) {
    case "offline":
      return "three asks in a row without an answer";
    case "flapping":
      return `away three times and more in short order (1,000 each time, halved every ${showDuration(when.halfLife)}; opens at ${when.open}, closes at ${when.close})`;
    case "reading":
      return limitWords(when);
    case "missing":
      return `answers, and no longer tells ${when.reading}`;
    case "fallen":
      return fallenWords(when);
    case "fault":
      return when.of === "key" ? "shows another host key or certificate" : `an answer with the fault "${when.fault}"`;
    case "trend":
      return trendWords(when);
    case "oftener":
      return `${when.reading} above 0 ever more often, ${showSpan(when.bucket)} by ${showSpan(when.bucket)} over ${showSpan(when.over)}`;
    case "changes":
      return `${when.reading} ${when.falls ? "falls" : "changes"} ${when.times} times within ${showSpan(when.over)}`;
  }
}

function limitWords(when: WhenOf<"reading">): string {
  const show = (value: number): string => (when.of === undefined ? showReading(when.reading, value) : showShare(value));
  const name = when.of === undefined ? when.reading : `${when.reading} of ${when.of}`;
  const limits = (
    [
      ["above", when.above],
      ["at least", when.atLeast],
      ["below", when.below],
      ["at most", when.atMost],
    ] as const
  ).flatMap(([word, value]) => (value === undefined ? [] : [`${word} ${show(value)}`]));
  return `${name} ${limits.join(" and ")}${when.clear === undefined ? "" : `, clear at ${show(when.clear)}`}`;
}

function fallenWords({ reading, by, byShare, over }: WhenOf<"fallen">): string {
  const least = byShare === 0 ? `${by}` : `${by} and ${showShare(byShare)}`;
  return `${reading} at least ${least} below what is usual for it (the most ${over === undefined ? "ever" : `within ${showSpan(over)}`})`;
}

function trendWords({ reading, way, over, by, reach, within, sinceRestart }: WhenOf<"trend">): string {
  const far =
    reach === undefined ? "" : `, and ${showReading(reading, reach)} within ${within === undefined ? "any time" : showSpan(within)}`;
  return `${reading} steadily ${way} by ${showReading(reading, by)} over ${showSpan(over)}${far}${sinceRestart ? ", since its last start" : ""}`;
}
