import { expect, test } from "vitest";
import { askSwitch, sightingFrom } from "../../../../agent/discovery/sources/switches.ts";
import { STANDARD_PORTS } from "../../../../protocols/core/device.ts";
import { fail } from "../../../../protocols/core/fault.ts";
import type { Mac } from "../../../../protocols/core/ids.ts";
import { type Credential, Secret } from "../../../../protocols/core/secret.ts";
import { manualClock } from "../../../../protocols/core/time.ts";
import type { Neighbour } from "../../../../protocols/lldp/neighbour.ts";
import type { SnmpAccess, SnmpClient } from "../../../../protocols/snmp/client.ts";
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
