import { expect, test } from "vitest";
import type { DeviceRead } from "../../../protocols/core/device.ts";
import type { Fault } from "../../../protocols/core/fault.ts";
import { type Credential, Secret } from "../../../protocols/core/secret.ts";
import { genericSnmp } from "../../../protocols/families/generic-snmp.ts";
import { infrastructureOf } from "../../../protocols/families/infrastructure.ts";
import { INTERFACES, SYSTEM } from "../../../protocols/snmp/oids.ts";
import { targetAt } from "../../support/family-io.ts";
import { type FakeSnmp, fakeSnmp, number, object, type Recording, text } from "../lldp/fake-snmp.ts";
import { never, realIo } from "./kit.ts";

const community: Credential = { kind: "community", id: "ro", community: new Secret("public") };
const POLYCOM = "1.3.6.1.4.1.13885";

function under(root: string, values: Readonly<Record<string, number | string>>): Recording {
  return Object.fromEntries(
    Object.entries(values).map(([rest, value]) => [`${root}.${rest}`, typeof value === "number" ? number(value) : text(value)]),
  );
}

const named = (sysObjectId: string, sysDescr: string): Recording => ({
  [SYSTEM.sysObjectID]: object(sysObjectId),
  [SYSTEM.sysDescr]: text(sysDescr),
});

async function readOf(
  recording: Recording,
  faults: Readonly<Record<string, Fault>> = {},
): Promise<DeviceRead & { readonly asked: FakeSnmp["asked"] }> {
  const snmp = fakeSnmp(recording, faults);
  const read = await genericSnmp.read(await targetAt({}, { credentials: [community] }), { ...realIo(), snmp }, never);
  return { ...read, asked: snmp.asked };
}

const words = (read: DeviceRead): string => read.evidence.map(({ what }) => what).join("; ");

const RMX: Recording = {
  ...named(`${POLYCOM}.9.1.10.1`, "RMX.8.4.0.100"),
  ...under(`${POLYCOM}.110.1`, {
    "1.1.0": "8.4.0.99",
    "1.3.0": "RMX 2000",
    "3.1.0": 2,
    "3.2.1.0": 2,
    "3.3.1.0": 2,
    "3.4.1.0": 1,
    "4.2.1.0": 3,
    "4.4.1.1.0": 4,
    "4.4.2.1.0": 17,
    "5.1.0": 5,
  }),
};

test("generic-snmp read(): an RMX tells its release, conferences, calls and hardware; a part switched off is no failure [snmp 1.7] [snmp 4.3.1] [snmp 3.2]", async () => {
  const read = await readOf(RMX);
  expect(read.facts).toMatchObject({ family: "generic-snmp", vendor: "Polycom", model: "RMX", running: { application: "8.4.0.100" } });
  expect(read.reading).toEqual({ conferences: 5, callsStartedPerMinute: 3, voiceCalls: 4, videoCalls: 17, componentsFailed: 0 });
  expect(words(read)).toContain("device type RMX 2000");
});

test("generic-snmp read(): failed parts of an RMX are named and counted once each", async () => {
  const bad = await readOf({ ...RMX, ...under(`${POLYCOM}.110.1.3`, { "1.0": 3, "3.1.0": 3, "4.1.0": 3 }) });
  expect(bad.reading.componentsFailed).toBe(2);
  expect(words(bad)).toContain("fans failed; power supplies failed");
  const overall = await readOf({ ...RMX, ...under(`${POLYCOM}.110.1.3`, { "1.0": 3 }) });
  expect([overall.reading.componentsFailed, words(overall)]).toEqual([1, expect.stringContaining("hardware failed")]);
});

const RPRM_ROOT = `${POLYCOM}.102.1.2`;
const RPRM: Recording = {
  ...named(`${POLYCOM}.102`, "Linux rprm 3.10"),
  ...under(RPRM_ROOT, {
    "2.1.0": 3,
    "3.1.0": 2,
    "3.2.0": 1,
    "3.3.0": 12,
    "14.3.0": 2,
    "14.4.1.2.1": "Berlin",
    "14.4.1.2.2": "Ulm",
    "14.4.1.4.1": 3,
    "14.4.1.4.2": 0,
    "14.5.0": 1,
    "16.1.0": 1,
    "16.2.0": 0,
    "20.1.0": 500,
    "20.2.0": 120,
    "20.3.0": 1,
    "23.1.0": 10,
    "24.1.0": 50,
  }),
};

test("generic-snmp read(): a Resource Manager is somebody else who updates this site's endpoints [snmp 1.8] [snmp 4.4.2]", async () => {
  const read = await readOf(RPRM);
  expect(read.facts).toMatchObject({ family: "generic-snmp", vendor: "Polycom", model: "RealPresence Resource Manager" });
  expect(read.reading).toMatchObject({ updatesOthers: 1, componentsFailed: 0 });
  expect((await readOf({ ...RPRM, [`${RPRM_ROOT}.3.1.0`]: number(1) })).reading.updatesOthers).toBe(0);
  const failed = await readOf({ ...RPRM, [`${RPRM_ROOT}.3.1.0`]: number(3) });
  expect(failed.reading).toMatchObject({ updatesOthers: 1, componentsFailed: 1 });
  expect(words(failed)).toContain("its software update service failed");
});

test("generic-snmp read(): how many updates a Resource Manager made and failed within the hour [snmp 4.4.3]", async () => {
  expect((await readOf(RPRM)).reading).toMatchObject({ updatesFailedPerHour: 1, updatesDonePerHour: 12 });
});

test("generic-snmp read(): a Resource Manager's provisioning is failed at 4 and at nothing else [snmp 4.4.1]", async () => {
  for (const [state, failed] of [
    [0, 0],
    [2, undefined],
    [3, 0],
    [4, 1],
    [9, undefined],
  ] as const) {
    const { reading } = await readOf({ ...RPRM, [`${RPRM_ROOT}.2.1.0`]: number(state) });
    expect([reading.provisioningFailed, reading.componentsFailed]).toEqual([failed, 0]);
  }
  expect(words(await readOf({ ...RPRM, [`${RPRM_ROOT}.2.1.0`]: number(4) }))).toContain("its provisioning failed");
});

test("generic-snmp read(): sites and their calls, links between sites [snmp 4.4.4] [snmp 4.4.5]", async () => {
  const read = await readOf(RPRM);
  expect(read.reading).toMatchObject({ sites: 2, siteLinks: 1 });
  expect(words(read)).toContain("site Berlin: 3 calls; site Ulm: 0 calls");
});

test("generic-snmp read(): high availability and licences of a Resource Manager [snmp 4.4.6] [snmp 4.4.7] [snmp 4.4.8]", async () => {
  const read = await readOf(RPRM);
  expect(read.reading).toMatchObject({ licencesTotal: 500, licencesUsed: 120 });
  expect(words(read)).toContain("licences counted by device; endpoint licences: audio 1 10, video 1 50; high availability 1, reason 0");
  expect(words(await readOf({ ...RPRM, [`${RPRM_ROOT}.20.3.0`]: number(0) }))).toContain("licences counted by user");
});

const DMA: Recording = {
  ...named(`${POLYCOM}.13`, "Linux dma 3.10"),
  ...under(`${POLYCOM}.13.2`, {
    "2.3.2.1.2.1": "Cluster A",
    "2.3.2.1.3.1": "up",
    "3.3.1.2.1.3.1": 40,
    "3.3.1.2.1.3.2": 2,
    "3.3.1.2.1.4.1": 5,
    "4.1.2.1.2.1": "first alert",
    "4.1.2.1.2.2": "second alert",
    "4.1.2.1.3.1": 1,
    "4.1.2.1.3.2": 1,
  }),
};

test("generic-snmp read(): a DMA tells its clusters, registrations over all of them, and alerts, each once [snmp 4.5.1]", async () => {
  const read = await readOf(DMA);
  expect(read.facts).toMatchObject({ vendor: "Polycom", model: "RealPresence DMA" });
  expect(read.reading).toMatchObject({ registeredEndpoints: 42, inactiveEndpoints: 5, activeAlerts: 2 });
  expect(words(read)).toContain("cluster Cluster A: state up");
});

test("generic-snmp read(): behind net-snmp's own number a server is known by its objects, and any other host stays nobody's [snmp 3.4]", async () => {
  const NET_SNMP = "1.3.6.1.4.1.8072.3.2.10";
  expect((await readOf({ ...RPRM, ...named(NET_SNMP, "Linux") })).facts).toMatchObject({ model: "RealPresence Resource Manager" });
  expect((await readOf({ ...RMX, ...named(NET_SNMP, "Linux") })).facts).toMatchObject({
    model: "RMX",
    running: { application: "8.4.0.99" },
  });
  expect((await readOf({ ...DMA, ...named(NET_SNMP, "Linux") })).facts).toMatchObject({ model: "RealPresence DMA" });
  expect((await readOf(named(NET_SNMP, "Linux web 6.1"))).facts).toEqual({ family: "generic-snmp" });
  const stranger = await readOf({ ...RPRM, ...named("1.3.6.1.4.1.99999", "x") });
  expect(stranger.facts).toEqual({ family: "generic-snmp" });
});

test("generic-snmp read(): what a server does not tell is absent, never zero", async () => {
  const silent = await readOf(DMA, { [`${POLYCOM}.13.2.4.1.2.1`]: { kind: "garbled", via: "snmp", wanted: "a table" } });
  expect(silent.reading).not.toHaveProperty("activeAlerts");
  expect(silent.faults).toHaveLength(1);
  for (const id of ["102", "110", "13"]) expect((await readOf(named(`${POLYCOM}.${id}`, ""))).reading).toEqual({});
});

test("generic-snmp read(): an HDX-like agent tells interfaces, load and memory as any host does [snmp 4.2.5]", async () => {
  const read = await readOf({
    ...named("1.3.6.1.4.1.2684.1.1", "Polycom HDX 8000 HD"),
    [`${INTERFACES.ifType}.2`]: number(6),
    [`${INTERFACES.ifOperStatus}.2`]: number(1),
    ...under("1.3.6.1.2.1.25.3.3.1.2", { "1": 10, "2": 50 }),
    ...under("1.3.6.1.4.1.2021.4", { "5.0": 1_000, "6.0": 250 }),
  });
  expect(read.reading).toMatchObject({ portsUp: 1, cpuRatio: 0.3, memoryRatio: 0.75 });
});

test("generic-snmp read(): nonsense of load and memory is absent", async () => {
  const odd = { ...under("1.3.6.1.2.1.25.3.3.1.2", { "1": 4_000 }), ...under("1.3.6.1.4.1.2021.4", { "5.0": 0, "6.0": 250 }) };
  expect((await readOf({ ...named("1.3.6.1.4.1.99999", "x"), ...odd })).reading).toEqual({});
});

test("infrastructureOf(): by the numbers of the object id, never as text; a net-snmp default names nobody [snmp 3.4] [snmp 3.5]", () => {
  const kinds = ["13885.9.1.10.1", "13885.9.1.10.2", "13885.110.5", "13885.102", "13885.13", "13885.13.2"].map((rest) =>
    infrastructureOf(`1.3.6.1.4.1.${rest}`),
  );
  expect(kinds).toEqual(["mcu", "mcu", "mcu", "rprm", "dma", "dma"]);
  for (const rest of ["8072.3.2.10", "138851.13", "1388.5.13", "13885.130", "13885.1", "13885.101", "13885.9.1.100", "13885.1020"])
    expect([rest, infrastructureOf(`1.3.6.1.4.1.${rest}`)]).toEqual([rest, undefined]);
});

test("generic-snmp read(): Polycom's number alone makes a device neither a phone nor of any family of ours [snmp 3.6]", async () => {
  for (const rest of ["13885.9.1.10.1", "13885.102", "13885.13", "13885.77"]) {
    const id = `1.3.6.1.4.1.${rest}`;
    expect(genericSnmp.recognise({ snmp: { sysObjectId: id } }, 1)?.facts.family).toBe("generic-snmp");
    expect((await readOf(named(id, ""))).facts.family).toBe("generic-snmp");
  }
});

test("generic-snmp read(): no object of another maker's number is asked, not even one a public tool asks HDX for [snmp 3.7]", async () => {
  for (const recording of [RMX, RPRM, DMA, named("1.3.6.1.4.1.2684.1.1", "HDX 8000")]) {
    const { asked } = await readOf(recording);
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter((oid) => oid.startsWith("1.3.6.1.4.1.43."))).toEqual([]);
  }
});
