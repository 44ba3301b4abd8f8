import { expect, test } from "vitest";
import { indexDomains } from "../../../firmware/waves/domains.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import { HOURS_OF_WEEK, type Usage } from "../../../firmware/waves/quiet-hours.ts";
import type { PlannedTask } from "../../../firmware/waves/shape.ts";
import { CLOCK_BACK_MAX_MS, NOTHING_KNOWN, type TimeHoldInput, timeHolds } from "../../../firmware/waves/time-holds.ts";
import { windowView } from "../../../firmware/waves/window.ts";
import { HOUR, MINUTE, SECOND } from "../../../protocols/core/time.ts";
import { ALWAYS, candidate, deviceOf, NOW, planInput, policy } from "./builders.ts";

const PLAN = makePlan(planInput([candidate(1, { place: { room: "Matterhorn", duties: [] } }), candidate(2)]));
const planned = PLAN.tasks.find(({ device }) => device === deviceOf(1)) as PlannedTask;
/** NOW is a Sunday at noon UTC; the step takes 12 minutes at worst, and as long back. */
const NEED_MS = 24 * MINUTE;
const sunday = windowView({ zone: "UTC", windows: [{ days: ["sun"], from: "12:00", to: "18:00" }], blackout: [] });
/** Of the hours of Sunday. */
const used = (share: (hour: number) => number | null, days = 28): Usage => ({
  ...{ zone: "UTC", days },
  busy: Array.from({ length: HOURS_OF_WEEK }, (_, hour) => (hour >= 6 * 24 ? share(hour - 6 * 24) : 1)),
});

function holds(change: Partial<TimeHoldInput> = {}) {
  return timeHolds({
    planned,
    leg: 0,
    policy: policy(),
    window: sunday,
    domains: indexDomains(PLAN),
    times: NOTHING_KNOWN,
    wave: { sinceMs: NOW - HOUR, size: 1 },
    nowMs: NOW,
    ...change,
  });
}
const known = (usage: Usage) => ({ ...NOTHING_KNOWN, usage: () => usage });
const meetings = (...spans: [fromMinutes: number, toMinutes: number][]) => ({
  ...NOTHING_KNOWN,
  calendar: (room: string) =>
    room !== "Matterhorn"
      ? undefined
      : ({
          known: true,
          meetings: spans.map(([from, to]) => ({ fromMs: NOW + from * MINUTE, toMs: NOW + to * MINUTE })),
          toMs: NOW + 48 * HOUR,
        } as const),
});

test("timeHolds(): nothing in an open window where nothing else is known", () => {
  expect(holds()).toEqual([]);
});

test("timeHolds(): I6 a clock that was set back holds, until it has caught up but for a minute", () => {
  const highestMs = (): number => NOW + HOUR;
  const times = { ...NOTHING_KNOWN, highestMs };
  expect(holds({ times })).toMatchObject([{ code: "window", why: expect.stringContaining("set back"), untilMs: NOW + HOUR - MINUTE }]);
  expect(holds({ times, nowMs: NOW + HOUR - CLOCK_BACK_MAX_MS - 1 })).toHaveLength(1);
  expect(holds({ times, nowMs: NOW + HOUR - CLOCK_BACK_MAX_MS })).toEqual([]);
});

test("timeHolds(): startEvery: the starts of a wave are spread over as much for each of its devices", () => {
  const wave = { sinceMs: NOW, size: 61 };
  const [hold] = holds({ wave });
  expect(hold).toMatchObject({ code: "start", why: "the starts of its wave are spread" });
  const startMs = hold?.untilMs ?? 0;
  expect(startMs).toBeGreaterThan(NOW);
  expect(startMs).toBeLessThan(NOW + MINUTE);
  expect(holds({ wave, nowMs: startMs })).toEqual([]);
  expect(holds({ wave, policy: policy({ startEvery: "0s" }) })).toEqual([]);
  expect(holds({ wave, policy: policy({ startEvery: "10s" }) })[0]?.untilMs).toBeGreaterThan(startMs + 9 * SECOND);
});

test("timeHolds(): a wave of one starts at once", () => {
  expect(holds({ wave: { sinceMs: NOW, size: 1 }, policy: policy({ startEvery: "10m" }) })).toEqual([]);
});

test("timeHolds(): quietHours off: the use of the place decides nothing", () => {
  expect(holds({ times: known(used(() => 1)) })).toEqual([]);
});

test("timeHolds(): quietHours prefer: at the first quiet hour of this window, else at the quietest, and never outside it", () => {
  const prefer = policy({ quietHours: "prefer" });
  const at15 = known(used((hour) => (hour === 15 ? 0.01 : 0.5)));
  expect(holds({ policy: prefer, times: at15 })).toMatchObject([{ code: "quietHours", untilMs: NOW + 3 * HOUR }]);
  expect(holds({ policy: prefer, times: at15, nowMs: NOW + 3 * HOUR })).toEqual([]);
  // Its hour is over and it had no slot: it may still go.
  expect(holds({ policy: prefer, times: at15, nowMs: NOW + 4 * HOUR })).toEqual([]);
  const quietest = known(used((hour) => (hour === 14 ? 0.2 : 0.5)));
  expect(holds({ policy: prefer, times: quietest })).toMatchObject([{ untilMs: NOW + 2 * HOUR }]);
  const tooLate = known(used((hour) => (hour === 20 ? 0 : 0.5)));
  expect(holds({ policy: prefer, times: tooLate })).toEqual([]);
});

test("timeHolds(): quietHours require: only while it is quiet for the update and its way back", () => {
  const require = policy({ quietHours: "require" });
  const times = known(used((hour) => (hour === 13 ? 0.01 : 0.5)));
  expect(holds({ policy: require, times })).toMatchObject([{ code: "quietHours", untilMs: NOW + HOUR }]);
  expect(holds({ policy: require, times, nowMs: NOW + HOUR })).toEqual([]);
  expect(holds({ policy: require, times, nowMs: NOW + 2 * HOUR - NEED_MS })).toEqual([]);
  expect(holds({ policy: require, times, nowMs: NOW + 2 * HOUR - NEED_MS + 1 })).toMatchObject([{ code: "quietHours" }]);
});

test("timeHolds(): quietBusyPercentMax says what is quiet", () => {
  const times = known(used(() => 0.07));
  expect(holds({ policy: policy({ quietHours: "require" }), times })).toHaveLength(1);
  expect(holds({ policy: policy({ quietHours: "require", quietBusyPercentMax: 7 }), times })).toEqual([]);
});

test("timeHolds(): where the week has no quiet hour, a person ends it", () => {
  const times = known(used(() => 1));
  const [hold] = holds({ policy: policy({ quietHours: "require" }), times });
  expect(hold).toMatchObject({ code: "quietHours", endedBy: expect.stringContaining("plan") });
  expect(hold?.untilMs).toBeUndefined();
});

test.each(["prefer", "require"])("timeHolds(): quietHours %s: after less than two weeks the window alone decides", (quietHours) => {
  expect(holds({ policy: policy({ quietHours }), times: known(used(() => 1, 13)) })).toEqual([]);
  expect(holds({ policy: policy({ quietHours }) })).toEqual([]);
});

test("timeHolds(): a room whose calendar has a meeting in the time holds, with its end and without a word of what it is about", () => {
  expect(holds({ times: meetings([-15, 45]) })).toEqual([
    { code: "meeting", why: "a meeting is on in Matterhorn", untilMs: NOW + 45 * MINUTE, endedBy: "the meeting's end" },
  ]);
  expect(holds({ times: meetings([20, 45]) })).toMatchObject([{ code: "meeting", why: expect.stringContaining("begins before") }]);
});

test("timeHolds(): meetingMargin is kept before the next meeting", () => {
  const times = meetings([34, 60]);
  expect(holds({ times })).toEqual([]);
  expect(holds({ times, policy: policy({ meetingMargin: "11m" }) })).toMatchObject([{ code: "meeting" }]);
  expect(holds({ times: meetings([24, 60]), policy: policy({ meetingMargin: "0s" }) })).toEqual([]);
});

test("timeHolds(): I10 a calendar that cannot be read does not pass", () => {
  const times = { ...NOTHING_KNOWN, calendar: () => ({ known: false, why: "it was last read 2 days ago" }) as const };
  expect(holds({ times })).toMatchObject([
    { code: "meeting", why: "whether Matterhorn is free is not known: it was last read 2 days ago" },
  ]);
});

test("timeHolds(): a device that stands in no room asks no calendar", () => {
  const other = PLAN.tasks.find(({ device }) => device === deviceOf(2)) as PlannedTask;
  const times = { ...NOTHING_KNOWN, calendar: () => ({ known: false, why: "never read" }) as const };
  expect(holds({ planned: other, times })).toEqual([]);
});

test("timeHolds(): the room of what goes along counts too", () => {
  const domains = indexDomains({ ...PLAN, units: [[deviceOf(1), deviceOf(2)]] });
  const other = PLAN.tasks.find(({ device }) => device === deviceOf(2)) as PlannedTask;
  expect(holds({ planned: other, domains, times: meetings([0, 30]) })).toMatchObject([{ code: "meeting" }]);
});

test("timeHolds(): a closed window and a meeting are both told", () => {
  const closed = holds({ nowMs: NOW - HOUR, times: meetings([-90, -30]) });
  expect(closed.map(({ code }) => code)).toEqual(["window", "meeting"]);
});

test("timeHolds(): a site that is always open spreads from the beginning of the wave, not again at midnight", () => {
  const wave = { sinceMs: NOW, size: 400 };
  const window = windowView(ALWAYS);
  for (let hours = 1; hours < 100; hours += 0.25) expect(holds({ window, wave, nowMs: NOW + hours * HOUR })).toEqual([]);
});
