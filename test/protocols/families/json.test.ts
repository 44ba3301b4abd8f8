import { expect, test } from "vitest";
import * as z from "zod";
import { decode, looseFlag, looseNumber, looseText, parsePlainJson } from "../../../protocols/families/json.ts";

const parse = (text: string): ReturnType<typeof parsePlainJson> => parsePlainJson(Buffer.from(text));

test("parsePlainJson(): keys lose case and outer blanks at every depth", () => {
  expect(parse('{"ModelNumber ":"VVX 411","EM":[{"Type":"Color"}]}')).toEqual({
    ok: true,
    value: { modelnumber: "VVX 411", em: [{ type: "Color" }] },
  });
});

test("parsePlainJson(): keys that reach into prototypes are left out, in any spelling", () => {
  const read = parse('{"__proto__":{"a":1}," CONSTRUCTOR ":1,"prototype":2,"b":3}');
  expect(read).toEqual({ ok: true, value: { b: 3 } });
  expect(({} as Record<string, unknown>)["a"]).toBeUndefined();
});

test("parsePlainJson(): a page, a bare word and nothing are garbled", () => {
  for (const body of ["<html></html>", "CONTENT_IDLE", "", "{"]) {
    expect([body, parse(body)]).toEqual([body, { ok: false, fault: { kind: "garbled", via: "https", wanted: "JSON" } }]);
  }
});

test("parsePlainJson(): bare values are JSON", () => {
  expect(["true", "39", "null"].map(parse)).toEqual([true, 39, null].map((value) => ({ ok: true, value })));
});

test("parsePlainJson(): too many items and too deep a nest are over budget", () => {
  for (const body of [`[${"1,".repeat(50_000)}1]`, "[".repeat(20) + "]".repeat(20)]) {
    expect(parse(body)).toMatchObject({ ok: false, fault: { kind: "overBudget", budget: "items" } });
  }
  expect(parse("[".repeat(10) + "]".repeat(10)).ok).toBe(true);
});

test("looseText: text, numbers and flags are trimmed text; empty and other shapes are absent", () => {
  const read = (value: unknown): unknown => looseText.parse(value);
  expect([" a ", 2000, true, "x".repeat(600)].map(read)).toEqual(["a", "2000", "true", "x".repeat(512)]);
  expect(["", "  ", null, undefined, {}, ["a"]].map(read)).toEqual(Array(6).fill(undefined));
});

test("looseNumber: numbers, numbers as text and percent; anything else is absent, never zero", () => {
  const read = (value: unknown): unknown => looseNumber.parse(value);
  expect([35.5, "35.5", "35.5%", "35 %", "-1", "0"].map(read)).toEqual([35.5, 35.5, 35.5, 35, -1, 0]);
  expect(["", "abc", "1e9", "0x10", "12 MB", null, undefined, {}].map(read)).toEqual(Array(8).fill(undefined));
});

test("looseFlag: flags as text; anything else is absent, never false", () => {
  const read = (value: unknown): unknown => looseFlag.parse(value);
  expect(["True", "1", true, "yes", 1].map(read)).toEqual(Array(5).fill(true));
  expect(["False", "0", false, "no", 0].map(read)).toEqual(Array(5).fill(false));
  expect(["", "maybe", "2", null, undefined, []].map(read)).toEqual(Array(6).fill(undefined));
});

test("decode(): what does not fit the schema is garbled and named", () => {
  expect(decode(z.object({ a: z.string() }), { a: 1 }, "a thing")).toEqual({
    ok: false,
    fault: { kind: "garbled", via: "https", wanted: "a thing" },
  });
  expect(decode(z.object({ a: z.string() }), { a: "x", unknown: 1 }, "a thing")).toEqual({ ok: true, value: { a: "x" } });
});
