import fc from "fast-check";
import { expect, test } from "vitest";
import {
  agentMeets,
  type Order,
  orderOf,
  parseVersion,
  phoneVersionIn,
  sameVersion,
  type Version,
} from "../../../protocols/core/version.ts";

test.each([
  ["6.4.6.0123", { text: "6.4.6.0123", parts: [6, 4, 6, 123], comparable: true }],
  ["7.2.1.1000 01-Feb-22 10:00", { text: "7.2.1.1000", parts: [7, 2, 1, 1000], comparable: true }],
  ["  5.9.7.3480\n", { text: "5.9.7.3480", parts: [5, 9, 7, 3480], comparable: true }],
  ["3.12.0", { text: "3.12.0", parts: [3, 12, 0], comparable: true }],
  ["3.10.0_362035", { text: "3.10.0_362035", parts: [3, 10, 0], build: "362035", comparable: true }],
  ["Release - 6.2.2.8-670021", { text: "6.2.2.8-670021", parts: [6, 2, 2, 8], build: "670021", comparable: true }],
  ['version "Release - 3.1.14-56008"', { text: "3.1.14-56008", parts: [3, 1, 14], build: "56008", comparable: true }],
  ["Release 9.0.6.2-103 - 04Sep2011 21:27", { text: "9.0.6.2-103", parts: [9, 0, 6, 2], build: "103", comparable: true }],
  ["release -3.1.14-56008", { text: "3.1.14-56008", parts: [3, 1, 14], build: "56008", comparable: true }],
  ["2.5.0.8_ne-4035", { text: "2.5.0.8_ne-4035", parts: [2, 5, 0, 8], build: "4035", tag: "ne", comparable: false }],
  ["4.4.0B.1234", { text: "4.4.0B.1234", parts: [4, 4, 0, 1234], tag: "B", comparable: false }],
  ["4.4.0B", { text: "4.4.0B", parts: [4, 4, 0], tag: "B", comparable: false }],
  ["4.4.0B.1234A", { text: "4.4.0B.1234A", parts: [4, 4, 0, 1234], tag: "B_A", comparable: false }],
  ["RMX.8.4.0.100", { text: "8.4.0.100", parts: [8, 4, 0, 100], comparable: true }],
  ["UP/5.8.0.23953/15-Nov-17 23:29", { text: "5.8.0.23953", parts: [5, 8, 0, 23953], comparable: true }],
  ["0225_0_0", { text: "0225_0_0", parts: [2, 25, 0, 0], comparable: false }],
  ["3861.3039.100", { text: "3861.3039.100", parts: [38, 61, 3039, 100], comparable: false }],
  ["5.9.1.0615A", { text: "5.9.1.0615A", parts: [5, 9, 1, 615], tag: "A", comparable: false }],
] as const)("parseVersion(): reads %j", (input, parsed) => {
  expect(parseVersion(input)).toEqual(parsed);
});

test.each([
  "",
  "six",
  "6",
  "v6.4.6",
  "6.",
  "6..4",
  "6.4.6.1.2",
  "-1.2.3",
  "6.4.6; rm",
  "6.4.6/rm",
  "RMX.",
  "SIP/",
  "0225_0.0",
  "1234567890.1",
  "６.４",
])("parseVersion(): %j is no version", (input) => {
  expect(parseVersion(input)).toBeUndefined();
});

test("parseVersion(): never throws, and the text it gives parses as the same version", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.stringMatching(/^(Release - )?\d{1,3}(\.\d{1,5}){1,3}[A-Z]?([-_]\w{1,6}){0,2}( .*)?$/)),
      (input) => {
        const parsed = parseVersion(input);
        if (parsed !== undefined) expect(parseVersion(parsed.text)).toEqual(parsed);
      },
    ),
  );
});

test.each([
  ["5.8.0.13337", "5.9.1.0615", "older"],
  ["6.4.6.0614", "6.4.6.614", "same"],
  ["6.4.9.0001", "6.4.10.0001", "older"],
  ["10.0.0.1", "9.9.9.9", "newer"],
  ["4.2.0", "4.2.0.0", "same"],
  ["4.2.0", "4.2.0.1", "older"],
  ["4.2.0-387310", "4.2.0_387311", "older"],
  ["4.2.0-99", "4.2.0-100", "older"],
  ["4.2.1-1", "4.2.0-999999", "newer"],
  ["3.12.0-366027", "3.12.0", "same"],
  ["Release - 6.2.2.8-670021", "6.2.2.8-670021", "same"],
  ["6.2.2-99999999999999999998", "6.2.2-99999999999999999999", "older"],
  ["2.5.0.8_ne-4035", "2.5.0.8-4035", undefined],
  ["4.4.0B.1234", "4.4.0B.1234", undefined],
  ["0225_0_0", "2.25", undefined],
  ["6.4.6.0123", "unknown", undefined],
  ["", "", undefined],
] as const)("orderOf(): %s to %s is %s", (a, b, order) => {
  expect(orderOf(a, b)).toBe(order);
});

/** What UC phones state: four parts, the build often with leading zeros. */
const ucVersion = fc
  .tuple(fc.nat(12), fc.nat(12), fc.nat(12), fc.nat(20_000), fc.boolean())
  .map(([a, b, c, d, zeros]) => `${a}.${b}.${c}.${zeros ? String(d).padStart(5, "0") : d}` as Version);
/** What video systems state: three or four parts and a build. */
const videoVersion = fc
  .tuple(fc.nat(4), fc.nat(12), fc.nat(3), fc.option(fc.nat(3)), fc.nat(999_999), fc.constantFrom("-", "_"))
  .map(([a, b, c, d, build, joint]) => `${a}.${b}.${c}${d === null ? "" : `.${d}`}${joint}${build}` as Version);

const OPPOSITE: Readonly<Record<Order, Order>> = { older: "newer", newer: "older", same: "same" };
const atMost = (a: Version, b: Version): boolean => orderOf(a, b) !== "newer";

test.each([
  ["phones", ucVersion],
  ["video systems", videoVersion],
] as const)("orderOf(): a total order over versions of %s", (_name, any) => {
  fc.assert(
    fc.property(any, any, any, (a, b, c) => {
      const order = orderOf(a, b);
      expect(orderOf(a, a)).toBe("same");
      expect(order).toBeDefined();
      expect(orderOf(b, a)).toBe(OPPOSITE[order as Order]);
      if (atMost(a, b) && atMost(b, c)) expect(atMost(a, c)).toBe(true);
    }),
  );
});

test("orderOf(): part by part as whole numbers, never as text [uc 9.8] [uc 9.10] [video 1a.8]", () => {
  const parts = fc.array(fc.nat(99_999), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      const at = a.findIndex((part, i) => part !== b[i]);
      const wanted = at < 0 ? "same" : (a[at] as number) < (b[at] as number) ? "older" : "newer";
      expect(orderOf(a.join("."), b.join("."))).toBe(wanted);
    }),
  );
});

test("sameVersion(): an unknown order is not the same, not even of one text", () => {
  expect(sameVersion("6.4.6.0123", "6.4.6.123")).toBe(true);
  expect(sameVersion("2.5.0.8_ne-4035", "2.5.0.8_ne-4035")).toBe(false);
  expect(sameVersion("?", "?")).toBe(false);
});

test.each([
  ["0.2.0", ">=0.1.0", true],
  ["0.1.0-rc.1", ">=0.1.0-rc.0", true],
  ["0.0.9", ">=0.1.0", false],
  ["0.2.0", "not a range", false],
  ["not a version", ">=0.1.0", false],
] as const)("agentMeets(): %s for %s is %s", (agent, range, meets) => {
  expect(agentMeets(agent, range)).toBe(meets);
});

/** Versions of one line in their order. Source: protocols/uc-phones.md 9. */
const LINES: readonly (readonly [string, readonly Version[]])[] = [
  ["SoundPoint and SoundStation", ["2.1.4.0001", "3.2.3.1734", "4.0.15.1009", "4.0.15.1047"]],
  ["VVX x00, x10 and 1500", ["5.5.2.8571", "5.8.0.13337", "5.9.1.0615", "5.9.7.3480"]],
  ["VVX x01, x11 and x50", ["5.9.7.3480", "6.4.6.0123", "6.4.7.4560", "6.4.10.0001"]],
  ["Trio 8500 and 8800", ["5.9.5.4104", "7.2.1.1000", "7.2.2.1094", "7.2.8.0001"]],
  ["Trio 8300 and C60", ["8.1.3.0001", "8.1.7.0001", "9.2.0.0001"]],
  ["CCX", ["7.2.7.0193", "8.0.2.2367", "8.0.2.3267", "9.4.1.0508"]],
  ["Edge E", ["8.0.0.15602", "8.3.1.0614", "8.6.0.1321"]],
];

test("orderOf(): the versions of every line of phones stand in their order, as numbers and not as text [uc 9.1] [uc 9.2] [uc 9.3] [uc 9.4] [uc 9.5] [uc 9.6] [uc 9.7] [uc 9.8] [uc 9.10]", () => {
  for (const [line, versions] of LINES) {
    for (const [at, version] of versions.entries()) {
      for (const [other, against] of versions.entries()) {
        const order = at === other ? "same" : at < other ? "older" : "newer";
        expect([line, version, against, orderOf(version, against)]).toEqual([line, version, against, order]);
      }
    }
  }
});

test("orderOf(): a build counts only where the three numbers before it are the same [uc 9.9]", () => {
  expect(orderOf("5.8.0.13337", "5.9.1.0615")).toBe("older");
  expect(orderOf("5.9.1.13337", "5.9.1.0615")).toBe("newer");
});

test("parseVersion(): a suffix of a file's name is no part of a running version: nothing is ordered by it [uc 9.12]", () => {
  for (const suffix of ["_rts68", "AB", "_sig_split"]) {
    expect([suffix, parseVersion(`5.9.7.3480${suffix}`)?.comparable]).toEqual([suffix, false]);
    expect([suffix, orderOf(`5.9.7.3480${suffix}`, "5.9.7.3480")]).toEqual([suffix, undefined]);
  }
});

test("phoneVersionIn(): finds the version within other words, and nothing in an address or a date", () => {
  expect(phoneVersionIn("SIP/4.0.15.1047 20-Nov-17 10:00")).toBe("4.0.15.1047");
  expect(phoneVersionIn("BootROM 4.4.0B.1234 build")).toBe("4.4.0B.1234");
  expect(phoneVersionIn("Updater: 5.6.5.6003, App: 5.4.5.6840")).toBe("5.6.5.6003");
  for (const text of ["", "192.0.2.10", "22.11.2026 10:00", "1.2.3.4.5678", "5.9.7"])
    expect([text, phoneVersionIn(text)]).toEqual([text, undefined]);
});
