import { expect, test } from "vitest";
import { showBytes } from "../../../agent/cli/show.ts";
import { outageWords, stateOf, valueName, valueWords, wall } from "../../../agent/reports/campaign-words.ts";

test("wall(): in the zone of the site, summer and winter", () => {
  expect(wall("2026-11-22T20:00:59.000Z", "Europe/Zurich")).toBe("2026-11-22 21:00");
  expect(wall("2026-07-01T22:30:00.000Z", "Europe/Zurich")).toBe("2026-07-02 00:30");
  expect(wall(undefined, "UTC")).toBe("");
});

test.each([
  ["packetLossRatio", 0.0021, "packet loss", "0.21 %"],
  ["jitterSeconds", 0.0124, "jitter", "12.4 ms"],
  ["temperatureCelsius", 41.26, "temperature", "41.3 °C"],
  ["uptimeSeconds", 7_500, "time since start", "2 h 05 min"],
  ["mos", 4.123, "voice quality (MOS)", "4.12"],
  ["poePortsDelivering", 3, "poe ports delivering", "3"],
] as const)("valueWords(): %s", (name, value, title, words) => {
  expect([valueName(name), valueWords(name, value)]).toEqual([title, words]);
});

test("outageWords(), showBytes(), stateOf(): as people read them", () => {
  expect(outageWords({ devices: 1, phones: 0, rooms: 0, darkRooms: 0 })).toBe("1 device");
  expect(outageWords({ devices: 4, phones: 1, rooms: 3, darkRooms: 1 })).toBe("4 devices, 1 phone, 3 rooms, 1 with nothing left in it");
  expect([0, 999, 1_500, 4_100_000_000].map(showBytes)).toEqual(["0 B", "999 B", "1.5 kB", "4.1 GB"]);
  expect(["updated", "lost", "skipped", "planned"].map(stateOf)).toEqual(["good", "bad", "attention", "unknown"]);
});
