import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { type Login, Secret } from "../../../protocols/core/secret.ts";
import type { SipEvent } from "../../../protocols/sip/notify.ts";
import { answerTo, type Heard, never, type SipPhone, sipClient, sipPhone, soon } from "./kit.ts";

const PASSWORD = "s3cret-canary";
const login: Login = { id: "sip", user: "1001", password: new Secret(PASSWORD) };
const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
const checkSync = (user: string, login?: Login): SipEvent => ({ event: "check-sync", user, login });
const at = (phone: SipPhone) => ({ address: "127.0.0.1", port: phone.port });
const says =
  (...statuses: readonly (readonly [string, ...string[]])[]) =>
  (heard: Heard, self: SipPhone): void => {
    const [status = "", ...more] = statuses[Math.min(self.heard.length, statuses.length) - 1] ?? [];
    self.send(answerTo(heard, status, more), heard.from);
  };
const CHALLENGE = 'Digest realm="pbx", nonce="n1", qop="auth", algorithm=MD5';

test("notify(): one NOTIFY to the user of the phone, outside a subscription [uc 7.4]", async () => {
  const phone = await sipPhone(says(["200 OK"]));
  expect(await sipClient().notify(at(phone), checkSync("1001"), never)).toEqual({ ok: true, value: { status: 200 } });
  const uri = `sip:1001@127.0.0.1:${phone.port}`;
  expect(phone.heard[0]?.line).toBe(`NOTIFY ${uri} SIP/2.0`);
  expect(Object.fromEntries(phone.heard[0]?.headers ?? [])).toMatchObject({
    to: `<${uri}>`,
    cseq: "1 NOTIFY",
    event: "check-sync",
    "subscription-state": "terminated",
    "content-length": "0",
  });
  expect(phone.heard).toHaveLength(1);
});

test("notify(): without a user the device itself is meant", async () => {
  const phone = await sipPhone(says(["202 Accepted"]));
  expect(await sipClient().notify(at(phone), checkSync(""), never)).toEqual({ ok: true, value: { status: 202 } });
  expect(phone.heard[0]?.line).toBe(`NOTIFY sip:127.0.0.1:${phone.port} SIP/2.0`);
});

test("notify(): a user that is no user adds nothing to the message", async () => {
  const phone = await sipPhone(says(["200 OK"]));
  await sipClient().notify(at(phone), checkSync("1001@evil>\r\nX-Evil: 1;x"), never);
  expect(phone.heard[0]?.line).toBe(`NOTIFY sip:1001evilX-Evil1x@127.0.0.1:${phone.port} SIP/2.0`);
  expect(phone.heard[0]?.headers.has("x-evil")).toBe(false);
});

test.each([
  ["401", "401 Unauthorized", "WWW-Authenticate", "authorization"],
  ["407", "407 Proxy Authentication Required", "Proxy-Authenticate", "proxy-authorization"],
])("notify(): answers a Digest challenge of %s once, in the same call with the next number", async (_name, status, asks, answers) => {
  const phone = await sipPhone(says([status, `${asks}: ${CHALLENGE}`], ["200 OK"]));
  expect(await sipClient().notify(at(phone), checkSync("1001", login), never)).toEqual({ ok: true, value: { status: 200 } });
  const [first, second] = phone.heard;
  expect([second?.headers.get("cseq"), second?.headers.get("call-id")]).toEqual(["2 NOTIFY", first?.headers.get("call-id")]);
  expect(second?.headers.get("via")).not.toBe(first?.headers.get("via"));
  const text = second?.headers.get(answers) ?? "";
  const cnonce = /cnonce="([0-9a-f]+)"/.exec(text)?.[1];
  const ha2 = md5(`NOTIFY:sip:1001@127.0.0.1:${phone.port}`);
  expect(text).toContain(`response="${md5(`${md5(`1001:pbx:${PASSWORD}`)}:n1:00000001:${cnonce}:auth:${ha2}`)}"`);
  expect(first?.headers.has(answers)).toBe(false);
});

test("notify(): never answers Basic: it would show the password", async () => {
  const phone = await sipPhone(says(["401 Unauthorized", 'WWW-Authenticate: Basic realm="x"']));
  const answer = await sipClient().notify(at(phone), checkSync("1001", login), never);
  expect(answer).toEqual({ ok: false, fault: { kind: "denied", via: "sip", detail: "no challenge we can answer" } });
  expect(phone.heard).toHaveLength(1);
});

test("notify(): a challenge without a log-in on record is denied", async () => {
  const phone = await sipPhone(says(["401 Unauthorized", `WWW-Authenticate: ${CHALLENGE}`]));
  expect(await sipClient().notify(at(phone), checkSync("1001"), never)).toMatchObject({
    ok: false,
    fault: { kind: "denied", via: "sip" },
  });
  expect(phone.heard).toHaveLength(1);
});

test("notify(): a refused answer is denied by its credential, and not tried again", async () => {
  const phone = await sipPhone(says(["401 Unauthorized", `WWW-Authenticate: ${CHALLENGE}`]));
  const answer = await sipClient().notify(at(phone), checkSync("1001", login), never);
  expect(answer).toEqual({ ok: false, fault: { kind: "denied", via: "sip", credentialId: "sip" } });
  expect([phone.heard.length, JSON.stringify(phone.heard).includes(PASSWORD)]).toEqual([2, false]);
});

test.each(["302 Moved", "403 Forbidden", "489 Bad Event", "500 Error", "603 Decline"])("notify(): %s is a refusal", async (status) => {
  const phone = await sipPhone(says([status]));
  const answer = await sipClient().notify(at(phone), checkSync("1001", login), never);
  expect(answer).toEqual({ ok: false, fault: { kind: "refused", via: "sip", reason: `SIP status ${status.slice(0, 3)}` } });
});

test("notify(): silence is unreachable", async () => {
  const phone = await sipPhone(() => undefined);
  expect(await sipClient().notify(at(phone), checkSync("1001", login), soon())).toMatchObject({
    ok: false,
    fault: { kind: "unreachable" },
  });
});
