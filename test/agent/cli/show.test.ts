import fc from "fast-check";
import { expect, test } from "vitest";
import {
  counted,
  facts,
  momentOf,
  progressText,
  relative,
  roughly,
  shortHash,
  showBytes,
  wallTime,
  whenFor,
} from "../../../agent/cli/show.ts";
import { DAY, HOUR, isoOf, MINUTE, SECOND } from "../../../protocols/core/time.ts";
import { NOW } from "./agent.ts";

test.each([
  [0, "0 s"],
  [89 * SECOND, "89 s"],
  [90 * SECOND, "2 min"],
  [89 * MINUTE, "89 min"],
  [90 * MINUTE, "2 h"],
  [35 * HOUR, "35 h"],
  [36 * HOUR, "2 d"],
  [-5 * MINUTE, "5 min"],
  [400 * DAY, "400 d"],
])("roughly(): %i ms is %s", (length, text) => {
  expect(roughly(length)).toBe(text);
});

test.each([
  [-14 * MINUTE, "14 min ago"],
  [6 * HOUR, "in 6 h"],
  [1_999, "now"],
  [-1_999, "now"],
])("relative(): %i ms from now is %s", (offset, text) => {
  expect(relative(isoOf(NOW + offset), NOW)).toBe(text);
});

test.each([undefined, null, "", "yesterday", "2026-11-22"])("momentOf(), relative(): %j is no moment", (text) => {
  expect([momentOf(text), relative(text, NOW)]).toEqual([undefined, "-"]);
});

test("momentOf(): there and back", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 4e12 }), (atMs) => momentOf(isoOf(atMs)) === atMs));
});

test("whenFor(): people read how long ago, scripts read when", () => {
  const iso = isoOf(NOW - HOUR);
  expect([whenFor("text", NOW)(iso), whenFor("plain", NOW)(iso), whenFor("plain", NOW)(null)]).toEqual(["60 min ago", iso, "-"]);
});

test("wallTime(): in the zone, in UTC where the zone is unknown, and as it is where it is no moment", () => {
  expect(wallTime("2026-11-22T00:00:00Z", "Europe/Zurich")).toBe("Sun 01:00 Europe/Zurich");
  expect(wallTime("2026-11-22T00:00:00Z", "Mars/Base")).toBe("Sun 00:00 UTC");
  expect(wallTime("soon", "UTC")).toBe("soon");
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_000, "1 kB"],
  [92_000_000, "92 MB"],
  [2_600_000_000, "2.6 GB"],
  [99_600_000, "100 MB"],
  [999_600, "1 MB"],
  [5e15, "5000 TB"],
])("showBytes(): %i is %s", (bytes, text) => {
  expect(showBytes(bytes)).toBe(text);
});

test("counted(), shortHash()", () => {
  expect([counted(1, "device"), counted(0, "device"), counted(2, "switch", "switches"), shortHash("0123456789abcdef")]).toEqual([
    "1 device",
    "0 devices",
    "2 switches",
    "0123456789ab",
  ]);
});

test("facts(): names aligned, what is not known left out", () => {
  expect(
    facts([
      ["a", "1"],
      ["long", "2"],
      ["longest", undefined],
      ["empty", ""],
      ["none", null],
    ]),
  ).toBe("  a     1\n  long  2\n");
  expect(facts([])).toBe("");
});

test("progressText(): what was found by family, how fast, how long; only what is known", () => {
  expect(progressText({ found: 3, byFamily: { hdx: 1, "uc-phone": 2 }, packetsPerSecond: 1_950, leftMs: 12_000 })).toBe(
    "addresses, 3 devices found (2 uc-phone, 1 hdx), 1950 packets/s, 12 s left",
  );
  expect(progressText({ found: 0, byFamily: {}, packetsPerSecond: 0 })).toBe("addresses, 0 devices found");
});
