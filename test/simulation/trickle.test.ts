import { expect, test } from "vitest";
import { makeFleet } from "./fleet.ts";
import { planTrickle, runTrickle, SPREAD_MS } from "./trickle.ts";
import { brokenPromises } from "./trickle-judge.ts";

const SEED = 7;
const DEVICES = 100;
/** Real milliseconds: a quarter of a minute of processor time, on a machine that others use too. */
const PATIENCE_MS = 300_000;

test("planTrickle(): the devices notice over three hours, and nothing else happens", () => {
  const fleet = makeFleet(SEED, DEVICES);
  const { outage, dead, kills, startMs, endMs } = planTrickle(fleet, 0);
  const moments = outage.devices.map(({ salt }) => salt % outage.spreadMs);
  expect(Math.max(...moments) - Math.min(...moments)).toBeGreaterThan(SPREAD_MS * 0.9);
  expect(outage.devices.length).toBeGreaterThan(30);
  expect([dead, kills]).toEqual([[], []]);
  expect([outage.fromMs > startMs, outage.toMs + SPREAD_MS < endMs]).toEqual([true, true]);
});

test(
  `an outage that ${DEVICES} devices notice over three hours, seed ${SEED}: one incident stands, whatever else was opened points to it, and its end opens none`,
  async () => {
    const run = await runTrickle({ seed: SEED, devices: DEVICES });
    expect(brokenPromises(run)).toEqual([]);
    // The judge itself: what is not so is seen.
    const [stranger] = run.fleet.devices;
    if (stranger === undefined) throw new Error("nobody there");
    const with1 = { ...run.outage, devices: [...run.outage.devices, stranger] };
    expect(brokenPromises({ ...run, outage: with1 }).join()).toContain("it misses 1 devices");
    expect(brokenPromises({ ...run, eventsInIt: run.portal.sites[0]?.events.events.length ?? 0 }).join()).toContain("0 incidents stand");
    expect(brokenPromises({ ...run, outage: { ...run.outage, service: "another" } }).join()).toContain('is "cloud" of');
  },
  PATIENCE_MS,
);
