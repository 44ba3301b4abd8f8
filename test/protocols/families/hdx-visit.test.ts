import { expect, test } from "vitest";
import { type Credential, Secret } from "../../../protocols/core/secret.ts";
import type { Target } from "../../../protocols/families/family.ts";
import { seeHdxByWeb } from "../../../protocols/families/hdx-visit.ts";
import { PASSWORD, targetAt } from "../../support/family-io.ts";
import { hdxDevice, STATUS } from "./hdx-kit.ts";
import { never, ROOM_CERTIFICATE, realIo } from "./kit.ts";

const admin: Credential = { kind: "password", id: "rooms", user: "admin", password: new Secret(PASSWORD) };
const secure = { certificate: ROOM_CERTIFICATE };
const at = (ports: Partial<Target["ports"]>, more: Partial<Target> = {}): Promise<Target> =>
  targetAt(ports, { credentials: [admin], ...more });

test("seeHdxByWeb(): status page and several commands in one request, by Digest [video 5.1] [video 5.2]", async () => {
  const device = await hdxDevice(secure);
  const seen = await seeHdxByWeb(await at({ https: device.port }), realIo(), never);
  expect(seen).toEqual({
    ok: true,
    value: {
      via: "https",
      facts: {
        family: "hdx",
        model: "HDX 9006",
        serial: "8203AAAABBCCCV",
        mac: "00e0dbaabbcc",
        name: "TestHDX",
        running: { application: "3.1.14-56008" },
      },
      inUse: { state: "idle" },
      uptimeSeconds: 4_200,
      offline: ["microphones"],
      faults: [],
    },
  });
  expect(device.requests.filter(({ path }) => path === "/a_apicommand.cgi")).toHaveLength(1);
  expect(device.requests.map(({ path }) => path)).not.toContain("/a_createdatfilecsv.cgi");
  expect(device.commands).toContain("callinfo all");
});

test("seeHdxByWeb(): the status page's word on calls counts where the list shows none", async () => {
  const device = await hdxDevice({ ...secure, status: STATUS("on") });
  expect(await seeHdxByWeb(await at({ https: device.port }), realIo(), never)).toMatchObject({ value: { inUse: { state: "busy" } } });
});

test("seeHdxByWeb(): the exported settings are asked only where the commands did not tell who it is", async () => {
  const device = await hdxDevice({ ...secure, results: { version: "error: command not found" } });
  const seen = await seeHdxByWeb(await at({ https: device.port }), realIo(), never);
  expect(seen).toMatchObject({ ok: true, value: { facts: { running: { application: "3.1.14-56008" } }, inUse: { state: "idle" } } });
  expect(device.requests.at(-1)?.path).toBe("/a_createdatfilecsv.cgi");
});

test("seeHdxByWeb(): in clear only where a person allowed it, and then never with the password itself", async () => {
  const device = await hdxDevice();
  const target = await at({ http: device.port });
  expect(await seeHdxByWeb(target, realIo(), never)).toMatchObject({ ok: false, fault: [{ kind: "unreachable", via: "https" }] });
  expect(device.requests).toHaveLength(0);
  expect(await seeHdxByWeb({ ...target, telnet: true }, realIo(), never)).toMatchObject({ ok: true, value: { via: "http" } });
  const pinned = { ...target, telnet: true, trust: "pin" as const, pins: { tlsFingerprint: "ab".repeat(32) } };
  const before = device.requests.length;
  expect(await seeHdxByWeb(pinned, realIo(), never)).toMatchObject({ ok: false });
  expect(device.requests).toHaveLength(before);
});

test("seeHdxByWeb(): who asks for the password itself is shown none", async () => {
  const greedy = await hdxDevice({ challenge: 'Basic realm="hdx"' });
  const seen = await seeHdxByWeb(await at({ http: greedy.port }, { telnet: true }), realIo(), never);
  expect(seen).toMatchObject({
    ok: false,
    fault: [
      { kind: "unreachable", via: "https" },
      { kind: "denied", via: "http" },
    ],
  });
  expect(greedy.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
});

test("seeHdxByWeb(): a wrong password is refused once a visit and not sent over another door", async () => {
  const wrong: Credential = { ...admin, id: "wrong", password: new Secret("wrong") };
  const device = await hdxDevice(secure);
  const clear = await hdxDevice();
  const target = await at({ https: device.port, http: clear.port }, { credentials: [wrong, admin], telnet: true });
  expect(await seeHdxByWeb(target, realIo(), never)).toMatchObject({ ok: false, fault: [{ kind: "denied", credentialId: "wrong" }] });
  expect([device.requests.length, clear.requests.length]).toEqual([2, 0]);
});

test("seeHdxByWeb(): a web server without such a page is sent no commands", async () => {
  const device = await hdxDevice({ ...secure, status: "<html>Printer</html>" });
  expect(await seeHdxByWeb(await at({ https: device.port }), realIo(), never)).toMatchObject({ ok: false, fault: [{ kind: "garbled" }] });
  expect(device.commands).toEqual([]);
});
