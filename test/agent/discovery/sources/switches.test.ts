import { expect, test } from "vitest";
import { askPorts, askSwitch, type SwitchMemories, sightingFrom } from "../../../../agent/discovery/sources/switches.ts";
import { STANDARD_PORTS } from "../../../../protocols/core/device.ts";
import { fail } from "../../../../protocols/core/fault.ts";
import type { Mac } from "../../../../protocols/core/ids.ts";
import { type Credential, Secret } from "../../../../protocols/core/secret.ts";
import { manualClock } from "../../../../protocols/core/time.ts";
import type { Neighbour } from "../../../../protocols/lldp/neighbour.ts";
import type { SnmpAccess, SnmpClient } from "../../../../protocols/snmp/client.ts";
import { INTERFACES } from "../../../../protocols/snmp/oids.ts";
import { fakeSnmp, hex, number, text, ticks } from "../../../protocols/lldp/fake-snmp.ts";

const never = new AbortController().signal;
const clock = manualClock(5_000);
const SWITCH = "127.0.9.1";
const MAC = "64167faabbcc" as Mac;
const COMMUNITY: Credential = { kind: "community", id: "site", community: new Secret("groundswell") };
const phone: Neighbour = {
  portName: "Gi1/0/2",
  mac: MAC,
  chassisAddress: "127.0.5.9",
  description: "Polycom;VVX-VVX_411",
  facts: { vendor: "Polycom", family: "uc-phone", model: "VVX 411" },
  poeDelivering: true,
  isBridge: false,
  learntFrom: "lldp",
};

test("sightingFrom(): a phone on a port, with the port and what was said", () => {
  expect(sightingFrom(phone, SWITCH, 7)).toEqual([
    {
      source: "lldp",
      atMs: 7,
      address: "127.0.5.9",
      port: { switchAddress: SWITCH, name: "Gi1/0/2", poeDelivering: true },
      facts: { ...phone.facts, mac: MAC },
      evidence: [{ via: "lldp", what: `switch ${SWITCH} port Gi1/0/2: Polycom;VVX-VVX_411`, atMs: 7 }],
    },
  ]);
});

test("sightingFrom(): a part number that is not of the stated model is told", () => {
  const facts = { ...phone.facts, partNumber: "3111-48840-001" };
  expect(sightingFrom({ ...phone, facts }, SWITCH, 7)[0]?.evidence[0]?.what).toContain("belongs to VVX 450, not VVX 411");
});

test("sightingFrom(): the management address is believed over the chassis address, and the way it was learnt is the source", () => {
  const { chassisAddress: _address, description: _said, poeDelivering: _power, ...bare } = phone;
  expect(sightingFrom({ ...phone, managementAddress: "127.0.5.3" }, SWITCH, 7)[0]?.address).toBe("127.0.5.3");
  const sources = (["lldp", "lldp-v2", "cdp", "bridge"] as const).map((learntFrom) => sightingFrom({ ...bare, learntFrom }, SWITCH, 7)[0]);
  expect(sources.map((one) => one?.source)).toEqual(["lldp", "lldp", "cdp", "bridge"]);
  expect(sources[3]).toMatchObject({ port: { switchAddress: SWITCH, name: "Gi1/0/2" }, evidence: [{ what: /in the forwarding table$/ }] });
  expect(sources[3]).not.toHaveProperty("address");
});

test("sightingFrom(): switches, strangers and what has no MAC are nobody's, endless text is cut", () => {
  const { mac: _mac, ...nameless } = phone;
  expect(sightingFrom({ ...phone, isBridge: true }, SWITCH, 7)).toEqual([]);
  expect(sightingFrom({ ...phone, facts: {} }, SWITCH, 7)).toEqual([]);
  expect(sightingFrom(nameless, SWITCH, 7)).toEqual([]);
  expect(sightingFrom({ ...nameless, facts: { ...phone.facts, mac: MAC } }, SWITCH, 7)[0]?.facts.mac).toBe(MAC);
  expect(sightingFrom({ ...phone, description: "x".repeat(900) }, SWITCH, 7)[0]?.evidence[0]?.what).toHaveLength(300);
});

const LLDP = "1.0.8802.1.1.2.1";
const UPTIME = "1.3.6.1.2.1.1.3.0";
const TABLES = {
  [`${LLDP}.2.1.0`]: ticks(1),
  "1.3.6.1.2.1.31.1.1.1.1.10102": text("Gi1/0/2"),
  [`${LLDP}.3.7.1.2.2`]: number(5),
  [`${LLDP}.3.7.1.3.2`]: text("Gi1/0/2"),
  [`${LLDP}.4.1.1.4.1.2.1`]: number(5),
  [`${LLDP}.4.1.1.5.1.2.1`]: hex("017f000509"),
  [`${LLDP}.4.1.1.6.1.2.1`]: number(3),
  [`${LLDP}.4.1.1.7.1.2.1`]: hex(MAC),
  [`${LLDP}.4.1.1.10.1.2.1`]: text("Polycom;VVX-VVX_411;3111-48450-001,3;SIP/6.4.6.0123/x;UP/6.4.6.1/x;"),
};

test("askSwitch(): the first access that is answered tells, at the clock's time", async () => {
  const tried: SnmpAccess["version"][] = [];
  const snmp = fakeSnmp(TABLES);
  const picky: SnmpClient = {
    ...snmp,
    get(target, oids, signal) {
      tried.push(target.access.version);
      return target.access.version === "2c" ? Promise.resolve(fail({ kind: "unreachable", via: "snmp" })) : snmp.get(target, oids, signal);
    },
  };
  const read = await askSwitch(SWITCH, { ports: STANDARD_PORTS, credentials: [COMMUNITY] }, { snmp: picky, clock }, never);
  expect(tried).toEqual(["2c", "1"]);
  expect(read).toMatchObject({
    ok: true,
    value: [{ source: "lldp", atMs: 5_000, facts: { mac: MAC, model: "VVX 411" }, port: { switchAddress: SWITCH, name: "Gi1/0/2" } }],
  });
});

test("askSwitch(): the last fault where none is answered, and what to do where there is no credential", async () => {
  const deaf: SnmpClient = { ...fakeSnmp({}), get: async () => fail({ kind: "unreachable", via: "snmp" }) };
  const ask = (credentials: readonly Credential[]) =>
    askSwitch(SWITCH, { ports: STANDARD_PORTS, credentials }, { snmp: deaf, clock }, never);
  expect(await ask([COMMUNITY])).toEqual(fail({ kind: "unreachable", via: "snmp" }));
  expect(await ask([])).toEqual(fail({ kind: "denied", via: "snmp", detail: "no SNMP credential is configured" }));
});

test("askSwitch(): what a switch announced is remembered, and while nothing changes not walked again", async () => {
  const memories: SwitchMemories = new Map();
  const ask = async (recording: Parameters<typeof fakeSnmp>[0]) => {
    const snmp = fakeSnmp(recording);
    const by = { ports: STANDARD_PORTS, credentials: [COMMUNITY], memories };
    return { read: await askSwitch(SWITCH, by, { snmp, clock }, never), asked: snmp.asked };
  };
  const first = await ask({ ...TABLES, [UPTIME]: ticks(500) });
  const second = await ask({ ...TABLES, [UPTIME]: ticks(900) });
  expect(second.read).toEqual(first.read);
  const walked = [first, second].map(({ asked }) => asked.filter((oid) => oid.startsWith(`${LLDP}.4.1`)).length);
  expect(walked).toEqual([expect.any(Number), 0]);
  await ask({ ...TABLES, [UPTIME]: ticks(100) });
  expect(memories.get(SWITCH)?.uptimeTicks).toBe(100);
  const { [`${LLDP}.2.1.0`]: _, ...mute } = TABLES;
  await ask(mute);
  expect(memories.size).toBe(0);
});

test("askSwitch(): a router tells where a Poly MAC is, wherever it is plugged in; a neighbour is told once [snmp 5.5.7] [snmp 5.5.18]", async () => {
  const arp = { "1.3.6.1.2.1.4.22.1.2.20.127.0.5.7": hex("64167faabb07"), "1.3.6.1.2.1.4.22.1.2.20.127.0.5.8": hex(MAC) };
  const read = await askSwitch(
    SWITCH,
    { ports: STANDARD_PORTS, credentials: [COMMUNITY] },
    { snmp: fakeSnmp({ ...TABLES, ...arp }), clock },
    never,
  );
  expect(read).toMatchObject({
    ok: true,
    value: [
      { source: "lldp", address: "127.0.5.8", facts: { mac: MAC } },
      {
        source: "bridge",
        address: "127.0.5.7",
        facts: { mac: "64167faabb07", vendor: "Polycom" },
        evidence: [{ what: `router ${SWITCH} has 127.0.5.7 at 64:16:7f:aa:bb:07` }],
      },
    ],
  });
});

test("sightingFrom(): what the switch says of the port is told with it", () => {
  const said = (more: Partial<Neighbour>): string | undefined => sightingFrom({ ...phone, ...more }, SWITCH, 7)[0]?.evidence[0]?.what;
  expect(said({ alias: "desk 5", speedMbps: 100, vlans: [10, 20] })).toContain("port Gi1/0/2 (desk 5, 100 Mb/s, VLAN 10 and 20): Polycom");
  expect(said({ nativeVlan: 10, voiceVlan: 20, powerMilliwatts: 4_500 })).toContain(
    "port Gi1/0/2 (VLAN 10, voice VLAN 20, 4.5 W): Polycom",
  );
});

test("askPorts(): how the ports stand, by the first access that is answered; the last fault where none is", async () => {
  const tables = {
    [`${INTERFACES.ifName}.1`]: text("Gi1/0/1"),
    [`${INTERFACES.ifType}.1`]: number(6),
    [`${INTERFACES.ifOperStatus}.1`]: number(1),
  };
  const by = { ports: STANDARD_PORTS, credentials: [COMMUNITY] };
  expect(await askPorts(SWITCH, by, { snmp: fakeSnmp(tables) }, never)).toEqual({
    ok: true,
    value: [{ name: "Gi1/0/1", isUp: true, power: "unknown" }],
  });
  const deaf: SnmpClient = { ...fakeSnmp({}), walk: async () => fail({ kind: "unreachable", via: "snmp" }) };
  expect(await askPorts(SWITCH, by, { snmp: deaf }, never)).toEqual(fail({ kind: "unreachable", via: "snmp" }));
});
