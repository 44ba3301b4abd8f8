import { expect, test } from "vitest";
import { heldBy, isBooting, isDark, isGroup, mutedByPlan } from "../../../../agent/health/causes/dark.ts";
import { type Dark, GRACE_MS } from "../../../../agent/health/causes/picture.ts";
import { HOUR, MINUTE } from "../../../../protocols/core/time.ts";
import type { EndedIncident, IncidentRow } from "../../../../store/incident-rows.ts";
import { condition, id, T0 } from "./kit.ts";

const planned: Dark = { devices: new Set([id("a")]), fromMs: T0, untilMs: T0 + HOUR, why: "maintenance 1: cabling" };

test("mutedByPlan(): what began in the darkness, until its end and the grace after it", () => {
  const one = condition("a", "deviceOffline", T0 + 5);
  expect(mutedByPlan(id("a"), one, [planned], T0 + MINUTE)).toEqual({ why: planned.why, untilMs: T0 + HOUR });
  expect(mutedByPlan(id("a"), one, [planned], T0 + HOUR)).toEqual({
    why: `${planned.why}: over, and given time to come back`,
    untilMs: T0 + HOUR + GRACE_MS,
  });
  expect(mutedByPlan(id("a"), one, [planned], T0 + HOUR + GRACE_MS)).toBeUndefined();
});

test("mutedByPlan(): not what began before, nor another device", () => {
  expect(mutedByPlan(id("a"), condition("a", "deviceOffline", T0 - 1), [planned], T0 + MINUTE)).toBeUndefined();
  expect(mutedByPlan(id("b"), condition("b", "deviceOffline", T0 + 5), [planned], T0 + MINUTE)).toBeUndefined();
});

test("isDark(): all or some, open-ended or not yet begun", () => {
  const all: Dark = { devices: "all", fromMs: T0, why: "x" };
  expect([isDark(id("b"), [all], T0 + 99 * HOUR), isDark(id("b"), [all], T0 - 1)]).toEqual([all, undefined]);
});

test("heldBy(): only the end of a group gives its devices time, and only for so long", () => {
  const ended = (kind: string, state: "ended" | "partOf", untilMs: number): EndedIncident =>
    ({ id: 1, kind, state, untilMs, devices: [id("a")] }) as unknown as EndedIncident;
  const groups = (row: EndedIncident) => heldBy([], [row], T0 + GRACE_MS).endedGroups.size;
  expect([
    groups(ended("switch", "ended", T0 + 1)),
    groups(ended("switch", "ended", T0)),
    groups(ended("switch", "partOf", T0 + 1)),
    groups(ended("device", "ended", T0 + 1)),
  ]).toEqual([1, 0, 0, 0]);
  expect(["switch", "cloud", "device", "coverage", "other", "site"].filter(isGroup)).toEqual(["switch", "cloud"]);
});

test("isBooting(): who a switch held that is back now, until the grace is over; not who hangs on one that is still gone", () => {
  const one = condition("a", "deviceOffline", T0);
  const row = (kind: string) => ({ id: 1, kind, cause: "device:d-edge:reach", conditions: [one.id] }) as unknown as IncidentRow;
  const ended = (kind: string) => ({ id: 1, kind, state: "ended", untilMs: T0, devices: [id("a")] }) as unknown as EndedIncident;
  const open = (kind: string, ...wanted: string[]) =>
    isBooting(one, { held: heldBy([row(kind)], [], T0), wanted: new Set(wanted), nowMs: T0 });
  expect([open("switch"), open("power"), open("switch", "device:d-edge:reach"), open("addresses")]).toEqual([true, true, false, false]);
  const after = (kind: string, nowMs: number) => isBooting(one, { held: heldBy([], [ended(kind)], nowMs), wanted: new Set(), nowMs });
  expect([after("uplink", T0 + GRACE_MS - 1), after("uplink", T0 + GRACE_MS), after("addresses", T0 + 1)]).toEqual([true, false, false]);
});
