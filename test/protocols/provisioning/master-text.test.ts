import fc from "fast-check";
import { expect, test } from "vitest";
import { placeText } from "../../../protocols/provisioning/master-text.ts";

const TEXT = '<?xml version="1.0"?>\r\n<APPLICATION a="b"/>';

test.each([
  ["as it is", Buffer.from(TEXT), { before: 0, unitBytes: 1, swapped: false }],
  ["with a mark", Buffer.from(`\ufeff${TEXT}`), { before: 3, unitBytes: 1, swapped: false }],
  ["wide", Buffer.from(`\ufeff${TEXT}`, "utf16le"), { before: 2, unitBytes: 2, swapped: false }],
  ["wide and swapped", Buffer.from(`\ufeff${TEXT}`, "utf16le").swap16(), { before: 2, unitBytes: 2, swapped: true }],
] as const)("placeText(): %s", (_what, bytes, wanted) => expect(placeText(bytes)).toEqual({ text: TEXT, ...wanted }));

test("placeText(): each character knows its place among the bytes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const bytes = Buffer.from(text.replaceAll("\u0000", ""));
      const placed = placeText(bytes);
      if (typeof placed === "string") throw new Error(placed);
      expect(Buffer.from(placed.text, "latin1").equals(bytes.subarray(placed.before))).toBe(true);
    }),
  );
});

test.each([
  [Buffer.from([0xff, 0xfe, 0x3c]), "it is cut off in the middle of a character"],
  [Buffer.from("<a\u0000/>"), "it is no text"],
  [Buffer.from([0x3c, 0xe4]), "it is not UTF-8 and does not say what else"],
  [Buffer.from('<?xml version="1.0" encoding="EBCDIC-US"?>'), "its encoding is EBCDIC-US"],
])("placeText(): %j is not understood", (bytes, why) => expect(placeText(bytes)).toBe(why));
