/**
 * A site's own rules over the starting ones: what is wrong with them, all in one pass, and what comes out. Pure.
 */
import { READING_NAMES, type ReadingName } from "../../protocols/core/reading.ts";
import { isCounter } from "../../store/history/summary.ts";
import { describeIssue } from "../config/issues.ts";
import type { PathPart } from "../config/problem.ts";
import type { Related } from "../config/related.ts";
import { suggest } from "../config/suggest.ts";
import { RULES } from "./rules.ts";
import { changeSchema, type Rule, type RuleChange, ruleSchema, type SiteRules, siteRulesSchema, type When } from "./rules-schema.ts";
import { placeholdersOf, strangersIn } from "./rules-words.ts";

export type RuleOrigin = "starting" | "changed" | "own";

/** Rules in force, in the order they are judged and shown. */
export interface RuleSet {
  readonly rules: readonly Rule[];
  readonly origin: ReadonlyMap<string, RuleOrigin>;
  /** Starting rules that are switched off. */
  readonly off: readonly string[];
}

export interface CheckedRules extends RuleSet {
  readonly problems: readonly Related[];
}

const error = (at: readonly PathPart[], what: string, suggestion?: string): Related => ({
  level: "error",
  at,
  what,
  ...(suggestion === undefined ? {} : { suggestion }),
});

/** Checks what a person wrote. Rules that are wrong are left out of the answer, so that the others can be looked at. */
export function checkRules(raw: unknown, starting: readonly Rule[] = RULES): CheckedRules {
  const whole = siteRulesSchema.safeParse(raw ?? {});
  const problems = whole.success ? [] : whole.error.issues.flatMap((issue) => describeIssue(issue, raw, siteRulesSchema));
  const { site, indexOf } = readable(raw);
  const set = combineRules(site, starting);
  return { ...set, problems: [...problems, ...relationsOf(site, starting, indexOf), ...problemsOfChanges(site, starting)] };
}

/** Every rule and change that is right by itself, with the place it stands at. */
function readable(raw: unknown): { site: SiteRules; indexOf: (rule: Rule) => number } {
  const { add, change } = isGroup(raw) ? raw : {};
  const places = new Map<Rule, number>();
  for (const [i, one] of (Array.isArray(add) ? add : []).entries()) {
    const read = ruleSchema.safeParse(one);
    if (read.success) places.set(read.data, i);
  }
  const changes = Object.entries(isGroup(change) ? change : {}).flatMap(([id, one]) => {
    const read = changeSchema.safeParse(one);
    return read.success ? [[id, read.data] as const] : [];
  });
  return { site: { add: [...places.keys()], change: Object.fromEntries(changes) }, indexOf: (rule) => places.get(rule) ?? 0 };
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Starting rules as changed, then the site's own. Whatever is wrong with them was said by `checkRules`. */
export function combineRules(site: SiteRules, starting: readonly Rule[] = RULES): RuleSet {
  const changeOf = (id: string): RuleChange => (Object.hasOwn(site.change, id) ? site.change[id] : undefined) ?? {};
  const off = starting.filter(({ id }) => changeOf(id).off === true).map(({ id }) => id);
  const kept = starting.filter(({ id }) => !off.includes(id)).map((rule) => changed(rule, changeOf(rule.id)));
  const known = new Set(starting.map(({ id }) => id));
  const own = site.add.filter((rule) => !known.has(rule.id));
  const origin = new Map<string, RuleOrigin>();
  for (const { id } of kept) origin.set(id, Object.hasOwn(site.change, id) ? "changed" : "starting");
  for (const { id } of own) origin.set(id, "own");
  return { rules: [...kept, ...own], origin, off };
}

/** Fields of a change that are the rule's own; the others are of its form. */
const OF_THE_RULE = ["severity", "badFor", "goodFor"] as const;

function changed(rule: Rule, { off: _off, ...change }: RuleChange): Rule {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  const own = given.filter(([name]) => OF_THE_RULE.some((one) => one === name));
  const form = given.filter(([name]) => Object.hasOwn(rule.when, name));
  return { ...rule, ...Object.fromEntries(own), when: { ...rule.when, ...Object.fromEntries(form) } as When };
}

function relationsOf(site: SiteRules, starting: readonly Rule[], indexOf: (rule: Rule) => number): Related[] {
  const seen = new Set<string>();
  return site.add.flatMap((rule) => {
    const at = ["add", indexOf(rule)];
    const found = problemsOf(rule, at);
    if (starting.some(({ id }) => id === rule.id))
      found.push(error([...at, "id"], `"${rule.id}" is a starting rule`, `change it under change.${rule.id}, or choose another name`));
    if (seen.has(rule.id)) found.push(error([...at, "id"], "another rule has this name"));
    seen.add(rule.id);
    return found;
  });
}

function problemsOfChanges({ change }: SiteRules, starting: readonly Rule[]): Related[] {
  return Object.entries(change).flatMap(([id, one]) => {
    const at = ["change", id];
    const rule = starting.find((known) => known.id === id);
    if (rule === undefined) {
      const near = suggest(
        id,
        starting.map((known) => known.id),
      );
      return [
        error(
          at,
          `there is no starting rule "${id}"`,
          near === undefined ? "groundswell rules list shows them" : `did you mean "${near}"?`,
        ),
      ];
    }
    const possible = [...OF_THE_RULE, ...Object.keys(rule.when).filter((name) => name in changeSchema.shape)];
    const strangers = Object.keys(one).filter((name) => name !== "off" && !possible.includes(name));
    return [
      ...strangers.map((name) => error([...at, name], `${id} has no "${name}"`, `it has ${possible.join(", ")}`)),
      ...problemsOf(changed(rule, one), at),
    ];
  });
}

/** What one rule contradicts in itself. */
function problemsOf(rule: Rule, at: readonly PathPart[]): Related[] {
  const { when, says } = rule;
  const known = placeholdersOf(when.kind).map((name) => `{${name}}`);
  const words = strangersIn(says, when.kind).map((name) =>
    error(
      [...at, "says"],
      `has no value for {${name}}`,
      known.length === 0 ? "this form has no values" : `known here: ${known.join(", ")}`,
    ),
  );
  return [...words, ...problemsOfForm(when, [...at, "when"])];
}

/** Fewer lengths of time say nothing: `trend-judge.ts`. */
const BUCKETS_MIN = 9;

function problemsOfForm(when: When, at: readonly PathPart[]): Related[] {
  switch (when.kind) {
    case "reading":
      return problemsOfLimits(when, at);
    case "flapping":
      return when.close >= when.open || when.open > when.most ? [error(at, "expected close < open ≤ most")] : [];
    case "trend":
    case "oftener": {
      const few = when.over / when.bucket < BUCKETS_MIN ? [error(at, `needs at least ${BUCKETS_MIN} buckets within over`)] : [];
      const counts = isCounter(when.reading)
        ? [error([...at, "reading"], `${when.reading} only grows until a restart: it has no trend`, gauges())]
        : [];
      const far = when.kind === "trend" && when.within !== undefined && when.reach === undefined ? [error(at, "within needs reach")] : [];
      return [...few, ...counts, ...far];
    }
    default:
      return [];
  }
}

function gauges(): string {
  const some = READING_NAMES.filter((name: ReadingName) => !isCounter(name)).slice(0, 5);
  return `others are ${some.join(", ")} …`;
}

function problemsOfLimits(when: Extract<When, { kind: "reading" }>, at: readonly PathPart[]): Related[] {
  const lower = when.above ?? when.atLeast;
  const upper = when.below ?? when.atMost;
  if (lower === undefined && upper === undefined) return [error(at, "has no limit", "give above, atLeast, below or atMost")];
  if (lower !== undefined && upper !== undefined && lower >= upper) return [error(at, `no value is above ${lower} and below ${upper}`)];
  const { clear } = when;
  if (clear === undefined) return [];
  const isRight = upper === undefined ? clear <= (lower as number) : clear >= upper;
  return isRight ? [] : [error([...at, "clear"], "lies on the bad side of the limit", "it is the value at which all is well again")];
}
