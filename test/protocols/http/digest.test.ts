import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  basicAuthorization,
  type DigestChallenge,
  digestAuthorization,
  parseChallenges,
  strongest,
} from "../../../protocols/http/digest.ts";

const hash = (name: "md5" | "sha256", text: string): string => createHash(name).update(text, "utf8").digest("hex");
const response = (header: string): string | undefined => /response="([0-9a-f]+)"/.exec(header)?.[1];

/** RFC 7616 3.9.1. */
const NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
const OPAQUE = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS";
const CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
const VECTOR = {
  scheme: "digest",
  realm: "http-auth@example.org",
  nonce: NONCE,
  qop: "auth",
  opaque: OPAQUE,
  stale: false,
} as const;
const MUFASA = { user: "Mufasa", password: "Circle of Life", method: "GET", uri: "/dir/index.html", cnonce: CNONCE, count: 1 };

test.each([
  ["MD5", "8ca523f5e9506fed4657c9700eebdbec"],
  ["SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"],
] as const)("digestAuthorization(): the vector of RFC 7616 3.9.1 for %s", (algorithm, answer) => {
  const header = digestAuthorization({ ...VECTOR, algorithm }, MUFASA);
  expect(response(header)).toBe(answer);
  for (const part of [
    'username="Mufasa"',
    'realm="http-auth@example.org"',
    'uri="/dir/index.html"',
    `algorithm=${algorithm}`,
    `nonce="${NONCE}"`,
    "nc=00000001",
    `cnonce="${CNONCE}"`,
    "qop=auth",
    `opaque="${OPAQUE}"`,
  ]) {
    expect(header).toContain(part);
  }
});

test("digestAuthorization(): the vector of RFC 2617 3.5", () => {
  const challenge: DigestChallenge = {
    ...VECTOR,
    realm: "testrealm@host.com",
    nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
    opaque: "5ccc069c403ebaf9f0171e9517f40e41",
    algorithm: "MD5",
  };
  const header = digestAuthorization(challenge, { ...MUFASA, password: "Circle Of Life", cnonce: "0a4f113b" });
  expect(response(header)).toBe("6629fae49393a05397450978507c4ef1");
});

test("digestAuthorization(): without qop the older form, with neither count nor cnonce", () => {
  const { qop: _none, ...older } = VECTOR;
  const header = digestAuthorization({ ...older, algorithm: "MD5" }, MUFASA);
  const ha1 = hash("md5", "Mufasa:http-auth@example.org:Circle of Life");
  expect(response(header)).toBe(hash("md5", `${ha1}:${NONCE}:${hash("md5", "GET:/dir/index.html")}`));
  expect(header).not.toMatch(/nc=|cnonce=|qop=/);
});

test.each([
  ["MD5-sess", "md5"],
  ["SHA-256-sess", "sha256"],
] as const)("digestAuthorization(): %s takes nonce and cnonce into the first hash", (algorithm, name) => {
  const header = digestAuthorization({ ...VECTOR, algorithm }, { ...MUFASA, count: 255 });
  const ha1 = hash(name, `${hash(name, "Mufasa:http-auth@example.org:Circle of Life")}:${NONCE}:${CNONCE}`);
  expect(response(header)).toBe(hash(name, `${ha1}:${NONCE}:000000ff:${CNONCE}:auth:${hash(name, "GET:/dir/index.html")}`));
  expect(header).toContain("nc=000000ff");
});

test("digestAuthorization(): a user name outside ASCII goes as RFC 8187 text, escaped as that asks", () => {
  const header = digestAuthorization({ ...VECTOR, algorithm: "MD5" }, { ...MUFASA, user: "Jäsøn D'(*)" });
  expect(header).toContain("username*=UTF-8''J%C3%A4s%C3%B8n%20D%27%28%2A%29,");
  expect(header).not.toContain("username=");
});

test("digestAuthorization(): a quote or backslash of the peer stays inside its quotes", () => {
  const header = digestAuthorization({ ...VECTOR, algorithm: "MD5", realm: 'a", uri="/x' }, { ...MUFASA, user: 'b\\"c' });
  expect(header).toContain('realm="a\\", uri=\\"/x"');
  expect(header).toContain('username="b\\\\\\"c"');
});

test("digestAuthorization(): holds no password, whatever the challenge", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (realm, nonce) => {
      const header = digestAuthorization({ ...VECTOR, realm, nonce, algorithm: "MD5" }, { ...MUFASA, password: "s3cret-canary" });
      return !header.includes("s3cret-canary") && !/[\r\n]/.test(header);
    }),
  );
});

test("basicAuthorization(): UTF-8, colons of the password kept", () => {
  expect(basicAuthorization("Aladdin", "open sesame")).toBe("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  expect(Buffer.from(basicAuthorization("test", "123£:x").slice(6), "base64").toString()).toBe("test:123£:x");
});

test("parseChallenges(): reads what RFC 7616 3.9.1 sends, in the order stated", () => {
  const digest = (algorithm: string): string =>
    `Digest realm="r", qop="auth, auth-int", algorithm=${algorithm}, nonce="${NONCE}", opaque="${OPAQUE}"`;
  const challenges = parseChallenges(`${digest("SHA-256")}, ${digest("MD5")}, Basic realm="b"`);
  const both = { scheme: "digest", realm: "r", nonce: NONCE, qop: "auth", opaque: OPAQUE, stale: false };
  expect(challenges).toEqual([
    { ...both, algorithm: "SHA-256" },
    { ...both, algorithm: "MD5" },
    { scheme: "basic", realm: "b" },
  ]);
});

test("parseChallenges(): names, schemes and words in any case, odd spaces, escapes", () => {
  const [challenge] = parseChallenges('DIGEST  Realm = "a \\"b\\" , c" ,NONCE=n,STALE=TRUE,Algorithm="md5-SESS"');
  expect(challenge).toEqual({ scheme: "digest", realm: 'a "b" , c', nonce: "n", algorithm: "MD5-sess", stale: true });
});

test.each([
  ["nothing", ""],
  ["another scheme", "Negotiate"],
  ["another scheme with a token", "NTLM TlRMTVNTUAACAAAA=="],
  ["an algorithm we do not know", 'Digest realm="r", nonce="n", algorithm=SHA-512-256'],
  ["a Digest without a nonce", 'Digest realm="r"'],
  ["only auth-int", 'Digest realm="r", nonce="n", qop="auth-int"'],
  ["parameters before any scheme", 'realm="r", nonce="n"'],
  ["a header too long to be real", `Basic realm="${"x".repeat(5_000)}"`],
])("parseChallenges(): %s is no challenge we can answer", (_name, header) => {
  expect(parseChallenges(header)).toEqual([]);
});

test("parseChallenges(): another scheme does not hide the one we know", () => {
  expect(parseChallenges('Negotiate, NTLM, Basic realm="x"')).toEqual([{ scheme: "basic", realm: "x" }]);
});

test("parseChallenges(): never throws, whatever a device sends", () => {
  const piece = fc.oneof(fc.string(), fc.constantFrom("Digest ", "Basic ", "realm=", "nonce=", '"', "\\", ",", "=", "stale", " ", "qop"));
  fc.assert(fc.property(fc.array(piece), (pieces) => Array.isArray(parseChallenges(pieces.join("")))));
});

test("strongest(): Digest SHA-256, then Digest MD5, then Basic, wherever they stand", () => {
  const basic = { scheme: "basic", realm: "" } as const;
  const md5: DigestChallenge = { ...VECTOR, algorithm: "MD5" };
  const sha: DigestChallenge = { ...VECTOR, algorithm: "SHA-256" };
  expect([strongest([basic, md5, sha]), strongest([basic, md5]), strongest([basic]), strongest([])]).toEqual([sha, md5, basic, undefined]);
});

test.each(["constructor", "__proto__", "toString", "hasOwnProperty"])("parseChallenges(): the algorithm %s is none we know", (name) => {
  expect(parseChallenges(`Digest realm="a", nonce="b", algorithm=${name}`)).toEqual([]);
});
