/** One device before one rule: what it shows when, and which edges come of it. */
import type { Availability } from "../../../agent/health/availability.ts";
import type { Observed, RuleState } from "../../../agent/health/judge.ts";
import { judgeDevice, type Usual } from "../../../agent/health/judge-device.ts";
import type { Rule } from "../../../agent/health/rules.ts";
import { RULES } from "../../../agent/health/rules.ts";
import type { Fault } from "../../../protocols/core/fault.ts";
import type { Reading } from "../../../protocols/core/reading.ts";
import { MINUTE } from "../../../protocols/core/time.ts";

/** What a device shows, without the time. */
export interface Shown {
  readonly availability: Availability;
  readonly reading: Reading;
  readonly faults: Observed["faults"];
}

export const well: Shown = { availability: "online", reading: {}, faults: [] };
export const reads = (reading: Reading): Shown => ({ ...well, reading });
export const faulted = (fault: Fault): Shown => ({ ...well, faults: [fault] });
export const gone: Shown = { ...well, availability: "offline", faults: [{ kind: "unreachable", via: "https" }] };

export function rule(id: string): Rule {
  const found = RULES.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no rule ${id}`);
  return found;
}

/** Feeds rules with what was seen when, in minutes; gives the edges: `open tooHot 10: 80 °C inside`. */
export function edges(rules: readonly Rule[], seen: readonly (readonly [minute: number, shown: Shown])[]): string[] {
  const states = new Map<string, RuleState>();
  const usual = new Map<string, Usual>();
  const open = new Set<string>();
  const told: string[] = [];
  for (const [minute, shown] of seen) {
    const judged = judgeDevice(rules, { family: undefined, ...shown, nowMs: minute * MINUTE }, { states, usual, open, flaps: undefined });
    for (const [id, state] of judged.states) state === undefined ? states.delete(id) : states.set(id, state);
    for (const [id, most] of judged.usual) usual.set(id, most);
    for (const {
      rule: { id },
      to,
      words,
    } of judged.edges) {
      told.push(`${to} ${id} ${minute}${words === "" ? "" : `: ${words}`}`);
      if (to === "open") open.add(id);
      else open.delete(id);
    }
  }
  return told;
}

/** The same shown every `stepMinutes`, `count` times. */
export function every(count: number, shown: Shown, { from = 0, stepMinutes = 1 } = {}): [number, Shown][] {
  return Array.from({ length: count }, (_, i) => [from + i * stepMinutes, shown]);
}

/**
 * A rule's usual story: well, then bad for twice its time, then well for twice its time, seen every minute.
 * @returns edges, in minutes since it became bad and since it became well again
 */
export function story(id: string, bad: Shown, good: Shown): string[] {
  const one = rule(id);
  const minutes = (lengthMs: number): number => Math.ceil(lengthMs / MINUTE);
  const badMinutes = 2 * minutes(one.badFor) + 3;
  const goodMinutes = 2 * minutes(one.goodFor) + 3;
  return edges([one], [...every(3, good, { from: -3 }), ...every(badMinutes, bad), ...every(goodMinutes, good, { from: badMinutes })]).map(
    (edge) => edge.replace(/^close (\w+) (\d+)$/, (_all, name: string, minute: string) => `close ${name} ${Number(minute) - badMinutes}`),
  );
}

/** What `story` of a rule has to be. */
export function told(id: string, words: string): string[] {
  const { badFor, goodFor } = rule(id);
  return [`open ${id} ${Math.ceil(badFor / MINUTE)}: ${words}`, `close ${id} ${Math.ceil(goodFor / MINUTE)}`];
}
