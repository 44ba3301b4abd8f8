/**
 * All rules over one answer of one device: what is remembered afterwards, and which conditions begin or end. Pure.
 */
import type { Ms } from "../../protocols/core/time.ts";
import type { Flaps } from "./availability.ts";
import { type Observed, type RuleState, type Step, say, see, stepRule } from "./judge.ts";
import type { Rule } from "./rules-schema.ts";

/** The most a device had in this span of time, and in the one before. */
export interface Usual {
  readonly most: number;
  readonly before?: number;
  readonly fromMs: Ms;
}

/** What is remembered of one device between two answers. */
export interface Memory {
  readonly states: ReadonlyMap<string, RuleState>;
  readonly usual: ReadonlyMap<string, Usual>;
  readonly flaps: Flaps | undefined;
  /** Kinds of its open conditions. */
  readonly open: ReadonlySet<string>;
}

export interface Edge {
  readonly rule: Rule;
  readonly to: "open" | "close";
  /** For people; empty where it ends. */
  readonly words: string;
}

export interface Judged {
  readonly edges: readonly Edge[];
  /** Rules whose running time began, or ended (`undefined`). */
  readonly states: readonly (readonly [rule: string, state: RuleState | undefined])[];
  readonly usual: readonly (readonly [rule: string, usual: Usual])[];
}

/** In the usual case nothing begins and nothing ends: no memory is taken for it. */
const NOTHING: Judged = { edges: [], states: [], usual: [] };

/** `rules`: those for this device. While it flaps, its being offline is no condition of its own. */
export function judgeDevice(rules: readonly Rule[], observed: Omit<Observed, "usual" | "flaps">, memory: Memory): Judged {
  const seen: Observed = { ...observed, flaps: memory.flaps, usual: (rule) => mostOf(memory.usual.get(rule)) };
  let found: { edges: Edge[]; states: [string, RuleState | undefined][]; usual: [string, Usual][] } | undefined;
  const collect = () => (found ??= { edges: [], states: [], usual: [] });
  let isFlapping = false;
  for (const rule of rules) {
    const isOpen = memory.open.has(rule.id);
    const isMuted: boolean = isFlapping && rule.when.kind === "offline";
    const before = memory.states.get(rule.id);
    const step: Step = isMuted ? MUTED : stepRule(rule, { seen: see(rule, seen), state: before, isOpen }, observed.nowMs);
    if (step.state !== before) collect().states.push([rule.id, step.state]);
    if (step.verdict === "open" && !isOpen) collect().edges.push({ rule, to: "open", words: say(rule, seen) });
    if (step.verdict === "close" && isOpen) collect().edges.push({ rule, to: "close", words: "" });
    if (rule.when.kind === "flapping") isFlapping = step.verdict === "open" || (isOpen && step.verdict === "wait");
    const usual = usualAfter(rule, observed, memory.usual.get(rule.id));
    if (usual !== undefined) collect().usual.push([rule.id, usual]);
  }
  return found ?? NOTHING;
}

/** Where it is part of the coming and going it ends as a condition of its own. */
const MUTED = { state: undefined, verdict: "close" } as const;

export function mostOf(usual: Usual | undefined): number | undefined {
  return usual === undefined ? undefined : Math.max(usual.most, usual.before ?? usual.most);
}

/** What the rule remembers of the reading from now on; `undefined` where that is what it remembers already. */
function usualAfter(
  { when }: Rule,
  { availability, reading, nowMs }: Omit<Observed, "usual" | "flaps">,
  known: Usual | undefined,
): Usual | undefined {
  if (when.kind !== "fallen" && when.kind !== "missing") return undefined;
  const value = reading[when.reading];
  if (value === undefined || availability !== "online") return undefined;
  if (known === undefined) return { most: value, fromMs: nowMs };
  const over = when.kind === "fallen" ? when.over : undefined;
  const ageMs = nowMs - known.fromMs;
  if (over !== undefined && ageMs >= over) {
    return { most: value, fromMs: nowMs, ...(ageMs < 2 * over ? { before: known.most } : {}) };
  }
  return when.kind === "fallen" && value > known.most ? { ...known, most: value } : undefined;
}

/** The same memory as if the time between the two moments had not passed: what is suppressed or not watched does not count. */
export function withoutTime<T extends { readonly states: ReadonlyMap<string, RuleState>; readonly flaps: Flaps | undefined }>(
  { states, flaps }: T,
  lengthMs: Ms,
): { readonly states: Map<string, RuleState>; readonly flaps: Flaps | undefined } {
  return {
    states: new Map(Array.from(states, ([rule, state]) => [rule, { ...state, sinceMs: state.sinceMs + lengthMs }])),
    flaps: flaps === undefined ? undefined : { ...flaps, atMs: flaps.atMs + lengthMs },
  };
}
