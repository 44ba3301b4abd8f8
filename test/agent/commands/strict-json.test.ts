import fc from "fast-check";
import { expect, test } from "vitest";
import { parseStrictJson } from "../../../agent/commands/strict-json.ts";

const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

test("parseStrictJson(): what JSON can say comes back as it was, null included", () => {
  for (const value of [null, 0, "", [], {}, { a: [1, { b: "x:{}[]," }] }, { 'q"uote': '\\"' }])
    expect(parseStrictJson(JSON.stringify(value), 100)).toEqual(value);
});

test.each([
  ["trailing bytes", '{"a":1}x'],
  ["a second value", '{"a":1}{"a":1}'],
  ["cut off", '{"a":1'],
  ["a comment", '{"a":1}//'],
  ["a comma at the end", '{"a":1,}'],
  ["NaN", '{"a":NaN}'],
  ["single quotes", "{'a':1}"],
  ["nothing", ""],
])("parseStrictJson(): %s is refused", (_name, text) => {
  expect(parseStrictJson(text, 100)).toBeUndefined();
});

test.each([
  ['{"a":1,"a":2}'],
  ['{"a":1, "a" :1}'],
  ['[{"x":{"a":1,"b":2,"a":3}}]'],
  // The same name in another spelling.
  ['{"a":1,"\\u0061":2}'],
])("parseStrictJson(): a name that stands twice in one object is refused: %s", (text) => {
  expect(parseStrictJson(text, 100)).toBeUndefined();
});

test("parseStrictJson(): the same name in different objects, or as a value, is no repetition", () => {
  expect(parseStrictJson('{"a":{"a":"a"},"b":[{"a":1},{"a":2}],"c":"a"}', 100)).toMatchObject({ a: { a: "a" }, c: "a" });
});

test.each(["__proto__", "constructor", "prototype"])(
  "parseStrictJson(): the name %s is refused at any depth, as a value it is text",
  (name) => {
    expect(parseStrictJson(`{"${name}":1}`, 100)).toBeUndefined();
    expect(parseStrictJson(`[{"a":[{"${name}":{}}]}]`, 100)).toBeUndefined();
    expect(parseStrictJson(`{"a":"${name}"}`, 100)).toEqual({ a: name });
  },
);

test("parseStrictJson(): longer than allowed and deeper than anything of ours is refused", () => {
  expect(parseStrictJson('"1234"', 6)).toBe("1234");
  expect(parseStrictJson('"12345"', 6)).toBeUndefined();
  expect(parseStrictJson(nested(24), 1_000)).toBeDefined();
  expect(parseStrictJson(nested(25), 1_000)).toBeUndefined();
  expect(parseStrictJson(nested(200_000), 1_000_000)).toBeUndefined();
});

test("parseStrictJson(): agrees with JSON.parse on everything JSON.stringify writes", () => {
  const tame = fc.jsonValue({ maxDepth: 5 }).filter((value) => !/"(__proto__|constructor|prototype)":/.test(JSON.stringify(value)));
  fc.assert(
    fc.property(tame, (value) => {
      const text = JSON.stringify(value);
      expect(parseStrictJson(text, 1e6)).toEqual(JSON.parse(text));
    }),
  );
});
