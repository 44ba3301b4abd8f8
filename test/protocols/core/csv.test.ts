import fc from "fast-check";
import { expect, test } from "vitest";
import { CSV_LIMITS, type CsvRead, readCsv, writeCsv } from "../../../protocols/core/csv.ts";

const cellsOf = (read: CsvRead) => (read.ok ? read.rows.map(({ cells }) => cells) : read.problem);

test("readCsv(): byte order mark, quotes, doubled quotes, any line end, empty lines, cells over lines", () => {
  const text = '\uFEFFserial,note\r\n"8L,1","say ""hi"""\r\r\n,\n8L2,"two\nlines"\n8L3,x';
  expect(readCsv(text)).toEqual({
    ok: true,
    delimiter: ",",
    rows: [
      { line: 1, cells: ["serial", "note"] },
      { line: 2, cells: ["8L,1", 'say "hi"'] },
      { line: 5, cells: ["8L2", "two\nlines"] },
      { line: 7, cells: ["8L3", "x"] },
    ],
  });
});

test("readCsv(): a semicolon in the header parts cells, a comma in it then does not", () => {
  expect(readCsv('"a,b,c";d\n1,5;2\n')).toMatchObject({ delimiter: ";", rows: [{ cells: ["a,b,c", "d"] }, { cells: ["1,5", "2"] }] });
});

test("readCsv(): nothing is no rows", () => {
  for (const text of ["", "\uFEFF", "\n\r\n , ,\n"]) expect(readCsv(text)).toMatchObject({ ok: true, rows: [] });
});

test.each([
  ["an open quote", 'a,b\n1,"2\n3', { line: 2, what: "a quote is opened and never closed" }],
  ["text after a quote", 'a\n"1"2', { line: 2, what: "text follows a closed quote" }],
])("readCsv(): %s is told with its line", (_name, text, problem) => {
  expect(readCsv(text)).toEqual({ ok: false, problem });
});

test.each([
  ["rows", "a\nb\nc\n", { ...CSV_LIMITS, rows: 2 }, { line: 3, what: "more than 2 rows" }],
  ["cells", "a\nb,c,d\n", { ...CSV_LIMITS, cellsPerRow: 2 }, { line: 2, what: "more than 2 cells in a row" }],
  ["letters", "a\nbcd\n", { ...CSV_LIMITS, cellChars: 2 }, { line: 2, what: "a cell is longer than 2 letters" }],
])("readCsv(): more %s than allowed ends the reading", (_name, text, limits, problem) => {
  expect(readCsv(text, limits)).toEqual({ ok: false, problem });
});

test("writeCsv(): a cell that a spreadsheet would run is made text", () => {
  expect(writeCsv([["=1+1", "+41 44", "-2", "@x", "\tx", "a-b"]])).toBe('"\'=1+1","\'+41 44","\'-2","\'@x","\'\tx",a-b\r\n');
});

test("writeCsv(), readCsv(): every table comes back as it was", () => {
  const cell = fc.oneof(fc.string(), fc.constantFrom("=1", "'=1", "''+", '"', ",;", "\r\n", "-", "'"));
  const row = fc.array(cell, { minLength: 2, maxLength: 5 }).filter((cells) => cells.some((one) => one.trim() !== ""));
  fc.assert(
    fc.property(fc.array(row, { maxLength: 6 }), fc.constantFrom("," as const, ";" as const), (rows, delimiter) => {
      // The header says what parts the cells.
      const table = [rows.length === 0 ? ["a", "b"] : ["name", "serial"], ...rows];
      expect(cellsOf(readCsv(writeCsv(table, delimiter)))).toEqual(table);
    }),
  );
});
