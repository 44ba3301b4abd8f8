import fc from "fast-check";
import { expect, test } from "vitest";
import { basicAuthorization, digestAuthorization } from "../../../protocols/http/digest.ts";
import { readAuthorization } from "../../../protocols/provisioning/authorization.ts";

const FIELDS = 'username="Mufasa", realm="r", uri="/a", nonce="n", nc=00000001, cnonce="c", qop=auth';
const MD5 = `response="${"0a".repeat(16)}"`;

test("readAuthorization(): what our own client writes is read as it was meant", () => {
  const text = fc.string({ minLength: 1, unit: "grapheme-ascii" });
  fc.assert(
    fc.property(text, text, (user, password) => {
      fc.pre(!user.includes(":"));
      expect(readAuthorization(basicAuthorization(user, password))).toEqual({ scheme: "basic", user, password });
    }),
  );
  fc.assert(
    fc.property(text, fc.constantFrom("MD5" as const, "SHA-256" as const), (user, algorithm) => {
      const challenge = { scheme: "digest", realm: "r", nonce: "n", algorithm, qop: "auth", stale: false } as const;
      const ask = { user, password: "p", method: "PUT", uri: "/a", cnonce: "c", count: 26 };
      expect(readAuthorization(digestAuthorization(challenge, ask))).toMatchObject({
        ...{ scheme: "digest", user, realm: "r", nonce: "n", uri: "/a", nc: "0000001a", cnonce: "c" },
        algorithm: algorithm.toLowerCase(),
      });
    }),
  );
});

test.each([
  ["another scheme", "NTLM TlRMTVNTUAAB"],
  ["no scheme", "abc"],
  ["a Basic that is no base64", "Basic a b"],
  ["a Basic without a colon", `Basic ${Buffer.from("user").toString("base64")}`],
  ["a Digest without qop", `Digest ${FIELDS.replace(", qop=auth", "")}, ${MD5}`],
  ["a Digest with qop=auth-int", `Digest ${FIELDS.replace("=auth", "=auth-int")}, ${MD5}`],
  ["a Digest of another algorithm", `Digest ${FIELDS}, algorithm=SHA-512-256, ${MD5}`],
  ["a Digest that hides its algorithm in a name every object has", `Digest ${FIELDS}, algorithm=constructor, ${MD5}`],
  ["a Digest that says one thing twice", `Digest ${FIELDS}, uri="/b", ${MD5}`],
  ["a count that is no hex", `Digest ${FIELDS.replace("00000001", "0000000g")}, ${MD5}`],
  ["a response too short", `Digest ${FIELDS}, response="00"`],
  ["an open quote", `Digest ${FIELDS}, response="${"0".repeat(32)}`],
  ["more than any client sends", `Digest ${FIELDS}, x="${"y".repeat(5_000)}", ${MD5}`],
])("readAuthorization(): %s is not read", (_what, header) => {
  expect(readAuthorization(header)).toBeUndefined();
});

test("readAuthorization(): without an algorithm it is MD5", () => {
  expect(readAuthorization(`Digest ${FIELDS}, ${MD5}`)).toMatchObject({ algorithm: "md5" });
});

test("readAuthorization(): reads or does not read, whatever comes", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `Digest ${text}`),
        fc.string().map((text) => `Basic ${text}`),
      ),
      (header) => {
        expect(() => readAuthorization(header)).not.toThrow();
      },
    ),
    { numRuns: 500 },
  );
});
