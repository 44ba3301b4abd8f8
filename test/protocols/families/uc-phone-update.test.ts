import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Result } from "../../../protocols/core/fault.ts";
import type { Target, Trigger } from "../../../protocols/families/family.ts";
import { ucPhoneUpdate } from "../../../protocols/families/uc-phone-update.ts";
import { targetAt } from "../../support/family-io.ts";
import { type Answer, loggedIn, never, phone, phoneWithoutRest, realIo, said, sipPhone, VVX } from "./kit.ts";
import { quickIo } from "./web-phone.ts";

function trigger(id: Trigger["id"]): Trigger {
  const found = ucPhoneUpdate.triggers.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no trigger ${id}`);
  return found;
}

async function sent(id: "updateConfiguration" | "safeRestart", answer: Answer): Promise<{ result: Result<unknown>; posts: string[] }> {
  const device = await phone({ [`v1/mgmt/${id}`]: answer });
  const result = await trigger(id).send(await targetAt({ https: device.port }), quickIo().io, never);
  return { result, posts: loggedIn(device) };
}

/** Loses the connection before anything is answered. */
function dropped(device: { close(): Promise<void> }): boolean {
  void device.close();
  return true;
}

test("triggers: each is named once, in the order of the documents; only safeRestart is said to wait for calls, by REST or SIP [uc 4.22] [uc 4.3.9]", () => {
  const { triggers } = ucPhoneUpdate;
  expect(triggers.map(({ id, waitsForCalls }) => [id, waitsForCalls])).toEqual([
    ["updateConfiguration", false],
    ["safeRestart", true],
    ["checkSync", false],
    ["actionUri", true],
    ["webUpgrade", false],
  ]);
});

test("triggers: no REST call installs firmware: what is sent makes the phone look at its server, or is its own upgrade page [uc 4.32]", async () => {
  const device = await phone({ ...VVX, "v1/mgmt/updateConfiguration": said({}), "v1/mgmt/safeRestart": said({}) });
  const target = await targetAt({ https: device.port, sip: (await sipPhone("PolycomVVX-VVX_411-UA/6.4.6.2327")).port });
  for (const { send } of ucPhoneUpdate.triggers) await send(target, quickIo().io, never);
  const posts = device.requests.filter(({ method }) => method === "POST").map(({ path }) => path);
  expect(new Set(posts)).toEqual(new Set(["/api/v1/mgmt/updateConfiguration", "/api/v1/mgmt/safeRestart"]));
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

test("actionUri: off unless a person says that the phones take REST calls by SIP", async () => {
  const sip = await sipPhone("PolyEdge-Edge_E350-UA/8.3.1.0614");
  const target = await targetAt({ sip: sip.port });
  expect(await trigger("actionUri").send(target, realIo(), never)).toMatchObject({ ok: false, fault: { kind: "off" } });
  expect(sip.messages).toEqual([]);
  expect(await trigger("actionUri").send({ ...target, sipNotify: true }, realIo(), never)).toMatchObject({ ok: true });
  expect(sip.messages.find((message) => message.startsWith("NOTIFY"))).toContain("/api/v1/mgmt/safeRestart");
});

const FOLDER = "http://192.0.2.1/fw/a1/";

/** The upgrade page's trigger at a phone whose REST answers so; the page itself is of another test. */
async function webUpgrade(
  answers: Readonly<Record<string, Answer>> | undefined,
  more: Partial<Target>,
): Promise<{ result: unknown; posts: string[] }> {
  const device = answers === undefined ? await phoneWithoutRest() : await phone(answers);
  const sip = await sipPhone("PolycomVVX-VVX_411-UA/6.4.6.2327");
  const result = await trigger("webUpgrade").send(await targetAt({ https: device.port, sip: sip.port }, more), realIo(), never);
  return { result, posts: device.requests.filter(({ method }) => method === "POST").map(({ path }) => path) };
}

test("webUpgrade: off where no folder is on record, and then the phone is not even asked", async () => {
  expect(await webUpgrade(VVX, {})).toMatchObject({ result: { ok: false, fault: { kind: "off" } }, posts: [] });
});

test("webUpgrade: begins at once, so a phone in use or of unknown use is left alone", async () => {
  const calling = { ...VVX, "v2/webCallControl/callStatus": said([{ CallHandle: "0x1", CallState: "Connected" }]) };
  expect(await webUpgrade(calling, { upgradeUrl: FOLDER })).toMatchObject({ result: { fault: { kind: "busy" } }, posts: [] });
  const silent = { ...VVX, "v2/webCallControl/callStatus": said({}) };
  expect(await webUpgrade(silent, { upgradeUrl: FOLDER })).toMatchObject({ result: { fault: { kind: "refused" } }, posts: [] });
  expect(await webUpgrade(undefined, { upgradeUrl: FOLDER })).toMatchObject({ result: { fault: { kind: "refused" } }, posts: [] });
});

test("webUpgrade: an idle phone is asked for its upgrade page", async () => {
  const { result, posts } = await webUpgrade(VVX, { upgradeUrl: FOLDER });
  expect([result, posts.every((path) => path.startsWith("/form-submit/"))]).toMatchObject([{ ok: false, fault: { kind: "off" } }, true]);
  expect(posts.length).toBeGreaterThan(0);
});

test("driver: no source of ours names a call that wipes a phone or restarts it at once [uc 4.24] [uc 5.8] [uc 5.9]", () => {
  const wipes = /configReset|factoryReset|restorePhoneToFactory|resetToDefault|form-submit\/Re(?:boot|start)/i;
  const files = readdirSync("protocols", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  expect(files.length).toBeGreaterThan(50);
  expect(files.filter((name) => wipes.test(readFileSync(`protocols/${name}`, "utf8")))).toEqual([]);
});
