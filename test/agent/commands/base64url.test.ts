import fc from "fast-check";
import { expect, test } from "vitest";
import { isCanonicalBase64url } from "../../../agent/commands/base64url.ts";

test("isCanonicalBase64url(): what an encoder writes is taken", () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 100 });
  fc.assert(fc.property(bytes, (some) => isCanonicalBase64url(Buffer.from(some).toString("base64url"))));
});

test.each([
  ["nothing", ""],
  ["padding", "YQ=="],
  ["the other alphabet", "-_-+"],
  ["stray bits at the end", "YR"],
  ["a length no bytes have", "YWJjZ"],
  ["a space", "YW Jj"],
  ["a line end", "YWJj\n"],
])("isCanonicalBase64url(): %s is another spelling, and refused", (_name, text) => {
  expect(isCanonicalBase64url(text)).toBe(false);
});
