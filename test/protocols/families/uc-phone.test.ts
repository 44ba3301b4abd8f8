import { createSocket } from "node:dgram";
import { expect, test } from "vitest";
import type { InUse } from "../../../protocols/core/device.ts";
import { parseMac } from "../../../protocols/core/ids.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { ucPhone } from "../../../protocols/families/uc-phone.ts";
import { credential, NOW_MS, PASSWORD, targetAt } from "../../support/family-io.ts";
import {
  type Answer,
  closeAfter,
  DISABLED,
  loggedIn,
  never,
  PHONE_CERTIFICATE,
  PHONE_MAC,
  phone,
  phoneWithoutRest,
  realIo,
  said,
  sipPhone,
  VVX,
} from "./kit.ts";
import { calls, HOME, IDLE, line, pollingAccount, webPhone } from "./web-phone.ts";

const AGENT = `PolycomVVX-VVX_411-UA/6.4.6.2327_${PHONE_MAC}`;

async function readOf(answers: Readonly<Record<string, Answer>>): ReturnType<typeof ucPhone.read> {
  const device = await phone(answers);
  return ucPhone.read(await targetAt({ https: device.port }, { address: "127.0.0.1" }), realIo(), never);
}

async function inUse(answers: Readonly<Record<string, Answer>>): Promise<InUse> {
  const device = await phone(answers);
  const look = await ucPhone.look(await targetAt({ https: device.port }), realIo(), never);
  return look.inUse;
}

/** Without the second version of callStatus. */
const OLD_CALLS = { ...VVX, "v2/webCallControl/callStatus": DISABLED };
const CALL = { CallHandle: "0x1", CallState: "Connected", Protocol: "SIP", Type: "Incoming" };

test("read(): identity, version, lines, parts, use and readings in their units, with evidence", async () => {
  const read = await readOf({
    ...VVX,
    "v1/mgmt/network/info": said({ ProvServerAddress: "https://prov.example" }),
    "v1/mgmt/device/stats": said({ CPU: { Average: "25" }, Memory: { Total: "100", Used: "50" } }),
    "v1/mgmt/network/stats": said({ RxPackets: "12", TxPackets: "34" }),
  });
  expect(read).toEqual({
    facts: {
      family: "uc-phone",
      vendor: "Polycom",
      model: "VVX 411",
      mac: PHONE_MAC,
      serial: PHONE_MAC,
      running: { application: "6.4.6.2327" },
      managedBy: "none",
    },
    inUse: { state: "idle" },
    lines: [{ address: "1001@pbx", registered: true }],
    parts: [{ model: "VVX EM50", connected: true, version: "1.2.3.4" }],
    reading: {
      registeredLines: 1,
      configuredLines: 1,
      inCall: 0,
      uptimeSeconds: 86_410,
      cpuRatio: 0.25,
      memoryRatio: 0.5,
      rxPackets: 12,
      txPackets: 34,
      peripheralsConnected: 1,
      certificateNotAfterSeconds: Math.round((PHONE_CERTIFICATE.notAfterMs - NOW_MS) / 1000),
    },
    evidence: [
      { via: "https", what: expect.any(String), atMs: NOW_MS },
      { via: "tls", what: expect.stringContaining(PHONE_CERTIFICATE.fingerprint), atMs: NOW_MS },
    ],
    servers: { app: [], dhcp: [], provisioning: ["prov.example"] },
    faults: [],
  });
});

test("read(): what the phone does not offer is absent, never zero, and no fault", async () => {
  const read = await readOf({ "v1/mgmt/device/info": said({ ModelNumber: "VVX 411" }), "v2/webCallControl/callStatus": said([]) });
  expect(Object.keys(read.reading).toSorted()).toEqual(["certificateNotAfterSeconds", "inCall"]);
  expect(read.facts).not.toHaveProperty("managedBy");
  expect(read.faults).toEqual([{ kind: "off", via: "https", detail: expect.any(String) }]);
});

test("read(): a table that answers nonsense is a fault, the others are read", async () => {
  const read = await readOf({ ...VVX, "v1/mgmt/lineInfo": said("none"), "v1/mgmt/network/stats": said({ RxPackets: "1" }) });
  expect(read.faults).toEqual([{ kind: "garbled", via: "https", wanted: "line information" }]);
  expect(read.reading.rxPackets).toBe(1);
  expect(read.reading).not.toHaveProperty("registeredLines");
});

test("read(): no password appears in anything it returns", async () => {
  const refused = await phone({}, { accepts: () => false });
  const denied = await ucPhone.read(await targetAt({ https: refused.port, sip: (await sipPhone(AGENT)).port }), realIo(), never);
  expect(JSON.stringify([await readOf(VVX), denied])).not.toContain(PASSWORD);
});

test("look(): busy with a call, in both versions of callStatus [uc 4.10] [uc 4.11]", async () => {
  expect(await inUse({ ...VVX, "v2/webCallControl/callStatus": said([CALL]) })).toMatchObject({ state: "busy" });
  expect(await inUse({ ...OLD_CALLS, "v1/webCallControl/callStatus": said(CALL) })).toMatchObject({ state: "busy" });
});

test("look(): code 4007 of the first version means no call [uc 3a.10] [uc 4.3.5]", async () => {
  expect(await inUse({ ...OLD_CALLS, "v1/webCallControl/callStatus": said(undefined, "4007") })).toEqual({ state: "idle" });
});

test("look(): a phone without callStatus is asked for its own state [uc 4.12]", async () => {
  const poll = (State: string): Promise<InUse> => inUse({ ...OLD_CALLS, "v1/mgmt/pollForStatus": said({ State }) });
  expect(await poll("Idle")).toEqual({ state: "idle" });
  expect(await poll("Active")).toMatchObject({ state: "busy" });
  expect(await poll("Error")).toMatchObject({ state: "unknown" });
});

test("look(): a phone that tells its calls in no way is unknown, never idle", async () => {
  expect(await inUse(OLD_CALLS)).toMatchObject({ state: "unknown" });
  expect(await inUse({ ...VVX, "v2/webCallControl/callStatus": said({}) })).toMatchObject({ state: "unknown" });
  expect(await inUse({ ...VVX, "v2/webCallControl/callStatus": said(undefined, "4001") })).toMatchObject({ state: "unknown" });
});

test("look(): without a call the readiness flags of version 2 may still object, as text [uc 4.1.4]", async () => {
  const flagged = (flags: Record<string, string>): Promise<InUse> =>
    inUse({ ...VVX, "v2/mgmt/device/info": said({ ModelNumber: "VVX 450", ...flags }) });
  expect(await flagged({ CanApplyShutdownRequest: "True", ReadyToUse: "True", IntendToShutdown: "False" })).toEqual({ state: "idle" });
  expect(await flagged({ CanApplyShutdownRequest: "False" })).toMatchObject({ state: "busy" });
  expect(await flagged({ IntendToShutdown: "True" })).toMatchObject({ state: "busy" });
  expect(await flagged({ ReadyToUse: "False" })).toMatchObject({ state: "unknown" });
});

test("look(): the factory password is a finding that says it must be changed, not an answer [uc 3.3] [uc 10.2] [uc 3a.13]", async () => {
  const device = await phone({ "v2/mgmt/device/info": said(undefined, "4010") });
  const look = await ucPhone.look(await targetAt({ https: device.port, sip: (await sipPhone(AGENT)).port }), realIo(), never);
  expect(look.inUse).toMatchObject({ state: "unknown" });
  expect(look.faults).toEqual([{ kind: "refused", via: "https", reason: expect.stringContaining("factory password") }]);
});

test("look(): lines are counted, and absent where the phone does not tell them", async () => {
  const looked = async (answers: Readonly<Record<string, Answer>>): ReturnType<typeof ucPhone.look> =>
    ucPhone.look(await targetAt({ https: (await phone(answers)).port }), realIo(), never);
  expect((await looked(VVX)).lines).toEqual({ registered: 1, configured: 1 });
  expect(await looked({ ...VVX, "v1/mgmt/lineInfo": DISABLED })).not.toHaveProperty("lines");
});

test("look(): after the password is refused in the midst nothing more is asked", async () => {
  let asks = 0;
  const device = await phone(VVX, { accepts: (sent) => sent !== "" && asks++ < 2 });
  const look = await ucPhone.look(await targetAt({ https: device.port }), realIo(), never);
  expect(look.inUse).toMatchObject({ state: "unknown" });
  expect(look.faults).toMatchObject([{ kind: "denied" }]);
  expect(loggedIn(device)).not.toContain("GET /api/v1/mgmt/lineInfo");
});

test("read(), look(): where REST is off SIP tells model, version and MAC; use stays unknown and nothing is zero", async () => {
  const target = await targetAt({ https: (await phoneWithoutRest()).port, sip: (await sipPhone(AGENT)).port });
  const read = await ucPhone.read(target, realIo(), never);
  expect(read.facts).toEqual({
    vendor: "Polycom",
    family: "uc-phone",
    model: "VVX 411",
    running: { application: "6.4.6.2327" },
    mac: PHONE_MAC,
    serial: PHONE_MAC,
  });
  expect([read.inUse.state, read.reading, read.faults.map(({ kind }) => kind)]).toEqual(["unknown", {}, ["off"]]);
  expect(read.evidence).toEqual([{ via: "sip", what: `User-Agent ${AGENT}`, atMs: NOW_MS }]);
  const look = await ucPhone.look(target, realIo(), never);
  expect([look.inUse.state, look.facts.model]).toEqual(["unknown", "VVX 411"]);
});

test("read(): another certificate than the expected one: SIP is not asked either", async () => {
  const sip = await sipPhone(AGENT);
  const expectMac = parseMac("64167f000001");
  const target = await targetAt({ https: (await phone(VVX)).port, sip: sip.port }, expectMac === undefined ? {} : { expectMac });
  const read = await ucPhone.read(target, realIo(), never);
  expect([read.facts, read.faults.map(({ kind }) => kind), sip.messages]).toEqual([{}, ["impostor"], []]);
});

test("look(): a caller that stops is cancelled, not unreachable", async () => {
  const look = await ucPhone.look(await targetAt({ https: (await phone(VVX)).port }), realIo(), AbortSignal.abort());
  expect(look.faults).toEqual([{ kind: "cancelled", by: "shutdown" }]);
});

const WEB_VVX = HOME.replace("SoundPoint IP 550", "VVX 411")
  .replace("3111-12500-001", "3111-48450-001")
  .replace("4.0.15.1009", "5.9.7.3480");

test("read(), look(): where REST is off the home page tells who it is and state polling its calls [uc 5.1] [uc 6.2]", async () => {
  const pages = (state: string): Record<string, string> => ({
    ...IDLE,
    "/home.htm": WEB_VVX,
    "/polling/callstateHandler": calls(line(state)),
  });
  const sip = await sipPhone(AGENT);
  const target = async (state: string): ReturnType<typeof targetAt> =>
    targetAt({ https: (await webPhone(pages(state))).port, sip: sip.port }, { credentials: [credential, pollingAccount] });
  const read = await ucPhone.read(await target("Inactive"), realIo(), never);
  expect(read).toMatchObject({
    facts: {
      family: "uc-phone",
      model: "VVX 411",
      partNumber: "3111-48450-001",
      revision: "A",
      running: { application: "5.9.7.3480" },
      managedBy: "none",
    },
    inUse: { state: "idle" },
    reading: { inCall: 0 },
    faults: [{ kind: "off" }],
  });
  expect((await ucPhone.look(await target("Inactive"), realIo(), never)).inUse).toEqual({ state: "idle" });
  expect((await ucPhone.look(await target("Active"), realIo(), never)).inUse).toMatchObject({ state: "busy" });
});

test("read(): where the web server is off altogether SIP still tells who it is [uc 5.14]", async () => {
  const sip = await sipPhone(AGENT);
  const read = await ucPhone.read(await targetAt({ sip: sip.port }), realIo(), never);
  expect(read).toMatchObject({
    facts: { model: "VVX 411", mac: PHONE_MAC },
    inUse: { state: "unknown" },
    faults: [{ kind: "unreachable" }],
  });
});

test("read(): how the phone is connected is evidence: on Wi-Fi with its signal, the LAN port being shut is no fault [uc 4.5.2]", async () => {
  const Wifi = { State: "Connected", SSID: "Office", "Signal Strength": "-52 dBm" };
  const read = await readOf({ ...VVX, "v1/mgmt/network/info": said({ LANPortStatus: "inactive", ProvServerAddress: "", Wifi }) });
  expect(read.evidence.map(({ what }) => what)).toContain('on Wi-Fi "Office", signal -52 dBm');
  expect([read.faults, read.facts.managedBy]).toEqual([[], "none"]);
});

test("read(): the quality of a call is asked for only while there is one [uc 4.15]", async () => {
  const stats = {
    "v1/mgmt/media/sessionStats": said([{ Streams: [{ Category: "Audio", MaxJitter: "12", PacketsLost: "1", PacketsReceived: "99" }] }]),
  };
  const busy = await readOf({ ...VVX, ...stats, "v2/webCallControl/callStatus": said([CALL]) });
  expect(busy.reading).toMatchObject({ inCall: 1, jitterSeconds: 0.012, packetLossRatio: 0.01 });
  const idle = await readOf({ ...VVX, ...stats });
  expect(idle.reading).not.toHaveProperty("jitterSeconds");
});

test("read(), look(): only questions are asked, and none about whom somebody called, what a screen shows or where keys lead [uc 4.13] [uc 4.17] [uc 4.26] [uc 4.29] [uc 4.31] [uc 4.6.1]", async () => {
  const asked: string[] = [];
  const known = { ...VVX, "v2/mgmt/device/info": VVX["v1/mgmt/device/info"], "v2/webCallControl/callStatus": said([CALL]) };
  const everything = new Proxy(known as Readonly<Record<string, Answer>>, {
    get: (answers, path) => (request: { method: string }) => {
      asked.push(`${request.method} ${String(path)}`);
      const answer = answers[String(path)];
      return typeof answer === "function" ? answer(request as never) : { Status: "2000", data: {} };
    },
  });
  const target = await targetAt({ https: (await phone(everything)).port });
  await ucPhone.read(target, realIo(), never);
  await ucPhone.look(target, realIo(), never);
  const allowed =
    /^GET v[12]\/(?:mgmt\/(?:device\/info|device\/stats|lineInfo|network\/(?:info|stats)|media\/sessionStats|pollForStatus)|webCallControl\/(?:callStatus|sipStatus))$|^GET \/(?:home\.htm|Utilities\/softwareUpgrade\/getProvisioningServer)$/;
  expect(asked.filter((one) => !allowed.test(one))).toEqual([]);
  expect(new Set(asked).size).toBe(9);
});

test("read(): a phone has no SNMP agent, so none is asked [uc 1.11]", async () => {
  const socket = createSocket("udp4");
  const heard: string[] = [];
  socket.on("message", (data) => heard.push(data.toString("hex")));
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  closeAfter(() => new Promise((resolve) => socket.close(() => resolve())));
  const community = { kind: "community", id: "c", community: new Secret("public") } as const;
  const ports = { https: (await phone(VVX)).port, snmp: socket.address().port };
  await ucPhone.read(await targetAt(ports, { credentials: [credential, community] }), realIo(), never);
  expect(heard).toEqual([]);
});
