import fc from "fast-check";
import { expect, test } from "vitest";
import { readKeyFile, readParcel, writeParcel } from "../../../agent/firmware/key-file.ts";

const SERIAL = "8213AAAABBCCCV";
const CODE = "KA2E-1234-5678-0000-0001";

function rowsOf(text: string, release: 6 | "any" = "any") {
  const read = readKeyFile(text, release);
  if ("problem" in read) return read.problem.what;
  return [read.rows.map((row) => [row.line, row.serial, row.release, row.code.reveal()]), read.refused.map(({ line }) => line)];
}

test.each([
  ["without a header", `${SERIAL},${CODE}\n`, [[[1, SERIAL, "any", CODE]], []]],
  ["with one, in any order", `Key Code;Serial Number;Version\n${CODE};${SERIAL};6.2.2\n`, [[[2, SERIAL, 6, CODE]], []]],
  ["in small letters", `${SERIAL.toLowerCase()}, ${CODE.toLowerCase()}\n`, [[[1, SERIAL, "any", CODE]], []]],
  [
    "of one release and of another",
    `${SERIAL},${CODE},5\n${SERIAL},${CODE},6\n`,
    [
      [
        [1, SERIAL, 5, CODE],
        [2, SERIAL, 6, CODE],
      ],
      [],
    ],
  ],
  ["twice the same", `${SERIAL},${CODE}\n${SERIAL},${CODE}\n`, [[[1, SERIAL, "any", CODE]], []]],
  ["two codes for one", `${SERIAL},${CODE}\n${SERIAL},KA2E-9999-9999-0000-0009\n`, [[[1, SERIAL, "any", CODE]], [2]]],
  ["the columns the wrong way round", `${CODE},${SERIAL}\n`, [[], [1]]],
  ["no code", `${SERIAL},\n`, [[], [1]]],
  ["a release that is none", `${SERIAL},${CODE},six\n`, [[], [1]]],
  ["nothing", "\n", "nothing is in it"],
  ["a header without the code", "serial,room\nA,B\n", "the header needs the columns serial and code"],
  ["a quote that never closes", `${SERIAL},"${CODE}\n`, "a quote is opened and never closed"],
])("readKeyFile(): %s", (_what, text, wanted) => {
  expect(rowsOf(text)).toEqual(wanted);
});

test("readKeyFile(): what the caller says of the release counts for rows that say none", () => {
  expect(rowsOf(`${SERIAL},${CODE}\n${SERIAL},${CODE},5\n`, 6)).toEqual([
    [
      [1, SERIAL, 6, CODE],
      [2, SERIAL, 5, CODE],
    ],
    [],
  ]);
});

test("readKeyFile(): whatever is wrong, no word of it holds a cell", () => {
  const group = fc.string({ minLength: 4, maxLength: 4, unit: fc.constantFrom(..."BCDFGHJKLMNPQRSTVWXZ") });
  const secret = fc.array(group, { minLength: 2, maxLength: 5 }).map((groups) => groups.join("-"));
  const line = fc.tuple(fc.constantFrom("", SERIAL, "x", '"'), secret, fc.constantFrom("", "6", "six", '"'));
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), fc.boolean(), (lines, turned) => {
      const text = lines
        .map(([serial, code, release]) => (turned ? [code, serial, release] : [serial, code, release]).join(","))
        .join("\n");
      const read = readKeyFile(text, "any");
      const words = JSON.stringify("problem" in read ? read.problem : read);
      for (const [, code] of lines) expect(words).not.toContain(code);
    }),
  );
});

test("readParcel(): gives back what was written, and takes nothing else", () => {
  const read = readKeyFile(`${SERIAL},${CODE},6\n`, "any");
  if ("problem" in read) throw new Error(read.problem.what);
  expect(readParcel(writeParcel(read.rows))?.map((row) => ({ ...row, code: row.code.reveal() }))).toEqual([
    { line: 1, serial: SERIAL, release: 6, code: CODE },
  ]);
  for (const text of [
    "",
    "{}",
    "[]",
    `[{"line":1,"serial":"${SERIAL}","release":6}]`,
    `[{"line":1,"serial":"a b","release":6,"code":"${CODE}"}]`,
  ])
    expect(readParcel(Buffer.from(text))).toBeUndefined();
});
