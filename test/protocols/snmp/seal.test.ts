import { createCipheriv, createDecipheriv, createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createDigest, createPrivacy } from "../../../protocols/snmp/seal.ts";

const bytes = (most: number) => fc.uint8Array({ maxLength: most }).map((array) => Buffer.from(array));
const block = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((array) => Buffer.from(array));

test.each([
  ["md5", 12],
  ["sha1", 12],
  ["sha256", 24],
])("createDigest(): with %s, the runtime's own HMAC cut to %d octets, for any message in any order", (name, length) => {
  const key = fc.uint8Array({ minLength: 16, maxLength: 32 }).map((array) => Buffer.from(array));
  fc.assert(
    fc.property(key, fc.array(bytes(300), { maxLength: 4 }), (secret, messages) => {
      const digest = createDigest(name, secret, length);
      for (const message of messages) {
        expect(digest.of(message)).toEqual(createHmac(name, secret).update(message).digest().subarray(0, length));
      }
    }),
    { numRuns: 100 },
  );
});

test("createPrivacy(): each message as a cipher of its own would make it, whatever came before", () => {
  const message = fc.record({ iv: block, text: bytes(200), open: fc.boolean() });
  fc.assert(
    fc.property(block, fc.array(message, { maxLength: 6 }), (key, messages) => {
      const privacy = createPrivacy(key);
      for (const { iv, text, open } of messages) {
        const fresh = (open ? createDecipheriv : createCipheriv)("aes-128-cfb", key, iv);
        expect(open ? privacy.decrypt(iv, text) : privacy.encrypt(iv, text)).toEqual(fresh.update(text));
      }
    }),
    { numRuns: 200 },
  );
});
