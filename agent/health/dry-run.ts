/**
 * What rules would have done, had they been in force: the same judgement over stored history. Runs in the history thread.
 * Faults are not stored, so rules about them cannot be tried; what is older than raw readings is judged by five-minute means.
 */
import type { FamilyId } from "../../protocols/core/device.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Reading, ReadingName } from "../../protocols/core/reading.ts";
import { MINUTE, type Ms } from "../../protocols/core/time.ts";
import type { HistoryReader } from "../../store/history/reader.ts";
import { type Availability, availabilityAfter, type Flaps, flapsAfter, wentAway } from "./availability.ts";
import { type RuleState, stepRule } from "./judge.ts";
import { judgeDevice, type Usual } from "./judge-device.ts";
import type { Rule } from "./rules-schema.ts";
import { isFor, isOverTime } from "./rules-scope.ts";
import { judgeAt, pastOf } from "./trend-read.ts";

export interface DryRunAsk {
  readonly devices: readonly { readonly id: DeviceId; readonly family?: FamilyId }[];
  readonly rules: readonly Rule[];
  readonly fromMs: Ms;
  readonly toMs: Ms;
}

/** It would have been a condition from then until then; without an end where it still would be one. */
export interface Firing {
  readonly device: DeviceId;
  readonly rule: string;
  readonly fromMs: Ms;
  readonly untilMs?: Ms;
  readonly words: string;
}

type DryReader = Pick<HistoryReader, "story" | "asks" | "window" | "latest">;

/** Can it be tried? */
export function isTriable({ when }: Rule): boolean {
  return when.kind !== "fault";
}

export function dryRun({ devices, rules, fromMs, toMs }: DryRunAsk, reader: DryReader): readonly Firing[] {
  const triable = rules.filter(isTriable);
  return devices.flatMap(({ id, family }) => {
    const mine = triable.filter((rule) => isFor(rule, family));
    const asks = mine.length === 0 ? [] : asksOf(id, { fromMs, toMs }, reader);
    return [
      ...tryAnswers(id, family, mine, asks),
      ...mine.filter(isOverTime).flatMap((rule) => tryOverTime(id, rule, { fromMs, toMs }, reader)),
    ].toSorted((a, b) => a.fromMs - b.fromMs);
  });
}

/** One answer of the past, or none. */
export interface PastAsk {
  readonly atMs: Ms;
  readonly reading: Reading | undefined;
}

const FIVE: Ms = 5 * MINUTE;

/** Raw where there is raw, means of five minutes before. */
function asksOf(device: DeviceId, span: { readonly fromMs: Ms; readonly toMs: Ms }, reader: DryReader): readonly PastAsk[] {
  const raw = reader.asks(device, span);
  const rawFromMs = raw[0]?.atMs ?? span.toMs;
  const points = Math.ceil((rawFromMs - span.fromMs) / FIVE);
  if (points <= 1) return raw;
  const story = reader.story(device, { fromMs: span.fromMs, toMs: rawFromMs, points });
  const readings = new Map<Ms, { [name in ReadingName]?: number }>();
  for (const { name, points: of } of story.series) {
    for (const point of of) {
      const reading = readings.get(point.atMs) ?? {};
      reading[name] = "mean" in point ? point.mean : point.last;
      readings.set(point.atMs, reading);
    }
  }
  const told = story.availability
    .filter(({ atMs }) => atMs < rawFromMs)
    .map(({ atMs, answered }) => ({ atMs, reading: answered === 0 ? undefined : (readings.get(atMs) ?? {}) }));
  return [...told, ...raw];
}

function tryAnswers(id: DeviceId, family: FamilyId | undefined, mine: readonly Rule[], asks: readonly PastAsk[]): Firing[] {
  const rules = mine
    .filter((rule) => !isOverTime(rule))
    .toSorted((a, b) => Number(b.when.kind === "flapping") - Number(a.when.kind === "flapping"));
  const limits = rules.map(({ when }) => when).find((when) => when.kind === "flapping");
  const memory = { states: new Map<string, RuleState>(), usual: new Map<string, Usual>(), open: new Set<string>() };
  let [availability, misses, flaps]: [Availability, number, Flaps | undefined] = ["unknown", 0, undefined];
  const ledger = createLedger(id);
  for (const { atMs, reading } of rules.length === 0 ? [] : asks) {
    misses = reading === undefined ? misses + 1 : 0;
    const now = availabilityAfter(availability, misses);
    if (limits !== undefined && wentAway(availability, now)) flaps = flapsAfter(flaps, atMs, limits);
    availability = now;
    const observed = { family, availability, reading: reading ?? {}, faults: [], nowMs: atMs };
    const { edges, states, usual } = judgeDevice(rules, observed, { ...memory, flaps });
    for (const [rule, state] of states) {
      if (state === undefined) memory.states.delete(rule);
      else memory.states.set(rule, state);
    }
    for (const [rule, most] of usual) memory.usual.set(rule, most);
    for (const { rule, to, words } of edges) {
      if (to === "open") memory.open.add(rule.id);
      else memory.open.delete(rule.id);
      ledger.note(rule.id, to, atMs, words);
    }
  }
  return ledger.firings();
}

function tryOverTime(id: DeviceId, rule: Rule, span: { readonly fromMs: Ms; readonly toMs: Ms }, reader: DryReader): Firing[] {
  const ledger = createLedger(id);
  let state: RuleState | undefined;
  let isOpen = false;
  const past = pastOf(id, rule, span, reader);
  for (const atMs of past.moments) {
    const { seen, words } = judgeAt(rule, past, atMs);
    const step = stepRule(rule, { seen, state, isOpen }, atMs);
    state = step.state;
    if (step.verdict === "wait" || (step.verdict === "open") === isOpen) continue;
    isOpen = step.verdict === "open";
    ledger.note(rule.id, step.verdict, atMs, words);
  }
  return ledger.firings();
}

/** Pairs beginnings with their ends. */
function createLedger(device: DeviceId) {
  const open = new Map<string, { fromMs: Ms; words: string }>();
  const ended: Firing[] = [];
  return {
    note(rule: string, to: "open" | "close", atMs: Ms, words: string): void {
      const begun = open.get(rule);
      if (to === "open") open.set(rule, { fromMs: atMs, words });
      else if (begun !== undefined) {
        ended.push({ device, rule, ...begun, untilMs: atMs });
        open.delete(rule);
      }
    },
    firings: (): Firing[] => [...ended, ...Array.from(open, ([rule, begun]) => ({ device, rule, ...begun }))],
  };
}
