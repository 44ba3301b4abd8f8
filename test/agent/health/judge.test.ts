import fc from "fast-check";
import { expect, test } from "vitest";
import { type Observed, type RuleState, type Seen, see, seeValue, stepRule } from "../../../agent/health/judge.ts";
import { RULES } from "../../../agent/health/rules.ts";
import { type WhenOf, whenSchema } from "../../../agent/health/rules-schema.ts";
import type { Fault } from "../../../protocols/core/fault.ts";
import { READING_NAMES } from "../../../protocols/core/reading.ts";
import { DAY, MINUTE } from "../../../protocols/core/time.ts";

const form = (bounds: object) => whenSchema.parse({ kind: "reading", reading: "mos", ...bounds }) as WhenOf<"reading">;

test.each([
  [
    { above: 5, clear: 3 },
    { 5.1: "bad", 5: "between", 3.1: "between", 3: "good" },
  ],
  [{ atLeast: 5 }, { 5: "bad", 4.9: "good" }],
  [
    { below: 2, clear: 4 },
    { 1.9: "bad", 2: "between", 3.9: "between", 4: "good" },
  ],
  [
    { above: 0, below: 3, clear: 4 },
    { 0: "good", 1: "bad", 3: "between", 4: "good" },
  ],
  [{ atMost: 2 }, { 2: "bad", 2.1: "good" }],
])("seeValue(): %j", (bounds, expected) => {
  for (const [value, seen] of Object.entries(expected)) expect([value, seeValue(form(bounds), Number(value))]).toEqual([value, seen]);
});

const seenAny = fc.constantFrom<Seen>("bad", "good", "between", "untold");
const times = { badFor: 3 * MINUTE, goodFor: 5 * MINUTE };

/** Runs one rule over what is seen after pauses; gives the edges and when they came. */
function run(steps: readonly { readonly seen: Seen; readonly afterMs: number }[]): { edge: string; atMs: number; index: number }[] {
  let state: RuleState | undefined;
  let isOpen = false;
  let nowMs = 0;
  const edges: { edge: string; atMs: number; index: number }[] = [];
  for (const [index, { seen, afterMs }] of steps.entries()) {
    nowMs += afterMs;
    const step = stepRule(times, { seen, state, isOpen }, nowMs);
    state = step.state;
    if (step.verdict === "wait" || (step.verdict === "open") === isOpen) continue;
    isOpen = step.verdict === "open";
    edges.push({ edge: step.verdict, atMs: nowMs, index });
  }
  return edges;
}

const story = fc.array(fc.record({ seen: seenAny, afterMs: fc.nat(4 * MINUTE) }), { maxLength: 60 });

test("stepRule(): it opens only after its bad time without anything good, and closes only after its good time without anything bad", () => {
  fc.assert(
    fc.property(story, (steps) => {
      let clockMs = 0;
      const moments = steps.map(({ afterMs }) => (clockMs += afterMs));
      for (const { edge, atMs, index } of run(steps)) {
        const [wrong, length] = edge === "open" ? (["good", times.badFor] as const) : (["bad", times.goodFor] as const);
        const since = steps.slice(0, index + 1).findLastIndex(({ seen }) => seen === wrong);
        // What was last seen otherwise is at least that long ago.
        if (since >= 0) expect(atMs - (moments[since] ?? 0)).toBeGreaterThanOrEqual(length);
        expect(steps[index]?.seen).not.toBe("untold");
      }
    }),
  );
});

test("stepRule(): edges alternate, and the first one opens", () => {
  fc.assert(
    fc.property(story, (steps) => {
      for (const [i, { edge }] of run(steps).entries()) expect(edge).toBe(i % 2 === 0 ? "open" : "close");
    }),
  );
});

test("stepRule(): what is well and not open leaves nothing to remember; an open one between its limits stays", () => {
  expect(stepRule(times, { seen: "good", state: { bad: true, sinceMs: 0 }, isOpen: false }, MINUTE).state).toBeUndefined();
  expect(stepRule(times, { seen: "between", state: undefined, isOpen: true }, DAY)).toEqual({
    state: { bad: true, sinceMs: DAY },
    verdict: "wait",
  });
});

test("see(): whatever is seen, every rule has an answer; silence tells nothing of what is inside", () => {
  const anything = fc.record({
    family: fc.constant("uc-phone" as const),
    availability: fc.constantFrom("online" as const, "suspect" as const, "offline" as const, "unknown" as const),
    reading: fc.dictionary(fc.constantFrom(...READING_NAMES), fc.double({ noNaN: true, noDefaultInfinity: true })),
    faults: fc.subarray<Fault>([
      { kind: "denied", via: "snmp" },
      { kind: "off", via: "ssh" },
      { kind: "busy", via: "https" },
    ]),
    nowMs: fc.nat(10 * DAY),
    flaps: fc.constant(undefined),
    usual: fc.constant(() => 5),
  });
  const always = ["offline", "flapping"];
  fc.assert(
    fc.property(anything, (observed) => {
      for (const rule of RULES) {
        const seen = see(rule, observed as Observed);
        expect(["bad", "good", "between", "untold"]).toContain(seen);
        if (observed.availability !== "online" && !always.includes(rule.when.kind)) expect(seen).toBe("untold");
      }
    }),
  );
});
