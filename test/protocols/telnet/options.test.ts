import fc from "fast-check";
import { expect, test } from "vitest";
import { createNegotiator } from "../../../protocols/telnet/options.ts";

const bytes = (...values: number[]): Buffer => Buffer.from(values);

test("createNegotiator(): text passes unchanged, and nothing is said", () => {
  expect(createNegotiator()(Buffer.from("Password: "))).toEqual({ text: Buffer.from("Password: "), reply: bytes() });
});

test("createNegotiator(): DO is answered WONT and WILL is answered DONT; the text has neither", () => {
  const { text, reply } = createNegotiator()(bytes(65, 255, 253, 31, 66, 255, 251, 1, 67));
  expect(text.toString()).toBe("ABC");
  expect(reply).toEqual(bytes(255, 252, 31, 255, 254, 1));
});

test("createNegotiator(): WONT and DONT need no answer, and a repeated request gets none", () => {
  const negotiate = createNegotiator();
  expect(negotiate(bytes(255, 252, 1, 255, 254, 3)).reply).toEqual(bytes());
  expect(negotiate(bytes(255, 253, 31)).reply).toHaveLength(3);
  expect(negotiate(bytes(255, 253, 31)).reply).toEqual(bytes());
});

test("createNegotiator(): a subnegotiation is passed over, its doubled 255 included; a doubled 255 of the text is one", () => {
  const { text } = createNegotiator()(bytes(65, 255, 250, 24, 255, 255, 1, 255, 240, 66, 255, 255, 67));
  expect(text).toEqual(bytes(65, 66, 255, 67));
});

test("createNegotiator(): it does not matter where the network cuts the bytes", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(65, 250, 251, 253, 240, 255, 1), { maxLength: 40 }), fc.nat(40), (values, cut) => {
      const all = Buffer.from(values);
      const once = createNegotiator()(all);
      const negotiate = createNegotiator();
      const parts = [negotiate(all.subarray(0, cut)), negotiate(all.subarray(cut))];
      expect(Buffer.concat(parts.map(({ text }) => text))).toEqual(once.text);
      expect(Buffer.concat(parts.map(({ reply }) => reply))).toEqual(once.reply);
    }),
    { seed: 1, numRuns: 300 },
  );
});
