import { createSocket } from "node:dgram";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../../agent/demo/free-port.ts";
import { plainAccountOf } from "../../../agent/threads/credentials.ts";
import type { DeviceRef, FieldData, FieldEvent, FieldRequests } from "../../../agent/threads/requests.ts";
import type { FamilyId } from "../../../protocols/core/device.ts";
import type { Mac } from "../../../protocols/core/ids.ts";
import { data, fakeLens, page, TRIO } from "../../protocols/lens/kit.ts";
import { temporaryFolder } from "../../store/temporary.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { httpsDevice, OLD_TLS } from "../../support/https-device.ts";
import { FAST_CLOCK, type Worker, worker } from "./kit.ts";

let field: Worker<FieldRequests, FieldEvent>;
const ends: (() => Promise<void>)[] = [];

/** A phone's SIP side: model and version without a password. */
async function sipPhone(): Promise<number> {
  const socket = createSocket("udp4");
  socket.on("message", (data, from) => {
    const asked = data.toString().split("\r\n");
    const kept = asked.filter((line) => /^(Via|From|To|Call-ID|CSeq):/i.test(line));
    const answer = ["SIP/2.0 200 OK", ...kept, "User-Agent: PolycomVVX-VVX_411-UA/6.4.6.2327_64167faabbcc", "Content-Length: 0", "", ""];
    socket.send(answer.join("\r\n"), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  ends.push(() => new Promise((resolve) => socket.close(() => resolve())));
  return socket.address().port;
}

/** One phone that shows its certificate, answers SIP, and has its interface switched off. */
beforeAll(async () => {
  const certificate = makeCertificate("CN=64167faabbcc, O=Polycom Inc.");
  const device = await httpsDevice(certificate, (_request, response) => void response.writeHead(404).end());
  ends.push(() => device.close());
  const sip = await sipPhone();
  const [http, ssh, telnet, snmp] = await Promise.all(Array.from({ length: 4 }, freePort));
  const ports = { https: device.port, http, ssh, telnet, snmp, sip } as FieldData["ports"];
  const data: FieldData = { clock: FAST_CLOCK, ports, credentials: [], telnet: false, concurrency: 4 };
  field = await worker<FieldRequests, FieldEvent>("field", data, (end) => ends.unshift(end));
});
afterAll(async () => {
  for (const end of ends) await end();
});

const at = (family: FamilyId): DeviceRef => ({ address: "127.0.0.1", family });
const SWEEP = {
  ...{ runId: "r1", networks: ["127.0.0.1/32"], exclude: [], seed: 1, spared: [], allowPublic: false, light: false },
  ...{ ratePerSecond: 100, ratePerSubnet: 100, timeoutMs: 1_000, retries: 0 },
};

test("sweep: sightings and progress come as events of their run, the counts as the answer", async () => {
  const { thread, events, heard } = field;
  expect(await thread.ask("sweep", SWEEP)).toMatchObject({ asked: 1, answered: 1 });
  expect(await heard(({ kind }) => kind === "sighting")).toMatchObject({
    runId: "r1",
    sighting: { address: "127.0.0.1", facts: { mac: "64167faabbcc" } },
  });
  expect(events.filter(({ kind }) => kind === "sweepProgress").at(-1)).toMatchObject({
    runId: "r1",
    progress: { asked: 1, total: 1, found: 1 },
  });
});

test("sweep: what is no network is our bug, and nothing is asked", async () => {
  const { thread, events } = field;
  const other = { ...SWEEP, runId: "r2", networks: ["everything"] };
  await expect(thread.ask("sweep", other)).rejects.toThrow('"everything" is no network');
  expect(events.filter((event) => "runId" in event && event.runId === "r2")).toEqual([]);
});

test("sweep: an abort ends it", async () => {
  const { thread } = field;
  const stop = new AbortController();
  const asked = thread.ask("sweep", { ...SWEEP, runId: "r3", networks: ["127.0.0.0/24"], ratePerSecond: 1 }, stop.signal);
  const reason = new Error("enough");
  stop.abort(reason);
  await expect(asked).rejects.toBe(reason);
  expect(thread.open).toBe(0);
});

test("read: a device whose interface is off is faults in the answer, not an error", async () => {
  const { thread } = field;
  const read = await thread.ask("read", at("uc-phone"));
  expect(read.faults.length).toBeGreaterThan(0);
  expect(read.reading).not.toHaveProperty("registeredLines");
});

test("look: a device that cannot be looked at is not idle", async () => {
  const { thread } = field;
  const look = await thread.ask("look", at("uc-phone"));
  expect(look.inUse.state).toBe("unknown");
});

test("trigger: a family that cannot be told to update is off, and surely nothing happened", async () => {
  const { thread } = field;
  expect(await thread.ask("trigger", at("switch"))).toMatchObject({ ok: false, fault: { fault: { kind: "off" }, certain: true } });
  // A room asks an update server, which is not served from here: it is told nothing.
  expect(await thread.ask("trigger", at("group"))).toMatchObject({ ok: false, fault: { fault: { kind: "off" }, certain: true } });
});

test("whyRefused: a phone whose log cannot be read, and a family that takes no image from here, say nothing", async () => {
  const { thread } = field;
  for (const family of ["uc-phone", "group", "switch"] as const) expect(await thread.ask("whyRefused", at(family))).toBeUndefined();
});

test("neighbours: a switch without a community is a fault", async () => {
  const { thread } = field;
  expect(await thread.ask("neighbours", { address: "127.0.0.1" })).toMatchObject({ ok: false });
});

test("read: an unknown family is our bug and fails that request alone", async () => {
  const { thread } = field;
  await expect(thread.ask("read", at("fax" as FamilyId))).rejects.toThrow('no family "fax"');
  expect(await thread.ask("trigger", at("switch"))).toMatchObject({ ok: false });
});

test("read: a device that knows only old TLS is spoken to where a person listed its MAC or address, and only there [prov 3.6]", async () => {
  const certificate = makeCertificate("CN=64167faabbcc, O=Polycom Inc.");
  const device = await httpsDevice(certificate, (_request, response) => void response.writeHead(404).end(), { tls: OLD_TLS });
  ends.unshift(() => device.close());
  const [http, ssh, telnet, snmp] = await Promise.all(Array.from({ length: 4 }, freePort));
  const ports = { https: device.port, http, ssh, telnet, snmp, sip: await sipPhone() } as FieldData["ports"];
  const asked = { ...at("uc-phone"), mac: "64167faabbcc" as Mac };
  const kinds: string[] = [];
  for (const oldTls of [[], ["127.0.0.1"], ["64167faabbcc"], ["127.0.0.9", "64167faabbdd"]]) {
    const data: FieldData = { clock: FAST_CLOCK, ports, credentials: [], telnet: false, oldTls, concurrency: 4 };
    const { thread } = await worker<FieldRequests, FieldEvent>("field", data, (end) => ends.unshift(end));
    kinds.push((await thread.ask("look", asked)).faults[0]?.kind ?? "none");
  }
  expect(kinds).toEqual(["garbled", "off", "off", "garbled"]);
});

test("leases: a file of a DHCP server is read in the thread, one that is not there is a fault", async () => {
  const { thread } = field;
  const leaseFile = join(temporaryFolder(), "dnsmasq.leases");
  writeFileSync(leaseFile, "0 64:16:7f:00:00:01 10.20.0.5 * *\n");
  expect(await thread.ask("leases", { format: "dnsmasq", leaseFile })).toMatchObject({
    ok: true,
    value: { leases: 1, unreadable: 0, sightings: [{ source: "dhcp", address: "10.20.0.5", facts: { mac: "64167f000001" } }] },
  });
  expect(await thread.ask("leases", { format: "isc", leaseFile: `${leaseFile}.none` })).toMatchObject({
    ok: false,
    fault: { via: "dhcp" },
  });
});

test("lens: without an account it is off", async () => {
  const { thread } = field;
  expect(await thread.ask("lens", null)).toMatchObject({ ok: false, fault: { kind: "off", via: "lens" } });
  expect(await thread.ask("read", at("lens-only"))).toMatchObject({ faults: [{ kind: "off", via: "lens" }], presence: "unknown" });
});

test("lens: with an account its devices are sightings, and one of them is read by its MAC", async () => {
  const cloud = await fakeLens({ graphql: () => data(page([TRIO])) });
  const lens = plainAccountOf(cloud.account);
  const ports = { https: 1, http: 1, ssh: 1, telnet: 1, snmp: 1, sip: 1 };
  const given: FieldData = { clock: FAST_CLOCK, ports, credentials: [], telnet: false, concurrency: 4, lens };
  const { thread } = await worker<FieldRequests, FieldEvent>("field", given);
  expect(await thread.ask("lens", null)).toMatchObject({
    ok: true,
    value: { sightings: [{ source: "lens", facts: { mac: TRIO.id } }], faults: [] },
  });
  const ref: DeviceRef = { address: "", family: "lens-only", mac: TRIO.id as Mac };
  expect(await thread.ask("read", ref)).toMatchObject({ facts: { model: "Trio 8800" }, inUse: { state: "unknown" }, faults: [] });
  expect(cloud.tokenBodies).toHaveLength(1);
});

test("settings: a family that nobody can ask is off, and without a key for secrets nobody is asked", async () => {
  const { thread } = field;
  expect(await thread.ask("settings", at("switch"))).toMatchObject({
    ok: false,
    fault: { kind: "off", detail: expect.stringContaining("no document") },
  });
  expect(await thread.ask("settings", at("uc-phone"))).toMatchObject({
    ok: false,
    fault: { kind: "off", detail: expect.stringContaining("no key") },
  });
});
