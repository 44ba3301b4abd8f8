import fc from "fast-check";
import { expect, test } from "vitest";
import { type ForecastInput, forecastOf } from "../../../firmware/waves/forecast.ts";
import type { MeasuredStep } from "../../../firmware/waves/forecast-measured.ts";
import { LATE } from "../../../firmware/waves/forecast-plays.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import type { PlanInput } from "../../../firmware/waves/plan-input.ts";
import type { Calendar } from "../../../firmware/waves/policy.ts";
import type { Candidate, Forecast, Plan } from "../../../firmware/waves/shape.ts";
import { windowAt } from "../../../firmware/waves/window.ts";
import { DAY, HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { ALWAYS, candidate, NOW, PARTS, planInput, policy, sha } from "./builders.ts";

const SOAK = 15 * MINUTE;
/** What the step of the builders' release takes: half of the devices, nine of ten, and with its way back at worst. */
const [P50, P90, NEED] = [5 * MINUTE, 8 * MINUTE, 24 * MINUTE];

const many = (count: number, place: Omit<Candidate["place"], "duties"> = {}): Candidate[] =>
  Array.from({ length: count }, (_, number) => candidate(number, { place: { ...place, duties: [] } }));
const nightly = (from: string, to: string): Calendar => ({
  ...ALWAYS,
  zone: "Europe/Zurich",
  windows: [{ days: [...(ALWAYS.windows[0]?.days ?? [])], from, to }],
});
const inputOf = (plan: Plan, changes: Partial<ForecastInput> = {}): ForecastInput => ({
  ...plan,
  nowMs: NOW,
  staged: new Set(),
  ...changes,
});
const forecast = (candidates: readonly Candidate[], changes: Partial<PlanInput> = {}): Forecast =>
  makePlan(planInput(candidates, changes)).forecast;

/** How many times as long as one device takes, if nothing comes between; without what is less than one more. */
const turns = (lengthMs: number): number => Math.floor(lengthMs / (P50 + SOAK));

test("forecastOf(): one device takes its update and its soak, a little for looks and turns, and nine times of ten no call more", () => {
  const { devices, p50Ms, p90Ms, finishP50AtMs, finishP90AtMs } = forecast(many(1));
  const leastMs = P50 + SOAK + LATE.device + LATE.wave;
  expect(devices).toBe(1);
  expect(p50Ms).toBeGreaterThan(leastMs - MINUTE);
  expect(p50Ms).toBeLessThanOrEqual(leastMs + 2 * MINUTE);
  expect(p90Ms).toBeGreaterThanOrEqual(leastMs + P90 - P50);
  expect(p90Ms).toBeLessThan(leastMs + 20 * MINUTE);
  expect([finishP50AtMs, finishP90AtMs]).toEqual([NOW + p50Ms, NOW + p90Ms]);
});

test.each([
  ["one after another where one may be at risk", { atRiskMax: 1 }, {}, [1, 3, 5]],
  ["as many at once as may be at risk", { atRiskMax: 2 }, {}, [1, 2, 3]],
  ["all of a wave at once where the budget allows it", {}, {}, [1, 1, 1]],
  ["one after another in one room", {}, { room: "a" }, [1, 3, 5]],
  ["as many at once as an emergency zone of nine that keeps one allows", {}, { zone: "north" }, [1, 1, 1]],
] as const)("forecastOf(): %s", (_, limits, place, expected) => {
  const { waves } = forecast(many(9, place), { policy: policy(limits) });
  expect(waves.map(({ p50Ms }) => turns(p50Ms))).toEqual(expected);
});

test("forecastOf(): half a floor at once", () => {
  const { waves } = forecast(many(20, { floor: "1" }), { policy: policy({ atRiskMax: 200 }) });
  expect(waves.map(({ devices, p50Ms }) => [devices, turns(p50Ms)])).toEqual([
    [1, 1],
    [5, 1],
    [14, 2],
  ]);
});

test("forecastOf(): an emergency zone that keeps all but one sends them one after another", () => {
  const { waves } = forecast(many(9, { zone: "north" }), { policy: policy({ zoneKeeps: 8 }) });
  expect(waves.map(({ p50Ms }) => turns(p50Ms))).toEqual([1, 3, 5]);
});

test("forecastOf(): starts that are spread take as long as they are spread over", () => {
  const [at, spread] = ["0s", "10m"].map((startEvery) => forecast(many(20), { policy: policy({ startEvery, atRiskMax: 200 }) }));
  expect(at?.waves[2]?.p50Ms).toBeLessThan(60 * MINUTE);
  expect(spread?.waves[2]?.p50Ms).toBeGreaterThan(100 * MINUTE);
});

test("forecastOf(): what was measured here goes as it was measured; what is only stated may take longer", () => {
  const known = Array.from(
    { length: 20 },
    () => ({ model: "VVX 450", from: "6.4.6.2494", to: "6.4.8.1190", lengthMs: P50 }) as MeasuredStep,
  );
  const [stated, measured] = [[], known].map((steps) =>
    forecast(many(9), { measured: steps, policy: policy({ atRiskMax: 1, soak: "10s" }) }),
  );
  const apart = ({ p50Ms, p90Ms }: Forecast): number => p90Ms - p50Ms;
  expect(apart(measured as Forecast)).toBeLessThan(apart(stated as Forecast));
});

const places = fc.record(
  { room: fc.constantFrom("a", "b", "c"), floor: fc.constantFrom("1", "2"), zone: fc.constant("n") },
  { requiredKeys: [] },
);
const site = fc
  .array(places, { minLength: 1, maxLength: 40 })
  .map((all) => all.map((place, number) => candidate(number, { place: { ...place, duties: [] } })));
const anyLimits = fc.record({ atRiskMax: fc.integer({ min: 1, max: 12 }), soak: fc.constantFrom("10s", "15m", "2h") });

test("forecastOf(): it never promises a wave earlier than the budget and the failure domains allow", () => {
  fc.assert(
    fc.property(site, anyLimits, fc.integer({ min: 1, max: 4 }), (all, limits, zoneKeeps) => {
      const plan = makePlan(planInput(all, { policy: policy({ ...limits, zoneKeeps }) }));
      // Half of all sites go faster than is stated, but none twice as fast.
      const turnMs = P50 / 2 + plan.policy.soak;
      for (const [at, wave] of plan.waves.entries()) {
        const devices = plan.tasks.filter(({ id }) => wave.tasks.includes(id)).map(({ device }) => device);
        const lengthMs = plan.forecast.waves[at]?.p50Ms ?? 0;
        expect(lengthMs).toBeGreaterThanOrEqual(Math.ceil(devices.length / limits.atRiskMax) * turnMs);
        for (const { members, minUp } of plan.domains) {
          const inside = devices.filter((device) => members.includes(device)).length;
          expect(lengthMs).toBeGreaterThanOrEqual(Math.ceil(inside / (members.length - minUp)) * turnMs);
        }
      }
    }),
    { numRuns: 25 },
  );
});

test("forecastOf(): each wave is a part of the whole, and nine of ten times are never shorter than half of the times", () => {
  fc.assert(
    fc.property(site, anyLimits, (all, limits) => {
      const told = forecast(all, { policy: policy(limits), calendar: nightly("01:00", "05:00") });
      for (const { p50Ms, p90Ms } of told.waves) {
        expect(p90Ms).toBeGreaterThanOrEqual(p50Ms);
        expect(told.p50Ms).toBeGreaterThanOrEqual(p50Ms);
      }
      expect(told.p90Ms).toBeGreaterThanOrEqual(told.p50Ms);
      expect(told.finishP90AtMs).toBeGreaterThanOrEqual(told.finishP50AtMs);
    }),
    { numRuns: 25 },
  );
});

test("forecastOf(): I33 with windows it is never over earlier than without", () => {
  const span = fc.record({ from: fc.integer({ min: 0, max: 23 }), hours: fc.integer({ min: 1, max: 8 }), nowMs: fc.nat(365 * 24 * 60) });
  const clock = (hour: number): string => `${(hour % 24).toString().padStart(2, "0")}:00`;
  fc.assert(
    fc.property(site, anyLimits, span, (all, limits, { from, hours, nowMs: minutes }) => {
      const calendar = nightly(clock(from), clock(from + hours));
      const nowMs = NOW + minutes * MINUTE;
      const told = forecast(all, { policy: policy(limits), calendar, nowMs });
      expect(told.finishP50AtMs).toBeGreaterThanOrEqual(nowMs + told.p50Ms);
      expect(told.finishP90AtMs).toBeGreaterThanOrEqual(nowMs + told.p90Ms);
    }),
    { numRuns: 25 },
  );
});

test("forecastOf(): I5 a step that would not end with its way back before the window closes waits for the next", () => {
  const calendar = nightly("12:00", "14:00");
  // NOW is 13:00 in Zurich.
  const { p50Ms } = forecast(many(1));
  const endOf = (nowMs: number): number => forecast(many(1), { calendar, nowMs }).finishP50AtMs;
  expect(Math.abs(endOf(NOW + HOUR - NEED) - (NOW + HOUR - NEED + p50Ms))).toBeLessThan(MINUTE);
  expect(Math.abs(endOf(NOW + HOUR - NEED + 1) - (NOW - HOUR + DAY + p50Ms))).toBeLessThan(MINUTE);
});

test("forecastOf(): a step that fits no window is laid out from an opening, half a year ahead or more", () => {
  const calendar = nightly("01:00", "01:20");
  const { finishP50AtMs } = forecast(many(1), { calendar });
  expect(finishP50AtMs).toBeGreaterThan(NOW + 180 * DAY);
  const began = windowAt(calendar, finishP50AtMs - SOAK - P50 - LATE.device - LATE.wave);
  expect("openUntilMs" in began).toBe(true);
});

test("forecastOf(): a step that fits no window is never promised for soon, and looked for once, not device by device", () => {
  const calendar: Calendar = { zone: "UTC", windows: [{ days: ["mon"], from: "01:00", to: "01:20" }], blackout: [] };
  let asked = 0;
  const counting: Calendar = {
    ...calendar,
    get windows() {
      asked++;
      return calendar.windows;
    },
  };
  const plan = makePlan(planInput(many(40), { calendar }));
  const countFor = (devices: number): number => {
    asked = 0;
    const waves = [{ index: 1, tasks: plan.tasks.slice(0, devices).map(({ id }) => id), failuresAllowed: 0, soakMs: SOAK, proof: [] }];
    const told = forecastOf(inputOf(plan, { waves, calendar: counting }));
    expect(told.finishP50AtMs).toBeGreaterThan(NOW + 365 * DAY);
    expect(told.fitsWindow).toBe(false);
    return asked;
  };
  expect(countFor(40)).toBeLessThan(1.2 * countFor(1));
});

test.each([
  ["it ends with the window it begins in", "13:00", 0, true],
  ["it ends a minute after the window it begins in", "13:00", -1, false],
  ["it begins with the next window and ends with it", "22:00", 0, true],
  ["the next window is too short for it", "22:00", -1, false],
])("forecastOf(): fitsWindow where %s", (_, from, more, fitsWindow) => {
  const minutes = forecast(many(1)).p90Ms / MINUTE + more;
  const to = `${from.slice(0, 3)}${String(minutes).padStart(2, "0")}`;
  expect(forecast(many(1), { nowMs: NOW, calendar: nightly(from, to) }).fitsWindow).toBe(fitsWindow);
});

test("forecastOf(): every device fetches its image in the site, and each image comes over the uplink once", () => {
  const all = [candidate(1), candidate(2), candidate(3, { model: "VVX 250", partNumber: PARTS["VVX 250"] })];
  expect(forecast(all)).toMatchObject({ lanBytes: 290_000_000, wanBytes: 190_000_000 });
  expect(forecast(all, { staged: new Set([sha("b")]) })).toMatchObject({ lanBytes: 290_000_000, wanBytes: 90_000_000 });
  expect(forecast(all, { staged: new Set([sha("a"), sha("b")]) }).wanBytes).toBe(0);
});

test("forecastOf(): each wave states its devices and bytes, and together they are the plan's", () => {
  const { waves, devices, lanBytes } = forecast(many(20));
  expect(waves.map((wave) => [wave.index, wave.devices])).toEqual([
    [1, 1],
    [2, 5],
    [3, 14],
  ]);
  expect(devices).toBe(20);
  expect(waves.reduce((sum, wave) => sum + wave.lanBytes, 0)).toBe(lanBytes);
});

test("forecastOf(): a plan of nothing is over at once", () => {
  expect(forecast([])).toMatchObject({ devices: 0, p50Ms: 0, p90Ms: 0, finishP50AtMs: NOW, finishP90AtMs: NOW, waves: [] });
});
