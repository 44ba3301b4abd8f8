import fc from "fast-check";
import { expect, test } from "vitest";
import type { DeviceHealth, GateVerdict } from "../../../../firmware/waves/gates/gate.ts";
import { health, MEASURES } from "../../../../firmware/waves/gates/health.ts";
import type { Reading } from "../../../../protocols/core/reading.ts";
import { DAY, MINUTE } from "../../../../protocols/core/time.ts";
import { NOW } from "../builders.ts";
import { CURRENT, FAILED, gateInput, SOAKING, UPDATED, well } from "./builders.ts";

type Changes = NonNullable<Parameters<typeof gateInput>[1]>;

/** One updated device with these readings. */
const judgeOne = (before: Reading, after: Reading, changes: Changes = {}): GateVerdict =>
  health.judge(gateInput([UPDATED], { health: [well(0, before, after)], ...changes }));
const judgeWith = (device: DeviceHealth): GateVerdict => health.judge(gateInput([UPDATED], { health: [device] }));

const { before: _before, ...noBefore } = well(0);
const { after: _after, ...noAfter } = well(0);
const { landedAtMs: _landedAtMs, ...noLanding } = well(0);
const sample = (atMs: number): { atMs: number; reading: Reading } => ({ atMs, reading: { registeredLines: 2 } });

test("health: a device as well as before passes", () => {
  expect(judgeOne({ registeredLines: 2 }, { registeredLines: 2 })).toMatchObject({ verdict: "pass", evidence: [], failures: 0 });
});

test.each([
  ["no sample from before", noBefore],
  ["no sample from after", noAfter],
  ["no moment of landing", noLanding],
  ["a sample from before that is from after the landing", { ...well(0), before: sample(NOW - 9 * MINUTE) }],
  ["a baseline older than two weeks", { ...well(0), before: sample(NOW - 14 * DAY - 1) }],
  ["a newest sample from before the landing", { ...well(0), after: sample(NOW - 10 * MINUTE - 1), landedAtMs: NOW - 10 * MINUTE }],
  ["a stale newest sample", { ...well(0), after: sample(NOW - 5 * MINUTE - 1) }],
  ["a newest sample from the future", { ...well(0), after: sample(NOW + MINUTE + 1) }],
  ["a baseline at no readable moment", { ...well(0), before: sample(Number.NaN) }],
  ["a newest sample at no readable moment", { ...well(0), after: sample(Number.NaN) }],
  ["a landing at no readable moment", { ...well(0), landedAtMs: Number.NaN }],
  ["unreadable values", well(0, { registeredLines: Number.NaN }, { registeredLines: Number.NaN })],
  ["no values at all", well(0, {}, {})],
  ["no value in common", well(0, { mos: 4 }, { cpuRatio: 0.1 })],
  ["values nobody compares", well(0, { uptimeSeconds: 5 }, { uptimeSeconds: 5 })],
])("health: I10 %s is inconclusive", (_, device) => {
  expect(judgeWith(device)).toMatchObject({ verdict: "inconclusive", failures: 1, evidence: [{ device: device.device }] });
});

test.each([
  ["a baseline of just two weeks", { ...well(0), before: sample(NOW - 14 * DAY) }],
  ["a newest sample as old as allowed", { ...well(0), after: sample(NOW - 5 * MINUTE) }],
  ["a newest sample of the moment of landing", { ...well(0), after: sample(NOW - MINUTE), landedAtMs: NOW - MINUTE }],
])("health: %s is compared", (_, device) => {
  expect(judgeWith(device).verdict).toBe("pass");
});

test("health: I10 an updated device nobody handed health for is inconclusive, and named", () => {
  expect(health.judge(gateInput([UPDATED, UPDATED], { health: [well(0)] }))).toMatchObject({
    verdict: "inconclusive",
    failures: 1,
    evidence: [{ what: "zh-p-1: no sample from before the update" }],
  });
});

test.each([[[]], [[CURRENT]], [[FAILED]]])("health: where nobody was updated there is nothing to pass: %j", (states) => {
  expect(health.judge(gateInput(states)).verdict).toBe("inconclusive");
});

test("health: devices that still soak are judged too", () => {
  expect(health.judge(gateInput([SOAKING], { health: [well(0, { registeredLines: 2 }, { registeredLines: 1 })] })).verdict).toBe("fail");
});

test.each(MEASURES.filter(({ mustStay }) => mustStay))("health: I10 $name stated before and not any more is inconclusive", ({ name }) => {
  expect(judgeOne({ [name]: 1, mos: 4 }, { mos: 4 }).verdict).toBe("inconclusive");
});

test.each(MEASURES.filter(({ mustStay }) => !mustStay))("health: $name may fall silent where another value is known", ({ name }) => {
  expect(judgeOne({ [name]: 1, registeredLines: 2 }, { registeredLines: 2 }).verdict).toBe("pass");
});

test.each(MEASURES)("health: $name that gets better passes, and worse beyond its tolerance fails", ({ name, worse, tolerance }) => {
  const by = (change: number): Reading => ({ [name]: 20 + (worse === "higher" ? change : -change) });
  expect(judgeOne({ [name]: 20 }, by(-5)).verdict).toBe("pass");
  expect(judgeOne({ [name]: 20 }, by(tolerance + 0.001))).toMatchObject({ verdict: "fail", failures: 1, evidence: [{ before: 20 }] });
});

test("health: worse by just the tolerance is the same, whatever the value it was", () => {
  const cases = fc.tuple(fc.constantFrom(...MEASURES), fc.nat(500));
  fc.assert(
    fc.property(cases, ([{ name, worse, tolerance }, hundredths]) => {
      const was = hundredths / 100 + tolerance;
      const is = Number((worse === "higher" ? was + tolerance : was - tolerance).toFixed(2));
      expect(judgeOne({ [name]: Number(was.toFixed(2)) }, { [name]: is }).verdict).toBe("pass");
    }),
    { numRuns: 500 },
  );
});

test("health: untouched devices of the model that got worse too leave it undecided", () => {
  const untouched = [7, 8, 9].map((number) => well(number, { registeredLines: 2 }, { registeredLines: 0 }));
  const verdict = judgeOne({ registeredLines: 2 }, { registeredLines: 0 }, { untouched });
  expect(verdict).toMatchObject({ verdict: "inconclusive", evidence: [{ before: 2, after: 0, untouchedChange: -2 }] });
});

test.each([
  ["of another model", (one: DeviceHealth): DeviceHealth => ({ ...one, model: "VVX 250" })],
  ["that stayed well", (one: DeviceHealth): DeviceHealth => ({ ...one, after: { atMs: NOW, reading: { registeredLines: 2 } } })],
  ["with a stale sample", (one: DeviceHealth): DeviceHealth => ({ ...one, after: { atMs: NOW - DAY, reading: { registeredLines: 0 } } })],
])("health: untouched devices %s excuse nothing", (_, change) => {
  const untouched = [7, 8, 9].map((number) => change(well(number, { registeredLines: 2 }, { registeredLines: 0 })));
  expect(judgeOne({ registeredLines: 2 }, { registeredLines: 0 }, { untouched }).verdict).toBe("fail");
});

test("health: fewer than three untouched devices have no say: its own baseline decides alone, and the gate says so", () => {
  const bad = (numbers: number[]) => numbers.map((number) => well(number, { registeredLines: 2 }, { registeredLines: 0 }));
  const judge = (untouched: DeviceHealth[]) => judgeOne({ registeredLines: 2 }, { registeredLines: 0 }, { untouched });
  expect(judge(bad([7, 8, 9])).verdict).toBe("inconclusive");
  const alone = judge(bad([7, 8]));
  expect(alone.verdict).toBe("fail");
  expect(alone.evidence[0]?.what).toBe("zh-p-0: registeredLines, against itself alone: 2 untouched VVX 450 to compare with");
  expect(alone.evidence[0]?.untouchedChange).toBeUndefined();
  expect(judgeOne({ registeredLines: 2 }, { registeredLines: 2 }).why).toContain("1 of them against themselves alone");
  expect(judgeOne({ registeredLines: 2 }, { registeredLines: 2 }, { untouched: [7, 8, 9].map((one) => well(one)) }).why).toBe(
    "1 of 1 updated device is as well as before",
  );
});

test("health: one bad untouched device among three excuses nothing", () => {
  const untouched = [well(7), well(8), well(9, { registeredLines: 2 }, { registeredLines: 0 })];
  expect(judgeOne({ registeredLines: 2 }, { registeredLines: 0 }, { untouched }).verdict).toBe("fail");
});

test("health: as many worse devices as the wave allows pass, one more fails", () => {
  const worse = (number: number): DeviceHealth => well(number, { registeredLines: 2 }, { registeredLines: 1 });
  const judge = (bad: number): GateVerdict =>
    health.judge(
      gateInput([UPDATED, UPDATED, UPDATED], { failuresAllowed: 1, health: [0, 1, 2].map((i) => (i < bad ? worse(i) : well(i))) }),
    );
  expect(judge(1)).toMatchObject({ verdict: "pass", failures: 1 });
  expect(judge(2)).toMatchObject({ verdict: "fail", failures: 2 });
});

test("health: devices that cannot be compared speak against a wave that fails, too", () => {
  const states = [UPDATED, UPDATED, UPDATED];
  const verdict = health.judge(gateInput(states, { health: [well(0, { registeredLines: 2 }, { registeredLines: 1 })] }));
  expect(verdict).toMatchObject({ verdict: "fail", failures: 3 });
});
