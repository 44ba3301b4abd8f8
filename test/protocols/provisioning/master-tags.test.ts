import { expect, test } from "vitest";
import { readTags } from "../../../protocols/provisioning/master-tags.ts";

test("readTags(): each start tag with the place of each value", () => {
  const text = `<a b="1" c='2'><d e=""/></a>`;
  expect(readTags(text)).toEqual([
    {
      name: "a",
      attributes: [
        { name: "b", from: 6, to: 7 },
        { name: "c", from: 12, to: 13 },
      ],
    },
    { name: "d", attributes: [{ name: "e", from: 21, to: 21 }] },
  ]);
});

test("readTags(): comments, instructions and CDATA are stepped over, with what looks like a tag in them", () => {
  const text = "<?xml?><!-- <x> --><a><![CDATA[<y>]]>t<b></b ></a>\n";
  expect(readTags(text)).toMatchObject([{ name: "a" }, { name: "b" }]);
});

test.each([
  ["text before", "x<a/>"],
  ["text after", "<a/>x"],
  ["two roots", "<a/><b/>"],
  ["crossed ends", "<a><b></a></b>"],
  ["no end", "<a><b></b>"],
  ["attributes that touch", `<a b="1"c="2"/>`],
  ["a lower sign in a value", `<a b="<"/>`],
  ["a document type", "<!DOCTYPE a><a/>"],
  ["a bare lower sign", "<a>< </a>"],
  ["an unfinished tag", "<a b"],
])("readTags(): %s is told in words", (_what, text) => {
  expect(readTags(text)).toEqual(expect.any(String));
});

test("readTags(): a long file of nothing but openings ends", () => {
  for (const piece of ["<", "<a ", "<a b", "<a b=", '<a b="', "<!--", "<a>", " "]) expect(readTags(piece.repeat(50_000))).toBeDefined();
});
