import { createHash } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { COMMAND_TYPE, digestOf, MAX_TOKEN_BYTES, openJws, REPLY_TYPE, signJws, verifyJws } from "../../../agent/commands/jws.ts";
import { makeKey, type SigningKey, signBytes } from "../../../agent/commands/keys.ts";

let key: SigningKey;
beforeAll(async () => {
  key = await makeKey();
});
const b64 = (text: string | Uint8Array): string => Buffer.from(text).toString("base64url");
const header = (change: object = {}): string => JSON.stringify({ alg: "EdDSA", kid: key.kid, typ: COMMAND_TYPE, ...change });
/** A token by hand, its signature right over whatever stands before it. */
function token(head: string | Uint8Array, payload: string | Uint8Array): string {
  const signed = `${b64(head)}.${b64(payload)}`;
  return `${signed}.${signBytes(Buffer.from(signed), key)}`;
}

test("openJws(), verifyJws(): what signJws() made opens and proves itself with its own key only", async () => {
  const made = await signJws({ a: 1 }, key, COMMAND_TYPE);
  expect(openJws(made, COMMAND_TYPE)).toEqual({ kid: key.kid, payload: { a: 1 } });
  expect(await verifyJws(made, key.publicKey)).toBe(true);
  expect(await verifyJws(made, (await makeKey()).publicKey)).toBe(false);
});

test("openJws(): a token made by hand after RFC 7515 opens and proves itself", async () => {
  const made = token(header(), '{"a":1}');
  expect(openJws(made, COMMAND_TYPE)).toEqual({ kid: key.kid, payload: { a: 1 } });
  expect(await verifyJws(made, key.publicKey)).toBe(true);
});

test.each<[string, object]>([
  ["alg none", { alg: "none" }],
  ["alg HS256", { alg: "HS256" }],
  ["alg in small letters", { alg: "eddsa" }],
  ["another type", { typ: REPLY_TYPE }],
  ["no type", { typ: undefined }],
  ["a key name that is no thumbprint", { kid: "anna" }],
  ["an own key", { jwk: { kty: "OKP" } }],
  ["a key address", { jku: "https://evil.example/keys" }],
  ["a certificate address", { x5u: "https://evil.example/x" }],
  ["a certificate", { x5c: ["MII"] }],
  ["critical extensions", { crit: ["b64"], b64: false }],
  ["compression", { zip: "DEF" }],
  ["anything new", { next: 1 }],
])("openJws(): a header with %s is refused", (_name, change) => {
  expect(openJws(token(header(change), "{}"), COMMAND_TYPE)).toBe("badHeader");
});

test("openJws(): a header that is no JSON object of ours, or says a name twice, is refused", () => {
  const twice = header().replace('"alg":"EdDSA"', '"alg":"none","alg":"EdDSA"');
  for (const head of ["null", "[]", "x", `${header()} x`, twice]) expect(openJws(token(head, "{}"), COMMAND_TYPE)).toBe("badHeader");
});

test("openJws(): a payload that is no JSON, says a name twice or has trailing bytes is malformed", () => {
  for (const payload of ["x", '{"a":1}x', '{"a":1,"a":2}', Buffer.from([0x22, 0xff, 0x22])])
    expect(openJws(token(header(), payload), COMMAND_TYPE)).toBe("malformed");
});

test("openJws(): anything but three parts in canonical base64url is malformed", () => {
  const made = token(header(), '{"a":1}');
  const [head, payload, signature] = made.split(".") as [string, string, string];
  const shapes = [
    "",
    ".",
    "..",
    `${head}.${payload}`,
    `${head}.${payload}.`,
    `${made}.x`,
    `${made} `,
    `${made}\n`,
    ` ${made}`,
    `${made}==`,
    `${head}=.${payload}.${signature}`,
    `${head}.${payload}.${signature.slice(0, 85)}`,
    `${head}..${signature}`,
  ];
  for (const shape of shapes) expect(openJws(shape, COMMAND_TYPE)).toBe("malformed");
});

test("openJws(): a signature with stray bits at its end is another text of the same bytes, and refused", () => {
  const made = token(header(), "{}");
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const other = made.slice(0, -1) + letters[letters.indexOf(made.at(-1) as string) ^ 1];
  expect(openJws(other, COMMAND_TYPE)).toBe("malformed");
});

test("openJws(): longer than 8 KB is too long, whatever it holds; a longer limit is the caller's", () => {
  const long = token(header(), JSON.stringify({ a: "x".repeat(MAX_TOKEN_BYTES) }));
  expect(openJws(long, COMMAND_TYPE)).toBe("tooLong");
  expect(openJws("x".repeat(MAX_TOKEN_BYTES + 1), COMMAND_TYPE)).toBe("tooLong");
  expect(openJws("ä".repeat(MAX_TOKEN_BYTES / 2 + 1), COMMAND_TYPE)).toBe("tooLong");
  expect(openJws(long, COMMAND_TYPE, 20_000)).toMatchObject({ kid: key.kid });
});

test("verifyJws(): one changed letter, another key, or a key that is no point of the curve do not hold", async () => {
  const made = token(header(), '{"a":1}');
  const [head, , signature] = made.split(".");
  expect(await verifyJws(`${head}.${b64('{"a":2}')}.${signature}`, key.publicKey)).toBe(false);
  for (const publicKey of [b64(Buffer.alloc(32, 0xff)), b64("short"), ""]) expect(await verifyJws(made, publicKey)).toBe(false);
});

test("digestOf(): SHA-256 of the text", () => {
  expect(digestOf("a.b.c")).toBe(createHash("sha256").update("a.b.c").digest("base64url"));
});
