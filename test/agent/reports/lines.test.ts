import fc from "fast-check";
import { expect, test } from "vitest";
import { columnWidths, cut, fitting, wrapped } from "../../../agent/reports/lines.ts";

/** Every letter alike. */
const measure = (text: string): number => text.length;
const words = fc.array(fc.string({ minLength: 1, maxLength: 30, unit: fc.constantFrom("a", "b", "/", "-", "7") }), { maxLength: 40 });

test("cut(), fitting(): never wider than asked for, and whole where there is room", () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 60 }), (text, width) => {
      const short = cut(text, width, measure);
      expect(measure(short)).toBeLessThanOrEqual(width);
      expect(short === text || short.endsWith("…")).toBe(true);
      if (text.length <= width) expect(short).toBe(text);
      expect(text.startsWith(fitting(text, width, measure))).toBe(true);
    }),
  );
});

test("wrapped(): no line is too wide, none empty, no more than there may be; nothing is lost unless the last one is cut", () => {
  fc.assert(
    fc.property(words, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 12 }), (all, width, linesMax) => {
      const text = all.join(" ");
      const lines = wrapped(text, { width, linesMax }, measure);
      expect(lines.length).toBeLessThanOrEqual(linesMax);
      for (const line of lines) expect([line.length > 0, measure(line) <= width, line === line.trim()]).toEqual([true, true, true]);
      const letters = (some: string): string => some.replaceAll(" ", "");
      if (lines.at(-1)?.endsWith("…") !== true) expect(letters(lines.join(""))).toBe(letters(text));
      else expect(letters(text).startsWith(letters(lines.join("")).slice(0, -1))).toBe(true);
    }),
  );
});

test("wrapped(): a number keeps its unit, a length its parts; a word breaks only where nothing else helps", () => {
  const lines = (text: string, width: number) => wrapped(text, { width, linesMax: 9 }, measure);
  expect(lines("foretold 2 h 20 min to 2 h 41 min", 24)).toEqual(["foretold 2 h 20 min to", "2 h 41 min"]);
  expect(lines("took 5 min and 90 MB more", 16)).toEqual(["took 5 min and", "90 MB more"]);
  expect(lines("see https://a.example/b/VERYLONGKEYWITHOUT", 22)).toEqual(["see", "https://a.example/b/", "VERYLONGKEYWITHOUT"]);
  expect(lines("x".repeat(25), 10)).toEqual(["x".repeat(10), "x".repeat(10), "x".repeat(5)]);
});

const need = fc.record({
  natural: fc.double({ min: 1, max: 400, noNaN: true }),
  share: fc.integer({ min: 1, max: 60 }),
  givesWay: fc.boolean(),
});

test("columnWidths(): they add up to the page; who gives no way has what it needs where that is possible; sentences get the rest", () => {
  fc.assert(
    fc.property(fc.array(need, { minLength: 1, maxLength: 12 }), (columns) => {
      const total = 750;
      const widths = columnWidths(columns, total);
      expect(widths.reduce((sum, one) => sum + one, 0)).toBeCloseTo(total, 6);
      const firm = columns.reduce((sum, { natural, givesWay }) => sum + (givesWay ? 0 : natural), 0);
      if (firm > total) return;
      for (const [at, { natural, givesWay }] of columns.entries()) {
        expect(widths[at]).toBeGreaterThanOrEqual(givesWay ? 0 : natural - 1e-6);
        // Where all have room, nobody is short of it.
        if (columns.reduce((sum, one) => sum + one.natural, 0) <= total) expect(widths[at]).toBeGreaterThanOrEqual(natural - 1e-6);
      }
    }),
  );
});
