import { expect, test } from "vitest";
import { READING_NAMES } from "../../../protocols/core/reading.ts";

test("READING_NAMES: no name twice", () => {
  expect(new Set(READING_NAMES).size).toBe(READING_NAMES.length);
});

test("READING_NAMES: a length of time, temperature or ratio carries its unit in its name", () => {
  for (const name of READING_NAMES) {
    if (/uptime|jitter|notAfter|response/i.test(name)) expect(name).toMatch(/Seconds$/);
    if (/temperature/i.test(name)) expect(name).toMatch(/Celsius$/);
    if (/cpu|memory|loss/i.test(name)) expect(name).toMatch(/Ratio$/);
  }
});
