import { expect, test } from "vitest";
import * as z from "zod";
import { describeIssue, keysAt, valueAt } from "../../../agent/config/issues.ts";
import { configSchema } from "../../../agent/config/schema.ts";

const schema = z.strictObject({
  name: z.string().min(2).max(4),
  count: z.int().min(1).max(5).default(1),
  mode: z.enum(["fast", "slow"]).optional(),
  items: z
    .array(z.strictObject({ passwordFile: z.string() }))
    .max(1)
    .default([]),
});

function said(raw: unknown) {
  const read = schema.safeParse(raw);
  return read.success ? [] : read.error.issues.flatMap((issue) => describeIssue(issue, raw, schema));
}

test.each<[string, object, object]>([
  ["a missing one", {}, { at: ["name"], what: "is missing" }],
  ["a number for a text", { name: 5 }, { what: "expected text, got a whole number", suggestion: "put it in quotes" }],
  ["nothing for a text", { name: null }, { what: "expected text, got nothing" }],
  ["too short a text", { name: "a" }, { what: "must have at least 2 characters" }],
  ["too long a text", { name: "abcde" }, { what: "must have at most 4 characters" }],
  ["too small a number", { name: "ab", count: 0 }, { at: ["count"], what: "must be at least 1" }],
  ["a fraction", { name: "ab", count: 1.5 }, { what: "expected a whole number, got a fraction" }],
  ["a list for a number", { name: "ab", count: [] }, { what: "expected a number, got a list" }],
  ["a word near one of the list", { name: "ab", mode: "fats" }, { what: "expected one of fast, slow", suggestion: 'did you mean "fast"?' }],
  ["too many entries", { name: "ab", items: [{ passwordFile: "a" }, { passwordFile: "b" }] }, { what: "must have at most 1 entries" }],
  ["an unknown one", { name: "ab", cuont: 1 }, { at: ["cuont"], what: 'unknown setting "cuont"', suggestion: 'did you mean "count"?' }],
  ["one like none", { name: "ab", zzz: 1 }, { suggestion: "known here: name, count, mode, items" }],
])("describeIssue(): %s", (_name, raw, wanted) => {
  expect(said(raw)).toEqual([expect.objectContaining(wanted)]);
});

test("describeIssue(): each unknown setting is a problem of its own", () => {
  expect(said({ name: "ab", aaa: 1, bbb: 2 }).map(({ at }) => at)).toEqual([["aaa"], ["bbb"]]);
});

test("describeIssue(): a secret in the settings is told to go into a file, and its value is not repeated", () => {
  const [problem] = said({ name: "ab", items: [{ passwordFile: "a", password: "hunter2" }] });
  expect(problem).toMatchObject({ at: ["items", 0, "password"], suggestion: expect.stringContaining('"passwordFile"') });
  expect(JSON.stringify(problem)).not.toContain("hunter2");
});

test("keysAt(): through defaults, lists and the shape whose kind is written", () => {
  const raw = { credentials: [{ kind: "community" }, { kind: "usm", auth: {} }] };
  expect(keysAt(configSchema, ["credentials", 0], raw)).toEqual(["kind", "id", "communityFile"]);
  expect(keysAt(configSchema, ["credentials", 1, "auth"], raw)).toEqual(["protocol", "keyFile"]);
  expect(keysAt(configSchema, ["sweep"], raw)).toContain("ratePerSecond");
  expect(keysAt(configSchema, ["no", "such"], raw)).toEqual([]);
});

test("valueAt(): own values only", () => {
  expect(valueAt({ a: [{ b: 1 }] }, ["a", 0, "b"])).toBe(1);
  for (const at of [["toString"], ["a", "length", "x"], ["a", 5, "b"]]) expect(valueAt({ a: [] }, at)).toBeUndefined();
});
