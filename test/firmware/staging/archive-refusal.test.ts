import { expect, test } from "vitest";
import { archiveFault, quotedName, refusal } from "../../../firmware/staging/archive-refusal.ts";

test("refusal(): says what it is and what to do, with what it was about", () => {
  expect(refusal("checksum", quotedName("sip.ld")).words).toMatch(/^Its checksum is wrong.*Fetch it again.*\("sip\.ld"\)\.$/);
});

test("quotedName(): is cut, and nothing in it acts on a terminal", () => {
  expect(quotedName("\x1b[2J\u202ea\n")).toBe('"?[2J?a?"');
  expect(quotedName(Buffer.alloc(500, "a"))).toBe(`"${"a".repeat(60)}…"`);
  expect(quotedName(Buffer.from([0xff]))).toBe('"\ufffd"');
});

test("archiveFault(): the words are the reason", () => {
  expect(archiveFault(refusal("spanned"))).toEqual({ kind: "refused", via: "depot", reason: refusal("spanned").words });
});
