import { expect, test } from "vitest";
import { parseMac } from "../../../protocols/core/ids.ts";
import { type Credential, Secret } from "../../../protocols/core/secret.ts";
import type { FamilyIo, Target } from "../../../protocols/families/family.ts";
import { type Identified, identifyDevice } from "../../../protocols/families/identify.ts";
import { basicAuthorization } from "../../../protocols/http/digest.ts";
import { makeAuthority, makeCertificate } from "../../support/certificate.ts";
import { credential, PASSWORD, targetAt } from "../../support/family-io.ts";
import { httpsDevice } from "../../support/https-device.ts";
import { honest, octets, oid, startHonest, type TestAgent } from "../snmp/agent.ts";
import { hdxDevice } from "./hdx-kit.ts";
import { closeAfter, loggedIn, never, PHONE_MAC, phone, phoneWithoutRest, ROOM_CERTIFICATE, realIo, sipPhone, VVX } from "./kit.ts";
import { GROUP, room, X50 } from "./room.ts";

const ALL_SILENT = ["tls", "sip", "ssh"] as const;
const community: Credential = { kind: "community", id: "ro", community: new Secret("public") };
const admin: Credential = { kind: "password", id: "rooms", user: "admin", password: new Secret(PASSWORD) };

/** Doors that have no fake are known silent, so that nobody waits for them. */
async function identify(ports: Partial<Target["ports"]>, more: Partial<Target> = {}, io: FamilyIo = realIo()): Promise<Identified> {
  const names = { tls: "https", sip: "sip", ssh: "ssh" } as const;
  const silent = ALL_SILENT.filter((door) => ports[names[door]] === undefined);
  return identifyDevice(await targetAt(ports, { silent, ...more }), io, never);
}

async function agent(sysDescr: string, sysObjectId: string): Promise<TestAgent> {
  const table = new Map([
    ["1.3.6.1.2.1.1.1.0", octets(sysDescr)],
    ["1.3.6.1.2.1.1.2.0", oid(sysObjectId)],
  ]);
  const started = await startHonest((asked) => (asked.community.toString() === "public" ? honest(table, asked) : undefined));
  closeAfter(() => started.close());
  return started;
}

test("identifyDevice(): a phone is recognised by its doors and then read once with the password", async () => {
  const device = await phone(VVX);
  const known = await identify({ https: device.port, sip: (await sipPhone("PolycomVVX-VVX_411-UA/6.4.6.2327")).port });
  expect(known).toMatchObject({
    family: { id: "uc-phone" },
    confidence: 0.95,
    facts: { model: "VVX 411", mac: PHONE_MAC, serial: PHONE_MAC, running: { application: "6.4.6.2327" } },
    inUse: { state: "idle" },
    lines: [{ address: "1001@pbx", registered: true }],
  });
  expect(known.evidence.map(({ via }) => via)).toEqual(["tls", "sip", "https", "tls"]);
  expect(known.faults).toEqual([]);
});

test("identifyDevice(): what the device says of itself beats what its doors show", async () => {
  const known = await identify({ https: (await phone(VVX)).port, sip: (await sipPhone("PolycomVVX-VVX_411-UA/5.9.0.1111")).port });
  expect(known.facts.running).toEqual({ application: "6.4.6.2327" });
});

test("identifyDevice(): another certificate than expected: nobody, and neither password nor community goes out", async () => {
  const device = await phone(VVX);
  const snmp = await agent("x", "1.3.6.1.4.1.99999");
  const expectMac = parseMac("64167f000001");
  const known = await identify(
    { https: device.port, snmp: snmp.port },
    { credentials: [credential, community], ...(expectMac === undefined ? {} : { expectMac }) },
  );
  expect(known).toMatchObject({ confidence: 0, facts: {}, faults: [{ kind: "impostor", wanted: "64167f000001", found: PHONE_MAC }] });
  expect(known).not.toHaveProperty("family");
  expect([loggedIn(device), snmp.requests]).toEqual([[], []]);
});

test("identifyDevice(): a community is not shown to a phone, whose doors say enough and which has no agent [snmp 1.1]", async () => {
  const snmp = await agent("x", "1.3.6.1.4.1.99999");
  await identify(
    { https: (await phoneWithoutRest()).port, sip: (await sipPhone("PolycomVVX-VVX_411-UA/1.2.3.4")).port, snmp: snmp.port },
    { credentials: [community] },
  );
  expect(snmp.requests).toEqual([]);
});

test("identifyDevice(): where only SNMP answers it decides", async () => {
  const snmp = await agent("RMX.8.4.0.100", "1.3.6.1.4.1.13885.9.1.10.1");
  const known = await identify({ snmp: snmp.port }, { credentials: [community] });
  expect(known).toMatchObject({ family: { id: "generic-snmp" }, confidence: 0.8, facts: { model: "RMX" } });
});

test("identifyDevice(): an agent that names nobody is still read, by what it has been shown, and shown no password", async () => {
  const snmp = await agent("Linux rprm 3.10", "1.3.6.1.4.1.8072.3.2.10");
  const [device, before] = [await phone(VVX, { certificate: makeCertificate("CN=server, O=Example") }), snmp.requests.length];
  const known = await identify({ https: device.port, snmp: snmp.port }, { credentials: [credential, community] });
  expect(known).toMatchObject({ family: { id: "generic-snmp" }, confidence: 0.2, inUse: { state: "unknown" } });
  expect([loggedIn(device), snmp.requests.length - before > 1]).toEqual([[], true]);
});

test("identifyDevice(): a likely switch is read as one", async () => {
  const snmp = await agent("HP ProCurve Switch 2920", "1.3.6.1.4.1.11.2.3.7.11.152");
  const known = await identify({ snmp: snmp.port }, { credentials: [community] });
  expect(known).toMatchObject({ family: { id: "switch" }, facts: { family: "switch", vendor: "HP" }, inUse: { state: "unknown" } });
});

test("identifyDevice(): a room whose doors fit two families is settled by its own answer", async () => {
  const [x50, unit] = [await room(X50), await room(GROUP)];
  const studio = await identify({ https: x50.port }, { credentials: [admin] });
  expect(studio).toMatchObject({
    family: { id: "video-os" },
    facts: { family: "video-os", model: "Studio X50" },
    inUse: { state: "idle" },
  });
  expect(studio).not.toHaveProperty("ambiguous");
  expect((await identify({ https: unit.port }, { credentials: [admin] })).family?.id).toBe("group");
  expect([x50.sessions(), unit.sessions()]).toEqual([0, 0]);
});

test("identifyDevice(): the family we have a password for is asked first", async () => {
  const unit = await room(GROUP);
  const known = await identify({ https: unit.port }, { credentials: [{ ...admin, families: ["group"] }] });
  expect([known.family?.id, unit.opened()]).toEqual(["group", 1]);
});

test("identifyDevice(): a room that lets nobody in stays ambiguous, and says so", async () => {
  const known = await identify({ https: (await room(X50)).port }, { credentials: [] });
  expect(known).not.toHaveProperty("family");
  expect(known).toMatchObject({
    ambiguous: ["video-os", "group", "hdx"],
    confidence: 0.5,
    inUse: { state: "unknown" },
    facts: { mac: "00e0dbaabbcc" },
  });
  expect(known.faults.map(({ kind }) => kind)).toEqual(["denied"]);
});

test("identifyDevice(): what plainly is not of the family it was read as is read as the next: an HDX known by its MAC alone", async () => {
  const unit = await hdxDevice({ certificate: ROOM_CERTIFICATE });
  const known = await identify({ https: unit.port }, { credentials: [admin] });
  expect(known).toMatchObject({ family: { id: "hdx" }, facts: { family: "hdx", model: "HDX 9006" }, inUse: { state: "idle" } });
  expect(known).not.toHaveProperty("ambiguous");
  // Another device's missing interface is no fault of this one.
  expect(known.faults.map(({ kind }) => kind)).toEqual([]);
  expect(unit.requests.filter(({ path }) => path === "/rest/session").length).toBeLessThanOrEqual(2);
});

test("identifyDevice(): a phone of a shared block without REST is read as the next family with a password for it", async () => {
  const shared = makeCertificate("CN=0004f2aabbcc, O=Polycom Inc.");
  const titles: string[] = [];
  const device = await httpsDevice(shared, (request, response) => {
    titles.push(request.path);
    const right = request.headers.authorization === basicAuthorization("Polycom", PASSWORD);
    if (request.path !== "/home.htm" || !right) return void response.writeHead(request.path === "/home.htm" ? 401 : 404).end();
    response.end("<html><body>nothing a phone would say</body></html>");
  });
  closeAfter(() => device.close());
  const mine = (id: string, family: string): Credential => ({
    ...{ kind: "password", id, user: "Polycom", families: [family] },
    password: new Secret(PASSWORD),
  });
  const known = await identify({ https: device.port }, { credentials: [mine("a", "uc-phone"), mine("b", "soundpoint")] });
  expect(known).toMatchObject({ ambiguous: ["uc-phone", "soundpoint"], facts: { mac: "0004f2aabbcc" } });
  expect(titles.filter((path) => path.startsWith("/api/"))).not.toEqual([]);
  // Once for each family, without and with its password.
  expect(titles.filter((path) => path === "/home.htm").length).toBeGreaterThanOrEqual(4);
});

test("identifyDevice(): a refused password is no reason to try another family's", async () => {
  const unit = await room(X50, {
    login: () => ({ status: 401, body: JSON.stringify({ success: false, reason: "SessionRequestFailed" }) }),
  });
  const known = await identify({ https: unit.port }, { credentials: [admin] });
  expect(known.faults.map(({ kind }) => kind)).toEqual(["denied"]);
  expect(unit.requests.filter(({ path }) => path === "/rest/session")).toHaveLength(1);
});

test("identifyDevice(): nobody there: no facts, no confidence, one fault per door", async () => {
  const known = await identify({}, { silent: ["sip"] });
  expect(known).toMatchObject({ confidence: 0, facts: {}, lines: [], parts: [], reading: {}, evidence: [] });
  expect(known.faults.map(({ kind }) => kind)).toEqual(["unreachable", "unreachable"]);
});

test("identifyDevice(): where a pin is asked for and none is on record, the certificate just checked is this visit's pin", async () => {
  const device = await phone(VVX);
  const expectMac = parseMac(PHONE_MAC);
  const known = await identify({ https: device.port }, { trust: "pin", ...(expectMac === undefined ? {} : { expectMac }) });
  expect(known).toMatchObject({ family: { id: "uc-phone" }, inUse: { state: "idle" } });
});

test("identifyDevice(): a maker's hint alone shows nobody a password", async () => {
  const device = await phone(VVX, { certificate: makeCertificate("CN=001122aabbcc, O=Poly") });
  const known = await identify({ https: device.port });
  expect([known.confidence, loggedIn(device)]).toEqual([0.3, []]);
  expect(known).not.toHaveProperty("inUse");
});

const authority = makeAuthority("CN=site");
const ours = authority.issue("CN=agent");
const identity: Credential = { kind: "certificate", id: "ours", certificate: ours.cert, key: new Secret(ours.key) };
const demandingPhone = (version: "TLSv1.2" | "TLSv1.3") =>
  phone(VVX, { tls: { requestCert: true, ca: authority.cert, minVersion: version, maxVersion: version } });

test.each(["TLSv1.2", "TLSv1.3"] as const)(
  "identifyDevice(): a phone that demands a certificate of ours is known and read by it (%s)",
  async (version) => {
    const device = await demandingPhone(version);
    const known = await identify({ https: device.port }, { credentials: [identity, credential] });
    expect(known).toMatchObject({ family: { id: "uc-phone" }, facts: { model: "VVX 411" }, faults: [] });
  },
);

test("identifyDevice(): without one it is not read, and the reason is told", async () => {
  const device = await demandingPhone("TLSv1.2");
  const known = await identify({ https: device.port }, { credentials: [credential] });
  const detail = expect.stringContaining("demands a client certificate");
  expect(known).toMatchObject({ confidence: 0, faults: [{ kind: "denied", via: "tls", detail }] });
  expect(device.requests).toEqual([]);
});

test("identifyDevice(): a certificate of ours meant for one family is shown to that family's devices", async () => {
  const device = await demandingPhone("TLSv1.3");
  const read = async (families: readonly string[]) =>
    (await identify({ https: device.port }, { credentials: [{ ...identity, families }, credential] })).facts.model;
  expect(await read(["uc-phone"])).toBe("VVX 411");
  expect(await read(["video-os"])).toBeUndefined();
});
