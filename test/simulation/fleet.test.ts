import fc from "fast-check";
import { expect, test } from "vitest";
import { HOUR, MINUTE } from "../../protocols/core/time.ts";
import { makeFleet, PHONES_ON_LOST } from "./fleet.ts";
import { expectedOf, FLAPS, planDay } from "./fleet-day.ts";
import { siteTruth } from "./fleet-read.ts";

const DAY = Date.UTC(2026, 10, 23);
const sizes = fc.record({ seed: fc.nat(10_000), count: fc.integer({ min: 90, max: 2_000 }) });

test("makeFleet(): as many devices as asked for, each by itself, on ports of their own, and 22 phones on the switch that is lost", () => {
  fc.assert(
    fc.property(sizes, ({ seed, count }) => {
      const { devices, lostSwitch, byAddress } = makeFleet(seed, count);
      expect(devices).toHaveLength(count);
      expect(byAddress.size).toBe(count);
      const ports = devices.flatMap(({ port }) => (port === undefined ? [] : [`${port.switchAddress} ${port.name}`]));
      expect(new Set(ports).size).toBe(ports.length);
      const on = devices.filter(({ port }) => port?.switchAddress === lostSwitch.address);
      expect(on).toHaveLength(PHONES_ON_LOST);
      expect(on.every(({ family }) => family === "uc-phone")).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test("planDay(): the same seed gives the same day; forty times away, two kills, three outages, each within the day", () => {
  fc.assert(
    fc.property(sizes, ({ seed, count }) => {
      const fleet = makeFleet(seed, count);
      const day = planDay(fleet, DAY);
      expect(planDay(makeFleet(seed, count), DAY)).toEqual(day);
      expect([day.flaps.away.length, day.kills.length, day.brokerAway.length]).toEqual([FLAPS, 2, 3]);
      for (const { fromMs, toMs } of [day.switchLoss, day.outage, day.hiccup, ...day.brokerAway, ...day.flaps.away]) {
        expect(fromMs).toBeGreaterThan(day.startMs);
        expect(toMs).toBeGreaterThan(fromMs);
        expect(toMs).toBeLessThan(day.endMs);
      }
      const [first, second] = day.kills;
      expect(first?.atMs).toBeLessThan(day.switchLoss.toMs);
      expect(second?.atMs).toBeLessThan(day.outage.toMs);
      // Nobody is part of two things that would be told apart by nothing.
      const members = expectedOf(day)
        .filter(({ kind }) => kind === "device")
        .map(({ devices }) => [...devices][0]);
      expect(new Set(members).size).toBe(members.length);
    }),
    { numRuns: 30 },
  );
});

test("siteTruth(): dark while its switch is, silent for no longer than one ask else, and the worn part away ever more often", () => {
  const fleet = makeFleet(3, 200);
  const day = planDay(fleet, DAY);
  const truth = siteTruth(fleet, day);
  const [phone] = day.switchLoss.phones;
  const quiet = fleet.devices.find(
    ({ id, family }) =>
      family === "uc-phone" && !day.switchLoss.backMs.has(id) && !day.dead.some((one) => one.id === id) && id !== day.flaps.device.id,
  );
  if (phone === undefined || quiet === undefined) throw new Error("no phones");
  expect(truth.isUp(phone, day.switchLoss.fromMs - 1)).toBe(true);
  expect(truth.isUp(phone, day.switchLoss.toMs)).toBe(false);
  expect(truth.isUp(phone, day.switchLoss.backMs.get(phone.id) ?? 0)).toBe(true);
  let [row, longest] = [0, 0];
  for (let atMs = day.startMs; atMs < day.endMs; atMs += 2 * MINUTE) {
    row = truth.read(quiet, atMs).faults.length > 0 ? row + 1 : 0;
    longest = Math.max(longest, row);
  }
  expect(longest).toBe(1);
  const inHours = (from: number, to: number): number =>
    day.wear.away.filter(({ fromMs }) => fromMs >= day.startMs + from * HOUR && fromMs < day.startMs + to * HOUR).length;
  expect(inHours(16, 24)).toBeGreaterThan(3 * inHours(4, 12));
  for (const { fromMs, toMs } of day.wear.away) expect(toMs - fromMs).toBeLessThan(2 * MINUTE);
});
