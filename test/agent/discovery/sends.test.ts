/**
 * Where discovery sends: a site whose switch, router, web server and phones all try to lead it out of the configured networks.
 */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createDiscovery } from "../../../agent/discovery/discover.ts";
import type { Inventory } from "../../../agent/discovery/inventory.ts";
import { runSweep, type SweepEvent, type SweepOrder } from "../../../agent/discovery/sources/sweep-order.ts";
import { askSwitch } from "../../../agent/discovery/sources/switches.ts";
import { SILENT } from "../../../agent/log.ts";
import type { Thread } from "../../../agent/threads/channel.ts";
import type { FieldRequests } from "../../../agent/threads/requests.ts";
import type { DevicePorts, Sighting } from "../../../protocols/core/device.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { type Credential, Secret } from "../../../protocols/core/secret.ts";
import { systemClock } from "../../../protocols/core/time.ts";
import { answerPacket, honest, octets, oid, readRequest, tlv } from "../../protocols/snmp/agent.ts";
import { temporaryStore } from "../../store/temporary.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { credential, familyIo, shutPort } from "../../support/family-io.ts";
import { httpsDevice } from "../../support/https-device.ts";
import { captureSends } from "../../support/sends.ts";

const NET = "127.78.1";
const [SWITCH, PHONE, EXCLUDED, BROADCAST, OUTSIDE] = [`${NET}.2`, `${NET}.3`, `${NET}.5`, `${NET}.15`, "127.78.2.9"];
/** A configured network of its own inside the other: its broadcast address is nobody's either. */
const INNER_BROADCAST = `${NET}.11`;
const NETWORKS = [`${NET}.0/28`, `${NET}.8/30`];
const MAC = "64167faabbcc";
const COMMUNITY: Credential = { kind: "community", id: "site", community: new Secret("groundswell") };
const never = new AbortController().signal;

const int = (value: number): Buffer => tlv(2, Buffer.from([value]));
const bytes = (address: string): Buffer => Buffer.from(address.split(".").map(Number));
const hex = (text: string): Buffer => tlv(4, Buffer.from(text, "hex"));
const LLDP = "1.0.8802.1.1.2.1";

/** A switch whose neighbours, and a router whose table, say that everybody is elsewhere. */
function liesOfTheSwitch(): ReadonlyMap<string, Buffer> {
  const table = new Map<string, Buffer>([
    ["1.3.6.1.2.1.1.1.0", octets("Access switch 15.2.7")],
    ["1.3.6.1.2.1.1.2.0", oid("1.3.6.1.4.1.99999.1")],
    ["1.3.6.1.2.1.1.3.0", tlv(0x43, Buffer.from([9]))],
    ["1.3.6.1.2.1.1.5.0", octets(OUTSIDE)],
  ]);
  [OUTSIDE, EXCLUDED, BROADCAST, INNER_BROADCAST, "127.200.0.7", "127.255.255.255"].forEach((address, i) => {
    const at = `1.${i + 1}.1`;
    const mac = `64167f0000${(i + 1).toString(16).padStart(2, "0")}`;
    table.set(`1.3.6.1.2.1.31.1.1.1.1.${i + 1}`, octets(`Gi1/0/${i + 1}`));
    table.set(`1.3.6.1.2.1.4.22.1.2.1.${address}`, hex(mac));
    table.set(`${LLDP}.4.1.1.4.${at}`, int(5));
    table.set(`${LLDP}.4.1.1.5.${at}`, tlv(4, Buffer.concat([Buffer.from([1]), bytes(address)])));
    table.set(`${LLDP}.4.1.1.6.${at}`, int(3));
    table.set(`${LLDP}.4.1.1.7.${at}`, hex(mac));
    table.set(`${LLDP}.4.1.1.10.${at}`, octets("Polycom;VVX-VVX_411;3111-48450-001,3;SIP/6.4.6.0123/x;UP/6.4.6.1/x;"));
    table.set(`${LLDP}.4.2.1.3.${at}.1.4.${address}`, int(2));
  });
  const parts = (name: string): string =>
    name
      .split(".")
      .map((part) => part.padStart(6, "0"))
      .join();
  return new Map([...table].toSorted(([a], [b]) => (parts(a) < parts(b) ? -1 : 1)));
}

async function udp(address: string, port: number, answer: (packet: Buffer) => Buffer | string | undefined): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.on("message", (packet, from) => {
    const said = answer(packet);
    if (said !== undefined) socket.send(said, from.port, from.address);
  });
  socket.bind(port, address);
  await once(socket, "listening");
  onTestFinished(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  return socket;
}

async function hostileSite(): Promise<DevicePorts> {
  const web = await httpsDevice(
    makeCertificate(`CN=${MAC}, O=Polycom Inc.`),
    (_request, response) => void response.writeHead(302, { location: `https://${OUTSIDE}/`, refresh: `0; url=https://${EXCLUDED}/` }).end(),
    { host: PHONE },
  );
  onTestFinished(() => web.close());
  const sip = await udp(PHONE, 0, (packet) => {
    const kept =
      packet
        .toString()
        .match(/^(Via|Call-ID|CSeq): .*$/gm)
        ?.join("\r\n") ?? "";
    const lead = `Contact: <sip:x@${OUTSIDE}>\r\nRecord-Route: <sip:${OUTSIDE};lr>\r\nUser-Agent: PolycomVVX-VVX_411-UA/6.4.6.2327_${MAC}`;
    return `SIP/2.0 302 Moved Temporarily\r\n${kept}\r\n${lead}\r\n\r\n`;
  });
  const table = liesOfTheSwitch();
  const snmp = await udp(SWITCH, 0, (packet) => {
    const asked = readRequest(packet);
    return asked.community.toString() === "groundswell" ? answerPacket(asked, honest(table, asked)) : undefined;
  });
  const ssh = createServer((socket) => void socket.on("error", () => undefined).end("SSH-2.0-OpenSSH_9.2\r\n"));
  await new Promise<void>((resolve) => ssh.listen(0, SWITCH, resolve));
  onTestFinished(() => new Promise<void>((resolve) => ssh.close(() => resolve())));
  const [http, telnet] = await Promise.all([shutPort(), shutPort()]);
  const { port: sshPort } = ssh.address() as AddressInfo;
  return { https: web.port, http, telnet, ssh: sshPort, snmp: snmp.address().port, sip: sip.address().port };
}

/** Believes everything it is told, also where switches are. */
function credulous(): { readonly inventory: Inventory; readonly noted: Sighting[] } {
  const noted: Sighting[] = [];
  const note = (sighting: Sighting): DeviceId | undefined => {
    noted.push(sighting);
    return undefined;
  };
  return { noted, inventory: { note, noteRead: () => undefined } };
}

test("discovery: whatever the site says, nothing is sent outside the configured networks, nor to their edges and holes", async () => {
  const ports = await hostileSite();
  const io = { ...familyIo(), clock: systemClock() };
  onTestFinished(() => io.close());
  const random = seededRandom(3);
  const credentials = [COMMUNITY, credential];
  const { inventory, noted } = credulous();
  const field = {
    ask(name: string, input: unknown, signal: AbortSignal) {
      if (name === "neighbours") return askSwitch((input as { address: string }).address, { ports, credentials }, io, signal);
      const tell = (event: SweepEvent): void => discovery.onEvent(event);
      return runSweep(input as SweepOrder, { io, random, ports, credentials, oldTls: [], tell }, signal);
    },
  };
  const discovery = createDiscovery({
    field: field as unknown as Thread<FieldRequests>,
    ...{ inventory, store: temporaryStore(), networks: NETWORKS, exclude: [EXCLUDED], switches: [SWITCH] },
    // A liar's address among them, as if it had come from a lease file or a table.
    knownSwitches: () => [SWITCH, OUTSIDE, EXCLUDED, BROADCAST, ...noted.flatMap(({ address }) => address ?? [])],
    watched: () => [],
    pace: { ratePerSecond: 2_000, ratePerSubnet: 2_000, timeoutMs: 200, retries: 1, allowPublic: false },
    newRunId: () => random.hex(4),
    seed: () => 5,
    clock: io.clock,
    log: SILENT,
    onProgress: () => undefined,
  });
  const sent = captureSends();
  await discovery.run(undefined, never);
  await discovery.run([`${NET}.0-${BROADCAST}`], never, true);

  // What site and agent send in this one process: the site only answers, to the agent's ports on 127.0.0.1.
  const asked = sent.filter(({ address }) => address !== "127.0.0.1");
  const doors = new Set(asked.map(({ via, port }) => `${via} ${port}`));
  for (const door of [`udp ${ports.snmp}`, `udp ${ports.sip}`, `tcp ${ports.https}`, `tcp ${ports.ssh}`]) expect(doors).toContain(door);
  const hosts = Array.from({ length: 14 }, (_, i) => `${NET}.${i + 1}`);
  const allowed = hosts.filter((address) => ![EXCLUDED, INNER_BROADCAST, `${NET}.8`].includes(address));
  expect([...new Set(asked.map(({ address }) => address))].sort()).toEqual(allowed.sort());
  expect(noted.some(({ facts }) => facts.mac === MAC)).toBe(true);
  expect(noted.filter(({ port }) => port !== undefined).length).toBeGreaterThan(0);
});
