import { expect, test } from "vitest";
import { NO_COMPANY } from "../../../firmware/waves/company.ts";
import { indexDomains } from "../../../firmware/waves/domains.ts";
import { type HoldInput, holdsFor } from "../../../firmware/waves/holds.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import type { PlannedTask } from "../../../firmware/waves/shape.ts";
import { NOTHING_KNOWN } from "../../../firmware/waves/time-holds.ts";
import { windowView } from "../../../firmware/waves/window.ts";
import { HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { ALWAYS, candidate, deviceOf, NOW, planInput, policy } from "./builders.ts";

const inRoom = { room: "Matterhorn", duties: [] } as const;
const PLAN = makePlan(planInput([candidate(1, { place: inRoom }), candidate(2, { place: inRoom }), candidate(3)]));
const planned = PLAN.tasks.find(({ device }) => device === deviceOf(1)) as PlannedTask;
/** NOW is a Sunday at noon. The step takes 12 minutes at worst, and as long back. */
const sunday = (from: string, to: string) => ({ zone: "UTC", windows: [{ days: ["sun" as const], from, to }], blackout: [] });

function holds(change: Partial<HoldInput> = {}) {
  const input: HoldInput = {
    planned,
    leg: 0,
    policy: policy({ atRiskMax: 2 }),
    window: windowView(ALWAYS),
    domains: indexDomains(PLAN),
    times: NOTHING_KNOWN,
    wave: { sinceMs: NOW, size: 1 },
    atRisk: [],
    company: NO_COMPANY,
    kills: [],
    nowMs: NOW,
    ...change,
  };
  return holdsFor(input);
}

test("holdsFor(): nothing holds a device while the window is open and nobody is at risk", () => {
  expect(holds()).toEqual([]);
});

test("holdsFor(): a stopped campaign, with the words of who stopped it", () => {
  expect(holds({ stopped: "paused by doe" })).toEqual([
    { code: "paused", why: "paused by doe", endedBy: expect.stringContaining("resumes") },
  ]);
});

test("holdsFor(): I5 a closed window says when it opens", () => {
  expect(holds({ window: windowView(sunday("13:00", "15:00")) })).toMatchObject([{ code: "window", untilMs: NOW + HOUR }]);
});

test("holdsFor(): I5 an open window that is too short for the step and its way back holds until the next", () => {
  const short = holds({ window: windowView(sunday("11:00", "12:23")) });
  expect(short).toMatchObject([{ code: "window", why: expect.stringContaining("24 min"), untilMs: NOW + 7 * 24 * HOUR - HOUR }]);
  expect(holds({ window: windowView(sunday("11:00", "12:24")) })).toEqual([]);
  expect(holds({ window: windowView(sunday("11:00", "12:24")), nowMs: NOW + MINUTE })).toHaveLength(1);
});

test("holdsFor(): I7 as many devices at risk as the policy allows hold the next", () => {
  expect(holds({ atRisk: [deviceOf(7)] })).toEqual([]);
  expect(holds({ atRisk: [deviceOf(7), deviceOf(8)] })).toMatchObject([{ code: "budget" }]);
});

test("holdsFor(): I2 a device at risk in the same room holds the other", () => {
  expect(holds({ atRisk: [deviceOf(2)] })).toMatchObject([{ code: "domain", why: expect.stringContaining("room:Matterhorn") }]);
  expect(holds({ atRisk: [deviceOf(3)] })).toEqual([]);
});

test("holdsFor(): a device that another task left unproven is held, and says who ends it", () => {
  expect(holds({ atRisk: [deviceOf(1)] })).toMatchObject([{ code: "domain", endedBy: expect.stringContaining("writes the device off") }]);
});

test("holdsFor(): all reasons at once, and each says who ends it", () => {
  const all = holds({ stopped: "halted", window: windowView(sunday("13:00", "15:00")), atRisk: [deviceOf(2), deviceOf(8)] });
  expect(all.map(({ code }) => code)).toEqual(["paused", "window", "budget", "domain"]);
  for (const hold of all) expect(hold.endedBy).not.toBe("");
});

test("holdsFor(): I15 a catalogue that is not fresh holds, with who ends it", () => {
  const stale = { why: "it expired", endedBy: "a newer catalogue" };
  expect(holds({ stale })).toEqual([{ code: "catalogue", ...stale }]);
});
