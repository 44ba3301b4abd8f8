import { expect, test } from "vitest";
import { fill, showReading, strangersIn } from "../../../agent/health/rules-words.ts";

test.each([
  ["temperatureCelsius", 79.9, "79.9 °C"],
  ["packetLossRatio", 0.0416, "4.16 %"],
  ["jitterSeconds", 0.0351, "35.1 ms"],
  ["certificateNotAfterSeconds", 3 * 86_400 + 5, "3 days"],
  ["certificateNotAfterSeconds", 86_400, "1 day"],
  ["uptimeSeconds", 3_600, "1 h"],
  ["mos", 3.456, "3.46"],
  ["registeredLines", 2, "2"],
] as const)("showReading(): %s of %d is %s", (name, value, text) => {
  expect(showReading(name, value)).toBe(text);
});

test("fill(): known names are filled in, others stay as they are, and a value is not read as a template", () => {
  expect(fill("{value} of {usual}, {value}", { value: "1", usual: "2" })).toBe("1 of 2, 1");
  expect(fill("{value} {other}", { value: "{other}" })).toBe("{other} {other}");
  expect(fill("{constructor}", {})).toBe("{constructor}");
});

test("strangersIn(): names a form has no value for", () => {
  expect(strangersIn("{value} of {usual}", "fallen")).toEqual([]);
  expect(strangersIn("{value} of {usual} since {when}", "reading")).toEqual(["usual", "when"]);
});
