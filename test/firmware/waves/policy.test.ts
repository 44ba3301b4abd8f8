import { expect, test } from "vitest";
import type * as z from "zod";
import { calendarSchema, duration, policySchema } from "../../../firmware/waves/policy.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../../protocols/core/time.ts";

/** The path and words of each problem; empty where it parses. */
const problemsOf = (schema: z.ZodType, input: unknown): string[] => {
  const parsed = schema.safeParse(input);
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
};
const night = { days: ["mon"], from: "01:00", to: "05:00" };
const calendar = (changes: Record<string, unknown> = {}): unknown => ({ zone: "Europe/Zurich", windows: [night], ...changes });

test.each([
  ["10s", 10 * SECOND],
  ["1h30m", 90 * MINUTE],
  ["1d", DAY],
  [10_000, 10 * SECOND],
] as const)("duration(): reads %s, ends of its bounds included", (input, lengthMs) => {
  expect(duration({ min: "10s", max: "1d" }).parse(input)).toBe(lengthMs);
});

test.each([
  ["9s", /must be from 10s to 1d, got "9s"/],
  ["25h", /must be from 10s to 1d/],
  [9_999, /must be from 10s to 1d/],
  [-1, /must be from/],
  ["soon", /expected a length such as "90s"/],
  ["10 s", /expected a length/],
  ["", /expected a length/],
  [10_000.5, /./],
  [null, /./],
])("duration(): turns %j away and says why", (input, words) => {
  expect(problemsOf(duration({ min: "10s", max: "1d" }), input).join()).toMatch(words);
});

test("policySchema: what is not said is careful", () => {
  expect(policySchema.parse({})).toEqual({
    canaryCount: 1,
    realUse: { calls: 1, devices: 1, waitUpTo: 3 * DAY },
    personAfter: [],
    gatesOnlyReport: [],
    atRiskMax: 10,
    zoneKeeps: 1,
    zones: [],
    rings: [],
    spares: [],
    startEvery: 1_000,
    quietHours: "off",
    quietBusyPercentMax: 5,
    meetingMargin: 10 * MINUTE,
    soak: 15 * MINUTE,
    offline: "hold",
    armedFor: 30 * DAY,
    deferral: 4 * HOUR,
    afterDeferral: "nextWindow",
    deferralsMax: 3,
    lookAgain: MINUTE,
    lostAfter: 30 * MINUTE,
    attemptsMax: 2,
    retryAfter: 5 * MINUTE,
    failuresAllowed: 0,
    withoutBackup: false,
    reason: "",
  });
});

test("policySchema: what it gives out it takes in again unchanged, so that a stored plan keeps its hash", () => {
  const parsed = policySchema.parse({ soak: "2h", deferral: "1d", atRiskMax: 50, reason: "CVE" });
  expect(policySchema.parse(parsed)).toEqual(parsed);
});

test.each([
  { startEvery: "11m" },
  { quietHours: "sometimes" },
  { quietBusyPercentMax: -1 },
  { quietBusyPercentMax: 5.5 },
  { meetingMargin: "5h" },
  { canaryCount: 0 },
  { canaryCount: 51 },
  { atRiskMax: 0 },
  { atRiskMax: 201 },
  { atRiskMax: 1.5 },
  { soak: "9s" },
  { soak: "8d" },
  { deferral: "59s" },
  { offline: "wait" },
  { armedFor: "9m" },
  { armedFor: "91d" },
  { afterDeferral: "retry" },
  { deferralsMax: 0 },
  { deferralsMax: 31 },
  { lookAgain: "4s" },
  { lostAfter: "13h" },
  { attemptsMax: 0 },
  { attemptsMax: 6 },
  { retryAfter: "9s" },
  { failuresAllowed: -1 },
  { failuresAllowed: 11 },
  { reason: "x".repeat(501) },
  { atRisk: 5 },
])("policySchema: out of its limits or unknown: %j", (input) => {
  expect(problemsOf(policySchema, input)).toHaveLength(1);
});

test("policySchema: all problems are reported in one pass, with their path", () => {
  expect(problemsOf(policySchema, { soak: "1s", atRiskMax: 0 }).map((problem) => problem.split(":")[0])).toEqual(["atRiskMax", "soak"]);
});

test.each(["Europe/Zurich", "America/New_York", "Asia/Kolkata", "UTC", "Europe/Kiev"])("calendarSchema: takes the zone %s", (zone) => {
  expect(problemsOf(calendarSchema, calendar({ zone }))).toEqual([]);
});

test.each(["Europe/Zug", "", "+01:00", "-0530", "2026-01-01T00:00Z", "2026-01-01T00:00+01:00[Europe/Zurich]"])(
  "calendarSchema: %j is no zone of the IANA list",
  (zone) =>
    expect(problemsOf(calendarSchema, calendar({ zone }))).toEqual([expect.stringContaining("is not a time zone of the IANA list")]),
);

test.each([
  { windows: [] },
  { windows: Array.from({ length: 51 }, () => night) },
  { windows: [{ ...night, days: [] }] },
  { windows: [{ ...night, days: ["monday"] }] },
  { windows: [{ ...night, from: "1:00" }] },
  { windows: [{ ...night, to: "24:00" }] },
  { windows: [{ ...night, from: "12:60" }] },
  { windows: [{ ...night, zone: "UTC" }] },
  { blackout: ["2026-02-30"] },
  { blackout: ["24.12.2026"] },
  { blackout: Array.from({ length: 401 }, () => "2026-12-24") },
  { holidays: ["2026-12-24"] },
])("calendarSchema: turns away %j", (changes) => {
  expect(problemsOf(calendarSchema, calendar(changes))).toHaveLength(1);
});

test("calendarSchema: without blackout dates there are none", () => {
  expect(calendarSchema.parse(calendar())).toMatchObject({ blackout: [] });
});
