import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Result } from "../../../protocols/core/fault.ts";
import { parseMac } from "../../../protocols/core/ids.ts";
import { type Credential, Secret } from "../../../protocols/core/secret.ts";
import type { FamilyIo, Target, Trigger } from "../../../protocols/families/family.ts";
import { ucPhoneUpdate } from "../../../protocols/families/uc-phone-update.ts";
import { PASSWORD, targetAt } from "../../support/family-io.ts";
import { type Answer, loggedIn, never, PHONE_MAC, phone, phoneWithoutRest, realIo, said, sipPhone } from "./kit.ts";

const MAC = parseMac(PHONE_MAC);
const CHALLENGE = '401 Unauthorized\r\nWWW-Authenticate: Digest realm="SIP", nonce="n1", algorithm=MD5';

function trigger(id: Trigger["id"]): Trigger {
  const found = ucPhoneUpdate.triggers.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no trigger ${id}`);
  return found;
}

async function sent(id: "updateConfiguration" | "safeRestart", answer: Answer): Promise<{ result: Result<unknown>; posts: string[] }> {
  const device = await phone({ [`v1/mgmt/${id}`]: answer });
  const result = await trigger(id).send(await targetAt({ https: device.port }), realIo(), never);
  return { result, posts: loggedIn(device) };
}

/** Loses the connection before anything is answered. */
function dropped(device: { close(): Promise<void> }): boolean {
  void device.close();
  return true;
}

test("triggers: each is named once; only the one documented so is said to wait for calls [uc 4.22] [uc 4.3.9]", () => {
  const { triggers } = ucPhoneUpdate;
  expect(new Set(triggers.map(({ id }) => id)).size).toBe(triggers.length);
  expect(triggers.filter(({ waitsForCalls }) => waitsForCalls).map(({ id }) => id)).toEqual(["safeRestart"]);
});

test("recipe: the silence that proves a flash lies between a plain reboot of 30 s and a flash of 3 minutes [uc 11.5]", () => {
  expect(ucPhoneUpdate.flashMs).toBeGreaterThan(30_000);
  expect(ucPhoneUpdate.flashMs).toBeLessThan(180_000);
  expect(ucPhoneUpdate.imageName).toBe("sip.ld");
});

for (const id of ["updateConfiguration", "safeRestart"] as const) {
  test(`${id}: code 2000 is accepted, posted as JSON, once`, async () => {
    const { result, posts } = await sent(id, said({}));
    expect(result).toMatchObject({ ok: true, value: { said: expect.stringContaining("accepted") } });
    expect(posts).toEqual([`POST /api/v1/mgmt/${id}`]);
  });

  test(`${id}: no other code is accepted`, async () => {
    const kinds = {
      4000: "refused",
      4001: "busy",
      4004: "off",
      4010: "refused",
      4400: "refused",
      4403: "refused",
      5500: "refused",
      5000: "refused",
    };
    for (const [code, kind] of Object.entries(kinds)) {
      expect([code, (await sent(id, said(undefined, code))).result]).toMatchObject([code, { ok: false, fault: { kind } }]);
    }
  });
}

test("updateConfiguration: what the phone says of its provisioning is kept, short [uc 4.21]", async () => {
  const { result } = await sent("updateConfiguration", said({ ProvisioningState: `In progress ${"x".repeat(200)}` }));
  const value = result.ok ? (result.value as { said: string }) : { said: "" };
  expect(value.said).toContain("In progress");
  expect(value.said.length).toBeLessThan(100);
});

test("safeRestart: a phone busy with another request did not take it up, so it is sent again", async () => {
  let asks = 0;
  const { result, posts } = await sent("safeRestart", () => (asks++ === 0 ? { status: 403 } : { Status: "2000", data: {} }));
  expect([result.ok, posts.length]).toEqual([true, 2]);
});

test("safeRestart: an answer that is none is not accepted, and it is not sent again: the phone may restart", async () => {
  for (const answer of [{ status: 200, body: "<html>" }, { status: 500 }]) {
    const { result, posts } = await sent("safeRestart", answer);
    expect([result.ok, posts.length]).toEqual([false, 1]);
  }
});

test("safeRestart: a connection lost after the request is not accepted and not sent again", async () => {
  const device = await phone({ "v1/mgmt/safeRestart": said({}) }, { accepts: (sent) => sent !== "" && dropped(device) });
  const result = await trigger("safeRestart").send(await targetAt({ https: device.port }), realIo(), never);
  expect(result).toMatchObject({ ok: false, fault: { kind: "unreachable" } });
  expect(loggedIn(device)).toHaveLength(1);
});

test("safeRestart, updateConfiguration: disabled REST is off, so the next trigger may be tried", async () => {
  const target = await targetAt({ https: (await phoneWithoutRest()).port });
  for (const id of ["updateConfiguration", "safeRestart"] as const) {
    expect(await trigger(id).send(target, realIo(), never)).toMatchObject({ ok: false, fault: { kind: "off" } });
  }
});

/** check-sync to a phone whose SIP answers so; HTTPS shows the phone's certificate. */
async function checkSync(
  notify: (message: string) => string | undefined,
  more: Partial<Target> = {},
  io: FamilyIo = realIo(),
): Promise<{ result: Result<unknown>; notifies: string[] }> {
  const sip = await sipPhone("PolycomVVX-VVX_411-UA/6.4.6.2327", notify);
  const rest = await phoneWithoutRest();
  const result = await trigger("checkSync").send(await targetAt({ sip: sip.port, https: rest.port }, more), io, never);
  return { result, notifies: sip.messages.filter((message) => message.startsWith("NOTIFY")) };
}

test("checkSync: goes to the user of the phone's contact, and 200 says only that it was answered [uc 7.5]", async () => {
  const { result, notifies } = await checkSync(() => "200 OK");
  expect(result).toEqual({ ok: true, value: { said: "check-sync answered with 200" } });
  expect(notifies).toHaveLength(1);
  expect(notifies[0]).toMatch(/^NOTIFY sip:1001@/);
  expect(notifies[0]).toMatch(/^Event: check-sync\r$/m);
});

test("checkSync: another final answer is a refusal, not accepted", async () => {
  const { result } = await checkSync(() => "489 Bad Event");
  expect(result).toMatchObject({ ok: false, fault: { kind: "refused", reason: "SIP status 489" } });
});

const lineLogin: Credential = { kind: "password", id: "line", user: "1001", password: new Secret(PASSWORD), families: ["uc-phone"] };

test("checkSync: a challenge is answered with the line's own account, by digest and without the password in clear", async () => {
  const { result, notifies } = await checkSync((message) => (message.includes("Authorization: ") ? "200 OK" : CHALLENGE), {
    credentials: [lineLogin],
  });
  expect(result.ok).toBe(true);
  const uri = /uri="([^"]*)"/.exec(notifies[1] ?? "")?.[1] ?? "";
  const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
  expect(notifies[1]).toContain(`response="${md5(`${md5(`1001:SIP:${PASSWORD}`)}:n1:${md5(`NOTIFY:${uri}`)}`)}"`);
  expect(notifies.join()).not.toContain(PASSWORD);
});

test("checkSync: the phone's own password goes out only where its certificate proved who it is", async () => {
  const proof = MAC === undefined ? {} : { expectMac: MAC };
  expect((await checkSync(() => CHALLENGE, proof)).notifies).toHaveLength(2);
  expect((await checkSync(() => CHALLENGE)).notifies).toHaveLength(1);
  const other = parseMac("64167f000001");
  const impostor = await checkSync(() => CHALLENGE, other === undefined ? {} : { expectMac: other });
  expect(impostor.notifies).toHaveLength(1);
  expect(impostor.result).toMatchObject({ ok: false, fault: { kind: "denied" } });
});

test("checkSync: a password refused by SIP twice is not used there again", async () => {
  const io = realIo();
  const counts: number[] = [];
  for (let visit = 0; visit < 3; visit++) counts.push((await checkSync(() => CHALLENGE, { credentials: [lineLogin] }, io)).notifies.length);
  expect(counts).toEqual([2, 2, 1]);
});
