import { expect, test } from "vitest";
import * as z from "zod";
import { readForPeople, readResult } from "../../../agent/cli/results.ts";

const schema = z.object({ list: z.array(z.object({ name: z.string() })), more: z.looseObject({}).optional() });

test("readResult(): a shape it does not know is exit 1 and says where", () => {
  expect(() => readResult(schema, { list: [{ name: 1 }] })).toThrow('a shape this version does not know, at "list.0.name"');
  expect(() => readResult(schema, null)).toThrow(expect.objectContaining({ exitCode: 1 }));
});

test("readResult(): what a later agent adds does no harm", () => {
  expect(readResult(schema, { list: [], later: 1 })).toEqual({ list: [] });
});

test("readForPeople(): every text, however deep, and every name is fit for a terminal", () => {
  const evil = "a\u001b[2Jb";
  expect(readForPeople(schema, { list: [{ name: evil }], more: { [evil]: [evil, { x: evil }], n: 1, none: null } })).toEqual({
    list: [{ name: "a·[2Jb" }],
    more: { "a·[2Jb": ["a·[2Jb", { x: "a·[2Jb" }], n: 1, none: null },
  });
});
