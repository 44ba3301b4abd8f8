import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalHash, canonicalJson } from "../../firmware/canonical.ts";
import { Bug } from "../../protocols/core/fault.ts";

type Value = null | boolean | string | number | readonly Value[] | { readonly [key: string]: Value };

const text = fc.string({ unit: "binary", maxLength: 12 });
const values = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    text,
    fc.maxSafeInteger(),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(text, tie("value"), { maxKeys: 5 }),
  ),
})).value;

/** The same value with the keys of every object written down the other way round. */
function turned(value: Value): Value {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(turned);
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [key, turned(item)] as const)
      .reverse(),
  );
}

test("canonicalJson(): the order in which keys were written never shows, at any depth", () => {
  fc.assert(fc.property(values, (value) => canonicalJson(turned(value)) === canonicalJson(value)));
});

test("canonicalJson(): it is JSON of the same value, whatever characters and whole numbers are in it", () => {
  fc.assert(
    fc.property(values, (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("canonicalJson(): reading and writing again changes nothing", () => {
  fc.assert(fc.property(values, (value) => canonicalJson(JSON.parse(canonicalJson(value))) === canonicalJson(value)));
});

test.each([
  ["keys by UTF-16 unit, not by language or length", { b: 1, a: 2, B: 3, "": 4, aa: 5, ä: 6 }, '{"":4,"B":3,"a":2,"aa":5,"b":1,"ä":6}'],
  ["keys that look like numbers as text", { 10: "x", 9: "y" }, '{"10":"x","9":"y"}'],
  ["no blanks", { list: [1, { deep: true }, null] }, '{"list":[1,{"deep":true},null]}'],
  ["characters beyond the first plane as they are", ["Zürich ☎ 📞"], '["Zürich ☎ 📞"]'],
  ["a lone surrogate escaped, so that every encoder writes the same bytes", ["\ud83d"], '["\\ud83d"]'],
  ["control characters in JSON's own short form", ["\n\t\u0001"], '["\\n\\t\\u0001"]'],
  ["composed and decomposed letters apart", ["\u00e9", "e\u0301"], '["\u00e9","e\u0301"]'],
  ["negative nothing as nothing", [-0, 0], "[0,0]"],
  ["the largest whole numbers in full", [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER], "[9007199254740991,-9007199254740991]"],
  ["objects without a prototype", Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
  ["a key called __proto__", JSON.parse('{"__proto__":1,"a":2}'), '{"__proto__":1,"a":2}'],
])("canonicalJson(): %s", (_what, value, spelling) => {
  expect(canonicalJson(value)).toBe(spelling);
});

test.each<[string, unknown]>([
  ["a fraction", { ratio: 0.5 }],
  ["a number too large to be exact", [2 ** 53]],
  ["no number", [Number.NaN]],
  ["an endless number", [Number.POSITIVE_INFINITY]],
  ["undefined as a member", { a: undefined }],
  ["undefined in a list", [undefined]],
  ["a hole in a list", new Array(2)],
  ["undefined alone", undefined],
  ["a date", new Date(0)],
  ["a moment", Temporal.Instant.fromEpochMilliseconds(0)],
  ["a map", new Map([["a", 1]])],
  ["bytes", Buffer.from("a")],
  ["a big integer", [1n]],
  ["a function", { a: () => 1 }],
  ["a symbol", [Symbol("a")]],
  ["an instance of a class", new (class Point {})()],
])("canonicalJson(): %s is our bug, never a guess", (_what, value) => {
  expect(() => canonicalJson(value)).toThrow(Bug);
});

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

test("canonicalJson(): 32 levels are written, deeper ones are our bug", () => {
  expect(canonicalJson(nested(32))).toBe(`${"[".repeat(32)}1${"]".repeat(32)}`);
  expect(() => canonicalJson(nested(33))).toThrow("nested too deep");
});

test("canonicalJson(): an object that holds itself is our bug and ends", () => {
  const ring: Record<string, unknown> = {};
  ring["self"] = ring;
  expect(() => canonicalJson(ring)).toThrow(Bug);
});

test("canonicalHash(): SHA-256 over the UTF-8 bytes, in lower-case hex", () => {
  expect(canonicalHash({ b: "ü", a: 1 })).toBe(createHash("sha256").update(Buffer.from('{"a":1,"b":"ü"}', "utf8")).digest("hex"));
});

test("canonicalHash(): any change of a value changes it, the order of keys does not", () => {
  expect(canonicalHash({ a: 1, b: [2, 3] })).toBe(canonicalHash({ b: [2, 3], a: 1 }));
  expect(canonicalHash({ a: 1, b: [3, 2] })).not.toBe(canonicalHash({ a: 1, b: [2, 3] }));
});
