import { expect, test } from "vitest";
import { Bug } from "../../protocols/core/fault.ts";
import {
  bytes,
  decoder,
  flag,
  json,
  jsonObject,
  keptJson,
  listOf,
  maybeJson,
  maybeText,
  maybeWhole,
  oneOf,
  present,
  shape,
  text,
  textList,
  toJson,
  variants,
  whole,
} from "../../store/row.ts";
import type { Row } from "../../store/sql.ts";

const ROW: Row = { words: "yes", none: null, count: 7, part: 0.5, on: 1, off: 0, two: 2, blob: Buffer.from([1]), doc: '{"kind":"a"}' };

test("decoder(): a failure is our bug and names table and key, with the reason as its cause", () => {
  const read = decoder("things", "words", (row) => whole(row, "none"));
  expect(() => read(ROW)).toThrow(Bug);
  expect(() => read(ROW)).toThrow('Row "yes" of table things does not decode: none is not a whole number');
});

test("decoder(): a row that decodes is given through", () => {
  expect(decoder("things", "words", (row) => text(row, "words"))(ROW)).toBe("yes");
});

test.each([
  ["text", () => text(ROW, "count")],
  ["text of NULL", () => text(ROW, "none")],
  ["whole of a fraction", () => whole(ROW, "part")],
  ["whole of NULL", () => whole(ROW, "none")],
  ["whole of a missing column", () => whole(ROW, "missing")],
  ["maybeWhole of text", () => maybeWhole(ROW, "words")],
  ["maybeText of a number", () => maybeText(ROW, "count")],
  ["flag of 2", () => flag(ROW, "two")],
  ["bytes of text", () => bytes(ROW, "words")],
  ["oneOf of another word", () => oneOf(ROW, "words", { no: true })],
  ["oneOf of a word every object inherits", () => oneOf({ at: "toString" }, "at", { no: true })],
  ["json of what is no JSON", () => json(ROW, "words", jsonObject)],
])("row: %s is refused", (_what, read) => {
  expect(read).toThrow();
});

test("row: what has the right kind is read", () => {
  expect([text(ROW, "words"), whole(ROW, "count"), flag(ROW, "on"), flag(ROW, "off"), bytes(ROW, "blob")[0]]).toEqual([
    "yes",
    7,
    true,
    false,
    1,
  ]);
  expect(oneOf(ROW, "words", { yes: true })).toBe("yes");
});

test("row: NULL is absent, not empty and not zero", () => {
  expect([maybeText(ROW, "none"), maybeWhole(ROW, "none"), maybeJson(ROW, "none", jsonObject)]).toEqual([undefined, undefined, undefined]);
});

test("keptJson(): the same text is parsed once, another one anew, and what does not fit is named each time", () => {
  const parsed: unknown[] = [];
  const read = keptJson("state", {
    parse(value) {
      parsed.push(value);
      if (value === null) throw new Error("expected something");
      return value as { readonly at: string };
    },
  });
  const first = read({ state: '{"at":"a"}' });
  expect(read({ state: '{"at":"a"}' })).toBe(first);
  expect(read({ state: '{"at":"b"}' })).toEqual({ at: "b" });
  expect(parsed).toEqual([{ at: "a" }, { at: "b" }]);
  for (const _ of [1, 2]) expect(() => read({ state: "null" })).toThrow("state: expected something");
  for (let number = 0; number < 5_000; number++) read({ state: JSON.stringify({ at: number }) });
  expect(read({ state: '{"at":"a"}' })).toEqual(first);
});

test("shape(): a field of another kind is named with what was found", () => {
  const check = shape<{ kind: string; list: unknown[] }>({ kind: "string", list: "list" });
  expect(() => check.parse({ kind: "a", list: {} })).toThrow("list is object, expected list");
  expect(() => check.parse({ list: [] })).toThrow("kind is undefined, expected string");
  expect(check.parse({ kind: "a", list: [], more: 1 })).toEqual({ kind: "a", list: [], more: 1 });
});

test.each([[null], [[]], ["a"], [1], [undefined]])("shape(): %j is no object", (value) => {
  expect(() => shape({}).parse(value)).toThrow("expected an object");
});

type Union = { readonly at: "here"; readonly x: number } | { readonly at: "there" };
const union = variants<Union, "at">("at", { here: { x: "number" }, there: {} });

test("variants(): each variant has its own fields", () => {
  expect(union.parse({ at: "here", x: 1 })).toEqual({ at: "here", x: 1 });
  expect(() => union.parse({ at: "here" })).toThrow("x is undefined");
});

test.each(["elsewhere", "constructor"])("variants(): %s is unknown", (at) => {
  expect(() => union.parse({ at })).toThrow(`at "${at}" is unknown`);
});

test("listOf(): every item is checked", () => {
  expect(() => listOf(union).parse([{ at: "there" }, { at: "here" }])).toThrow();
  expect(() => listOf(union).parse({ 0: { at: "there" } })).toThrow("expected a list");
  expect(() => textList().parse(["a", 1])).toThrow("an item is not text");
  expect(textList().parse(["a"])).toEqual(["a"]);
});

test("present(): undefined fields go, null and zero stay", () => {
  expect(Object.keys(present({ a: undefined, b: null, c: 0, d: "" }))).toEqual(["b", "c", "d"]);
});

test("toJson(): undefined stays absent", () => {
  expect([toJson(undefined), toJson(null), toJson([1])]).toEqual([undefined, "null", "[1]"]);
});
