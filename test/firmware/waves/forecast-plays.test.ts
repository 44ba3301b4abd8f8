import { expect, test } from "vitest";
import { indexDomains } from "../../../firmware/waves/domains.ts";
import { finishOf, LATE, type PlaysInput, playsOf, quantileOf, type Standing } from "../../../firmware/waves/forecast-plays.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import type { Calendar } from "../../../firmware/waves/policy.ts";
import type { Plan } from "../../../firmware/waves/shape.ts";
import { windowAt } from "../../../firmware/waves/window.ts";
import { DAY, HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { ALWAYS, candidate, NOW, planInput, policy } from "./builders.ts";

const planOf = (devices: number, limits: Record<string, unknown> = {}): Plan =>
  makePlan(
    planInput(
      Array.from({ length: devices }, (_, number) => candidate(number)),
      { policy: policy({ soak: "15m", ...limits }) },
    ),
  );
const play = (plan: Plan, change: Partial<PlaysInput> = {}): readonly (readonly number[])[] =>
  playsOf({ ...plan, calendar: undefined, nowMs: NOW, ...change }, indexDomains(plan));
const ends = (plan: Plan, change: Partial<PlaysInput> = {}): readonly number[] =>
  play(plan, change).map((all) => (all.at(-1) as number) - NOW);
const NIGHT: Calendar = { ...ALWAYS, windows: [{ days: [...(ALWAYS.windows[0]?.days ?? [])], from: "20:00", to: "06:00" }] };

test("playsOf(): the same plan is played alike, and waves end one after another", () => {
  const plan = planOf(20);
  expect(play(plan)).toEqual(play(plan));
  for (const waves of play(plan)) {
    expect(waves).toHaveLength(plan.waves.length);
    expect(waves).toEqual(waves.toSorted((a, b) => a - b));
  }
});

test("playsOf(): luck makes plays differ, and none is shorter than the fastest steps and their soaks", () => {
  const plan = planOf(9, { atRiskMax: 1 });
  const all = ends(plan);
  expect(new Set(all).size).toBeGreaterThan(all.length / 2);
  for (const lengthMs of all) expect(lengthMs).toBeGreaterThan(9 * (2.5 * MINUTE * 0.8 + 15 * MINUTE));
});

test("playsOf(): where a user is not waited for long, some go on with the next opening, or are left out, as the policy says", () => {
  const limits = { deferral: "1m", startEvery: "0s" };
  const [next, skip] = ["nextWindow", "skip"].map((afterDeferral) =>
    ends(planOf(20, { ...limits, afterDeferral }), { calendar: NIGHT, nowMs: NOW + 9 * HOUR }),
  ) as [readonly number[], readonly number[]];
  expect(next.filter((lengthMs) => lengthMs > 18 * HOUR).length).toBeGreaterThan(next.length / 3);
  expect(skip.filter((lengthMs) => lengthMs > 18 * HOUR)).toEqual([]);
});

test("playsOf(): an attempt is made again only where the policy has more than one", () => {
  const [one, more] = [1, 3].map((attemptsMax) => Math.max(...ends(planOf(30, { attemptsMax, retryAfter: "6h" }))));
  expect(more).toBeGreaterThan(5 * HOUR);
  expect(one).toBeLessThan(5 * HOUR);
});

test("playsOf(): nothing starts while the site is closed", () => {
  for (const startMs of play(planOf(1), { calendar: NIGHT }).map(([endMs = 0]) => endMs - LATE.wave - LATE.device - 15 * MINUTE))
    expect("openUntilMs" in windowAt(NIGHT, startMs)).toBe(true);
});

test("playsOf(): what is under way keeps its slot until it is done, and who is away holds no wave", () => {
  const plan = planOf(2, { atRiskMax: 1 });
  const [first] = plan.tasks.map(({ id }) => id);
  const endMs = NOW + 3 * HOUR;
  const wave = [{ ...(plan.waves[0] as Plan["waves"][number]), tasks: plan.tasks.map(({ id }) => id) }];
  const with_ = (standing: Standing): readonly number[] =>
    ends(plan, { waves: wave, standing: ({ id }) => (id === first ? standing : { is: "waiting" }) });
  for (const lengthMs of with_({ is: "underWay", endMs: () => endMs })) expect(lengthMs).toBeGreaterThan(3 * HOUR + 17 * MINUTE);
  const away = with_({ is: "armed", deadlineMs: NOW + 2 * DAY });
  expect(Math.max(...away)).toBe(2 * DAY);
  expect(quantileOf(away, 0.1)).toBeLessThan(DAY);
});

test("quantileOf(), finishOf(): the smallest that so many do not pass; never before now", () => {
  expect([0.1, 0.5, 0.9, 1].map((share) => quantileOf([3, 1, 2], share))).toEqual([1, 2, 3, 3]);
  expect(quantileOf([], 0.5)).toBeUndefined();
  expect(finishOf([], 0.9, NOW)).toBe(NOW);
  expect(finishOf([[NOW - 5]], 0.9, NOW)).toBe(NOW);
  expect(
    finishOf(
      [
        [1, NOW + 5],
        [2, NOW + 7],
      ],
      0.5,
      NOW,
    ),
  ).toBe(NOW + 5);
});
