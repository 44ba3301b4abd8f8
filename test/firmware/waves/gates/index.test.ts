import fc from "fast-check";
import { expect, test } from "vitest";
import type { Accepted, GateInput, GateVerdict, Verdict } from "../../../../firmware/waves/gates/gate.ts";
import { GATE_IDS, type GateId, TRIABLE_GATES } from "../../../../firmware/waves/gates/ids.ts";
import { gates, judgeWave, type WaveJudgement } from "../../../../firmware/waves/gates/index.ts";
import { DAY } from "../../../../protocols/core/time.ts";
import { NOW, policy } from "../builders.ts";
import { APPLYING, CURRENT, FAILED, gateInput, LOST, REFUSED, SKIPPED, SOAKING, UPDATED, well } from "./builders.ts";

const accepts = (gate: Accepted["gate"], failures: number): Accepted => ({ gate, by: "doe", failures, atMs: NOW });
const judge = (states: Parameters<typeof gateInput>[0], accepted: readonly Accepted[] = []): WaveJudgement =>
  judgeWave(gateInput(states), accepted);
const verdictOf = (verdict: Verdict, failures = 0): GateVerdict => ({ verdict, why: `says ${verdict}`, evidence: [], failures });

test("gates: every gate has its id once", () => {
  expect(gates.map(({ id }) => id)).toEqual([...GATE_IDS]);
});

test("judgeWave(): a wave of updated devices that are well passes, by every gate", () => {
  const judgement = judge([UPDATED, UPDATED]);
  expect(judgement.verdict).toBe("pass");
  expect(judgement.judgements.map(({ gate }) => gate)).toEqual([...GATE_IDS]);
});

test.each([[[CURRENT, CURRENT]], [[SKIPPED]], [[CURRENT, SKIPPED]]])(
  "judgeWave(): where nobody was updated, health is not asked",
  (states) => {
    expect(judge(states)).toMatchObject({
      verdict: "pass",
      judgements: ["failureCount", "completion", "catalogueFresh", "calm", "person"].map((gate) => ({ gate })),
    });
  },
);

test("judgeWave(): I10 it passes only where every gate passes or a person accepted it, for any verdicts", () => {
  const verdict = fc.constantFrom<Verdict>("pass", "fail", "inconclusive");
  const given = fc.record(Object.fromEntries(GATE_IDS.map((id) => [id, verdict])) as Record<GateId, typeof verdict>);
  const accepted = fc.subarray([...GATE_IDS]);
  fc.assert(
    fc.property(given, accepted, (said, by) => {
      const all = Object.fromEntries(GATE_IDS.map((id) => [id, verdictOf(said[id], 1)]));
      const covered = (id: Accepted["gate"]): boolean => by.includes(id) || (id === "completion" && by.includes("failureCount"));
      const open = GATE_IDS.filter((id) => said[id] !== "pass" && !covered(id));
      const expected = open.some((id) => said[id] === "fail") ? "fail" : open.length > 0 ? "inconclusive" : "pass";
      expect(
        judgeWave(
          gateInput([UPDATED]),
          by.map((id) => accepts(id, 1)),
          all,
        ).verdict,
      ).toBe(expected);
    }),
    { numRuns: 300 },
  );
});

test("judgeWave(): I10 no acceptance lets a wave pass whose devices are under way, soaking or unknown", () => {
  const everything = GATE_IDS.map((gate) => accepts(gate, 99));
  expect(judge([UPDATED, APPLYING], everything).verdict).toBe("inconclusive");
  expect(judge([UPDATED, SOAKING], everything).verdict).toBe("inconclusive");
  const input = gateInput([UPDATED, UPDATED]);
  expect(judgeWave({ ...input, tasks: input.tasks.slice(1) }, everything).verdict).toBe("inconclusive");
  expect(judgeWave(gateInput([]), everything).verdict).toBe("inconclusive");
});

test("judgeWave(): I10 without any health evidence an updated wave does not pass", () => {
  expect(judgeWave(gateInput([UPDATED, UPDATED], { health: [] }))).toMatchObject({ verdict: "inconclusive", gate: "health", failures: 2 });
});

test("judgeWave(): a failure is named by the first gate that shows it, before the wave has ended", () => {
  expect(judge([FAILED, APPLYING])).toMatchObject({ verdict: "fail", gate: "failureCount", failures: 1 });
});

test("judgeWave(): who accepts failed devices accepts also that they are not complete", () => {
  const judgement = judge([UPDATED, FAILED], [accepts("failureCount", 1)]);
  expect(judgement.verdict).toBe("pass");
  expect(judgement.judgements.filter(({ acceptedBy }) => acceptedBy === "doe").map(({ gate }) => gate)).toEqual([
    "failureCount",
    "completion",
  ]);
});

test("judgeWave(): one more failure than accepted holds again", () => {
  expect(judge([UPDATED, FAILED, LOST], [accepts("failureCount", 1)])).toMatchObject({
    verdict: "fail",
    gate: "failureCount",
    failures: 2,
  });
});

test("judgeWave(): an acceptance of completion does not cover the count of failures, nor that of failures the health", () => {
  expect(judge([UPDATED, FAILED], [accepts("completion", 9)])).toMatchObject({ verdict: "fail", gate: "failureCount" });
  const worse = { health: [well(0, { registeredLines: 2 }, { registeredLines: 1 })] };
  expect(judgeWave(gateInput([UPDATED], worse), [accepts("failureCount", 9)])).toMatchObject({ verdict: "fail", gate: "health" });
});

test("judgeWave(): an accepted worse device does not wave through others that nobody could look at", () => {
  const worse = well(0, { registeredLines: 2 }, { registeredLines: 1 });
  const accepted = [accepts("health", 1)];
  expect(judgeWave(gateInput([UPDATED, UPDATED], { health: [worse, well(1)] }), accepted).verdict).toBe("pass");
  expect(judgeWave(gateInput([UPDATED, UPDATED], { health: [worse] }), accepted).verdict).not.toBe("pass");
});

test("judgeWave(): a wave in which every device was refused waits for a person, and passes once accepted", () => {
  const first = judge([REFUSED, REFUSED]);
  expect(first).toMatchObject({ verdict: "inconclusive", gate: "completion", failures: 2 });
  expect(judge([REFUSED, REFUSED], [accepts("completion", first.failures)]).verdict).toBe("pass");
});

test("judgeWave(): what the deciding gate shows is just what accepting it covers, in any wave that has ended", () => {
  const states = fc.array(fc.constantFrom(UPDATED, CURRENT, FAILED, LOST, SKIPPED, REFUSED), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(states, fc.nat(10), (all, known) => {
      const input = gateInput(all, { health: all.slice(0, known).map((_, i) => well(i)) });
      const accepted: Accepted[] = [];
      let judgement = judgeWave(input);
      for (let resumes = 0; judgement.verdict !== "pass" && resumes < GATE_IDS.length; resumes++) {
        const { gate, failures } = judgement;
        expect(judgeWave(input, [...accepted, accepts(gate, failures - 1)])).toMatchObject({ gate, failures });
        accepted.push(accepts(gate, failures));
        judgement = judgeWave(input, accepted);
      }
      expect(judgement.verdict).toBe("pass");
    }),
    { numRuns: 500 },
  );
});

test("judgeWave(): I10 taking evidence away never makes a wave pass that did not, whatever a person accepted", () => {
  const worse = (number: number) => well(number, { registeredLines: 2 }, { registeredLines: 0 });
  const stale = (number: number) => ({ ...well(number), after: { atMs: NOW - DAY, reading: { registeredLines: 2 } } });
  const device = fc.record({
    state: fc.constantFrom(UPDATED, UPDATED, UPDATED, CURRENT, FAILED, REFUSED, SKIPPED),
    health: fc.constantFrom(well, well, worse, stale),
  });
  const acceptance = fc.array(fc.record({ gate: fc.constantFrom(...GATE_IDS), failures: fc.nat(4) }), { maxLength: 3 });
  fc.assert(
    fc.property(
      fc.array(device, { minLength: 1, maxLength: 8 }),
      acceptance,
      fc.nat(2),
      fc.nat(7),
      (all, accepted, failuresAllowed, gone) => {
        const health = all.map((one, number) => one.health(number));
        const states = all.map(({ state }) => state);
        const by = accepted.map(({ gate, failures }) => accepts(gate, failures));
        const input = gateInput(states, { health, failuresAllowed });
        if (judgeWave(input, by).verdict === "pass") return;
        const without = <T>(list: readonly T[]): T[] => list.filter((_, at) => at !== gone % all.length);
        expect(judgeWave({ ...input, health: without(health) }, by).verdict).not.toBe("pass");
        expect(judgeWave({ ...input, tasks: without(input.tasks) }, by).verdict).not.toBe("pass");
      },
    ),
    { numRuns: 500 },
  );
});

test("judgeWave(): a gate that only reports stands in the record with its verdict, and never decides", () => {
  for (const gate of TRIABLE_GATES) {
    for (const verdict of ["fail", "inconclusive"] as const) {
      const only = { policy: policy({ gatesOnlyReport: [gate] }) };
      const judgement = judgeWave(gateInput([UPDATED], only), [], { [gate]: verdictOf(verdict, 1) });
      expect(judgement.verdict).toBe("pass");
      expect(judgement.judgements.find((one) => one.gate === gate)).toMatchObject({ judgement: { verdict }, reportsOnly: true });
      expect(judgeWave(gateInput([UPDATED]), [], { [gate]: verdictOf(verdict, 1) })).toMatchObject({ verdict, gate });
    }
  }
});

test("judgeWave(): what the gate that decides wants of an inconclusive end comes with it", () => {
  const asks = judgeWave(gateInput([UPDATED], { policy: policy({ personAfter: "every" }) }));
  expect(asks).toMatchObject({ verdict: "inconclusive", gate: "person", unclear: { do: "asks" } });
  expect(judgeWave(gateInput([UPDATED], { policy: policy({ personAfter: "every" }) }), [accepts("person", 1)]).verdict).toBe("pass");
});

test.each([
  ["failureCount", [FAILED], {}],
  ["completion", [REFUSED], {}],
  ["catalogueFresh", [UPDATED], { catalogue: [] }],
  ["calm", [UPDATED], { site: undefined }],
  ["health", [UPDATED], { health: [] }],
  ["realUse", [UPDATED], { use: undefined }],
  ["person", [UPDATED], { policy: policy({ personAfter: [2] }) }],
] as const)("judgeWave(): the gate %s can be tripped", (gate, states, changes) => {
  const given = Object.fromEntries(Object.entries({ ...gateInput(states), ...changes }).filter(([, value]) => value !== undefined));
  expect(judgeWave(given as unknown as GateInput)).toMatchObject({ gate, verdict: expect.stringMatching(/fail|inconclusive/) });
});
