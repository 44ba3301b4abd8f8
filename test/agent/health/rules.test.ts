import fc from "fast-check";
import { expect, test } from "vitest";
import { judge, type Observed, RULES, type Rule, type RuleState } from "../../../agent/health/rules.ts";
import type { Fault } from "../../../protocols/core/fault.ts";
import type { Reading } from "../../../protocols/core/reading.ts";
import { DAY, MINUTE, SECOND } from "../../../protocols/core/time.ts";

const well: Observed = { family: "uc-phone", availability: "online", reading: {}, faults: [], usualLines: 2 };
const reads = (reading: Reading): Observed => ({ ...well, reading });
const faulted = (fault: Fault): Observed => ({ ...well, faults: [fault] });
const bad: Readonly<Record<string, Observed>> = {
  deviceOffline: { ...well, availability: "offline" },
  registrationLost: reads({ registeredLines: 1 }),
  partMissing: reads({ peripheralsMissing: 1 }),
  componentFailed: reads({ componentsFailed: 2 }),
  tooHot: reads({ temperatureCelsius: 80 }),
  certificateEnds: reads({ certificateNotAfterSeconds: (29 * DAY) / SECOND }),
  anotherUpdater: reads({ updatesOthers: 1 }),
  anotherDevice: { ...faulted({ kind: "impostor", via: "ssh", wanted: "a", found: "b" }), availability: "offline" },
  credentialRefused: faulted({ kind: "denied", via: "https", credentialId: "site" }),
  interfaceOff: faulted({ kind: "off", via: "https" }),
};
const good: Readonly<Record<string, Observed>> = {
  deviceOffline: well,
  registrationLost: reads({ registeredLines: 2 }),
  partMissing: reads({ peripheralsMissing: 0 }),
  componentFailed: reads({ componentsFailed: 0 }),
  tooHot: reads({ temperatureCelsius: 79.9 }),
  certificateEnds: reads({ certificateNotAfterSeconds: (31 * DAY) / SECOND }),
  anotherUpdater: reads({ updatesOthers: 0 }),
  anotherDevice: well,
  credentialRefused: well,
  interfaceOff: well,
};

/** Feeds one rule with what was seen when; gives its edges. */
function edges(rule: Rule, seen: readonly (readonly [number, Observed])[]): string[] {
  let states: ReadonlyMap<string, RuleState> = new Map();
  let open = false;
  const told: string[] = [];
  for (const [atMs, observed] of seen) {
    const [judgement] = judge(observed, states, atMs, [rule]);
    if (judgement === undefined) throw new Error("no judgement");
    states = new Map([[rule.kind, judgement.state]]);
    if (judgement.verdict === "open" && !open) told.push(`open ${atMs / MINUTE}`);
    if (judgement.verdict === "close" && open) told.push(`close ${atMs / MINUTE}`);
    if (judgement.verdict !== "wait") open = judgement.verdict === "open";
  }
  return told;
}

const every = (count: number, observed: Observed, from = 0): [number, Observed][] =>
  Array.from({ length: count }, (_, i) => [(from + i) * MINUTE, observed]);

test.each(RULES.map((rule) => [rule.kind, rule] as const))(
  "judge(): %s opens after its bad time and closes after its good time, once each",
  (kind, rule) => {
    const badMinutes = Math.ceil(rule.badForMs / MINUTE);
    const goodMinutes = Math.ceil(rule.goodForMs / MINUTE);
    const seen = [...every(15, bad[kind] as Observed), ...every(15, good[kind] as Observed, 15)];
    expect(edges(rule, seen)).toEqual([`open ${badMinutes}`, `close ${15 + goodMinutes}`]);
  },
);

test.each(RULES.filter(({ badForMs }) => badForMs > 0).map((rule) => [rule.kind, rule] as const))(
  "judge(): %s that is good again before its bad time is over never opens, and a short good time does not close it",
  (kind, rule) => {
    const [wrong, right] = [bad[kind] as Observed, good[kind] as Observed];
    const blinking = Array.from({ length: 40 }, (_, i): [number, Observed] => [i * MINUTE, i % 2 === 0 ? wrong : right]);
    const later = blinking.map(([atMs, one]): [number, Observed] => [atMs + 16 * MINUTE, one]);
    expect(edges(rule, blinking)).toEqual([]);
    expect(edges(rule, [...every(15, wrong), ...later])).toHaveLength(1);
  },
);

test.each(RULES.filter(({ kind }) => kind !== "deviceOffline").map((rule) => [rule.kind, rule] as const))(
  "judge(): %s neither begins nor ends by silence",
  (kind, rule) => {
    const silent = every(60, { ...well, availability: "offline", faults: [{ kind: "unreachable", via: "https" }] }, 15);
    expect(edges(rule, [...every(15, bad[kind] as Observed), ...silent])).toHaveLength(1);
    expect(edges(rule, silent)).toEqual([]);
    // Another key is no silence: somebody answers there.
    const told = rule.needs === "proof" ? ["open 0"] : [];
    expect(edges(rule, every(60, { ...(bad[kind] as Observed), availability: "suspect" }))).toEqual(told);
  },
);

test("judge(): lines that were never registered are not lost, and the words say how many are", () => {
  const rule = RULES.find(({ kind }) => kind === "registrationLost") as Rule;
  expect(rule.when(reads({ registeredLines: 1 }))).toBe("1 of 2 lines registered");
  expect(rule.when({ ...well, usualLines: 0, reading: { registeredLines: 0 } })).toBeUndefined();
  const { usualLines: _none, ...neverSeen } = reads({ registeredLines: 0 });
  expect(rule.when(neverSeen)).toBeUndefined();
});

test("judge(): a certificate that is over or has no end is not about to end", () => {
  const rule = RULES.find(({ kind }) => kind === "certificateEnds") as Rule;
  expect(rule.when(reads({ certificateNotAfterSeconds: 0 }))).toBeUndefined();
  expect(rule.when(reads({ certificateNotAfterSeconds: 3 * 86_400 + 5 }))).toBe("certificate ends in 3 days");
});

test("judge(): every rule is judged, whatever is seen, and evidence comes with what is bad", () => {
  const anything = fc.record({
    family: fc.constant("uc-phone" as const),
    availability: fc.constantFrom("online" as const, "suspect" as const, "offline" as const, "unknown" as const),
    reading: fc.dictionary(fc.constantFrom("registeredLines", "temperatureCelsius", "peripheralsMissing"), fc.nat(200)),
    faults: fc.subarray<Fault>([
      { kind: "denied", via: "snmp" },
      { kind: "off", via: "ssh" },
      { kind: "busy", via: "https" },
    ]),
    usualLines: fc.nat(5),
  });
  fc.assert(
    fc.property(anything, fc.nat(10 * DAY), (observed, nowMs) => {
      const judged = judge(observed as Observed, new Map(), nowMs);
      expect(judged.map(({ rule }) => rule.kind)).toEqual(RULES.map(({ kind }) => kind));
      for (const { verdict, evidence } of judged) if (verdict === "open") expect(evidence).toBeTypeOf("string");
    }),
  );
  expect(new Set(RULES.map(({ kind }) => kind)).size).toBe(RULES.length);
});
