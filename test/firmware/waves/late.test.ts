import fc from "fast-check";
import { expect, test } from "vitest";
import { fallOf, HEARD_AGAIN_MS, isDue, returnOf, SILENT_AGAIN_MS } from "../../../firmware/waves/late.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import type { PlannedTask } from "../../../firmware/waves/shape.ts";
import type { Baseline, Signs } from "../../../firmware/waves/situation.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import type { Look } from "../../../protocols/families/family.ts";
import { candidate, macOf, NOW, planInput } from "./builders.ts";

const PLAN = makePlan(planInput([candidate(1)]));
const planned = PLAN.tasks[0] as PlannedTask;
const look = (application: string | undefined, registered = 1, mac = macOf(1)): Look => ({
  facts: { mac, ...(application === undefined ? {} : { running: { application } }) },
  inUse: { state: "idle" },
  lines: { registered, configured: 1 },
  faults: [],
});
const judge = (seen: Look) => fallOf(seen, { planned, duringWave: 2 });

test("fallOf(): nothing against a device on the new version with its lines", () => {
  expect(judge(look("6.4.8.1190"))).toBeUndefined();
});

test("fallOf(): silence, and another device at its address, say nothing about it", () => {
  expect(judge(look(undefined))).toBeUndefined();
  expect(judge(look("6.4.6.2494", 1, macOf(9)))).toBeUndefined();
});

test.each([
  ["6.4.6.2494", 1, { cause: "fellBackLater", seenHealthy: true }],
  ["6.4.7.1000", 1, { cause: "fellBackLater", seenHealthy: false }],
  ["6.4.8.1190", 0, { cause: "healthWorse", seenHealthy: false }],
] as const)("fallOf(): %s with %i lines has fallen", (application, lines, expected) => {
  expect(judge(look(application, lines))).toMatchObject({ kind: "foundFallen", lastLeg: 0, duringWave: 2, ...expected });
});

const OLD = "6.4.6.2494";
const NEW = "6.4.8.1190";
const baseline: Baseline = { atMs: 0, version: OLD, registeredLines: 2 };
const back = (seen: Look, signs: Signs = {}, askedMs = NOW) => returnOf({ ...seen, askedMs }, { planned, leg: 0, baseline, signs });

test.each([OLD, NEW])("returnOf(): I7 one that answers on %s with the lines it had is well again", (version) => {
  expect(back(look(version, 2))).toEqual({ kind: "foundWell", version });
});

test.each([
  ["says nothing", look(undefined, 2)],
  ["is another device", look(NEW, 2, macOf(9))],
  ["runs what is not of its way", look("6.4.7.1000", 2)],
  ["lacks a line on the new version", look(NEW, 1)],
  ["lacks a line on the old version", look(OLD, 1)],
  ["does not tell its lines", { ...look(OLD), lines: undefined } as unknown as Look],
  ["is used on the old version: what it was told may follow", { ...look(OLD, 2), inUse: { state: "busy", reason: "in a call" } } as Look],
])("returnOf(): I7 one that %s is not", (_what, seen) => {
  expect(back(seen)).toBeUndefined();
});

test("returnOf(): one in use on the new version is well: nothing of the attempt can still come", () => {
  expect(back({ ...look(NEW, 2), inUse: { state: "busy", reason: "in a call" } })).toMatchObject({ version: NEW });
});

test("returnOf(): one that has the whole image is as before only once it has started anew since", () => {
  const signs = { imageDeliveredAtMs: NOW - 10 * MINUTE };
  expect(back({ ...look(OLD, 2), uptimeSeconds: 3_600 }, signs)).toBeUndefined();
  expect(back({ ...look(OLD, 2), uptimeSeconds: 300 }, signs)).toMatchObject({ version: OLD });
  expect(back({ ...look(OLD, 2), uptimeSeconds: 3_600 })).toMatchObject({ version: OLD });
});

test("returnOf(): I7 one that restarts over and over gives no place back by answering in between", () => {
  for (const version of [OLD, NEW]) {
    expect(back({ ...look(version, 2), uptimeSeconds: 299 })).toBeUndefined();
    expect(back({ ...look(version, 2), uptimeSeconds: 300 })).toMatchObject({ version });
  }
});

test("returnOf(): of several steps each that is left counts, by what it replaces", () => {
  const stone = { ...planned.legs[0], kind: "updater", from: "5.9.0", to: "6.3.0", release: "stone" } as const;
  const stepped = { ...planned, legs: [stone, planned.legs[0]] } as PlannedTask;
  const seen = (application: string, updater: string, leg: number) =>
    returnOf(
      { ...look(application), facts: { mac: macOf(1), running: { application, updater } }, askedMs: NOW },
      { planned: stepped, leg, signs: {} },
    );
  expect(seen(OLD, "6.3.0", 0)).toMatchObject({ version: "6.3.0" });
  expect(seen(OLD, "5.9.0", 0)).toMatchObject({ version: "5.9.0" });
  expect(seen(NEW, "6.2.0", 0)).toMatchObject({ version: NEW });
  expect(seen("6.4.7.1000", "6.3.0", 1)).toBeUndefined();
});

test("returnOf(): I7 whatever a look shows, nobody is well who does not answer as itself, on a known version, with every line", () => {
  const looks = fc.record({
    version: fc.constantFrom(undefined, OLD, NEW, "6.4.7.1000"),
    lines: fc.constantFrom(undefined, 0, 1, 2, 3),
    mac: fc.constantFrom(undefined, macOf(1), macOf(9)),
    isBusy: fc.boolean(),
    uptimeSeconds: fc.constantFrom(undefined, 10, 100_000),
    deliveredAgoMs: fc.constantFrom(undefined, 60_000, 3_600_000),
  });
  const met = new Set<string>();
  fc.assert(
    fc.property(looks, ({ version, lines, mac, isBusy, uptimeSeconds, deliveredAgoMs }) => {
      const seen = {
        facts: { ...(mac === undefined ? {} : { mac }), ...(version === undefined ? {} : { running: { application: version } }) },
        inUse: isBusy ? { state: "busy", reason: "in a call" } : { state: "idle" },
        ...(lines === undefined ? {} : { lines: { registered: lines, configured: 3 } }),
        ...(uptimeSeconds === undefined ? {} : { uptimeSeconds }),
        faults: [],
      } as Look;
      const event = back(seen, deliveredAgoMs === undefined ? {} : { imageDeliveredAtMs: NOW - deliveredAgoMs });
      met.add(event?.version ?? "unwell");
      if (event === undefined) return;
      expect(event.version).toBe(version);
      expect([OLD, NEW]).toContain(version);
      expect(mac ?? macOf(1)).toBe(macOf(1));
      expect(lines).toBeGreaterThanOrEqual(2);
      if (version === OLD) expect(isBusy).toBe(false);
      expect(uptimeSeconds).not.toBe(10);
    }),
    { numRuns: 1_000 },
  );
  expect(met).toEqual(new Set(["unwell", OLD, NEW]));
});

test("isDue(): at once where nobody looked, soon where it was heard of since, at a slow pace while it is silent", () => {
  expect(isDue({}, NOW)).toBe(true);
  const lookedMs = NOW;
  const heard = { lookedMs, seenMs: NOW + 1 };
  const silent = { lookedMs, seenMs: NOW - 1 };
  expect([isDue(heard, NOW + HEARD_AGAIN_MS - 1), isDue(heard, NOW + HEARD_AGAIN_MS)]).toEqual([false, true]);
  expect([isDue(silent, NOW + SILENT_AGAIN_MS - 1), isDue(silent, NOW + SILENT_AGAIN_MS)]).toEqual([false, true]);
  expect(isDue({ lookedMs }, NOW + HEARD_AGAIN_MS)).toBe(false);
  expect(isDue({ lookedMs }, NOW - 1)).toBe(true);
});
