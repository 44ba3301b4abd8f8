import fc from "fast-check";
import { expect, test } from "vitest";
import { isNoise, NOISE_KEYS, normaliseValue } from "../../../agent/config-watch/noise.ts";

test("NOISE_KEYS: each says why, and where that stands", () => {
  for (const { why, source } of NOISE_KEYS) {
    expect(why.length).toBeGreaterThan(10);
    expect(source).toMatch(/^protocols\/[a-z-]+\.md /);
  }
});

test("isNoise(): the moment of an export is, what a person sets is not", () => {
  expect(isNoise("device.local.systemTime")).toBe(true);
  expect(isNoise("device.local.deviceName")).toBe(false);
});

test.each([
  ["True", "true"],
  [" FALSE ", "false"],
  ["03:00", "03:00"],
  ["0614", "0614"],
  ["a\r\nb", "a\nb"],
  ["Truely", "Truely"],
])("normaliseValue(): %j is %j", (value, wanted) => expect(normaliseValue(value)).toBe(wanted));

test("normaliseValue(): twice is once", () => {
  fc.assert(fc.property(fc.string(), (value) => void expect(normaliseValue(normaliseValue(value))).toBe(normaliseValue(value))));
});
