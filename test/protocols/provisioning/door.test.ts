/** Who gets in: phones with an account, with a certificate, with neither, and strangers. Over real connections. */
import { expect, test } from "vitest";
import { type DigestChallenge, digestAuthorization, parseChallenges } from "../../../protocols/http/digest.ts";
import { makeAuthority, makeCertificate } from "../../support/certificate.ts";
import { type Answer, type Bench, MAC, OTHER_MAC, PART, phone, TOKEN } from "./kit.ts";
import { ACCOUNT, BASIC, MAKER, openSecureBench, securePhone } from "./secure-kit.ts";

const LOG = `/${MAC}-app.log`;
const put = (...headers: string[]) => ({ method: "PUT", body: "log", headers });
const reasons = (bench: Bench): readonly string[] => bench.told().flatMap((event) => (event.kind === "refused" ? [event.reason] : []));
const own = MAKER.issue(`CN=${MAC}, O=Polycom Inc.`);
const expired = MAKER.issue(`CN=${MAC}, O=Polycom Inc.`, Date.UTC(2021, 0, 1));
const other = MAKER.issue(`CN=${OTHER_MAC}, O=Polycom Inc.`);

function digestFor(answer: Answer, uri: string, more: object = {}): string {
  const challenge = parseChallenges(answer.headers.get("www-authenticate") ?? "")[0] as DigestChallenge;
  const ask = { user: "site", password: "canary-password", method: "PUT", uri, cnonce: "c0ffee", count: 1, ...more };
  return `Authorization: ${digestAuthorization(challenge, ask)}`;
}

test("door: with an account, an upload is asked for a log-in and taken with one; a phone boots without", async () => {
  const bench = await openSecureBench({}, { account: ACCOUNT });
  bench.endpoint.offer(bench.offer());
  const asked = await phone(bench, LOG, put());
  expect([asked.status, bench.uploaded()]).toEqual([401, []]);
  expect((await phone(bench, LOG, put(digestFor(asked, LOG)))).status).toBe(201);
  expect(bench.uploaded()).toEqual([`${MAC}-app.log`]);
  const open = [`/${MAC}.cfg`, "/000000000000.cfg", `/fw/${TOKEN}/${PART}.sip.ld`];
  for (const target of open) expect([target, (await phone(bench, target)).status]).toEqual([target, 200]);
  // To be asked is no refusal.
  expect(reasons(bench)).toEqual([]);
});

test.each([
  `/${MAC}-phone.cfg`,
  `/${MAC}-web.cfg`,
  `/${MAC}-user.cfg`,
  `/${MAC}-license.cfg`,
  `/${MAC}-directory.xml`,
  `/${MAC}-calls.xml`,
])("door: %s is personal: without a log-in nobody learns whether it is there", async (target) => {
  const bench = await openSecureBench({}, { account: ACCOUNT });
  expect((await phone(bench, target)).status).toBe(401);
  expect((await phone(bench, target.replace(MAC, MAC.toUpperCase()))).status).toBe(401);
  expect((await securePhone(bench, target, { headers: [BASIC] })).status).toBe(404);
});

test("door: Basic goes over TLS and not in clear, where nobody says whether it was right; that is told, and the password is not", async () => {
  const bench = await openSecureBench({}, { account: ACCOUNT });
  const refused = await phone(bench, LOG, put(BASIC));
  expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, expect.not.stringContaining("Basic")]);
  expect((await securePhone(bench, LOG, put(BASIC))).status).toBe(201);
  expect(reasons(bench)).toEqual(["a password in clear"]);
  expect(JSON.stringify(bench.events)).not.toContain("canary-password");
});

test("door: an answer to a challenge is good once; the second time it is stale, and with the new nonce right again", async () => {
  const bench = await openSecureBench({}, { account: ACCOUNT });
  const header = digestFor(await phone(bench, LOG, put()), LOG);
  expect((await phone(bench, LOG, put(header))).status).toBe(201);
  const replayed = await phone(bench, LOG, put(header));
  expect([replayed.status, replayed.headers.get("www-authenticate")]).toEqual([401, expect.stringContaining("stale=true")]);
  expect((await phone(bench, LOG, put(digestFor(replayed, LOG)))).status).toBe(201);
  expect(reasons(bench)).toEqual([]);
});

test("door: one who guesses is told of once and after ten tries not listened to; the right password does not help then, time does", async () => {
  const bench = await openSecureBench({}, { account: { ...ACCOUNT, basicInClear: true } });
  const guess = `Authorization: Basic ${Buffer.from("site:guess").toString("base64")}`;
  const statuses: number[] = [];
  for (let left = 12; left > 0; left--) statuses.push((await phone(bench, LOG, put(guess))).status);
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
  expect((await phone(bench, LOG, put(BASIC))).status).toBe(429);
  // It boots all the same.
  expect((await phone(bench, `/${MAC}.cfg`)).status).toBe(200);
  expect(reasons(bench)).toEqual(["wrong user or password"]);
  await bench.clock.advance(61_000);
  expect((await phone(bench, LOG, put(BASIC))).status).toBe(201);
});

test("door: a factory certificate of the path's phone is as good as the account, expired or not", async () => {
  for (const as of [own, expired]) {
    const bench = await openSecureBench({ clientCertificates: "ask" }, { account: ACCOUNT });
    expect((await securePhone(bench, LOG, { ...put(), as })).status).toBe(201);
    expect((await securePhone(bench, `/${MAC}-phone.cfg`, { as })).status).toBe(404);
    expect((await securePhone(bench, LOG, put())).status).toBe(401);
  }
});

test("door: a phone's certificate opens no other phone's files, with the account's password neither", async () => {
  const bench = await openSecureBench({ clientCertificates: "ask" }, { account: ACCOUNT });
  expect((await securePhone(bench, LOG, { ...put(), as: other })).status).toBe(403);
  expect((await securePhone(bench, LOG, { ...put(BASIC), as: other })).status).toBe(403);
  expect((await securePhone(bench, `/${MAC}-phone.cfg`, { as: other })).status).toBe(403);
  expect((await securePhone(bench, `/${OTHER_MAC}-app.log`, { ...put(), as: other })).status).toBe(201);
  expect(bench.uploaded()).toEqual([`${OTHER_MAC}-app.log`]);
  expect(reasons(bench)).toEqual(["a certificate of another device"]);
});

test.each([
  ["made by anybody", makeCertificate(`CN=${MAC}, O=Polycom Inc.`)],
  ["made by anybody and expired, so that TLS names only the date", makeCertificate(`CN=${MAC}, O=Polycom Inc.`, Date.UTC(2021, 0, 1))],
  ["of another authority of the same name", makeAuthority("CN=maker").issue(`CN=${MAC}, O=Polycom Inc.`, Date.UTC(2021, 0, 1))],
])("door: a certificate %s proves nothing", async (_what, as) => {
  const bench = await openSecureBench({ clientCertificates: "require" });
  expect((await securePhone(bench, LOG, { ...put(), as })).status).toBe(403);
  expect([bench.uploaded(), reasons(bench)]).toEqual([[], ["a certificate nobody vouches for"]]);
});

test("door: where a certificate is required, personal files and uploads need it, in clear they are refused, and a phone boots without", async () => {
  const bench = await openSecureBench({ clientCertificates: "require" });
  bench.endpoint.offer(bench.offer());
  expect((await securePhone(bench, LOG, { ...put(), as: own })).status).toBe(201);
  expect((await securePhone(bench, LOG, put())).status).toBe(403);
  expect((await phone(bench, LOG, put())).status).toBe(403);
  expect((await phone(bench, `/${MAC}-web.cfg`)).status).toBe(403);
  const image = await securePhone(bench, `/fw/${TOKEN}/${PART}.sip.ld`);
  expect([image.status, image.body.equals(bench.image)]).toEqual([200, true]);
  // The microbrowser shows no certificate and writes the MAC in upper case: what it finds is harmless.
  expect((await securePhone(bench, `/${MAC.toUpperCase()}.cfg`)).status).toBe(200);
  expect((await securePhone(bench, `/browser/${MAC.toUpperCase()}`)).status).toBe(404);
});

test("door: a stranger gets a harmless answer and is a check-in; it leaves nothing here and gets nothing of anybody", async () => {
  const bench = await openSecureBench({}, { knows: (mac) => mac === MAC });
  expect((await phone(bench, `/${OTHER_MAC}.cfg`)).status).toBe(200);
  expect((await phone(bench, `/${OTHER_MAC}-phone.cfg`)).status).toBe(404);
  expect((await phone(bench, `/${OTHER_MAC}-boot.log`, put())).status).toBe(403);
  expect((await phone(bench, "/000000000000-app.log", put())).status).toBe(403);
  expect((await phone(bench, LOG, put())).status).toBe(201);
  expect(bench.uploaded()).toEqual([`${MAC}-app.log`]);
  const seen = bench.events.flatMap((event) => (event.kind === "checkIn" && event.mac === OTHER_MAC ? [event.asked] : []));
  expect(seen).toEqual(["master", "override", "log"]);
  expect(reasons(bench)).toEqual(["upload of an unknown device"]);
});

test("door: a sender that waits for our word gets it when it may come in, and else nothing but the refusal", async () => {
  const bench = await openSecureBench({}, { account: ACCOUNT });
  const refused = await securePhone(bench, LOG, { method: "PUT", headers: ["Content-Length: 3", "Expect: 100-continue"] });
  expect(refused.status).toBe(401);
  const taken = await securePhone(bench, LOG, put(BASIC, "Expect: 100-continue"));
  expect([taken.status, taken.body.toString().split(" ")[1]]).toEqual([100, "201"]);
});
