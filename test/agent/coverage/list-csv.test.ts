import fc from "fast-check";
import { expect, test } from "vitest";
import { readEntitlementCsv } from "../../../agent/coverage/list-csv.ts";

const read = (...lines: string[]) => readEntitlementCsv(lines.join("\n"));

test("readEntitlementCsv(): columns in any order and spelling, either separator, days in three spellings", () => {
  expect(
    read(
      "\uFEFFEnd Date;Serial Number;MAC;Contract No;Qty;Model;from".replace("Contract No", "Contract"),
      "19.1.2027;8L1;;C-1;;;2026-01-19",
      "2027-01-19T00:00:00.000Z;;64:16:7F:00:00:01;;1;;",
      ";;;C-9;25;VVX 450;",
    ),
  ).toEqual({
    lines: [
      { serial: "8L1", contract: "C-1", from: "2026-01-19", until: "2027-01-19" },
      { mac: "64167f000001", quantity: 1, until: "2027-01-19" },
      { contract: "C-9", quantity: 25, model: "VVX 450" },
    ],
    problems: [],
  });
});

test("readEntitlementCsv(): every wrong row is told with its line, in one pass", () => {
  const { problems } = read("serial,until", "8L1,01/02/2027", "8L2,2027-01-19", ",2027-01-19", "8L3,2027-02-30", "8L4,,surplus");
  expect(problems.map(({ line, what }) => [line, what.slice(0, 30)])).toEqual([
    [2, "until: expected a day such as "],
    [4, "names no device: expected a se"],
    [5, "until: is no day of the calend"],
    [6, "has more cells than the header"],
  ]);
});

test.each([
  ["", "the file is empty"],
  ["seriel,until", 'unknown column "seriel": did you mean "serial"?'],
  ["serial,Serial Number", 'two columns say "serial"'],
  ["contract,until", 'names no devices: a column "serial", "mac" or "quantity" is needed'],
  ['serial\n"8L1', "a quote is opened and never closed"],
])("readEntitlementCsv(): %j", (text, what) => {
  expect(readEntitlementCsv(text)).toMatchObject({ lines: [], problems: [{ what }] });
});

test("readEntitlementCsv(): more lines than any site has are not read", () => {
  const { lines, problems } = readEntitlementCsv(`serial\n${"8L1\n".repeat(20_001)}`);
  expect([lines, problems[0]?.what]).toEqual([[], "more than 20001 rows, the header included"]);
});

test("readEntitlementCsv(): whatever a file holds, it gives lines or problems, each with a line of the file", () => {
  const piece = fc.oneof(fc.string(), fc.constantFrom("serial", "mac,until\n", '"', ";", "\r\n", "8L1", ",", "2027-01-19", "\u0000"));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join("");
      const { lines, problems } = readEntitlementCsv(text);
      const last = text.split(/\r\n|\r|\n/).length;
      for (const { line } of problems) expect(line >= 1 && line <= last).toBe(true);
      expect(lines.length).toBeLessThanOrEqual(last);
    }),
  );
});
