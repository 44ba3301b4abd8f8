import fc from "fast-check";
import { expect, test } from "vitest";
import { type Company, NO_COMPANY } from "../../../firmware/waves/company.ts";
import { type DomainIndex, indexDomains } from "../../../firmware/waves/domains.ts";
import { everyHold } from "../../../firmware/waves/holds.ts";
import {
  type Common,
  createNaps,
  mayNap,
  NAP_MAX_MS,
  type Naps,
  OPEN_NAP_MS,
  SHORT_NAP_MS,
  waitsUntilMs,
} from "../../../firmware/waves/naps.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import type { TaskRow } from "../../../firmware/waves/ports.ts";
import type { Plan } from "../../../firmware/waves/shape.ts";
import type { Hold, TaskState } from "../../../firmware/waves/task-state.ts";
import { NOTHING_KNOWN } from "../../../firmware/waves/time-holds.ts";
import { windowView } from "../../../firmware/waves/window.ts";
import type { TaskId } from "../../../protocols/core/ids.ts";
import { HOUR, MINUTE, SECOND } from "../../../protocols/core/time.ts";
import { ALWAYS, CAMPAIGN, candidate, deviceOf, NOW, planInput, policy } from "./builders.ts";

const budget: Hold = { code: "budget", why: "5 devices are at risk, the limit", endedBy: "one of them seen healthy or written off" };
const room: Hold = {
  code: "domain",
  why: "room:A must keep its others up",
  endedBy: "the device at risk there seen healthy or written off",
};
const start: Hold = { code: "start", why: "the starts of its wave are spread", untilMs: NOW + HOUR, endedBy: "its own moment" };
const meeting: Hold = { code: "meeting", why: "whether A is free is not known", endedBy: "the calendar being read again" };
const common: Common = { key: "runs", isFull: false, nowMs: NOW };
const held = (...reasons: readonly Hold[]): TaskState => ({ at: "held", reasons, sinceMs: NOW, tries: 0, leg: 0 });

/** Two rooms of two phones each. */
const plan = makePlan(
  planInput([1, 2, 3, 4].map((number) => candidate(number, { place: { duties: [], room: number < 3 ? "A" : "B", floor: "1" } }))),
);
function row(number: number, state: TaskState): TaskRow {
  const device = deviceOf(number);
  const id = plan.tasks.find((task) => task.device === device)?.id as TaskId;
  return { id, campaign: CAMPAIGN, wave: 1, device, state, revision: 1 };
}
function asleep(holds: readonly Hold[], domain?: string) {
  const naps = createNaps(indexDomains(plan));
  const task = row(1, held(...holds));
  const stamp = naps.stampOf(task.device, domain);
  naps.keep(task, { holds, ...(domain === undefined ? {} : { domain }), stamp, key: "runs", atMs: NOW });
  return {
    naps,
    is: (change: Partial<Common> = {}, moved: Partial<TaskRow> = {}) => naps.isAsleep({ ...task, ...moved }, { ...common, ...change }),
  };
}

test("naps: who was never asked is not asleep", () => {
  expect(createNaps(indexDomains(plan)).isAsleep(row(1, held(budget)), common)).toBe(false);
});

test("naps: one that waits for a slot sleeps as long as none is free", () => {
  expect(asleep([budget]).is({ isFull: true })).toBe(true);
  expect(asleep([budget]).is({ isFull: false })).toBe(false);
});

test("naps: one that waits for its room sleeps until something changes there, also while slots are free", () => {
  const one = asleep([room], "room:A");
  expect(one.is()).toBe(true);
  one.naps.notice([deviceOf(3)], NO_COMPANY);
  expect(one.is()).toBe(true);
  one.naps.notice([deviceOf(3), deviceOf(2)], NO_COMPANY);
  expect(one.is({ isFull: true })).toBe(true);
  expect(one.is()).toBe(false);
});

test.each<[string, Partial<Company>]>([
  ["a slot another campaign has of its room", { slots: [{ device: deviceOf(9), task: "c-zzzz0000/d-x" as TaskId, domains: ["room:A"] }] }],
  ["a neighbour that is down by itself", { down: [{ device: deviceOf(2), sinceMs: NOW }] }],
  ["the device itself in other hands", { begun: [{ device: deviceOf(1), task: "c-zzzz0000/d-x" as TaskId }] }],
])("naps: %s is news", (_, company) => {
  const one = asleep([room], "room:A");
  one.naps.notice([], { ...NO_COMPANY, ...company });
  expect(one.is()).toBe(false);
});

test("naps: a reason of its own lasts until it says it ends, whatever others do", () => {
  const one = asleep([{ ...start, untilMs: NOW + 2 * MINUTE }, budget]);
  expect(one.is({ nowMs: NOW + 2 * MINUTE - 1 })).toBe(true);
  expect(one.is({ nowMs: NOW + 2 * MINUTE })).toBe(false);
});

test("naps: nobody sleeps long where nothing says when it ends, and nobody for ever", () => {
  expect(asleep([meeting]).is({ nowMs: NOW + OPEN_NAP_MS - 1 })).toBe(true);
  expect(asleep([meeting]).is({ nowMs: NOW + OPEN_NAP_MS })).toBe(false);
  expect(asleep([start]).is({ nowMs: NOW + NAP_MAX_MS - 1 })).toBe(true);
  expect(asleep([start]).is({ nowMs: NOW + NAP_MAX_MS })).toBe(false);
});

test("naps: all wake when campaign, kill switch, catalogue or window change, when the row moved, and when the clock is set back", () => {
  expect(asleep([start]).is({ key: "paused" })).toBe(false);
  expect(asleep([start]).is({}, { revision: 2 })).toBe(false);
  expect(asleep([start]).is({ nowMs: NOW - SECOND })).toBe(false);
});

test("naps: an armed device that nothing holds is asked again soon, and at its deadline", () => {
  const naps = createNaps(indexDomains(plan));
  const armed = (deadlineMs: number) => row(1, { at: "armed", why: "silent", sinceMs: NOW, deadlineMs, tries: 0, leg: 0 });
  const keep = (task: TaskRow) => naps.keep(task, { holds: [], stamp: 0, key: "runs", atMs: NOW });
  keep(armed(NOW + HOUR));
  expect(naps.isAsleep(armed(NOW + HOUR), { ...common, nowMs: NOW + SHORT_NAP_MS - 1 })).toBe(true);
  expect(naps.isAsleep(armed(NOW + HOUR), { ...common, nowMs: NOW + SHORT_NAP_MS })).toBe(false);
  keep(armed(NOW + SECOND));
  expect(naps.isAsleep(armed(NOW + SECOND), { ...common, nowMs: NOW + SECOND })).toBe(false);
});

test("mayNap(): who has a next move of its own does not", () => {
  expect(mayNap({ at: "planned" }, [])).toBe(true);
  expect(mayNap(held(budget), [budget])).toBe(true);
  expect(mayNap(held(budget), [])).toBe(false);
  expect(mayNap({ at: "staged", tries: 0, leg: 0 }, [])).toBe(false);
});

test("waitsUntilMs(): a device that was silent, is in use, or failed", () => {
  const offline: Hold = { code: "offline", why: "silent", untilMs: NOW + MINUTE, endedBy: "it answering" };
  expect(waitsUntilMs(held(budget, offline))).toBe(NOW + MINUTE);
  expect(waitsUntilMs(held(start))).toBe(0);
  expect(waitsUntilMs({ at: "planned" })).toBe(0);
});

/** What every task of `big` is told, in a world of who is at risk, down, and in other hands. */
const big: Plan = makePlan(
  planInput(
    Array.from({ length: 12 }, (_, at) =>
      candidate(at + 1, {
        place: {
          duties: at === 0 ? ["reception"] : [],
          room: at % 3 === 0 ? `R${at % 4}` : "",
          zone: at < 6 ? "Z" : "",
          floor: String(at % 2),
        },
      }),
    ),
    { policy: policy({ zones: [{ name: "Z", keeps: 3 }], atRiskMax: 3 }) },
  ),
);
interface World {
  readonly atRisk: readonly number[];
  readonly down: readonly number[];
  readonly foreign: readonly number[];
}
function told(task: TaskRow, world: World, domains: DomainIndex) {
  const atRisk = world.atRisk.map(deviceOf);
  const foreign = "c-zzzz0000/d-x" as TaskId;
  const company: Company = {
    slots: world.foreign.map((number) => ({ device: deviceOf(number + 20), task: foreign, domains: [`room:R${number % 4}`] })),
    begun: [],
    down: world.down.map((number) => ({ device: deviceOf(number), sinceMs: NOW })),
  };
  const planned = big.tasks.find(({ id }) => id === task.id);
  if (planned === undefined) throw new Error("no such task");
  const answer = everyHold({
    ...{ planned, leg: 0, policy: big.policy, window: windowView(ALWAYS), domains, times: NOTHING_KNOWN },
    ...{ wave: { sinceMs: NOW - HOUR, size: 1 }, atRisk, company, kills: [], nowMs: NOW },
  });
  return { ...answer, atRisk, company };
}
const someNumbers = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 5 });
const someWorld = fc.record({ atRisk: someNumbers, down: someNumbers, foreign: someNumbers });

test("naps: whoever sleeps would still be held, whatever has happened to others meanwhile", () => {
  let slept = 0;
  const domains = indexDomains(big);
  fc.assert(
    fc.property(fc.array(someWorld, { minLength: 2, maxLength: 8 }), (worlds) => {
      const naps: Naps = createNaps(domains);
      for (const world of worlds) {
        for (const { id, device } of big.tasks) {
          const task: TaskRow = { id, campaign: CAMPAIGN, wave: 1, device, state: held(budget), revision: 1 };
          const { holds, domain, atRisk, company } = told(task, world, domains);
          naps.notice(atRisk, company);
          if (naps.isAsleep(task, { ...common, isFull: atRisk.length >= big.policy.atRiskMax })) {
            slept++;
            expect(holds).not.toEqual([]);
          } else if (mayNap(task.state, holds)) {
            naps.keep(task, {
              holds,
              ...(domain === undefined ? {} : { domain }),
              stamp: naps.stampOf(device, domain),
              key: "runs",
              atMs: NOW,
            });
          }
        }
      }
    }),
    { numRuns: 500 },
  );
  expect(slept).toBeGreaterThan(1_000);
});
