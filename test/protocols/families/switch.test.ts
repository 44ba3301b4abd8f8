import { expect, test } from "vitest";
import type { DeviceRead } from "../../../protocols/core/device.ts";
import type { Fault } from "../../../protocols/core/fault.ts";
import { type Credential, Secret } from "../../../protocols/core/secret.ts";
import { genericSnmp } from "../../../protocols/families/generic-snmp.ts";
import { switchFamily } from "../../../protocols/families/switch.ts";
import { BRIDGE, CDP, ENTITY, INTERFACES, LLDP, POE, SYSTEM } from "../../../protocols/snmp/oids.ts";
import { targetAt } from "../../support/family-io.ts";
import { fakeSnmp, hex, number, object, type Recording, text, ticks } from "../lldp/fake-snmp.ts";
import { never, realIo } from "./kit.ts";

const community: Credential = { kind: "community", id: "ro", community: new Secret("public") };
/** Two of three Ethernet ports up, a VLAN interface up, one port feeding a phone. */
const SWITCH: Recording = {
  [SYSTEM.sysDescr]: text("HP ProCurve Switch 2920"),
  [SYSTEM.sysObjectID]: object("1.3.6.1.4.1.11.2.3.7.11.152"),
  [SYSTEM.sysUpTime]: ticks(6_000),
  [SYSTEM.sysName]: text("sw-1"),
  [BRIDGE.numPorts]: number(24),
  [BRIDGE.baseAddress]: hex("00 11 22 33 44 55"),
  ...Object.fromEntries([1, 2, 3].flatMap((port) => [[`${INTERFACES.ifType}.${port}`, number(6)]])),
  [`${INTERFACES.ifType}.99`]: number(53),
  [`${INTERFACES.ifOperStatus}.1`]: number(1),
  [`${INTERFACES.ifOperStatus}.2`]: number(1),
  [`${INTERFACES.ifOperStatus}.3`]: number(2),
  [`${INTERFACES.ifOperStatus}.99`]: number(1),
  [`${POE.detectionStatus}.1.1`]: number(3),
  [`${POE.detectionStatus}.1.2`]: number(2),
  [`${LLDP.remTable}.5.0.1.1`]: hex("0101 c0000201"),
  [`${CDP.cache}.6.1.1`]: text("SEP64167FAABBCC"),
  [`${ENTITY.class}.7`]: number(3),
  [`${ENTITY.serial}.7`]: text("SG12345678"),
  [`${ENTITY.maker}.7`]: text("HP"),
  [`${ENTITY.model}.7`]: text("J9727A"),
  [`${ENTITY.software}.7`]: text("16.10.0012"),
  [`${ENTITY.firmware}.7`]: text("15.06.0001"),
  [`${ENTITY.hardware}.7`]: text("Rev B"),
};
const broken: Fault = { kind: "garbled", via: "snmp", wanted: "a table" };

async function readOf(
  family: typeof switchFamily,
  recording: Recording,
  faults: Readonly<Record<string, Fault>> = {},
): Promise<DeviceRead> {
  return family.read(await targetAt({}, { credentials: [community] }), { ...realIo(), snmp: fakeSnmp(recording, faults) }, never);
}

test("switch read(): identity of the chassis, ports, PoE and neighbours, each counted once [snmp 5.5.12] [snmp 5.5.9]", async () => {
  expect(await readOf(switchFamily, SWITCH)).toMatchObject({
    facts: {
      family: "switch",
      vendor: "HP",
      model: "J9727A",
      serial: "SG12345678",
      mac: "001122334455",
      name: "sw-1",
      revision: "Rev B",
      running: { application: "16.10.0012" },
    },
    reading: { portsUp: 2, poePortsDelivering: 1, neighbours: 1, uptimeSeconds: 60 },
    inUse: { state: "unknown" },
    faults: [],
  });
});

test("switch read(): a chassis that states no software has its firmware's version", async () => {
  const { [`${ENTITY.software}.7`]: _, ...bare } = SWITCH;
  expect((await readOf(switchFamily, bare)).facts.running).toEqual({ application: "15.06.0001" });
});

test("switch read(): a switch without PoE and without neighbours says none and nothing", async () => {
  const plain = Object.fromEntries(
    Object.entries(SWITCH).filter(([oid]) => ![POE.detectionStatus, LLDP.remTable, CDP.cache].some((root) => oid.startsWith(root))),
  );
  const { reading } = await readOf(switchFamily, plain);
  expect(reading).not.toHaveProperty("poePortsDelivering");
  expect(reading.neighbours).toBe(0);
});

test("switch read(): a table that cannot be read is absent, never zero", async () => {
  const noTypes = await readOf(switchFamily, SWITCH, { [INTERFACES.ifType]: broken });
  expect(noTypes.reading).not.toHaveProperty("portsUp");
  expect(noTypes.faults).toEqual([broken]);
  const noNeighbours = await readOf(switchFamily, SWITCH, { [`${LLDP.remTable}.5`]: broken, [`${CDP.cache}.6`]: broken });
  expect(noNeighbours.reading).not.toHaveProperty("neighbours");
  expect(noNeighbours.reading.portsUp).toBe(2);
});

test("switch read(): an agent that falls silent in the midst leaves the rest absent and is asked no more", async () => {
  const read = await readOf(switchFamily, SWITCH, { [INTERFACES.ifType]: { kind: "unreachable", via: "snmp" } });
  expect(read.reading).toEqual({ uptimeSeconds: 60 });
  expect(read.faults).toHaveLength(1);
});

test("switch recognise(): the maker's number and the word for it are likely, each alone less so", () => {
  const confidence = (sysObjectId: string, sysDescr: string): number =>
    switchFamily.recognise({ snmp: { sysObjectId, sysDescr } }, 1)?.confidence ?? 0;
  const both = confidence("1.3.6.1.4.1.9.1.1208", "Cisco Catalyst L3 Switch");
  const [number_, word] = [confidence("1.3.6.1.4.1.9.1.1208", "Cisco IOS"), confidence("1.3.6.1.4.1.99999", "Fancy Switch 8")];
  expect(both).toBeGreaterThan(number_);
  expect(number_).toBeGreaterThan(word);
  expect(word).toBeGreaterThan(0);
  expect([confidence("1.3.6.1.4.1.9.12.3", "x"), confidence("1.3.6.1.4.1.91.1", "switchboard")]).toEqual([0, 0]);
  expect(switchFamily.recognise({}, 1)).toBeUndefined();
});

test("switch recognise(): says what it saw and by which maker", () => {
  expect(
    switchFamily.recognise({ snmp: { sysObjectId: "1.3.6.1.4.1.47196.4.1.1.1", sysDescr: "Aruba switch", sysName: "sw" } }, 9),
  ).toMatchObject({
    facts: { family: "switch", vendor: "Aruba", name: "sw" },
    evidence: [{ via: "snmp", what: expect.stringContaining("1.3.6.1.4.1.47196"), atMs: 9 }],
  });
});

test("generic-snmp read(): whatever bridges enough ports is a switch, a host with a virtual bridge is not", async () => {
  const family = async (recording: Recording): Promise<unknown> => (await readOf(genericSnmp, recording)).facts.family;
  expect(await family(SWITCH)).toBe("switch");
  expect(await family({ ...SWITCH, [BRIDGE.numPorts]: number(2) })).toBe("generic-snmp");
  const { [BRIDGE.numPorts]: _, ...none } = SWITCH;
  expect(await family(none)).toBe("generic-snmp");
});

test("generic-snmp read(): HDX on a 2684 agent keeps what its own document tells of sysDescr [snmp 3.1]", async () => {
  const hdx = { [SYSTEM.sysDescr]: text("Polycom HDX 8000 HD"), [SYSTEM.sysObjectID]: object("1.3.6.1.4.1.2684.1.1") };
  expect((await readOf(genericSnmp, hdx)).facts).toMatchObject({ family: "hdx", model: "HDX 8000", vendor: "Polycom" });
});

test("switch read(), generic-snmp read(): silence is one fault and no reading", async () => {
  const silent: Fault = { kind: "unreachable", via: "snmp" };
  for (const family of [switchFamily, genericSnmp]) {
    expect(await readOf(family, SWITCH, { [SYSTEM.sysDescr]: silent })).toMatchObject({
      reading: {},
      lines: [],
      evidence: [],
      faults: [silent],
    });
  }
});
