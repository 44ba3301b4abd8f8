import fc from "fast-check";
import { expect, test } from "vitest";
import { seededRandom } from "../../../protocols/core/random.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { manualClock } from "../../../protocols/core/time.ts";
import { basicAuthorization, type DigestChallenge, digestAuthorization, parseChallenges } from "../../../protocols/http/digest.ts";
import { type AccountSetting, createAccount } from "../../../protocols/provisioning/basic-digest.ts";

const SETTING: AccountSetting = { user: "site", password: new Secret("canary pass"), digests: ["sha-256", "md5"], basicInClear: false };

function made(more: Partial<AccountSetting> = {}) {
  const clock = manualClock(Date.UTC(2026, 10, 29));
  const account = createAccount({ ...SETTING, ...more }, { clock, random: seededRandom(3) });
  const challenges = (secure = false) => account.challenges({ secure, stale: false }).flatMap(parseChallenges);
  const digest = (algorithm: "MD5" | "SHA-256") =>
    challenges().find((one): one is DigestChallenge => one.scheme === "digest" && one.algorithm === algorithm) as DigestChallenge;
  return { account, clock, challenges, digest };
}
const ASK = { user: "site", password: "canary pass", method: "PUT", uri: "/a", cnonce: "c", count: 1 };
const tries = (authorization: string, more: object = {}) => ({ authorization, method: "PUT", target: "/a", secure: false, ...more });

test("challenges(): Digest in the order set; Basic only over TLS, or where a person allows it in clear", () => {
  const kinds = (more: Partial<AccountSetting>, secure: boolean) =>
    made(more)
      .challenges(secure)
      .map((one) => (one.scheme === "digest" ? one.algorithm : one.scheme));
  expect(kinds({}, false)).toEqual(["SHA-256", "MD5"]);
  expect(kinds({}, true)).toEqual(["SHA-256", "MD5", "basic"]);
  expect(kinds({ basicInClear: true, digests: ["md5"] }, false)).toEqual(["MD5", "basic"]);
});

test.each(["MD5", "SHA-256"] as const)("check(): Digest %s with the right password is right once, and then stale", (algorithm) => {
  const { account, digest } = made();
  const header = digestAuthorization(digest(algorithm), ASK);
  expect([account.check(tries(header)), account.check(tries(header))]).toEqual(["right", "stale"]);
});

test("check(): the next count of the same nonce is right; a replayed one of before is stale", () => {
  const { account, digest } = made();
  const challenge = digest("SHA-256");
  const [first, second] = [1, 2].map((count) => digestAuthorization(challenge, { ...ASK, count })) as [string, string];
  expect([first, second, first].map((header) => account.check(tries(header)))).toEqual(["right", "right", "stale"]);
});

test("check(): a right answer to a nonce that ran out is stale, a wrong one is wrong", async () => {
  const { account, digest, clock } = made();
  const challenge = digest("MD5");
  await clock.advance(3_600_000);
  expect(account.check(tries(digestAuthorization(challenge, ASK)))).toBe("stale");
  expect(account.check(tries(digestAuthorization(challenge, { ...ASK, password: "guess" })))).toBe("wrong");
});

test.each([
  ["another password", { password: "canary" }, {}, "wrong"],
  ["another user", { user: "Site" }, {}, "wrong"],
  ["an answer for another method", {}, { method: "GET" }, "wrong"],
  ["an answer for another path", {}, { target: "/b" }, "unreadable"],
] as const)("check(): Digest with %s", (_what, ask, request, tried) => {
  const { account, digest } = made();
  expect(account.check(tries(digestAuthorization(digest("SHA-256"), { ...ASK, ...ask }), request))).toBe(tried);
});

test("check(): Digest for another realm, or of an algorithm that is not offered", () => {
  const { account, digest } = made({ digests: ["sha-256"] });
  const challenge = digest("SHA-256");
  expect(account.check(tries(digestAuthorization({ ...challenge, realm: "other" }, ASK)))).toBe("wrong");
  expect(account.check(tries(digestAuthorization({ ...challenge, algorithm: "MD5" }, ASK)))).toBe("unreadable");
});

test("check(): Basic in clear is not even looked at, right or wrong, until a person allows it", () => {
  const right = basicAuthorization("site", "canary pass");
  const wrong = basicAuthorization("site", "guess");
  const strict = made().account;
  expect([right, wrong].map((header) => strict.check(tries(header)))).toEqual(["inClear", "inClear"]);
  expect([right, wrong].map((header) => strict.check(tries(header, { secure: true })))).toEqual(["right", "wrong"]);
  expect([right, wrong].map((header) => made({ basicInClear: true }).account.check(tries(header)))).toEqual(["right", "wrong"]);
});

test("check(): nothing but the account's own user and password is ever right", () => {
  const { account } = made({ basicInClear: true });
  fc.assert(
    fc.property(fc.string(), fc.string(), (user, password) => {
      fc.pre(user !== "site" || password !== "canary pass");
      expect(account.check(tries(basicAuthorization(user, password)))).not.toBe("right");
    }),
    { numRuns: 300 },
  );
});
