import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Result } from "../../../protocols/core/fault.ts";
import { parseMac } from "../../../protocols/core/ids.ts";
import { type Credential, Secret } from "../../../protocols/core/secret.ts";
import { sendActionUri, sendCheckSync } from "../../../protocols/families/check-sync.ts";
import type { FamilyIo, Target } from "../../../protocols/families/family.ts";
import { PASSWORD, targetAt } from "../../support/family-io.ts";
import { never, PHONE_MAC, phoneWithoutRest, realIo, sipPhone } from "./kit.ts";

const MAC = parseMac(PHONE_MAC);
const CHALLENGE = '401 Unauthorized\r\nWWW-Authenticate: Digest realm="SIP", nonce="n1", algorithm=MD5';

/** check-sync to a phone whose SIP answers so; HTTPS shows the phone's certificate. */
async function checkSync(
  notify: (message: string) => string | undefined,
  more: Partial<Target> = {},
  io: FamilyIo = realIo(),
): Promise<{ result: Result<unknown>; notifies: string[] }> {
  const sip = await sipPhone("PolycomVVX-VVX_411-UA/6.4.6.2327", notify);
  const rest = await phoneWithoutRest();
  const target = await targetAt({ sip: sip.port, https: rest.port }, more);
  const result = await sendCheckSync({ target, family: "uc-phone", io }, never);
  return { result, notifies: sip.messages.filter((message) => message.startsWith("NOTIFY")) };
}

test("sendCheckSync(): goes to the user of the phone's contact, and 200 says only that it was answered [uc 7.5]", async () => {
  const { result, notifies } = await checkSync(() => "200 OK");
  expect(result).toEqual({ ok: true, value: { said: "check-sync answered with 200" } });
  expect(notifies).toHaveLength(1);
  expect(notifies[0]).toMatch(/^NOTIFY sip:1001@/);
  expect(notifies[0]).toMatch(/^Event: check-sync\r$/m);
});

test("sendCheckSync(): another final answer is a refusal, not accepted", async () => {
  const { result } = await checkSync(() => "489 Bad Event");
  expect(result).toMatchObject({ ok: false, fault: { kind: "refused", reason: "SIP status 489" } });
});

const lineLogin: Credential = { kind: "password", id: "line", user: "1001", password: new Secret(PASSWORD), families: ["uc-phone"] };

test("sendCheckSync(): a challenge is answered with the line's own account, by digest and without the password in clear", async () => {
  const { result, notifies } = await checkSync((message) => (message.includes("Authorization: ") ? "200 OK" : CHALLENGE), {
    credentials: [lineLogin],
  });
  expect(result.ok).toBe(true);
  const uri = /uri="([^"]*)"/.exec(notifies[1] ?? "")?.[1] ?? "";
  const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
  expect(notifies[1]).toContain(`response="${md5(`${md5(`1001:SIP:${PASSWORD}`)}:n1:${md5(`NOTIFY:${uri}`)}`)}"`);
  expect(notifies.join()).not.toContain(PASSWORD);
});

test("sendCheckSync(): the phone's own password goes out only where its certificate proved who it is", async () => {
  const proof = MAC === undefined ? {} : { expectMac: MAC };
  expect((await checkSync(() => CHALLENGE, proof)).notifies).toHaveLength(2);
  expect((await checkSync(() => CHALLENGE)).notifies).toHaveLength(1);
  const other = parseMac("64167f000001");
  const impostor = await checkSync(() => CHALLENGE, other === undefined ? {} : { expectMac: other });
  expect(impostor.notifies).toHaveLength(1);
  expect(impostor.result).toMatchObject({ ok: false, fault: { kind: "denied" } });
});

test("sendCheckSync(): whoever answers by SIP may name any account; none goes out before the certificate proved the phone", async () => {
  const other = parseMac("64167f000001");
  const more = { credentials: [lineLogin], ...(other === undefined ? {} : { expectMac: other }) };
  const { result, notifies } = await checkSync(() => CHALLENGE, more);
  expect(notifies).toHaveLength(1);
  expect(result).toMatchObject({ ok: false, fault: { kind: "denied" } });
});

test("sendCheckSync(): a password refused by SIP twice is not used there again", async () => {
  const io = realIo();
  const counts: number[] = [];
  for (let visit = 0; visit < 3; visit++) counts.push((await checkSync(() => CHALLENGE, { credentials: [lineLogin] }, io)).notifies.length);
  expect(counts).toEqual([2, 2, 1]);
});

/** ACTION-URI to a phone with this agent; what it was sent. */
async function actionUri(agent: string | undefined, notify?: () => string): Promise<{ result: unknown; notifies: string[] }> {
  const sip = await sipPhone(agent, notify);
  const target = await targetAt({ sip: sip.port });
  const result = await sendActionUri({ target, family: "uc-phone", io: realIo() }, "v1/mgmt/safeRestart", never);
  return { result, notifies: sip.messages.filter((message) => message.startsWith("NOTIFY")) };
}

test("sendActionUri(): one REST call as the body of a NOTIFY; the answer says nothing of what became of it [uc 7.6]", async () => {
  const { result, notifies } = await actionUri("PolycomVVX-VVX_411-UA/6.4.6.2327");
  expect(result).toEqual({ ok: true, value: { said: "ACTION-URI answered with 200" } });
  expect(notifies).toHaveLength(1);
  const [head = "", body = ""] = (notifies[0] ?? "").split("\r\n\r\n");
  expect(head).toMatch(/^Event: ACTION-URI$/m);
  expect(head).toMatch(/^Content-Type: application\/JSON$/m);
  expect(head).toMatch(new RegExp(`^Content-Length: ${body.length}$`, "m"));
  expect(JSON.parse(body)).toEqual({ "command-URI": "/api/v1/mgmt/safeRestart", data: {} });
});

test("sendActionUri(): firmware that answers 200 and drops it is not sent it, nor one that cannot be told [uc 7.5]", async () => {
  const takes = async (agent: string | undefined): Promise<number> => (await actionUri(agent)).notifies.length;
  expect(await takes("PolycomVVX-VVX_411-UA/6.4.1.9999")).toBe(0);
  expect(await takes("PolycomVVX-VVX_411-UA/5.9.7.3480")).toBe(0);
  expect(await takes(undefined)).toBe(0);
  expect(await takes("PolycomVVX-VVX_450-UA/6.4.2.0123")).toBe(1);
  expect(await takes("PolyEdge-Edge_E350-UA/8.3.1.0614_64167faabbcc")).toBe(1);
  expect((await actionUri("PolycomVVX-VVX_411-UA/5.9.7.3480")).result).toMatchObject({ ok: false, fault: { kind: "off" } });
});

test("sendActionUri(): another final answer is a refusal", async () => {
  const { result } = await actionUri("PolyEdge-Edge_E350-UA/8.3.1.0614", () => "489 Bad Event");
  expect(result).toMatchObject({ ok: false, fault: { kind: "refused" } });
});
