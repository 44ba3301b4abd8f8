import { createSocket } from "node:dgram";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { readOf, sightingOf } from "../../../../agent/discovery/sources/sighting.ts";
import { type SweepPlan, type SweepSummary, sweep } from "../../../../agent/discovery/sources/sweep.ts";
import type { SweepProgress } from "../../../../agent/discovery/sources/sweep-course.ts";
import type { DevicePorts, DeviceRead, Sighting } from "../../../../protocols/core/device.ts";
import { expandAddresses, type Network, parseCidr } from "../../../../protocols/core/networks.ts";
import { seededRandom } from "../../../../protocols/core/random.ts";
import { type Credential, Secret } from "../../../../protocols/core/secret.ts";
import { systemClock } from "../../../../protocols/core/time.ts";
import type { FamilyIo } from "../../../../protocols/families/family.ts";
import type { Identified } from "../../../../protocols/families/identify.ts";
import { answerPacket, honest, octets, oid, readRequest } from "../../../protocols/snmp/agent.ts";
import { makeCertificate } from "../../../support/certificate.ts";
import { credential, familyIo, PASSWORD, shutPort } from "../../../support/family-io.ts";
import { answerJson, httpsDevice, OLD_TLS } from "../../../support/https-device.ts";
import { captureSends } from "../../../support/sends.ts";

const never = new AbortController().signal;
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const NET = "127.46.1";
const PHONE = `${NET}.2`;
const AGENT = `${NET}.3`;
/** Excluded, the broadcast address, and a neighbour of the network. */
const FORBIDDEN = [`${NET}.4`, `${NET}.7`, `${NET}.9`];
const COMMUNITY: Credential = { kind: "community", id: "site", community: new Secret("groundswell") };

function net(text: string): Network {
  const network = parseCidr(text);
  if (network === undefined) throw new Error(text);
  return network;
}

async function udp(
  address: string,
  port: number,
  onPacket: (packet: Buffer, reply: (packet: Buffer | string) => void) => void,
): Promise<number> {
  const socket = createSocket("udp4");
  socket.on("message", (packet, from) => onPacket(packet, (answer) => socket.send(answer, from.port, from.address)));
  await new Promise<void>((resolve) => socket.bind(port, address, resolve));
  closers.push(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  return socket.address().port;
}

async function tcp(address: string, port: number, onConnection: () => void): Promise<number> {
  const server = createServer((socket) => {
    onConnection();
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(port, address, resolve));
  closers.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return (server.address() as AddressInfo).port;
}

const ANSWERS: Readonly<Record<string, unknown>> = {
  "/api/v1/mgmt/device/info": { ModelNumber: "VVX 411", FirmwareRelease: "6.4.6.2327", MACAddress: "64167faabbcc" },
  "/api/v2/webCallControl/callStatus": [],
  "/api/v1/mgmt/lineInfo": [{ SIPAddress: "1001@pbx", RegistrationStatus: "registered" }],
};
const SYSTEM = new Map([
  ["1.3.6.1.2.1.1.1.0", octets("some gateway")],
  ["1.3.6.1.2.1.1.2.0", oid("1.3.6.1.4.1.99999.1")],
  ["1.3.6.1.2.1.1.5.0", octets("gateway-1")],
]);

interface TestSite {
  readonly ports: DevicePorts;
  /** Every packet and connection to an address nobody may ask. */
  readonly trespasses: string[];
  readonly logins: () => number;
}

async function site(oldTls = false): Promise<TestSite> {
  const trespasses: string[] = [];
  const basic = `Basic ${Buffer.from(`Polycom:${PASSWORD}`).toString("base64")}`;
  const phone = await httpsDevice(
    makeCertificate("CN=64167faabbcc, O=Polycom Inc."),
    (request, response) => {
      if (request.headers.authorization !== basic) return void response.writeHead(401, { "www-authenticate": 'Basic realm="SPIP"' }).end();
      const data = ANSWERS[request.path];
      if (data === undefined) return void response.writeHead(404).end();
      answerJson(response, { Status: "2000", data });
    },
    { host: PHONE, ...(oldTls ? { tls: OLD_TLS } : {}) },
  );
  closers.push(() => phone.close());
  const answering = (agent: string) => (packet: Buffer, reply: (packet: string) => void) => {
    const via = /^Via: .*$/m.exec(packet.toString())?.[0].trim() ?? "";
    reply(`SIP/2.0 200 OK\r\n${via}\r\n${agent}\r\n`);
  };
  const sip = await udp(PHONE, 0, answering("User-Agent: PolycomVVX-VVX_411-UA/6.4.6.2327_64167faabbcc\r\n"));
  // Says nothing of itself, so that no look waits for its silence.
  await udp(AGENT, sip, answering(""));
  const snmp = await udp(AGENT, 0, (packet, reply) => {
    const asked = readRequest(packet);
    if (asked.community.toString() === "groundswell") reply(answerPacket(asked, honest(SYSTEM, asked)));
  });
  const ssh = await tcp(FORBIDDEN[0] ?? "", 0, () => trespasses.push("ssh"));
  for (const address of FORBIDDEN) {
    await tcp(address, phone.port, () => trespasses.push(`https ${address}`));
    await udp(address, snmp, () => trespasses.push(`snmp ${address}`));
    await udp(address, sip, () => trespasses.push(`sip ${address}`));
  }
  const shut = await shutPort();
  const logins = (): number => phone.requests.filter(({ headers }) => headers.authorization !== undefined).length;
  return { ports: { https: phone.port, http: shut, snmp, ssh, telnet: shut, sip }, trespasses, logins };
}

async function portsShut(): Promise<DevicePorts> {
  const shut = await shutPort();
  return { https: shut, http: shut, snmp: shut, ssh: shut, telnet: shut, sip: shut };
}

interface Ran {
  readonly summary: SweepSummary;
  readonly seen: { sighting: Sighting; read: DeviceRead | undefined }[];
  readonly progress: SweepProgress[];
}

async function run(ports: DevicePorts, changes: Partial<SweepPlan> = {}, signal: AbortSignal = never): Promise<Ran> {
  const io: FamilyIo & { close(): Promise<void> } = { ...familyIo(), clock: systemClock() };
  closers.push(() => io.close());
  const seen: Ran["seen"] = [];
  const progress: Ran["progress"] = [];
  const plan: SweepPlan = {
    networks: [net(`${NET}.0/29`)],
    exclude: [net(`${NET}.4/32`)],
    ports,
    credentials: [COMMUNITY, credential],
    ratePerSecond: 2_000,
    ratePerSubnet: 2_000,
    knockMs: 500,
    retries: 0,
    seed: 5,
    allowPublic: false,
    ...changes,
  };
  const told = {
    ...io,
    random: seededRandom(5),
    onSighting: (sighting: Sighting, read: DeviceRead | undefined) => void seen.push({ sighting, read }),
    onProgress: (next: SweepProgress) => void progress.push(next),
  };
  return { summary: await sweep(plan, told, signal), seen, progress };
}

test("sweep(): a phone by its own doors and a device by SNMP are found and read once, nobody outside is asked", async () => {
  const { ports, trespasses } = await site();
  const { summary, seen, progress } = await run(ports);
  expect(summary).toEqual({ asked: 5, answered: 2, spared: 0 });
  const found = new Map(seen.map(({ sighting, read }) => [sighting.address, { sighting, read }]));
  expect(seen).toHaveLength(2);
  expect(found.get(PHONE)).toMatchObject({
    sighting: { source: "device", facts: { family: "uc-phone", mac: "64167faabbcc", model: "VVX 411" } },
    read: { inUse: { state: "idle" }, lines: [{ address: "1001@pbx", registered: true }] },
  });
  expect(found.get(AGENT)?.sighting.facts).toMatchObject({ family: "generic-snmp", name: "gateway-1" });
  expect(progress.at(-1)).toMatchObject({
    asked: 5,
    total: 5,
    found: 2,
    byFamily: { "uc-phone": 1, "generic-snmp": 1 },
    packetsPerSecond: 2_000,
  });
  expect(trespasses).toEqual([]);
});

test("sweep(): a phone that knows only old TLS shows its certificate where its address is listed", async () => {
  const { ports } = await site(true);
  const macs = async (oldTls: readonly string[]) =>
    (await run(ports, { networks: [net(`${PHONE}/32`)], knockMs: 1_000, credentials: [], oldTls })).seen.map(
      ({ sighting }) => sighting.facts.mac,
    );
  expect([await macs([]), await macs([PHONE])]).toEqual([[], ["64167faabbcc"]]);
});

test("sweep(): without credentials only doors are knocked at, and what they show is the sighting", async () => {
  const { ports, trespasses, logins } = await site();
  const { seen } = await run(ports, { credentials: [] });
  expect(seen.map(({ sighting }) => [sighting.address, sighting.facts.mac])).toEqual([[PHONE, "64167faabbcc"]]);
  expect(logins()).toBe(0);
  expect(trespasses).toEqual([]);
});

test.each([
  ["address", [PHONE, AGENT]],
  ["MAC", ["64167faabbcc", AGENT]],
])("sweep(): who is ignored by %s is seen by its doors and shown no password and no community", async (_by, ignored) => {
  const { ports, logins } = await site();
  const { seen } = await run(ports, { ignored });
  expect(seen.map(({ sighting }) => [sighting.address, sighting.facts.mac])).toEqual([[PHONE, "64167faabbcc"]]);
  expect(logins()).toBe(0);
});

test("sweep(): a signal that is aborted already sends nothing", async () => {
  const { ports, logins } = await site();
  const reason = new Error("stop");
  await expect(run(ports, {}, AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(logins()).toBe(0);
});

test("sweep(): an empty network is over at once", async () => {
  const shut = await shutPort();
  const ports = { https: shut, http: shut, snmp: shut, ssh: shut, telnet: shut, sip: shut };
  const { summary, progress } = await run(ports, { networks: [] });
  expect(summary).toEqual({ asked: 0, answered: 0, spared: 0 });
  expect(progress).toMatchObject([{ asked: 0, total: 0, found: 0 }]);
});

test("sightingOf(), readOf(): the source is the door that spoke, and a read only where one was made", () => {
  const nobody: Identified = { facts: {}, confidence: 0, lines: [], parts: [], reading: {}, evidence: [], faults: [], look: {} };
  const named: Identified = { ...nobody, facts: { vendor: "Poly" } };
  const sourceOf = (identified: Identified): string | undefined => sightingOf(PHONE, identified, 5)?.source;
  expect(sightingOf(PHONE, nobody, 5)).toBeUndefined();
  expect(sourceOf({ ...named, look: { tls: { fingerprint: "ab" }, sip: {} } })).toBe("tls");
  expect(sourceOf({ ...named, look: { sip: {} } })).toBe("sip");
  expect(sourceOf({ ...named, look: { snmp: {} } })).toBe("device");
  expect(sourceOf({ ...named, look: { tls: { fingerprint: "ab" } }, inUse: { state: "idle" } })).toBe("device");
  expect(readOf(named)).toBeUndefined();
  expect(readOf({ ...named, inUse: { state: "idle" } })).toMatchObject({ facts: { vendor: "Poly" }, inUse: { state: "idle" } });
});

test("sweep(): goes on from where it was: those before the position are not asked, those who wait are visited, counts go on", async () => {
  const { ports, logins } = await site();
  const order = [...expandAddresses({ networks: [net(`${NET}.0/29`)], exclude: [net(`${NET}.4/32`)], random: seededRandom(5) })];
  const from = { position: order.length, waiting: [PHONE], found: 7, byFamily: { hdx: 7 }, spared: 0 };
  const { summary, seen, progress } = await run(ports, { from });
  expect(summary).toEqual({ asked: 5, answered: 8, spared: 0 });
  expect(seen.map(({ sighting }) => sighting.address)).toEqual([PHONE]);
  expect(progress.at(-1)).toMatchObject({ found: 8, byFamily: { hdx: 7, "uc-phone": 1 } });
  expect(logins()).toBeGreaterThan(0);
});

test("sweep(): who is spared is not asked at all", async () => {
  const { ports, logins } = await site();
  const { summary, seen } = await run(ports, { spared: [PHONE] });
  expect(summary).toEqual({ asked: 4, answered: 1, spared: 1 });
  expect(seen.map(({ sighting }) => sighting.address)).toEqual([AGENT]);
  expect(logins()).toBe(0);
});

test("sweep(): a light one asks only at the doors that Poly devices have", async () => {
  const { ports } = await site();
  // A whole one finds the agent by its community, which no Poly device needs to be found by.
  const { seen } = await run(ports, { light: true });
  expect(seen.map(({ sighting }) => sighting.address)).toEqual([PHONE]);
});

test.each([
  ["203.0.113.0/24", "lies on the internet"],
  ["10.0.0.0/14", "are more than a /15"],
])("sweep(): %s is our mistake, and nothing is sent", async (text, why) => {
  const sent = captureSends();
  await expect(run(await portsShut(), { networks: [net(text)] })).rejects.toThrow(why);
  expect(sent).toEqual([]);
});

test("sweep(): keeps the pace of one network, whatever the pace of all", async () => {
  const ports = await portsShut();
  const clock = systemClock();
  const startMs = clock.nowMs();
  // Fourteen hosts, four packets each by SYN and OPTIONS: at 40 a second some 1.3 s.
  await run(ports, { networks: [net("127.46.2.0/28")], credentials: [], ratePerSecond: 20_000, ratePerSubnet: 40, knockMs: 20 });
  expect(clock.nowMs() - startMs).toBeGreaterThan(900);
});
