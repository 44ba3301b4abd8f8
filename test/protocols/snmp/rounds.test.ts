import { expect, onTestFinished, test } from "vitest";
import { seededRandom } from "../../../protocols/core/random.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { MINUTE, manualClock } from "../../../protocols/core/time.ts";
import type { FamilyIo, Target } from "../../../protocols/families/family.ts";
import { genericSnmp } from "../../../protocols/families/generic-snmp.ts";
import { switchFamily } from "../../../protocols/families/switch.ts";
import { createSnmpClient, type SnmpAccess } from "../../../protocols/snmp/client.ts";
import { BRIDGE, compareOids, ENTITY, HOST, INTERFACES, LLDP, POE, SYSTEM } from "../../../protocols/snmp/oids.ts";
import { createRounds } from "../../../protocols/snmp/rounds.ts";
import { type Asked, honest, int, octets, oid, startHonest } from "./agent.ts";

const never = new AbortController().signal;
const PUBLIC: SnmpAccess = { version: "2c", community: new Secret("public") };

const ticks = (value: number): Buffer => int(value, 0x43);

/** A switch with two ports that deliver power and one neighbour. */
function switchTable(): Map<string, Buffer> {
  return new Map([
    [LLDP.lastChange, ticks(500)],
    [`${LLDP.remTable}.5.0.1.1`, octets("phone")],
    [SYSTEM.sysDescr, octets("A Switch")],
    [SYSTEM.sysObjectID, oid("1.3.6.1.4.1.9.1.1")],
    [SYSTEM.sysUpTime, ticks(1_000)],
    [SYSTEM.sysName, octets("sw-1")],
    [`${INTERFACES.ifType}.1`, int(6)],
    [`${INTERFACES.ifType}.2`, int(6)],
    [`${INTERFACES.ifOperStatus}.1`, int(1)],
    [`${INTERFACES.ifOperStatus}.2`, int(2)],
    [BRIDGE.baseAddress, octets(Buffer.from("0004f2000001", "hex"))],
    [BRIDGE.numPorts, int(2)],
    [`${ENTITY.class}.1`, int(3)],
    [`${ENTITY.software}.1`, octets("15.2")],
    [`${POE.detectionStatus}.1.1`, int(3)],
    [`${POE.detectionStatus}.1.2`, int(2)],
  ]);
}

const sorted = (table: ReadonlyMap<string, Buffer>): ReadonlyMap<string, Buffer> =>
  new Map([...table].sort(([a], [b]) => compareOids(a.split(".").map(Number), b.split(".").map(Number))));

/** An answer that a busy machine keeps for longer would be asked for again, and counted as one packet more. */
const PATIENT_MS = 10_000;
const IMPATIENT_MS = 200;

async function site(table: Map<string, Buffer>, accesses: readonly SnmpAccess[] = [PUBLIC], timeoutMs = PATIENT_MS) {
  const state = { silent: false, community: "public" };
  const agent = await startHonest((asked: Asked) =>
    state.silent || asked.community.toString() !== state.community ? undefined : honest(sorted(table), asked),
  );
  const clock = manualClock(0);
  const client = createSnmpClient({ clock, random: seededRandom(1), timeoutMs });
  onTestFinished(async () => {
    await client.close();
    await agent.close();
  });
  const rounds = createRounds({ snmp: client, clock });
  const target = {
    address: "127.0.0.1",
    ports: { snmp: agent.port },
    credentials: accesses.map((access, i) => ({ kind: "community", id: String(i), ...access })),
  } as unknown as Target;
  const packets = async <T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly packets: number }> => {
    const before = agent.requests.length;
    const value = await work();
    return { value, packets: agent.requests.length - before };
  };
  const io = (): FamilyIo => ({ snmp: rounds.visit(), clock }) as unknown as FamilyIo;
  const set = (name: string, value: Buffer): void => void table.set(name, value);
  return { state, clock, agent, rounds, set, table, visit: (family = switchFamily) => packets(() => family.read(target, io(), never)) };
}

test("visit(): a switch is walked once; then its visit is one packet that says what has changed", async () => {
  const { visit, set } = await site(switchTable());
  const first = await visit();
  expect(first.value.reading).toMatchObject({ portsUp: 1, poePortsDelivering: 1, neighbours: 1, uptimeSeconds: 10 });
  expect(first.packets).toBe(8);
  set(SYSTEM.sysUpTime, ticks(7_000));
  set(`${INTERFACES.ifOperStatus}.2`, int(1));
  set(`${POE.detectionStatus}.1.2`, int(3));
  const second = await visit();
  expect(second.packets).toBe(1);
  expect(second.value.reading).toEqual({ ...first.value.reading, portsUp: 2, poePortsDelivering: 2, uptimeSeconds: 70 });
  expect(second.value.facts).toEqual(first.value.facts);
});

test("visit(): neighbours are walked again when the switch counts a change, nothing else is", async () => {
  const { visit, set } = await site(switchTable());
  await visit();
  set(`${LLDP.remTable}.5.0.2.2`, octets("another phone"));
  expect((await visit()).value.reading.neighbours).toBe(1);
  set(LLDP.lastChange, ticks(900));
  const third = await visit();
  expect(third.value.reading.neighbours).toBe(2);
  expect(third.packets).toBe(2);
  expect((await visit()).packets).toBe(1);
});

test("visit(): after a restart, and behind another agent at its address, everything is read anew", async () => {
  const { visit, set } = await site(switchTable());
  await visit();
  set(`${ENTITY.software}.1`, octets("15.3"));
  expect((await visit()).value.facts.running?.application).toBe("15.2");
  set(SYSTEM.sysUpTime, ticks(10));
  const restarted = await visit();
  expect(restarted.value.facts.running?.application).toBe("15.3");
  set(SYSTEM.sysUpTime, ticks(9_999));
  set(SYSTEM.sysName, octets("sw-2"));
  set(`${ENTITY.software}.1`, octets("15.4"));
  const another = await visit();
  expect([another.value.facts.name, another.value.facts.running?.application]).toEqual(["sw-2", "15.4"]);
});

test("visit(): what no counter tells of is learnt again after a quarter of an hour", async () => {
  const { visit, set, clock } = await site(switchTable());
  await visit();
  set(`${INTERFACES.ifOperStatus}.3`, int(1));
  set(`${INTERFACES.ifType}.3`, int(6));
  await clock.advance(14 * MINUTE);
  expect((await visit()).value.reading.portsUp).toBe(1);
  await clock.advance(MINUTE);
  expect((await visit()).value.reading.portsUp).toBe(2);
});

test("visit(): a row that is gone has its table walked again", async () => {
  const { visit, table } = await site(switchTable());
  await visit();
  table.delete(`${POE.detectionStatus}.1.2`);
  table.delete(`${POE.detectionStatus}.1.1`);
  expect((await visit()).value.reading.poePortsDelivering).toBeUndefined();
});

test("visit(): an agent that does not tell how long it is up is asked everything each time", async () => {
  const table = switchTable();
  table.delete(SYSTEM.sysUpTime);
  const { visit } = await site(table);
  const [first, second] = [await visit(), await visit()];
  expect(second.packets).toBe(first.packets);
});

test("visit(): any SNMP device of few values is one packet", async () => {
  const { visit } = await site(
    new Map([
      [SYSTEM.sysDescr, octets("Linux")],
      [SYSTEM.sysObjectID, oid("1.3.6.1.4.1.8072.3.2.10")],
      [SYSTEM.sysUpTime, ticks(1_000)],
      [`${INTERFACES.ifType}.1`, int(6)],
      [`${INTERFACES.ifOperStatus}.1`, int(1)],
      [`${HOST.processorLoad}.1`, int(7)],
      [HOST.memoryTotal, int(100)],
      [HOST.memoryAvailable, int(25)],
    ]),
  );
  const first = await visit(genericSnmp);
  const second = await visit(genericSnmp);
  expect(second.packets).toBe(1);
  expect(second.value.reading).toEqual(first.value.reading);
  expect(second.value.reading).toMatchObject({ cpuRatio: 0.07, memoryRatio: 0.75 });
});

test("visit(): the credential it answered to is asked first, and a silent device costs one time-out; every third visit tries all", async () => {
  const other: SnmpAccess = { version: "2c", community: new Secret("other") };
  const { visit, state, agent } = await site(switchTable(), [other, PUBLIC], IMPATIENT_MS);
  const first = await visit();
  expect(first.value.reading).toMatchObject({ portsUp: 1 });
  expect((await visit()).packets).toBe(1);
  state.silent = true;
  const asked = async (): Promise<readonly string[]> => {
    agent.requests.length = 0;
    const { value } = await visit();
    expect(value.faults.map(({ kind }) => kind)).toEqual(["unreachable"]);
    return [...new Set(agent.requests.map(({ community }) => community.toString()))];
  };
  expect([await asked(), await asked(), await asked()]).toEqual([["public"], ["public"], ["other", "public"]]);
  state.silent = false;
  state.community = "other";
  const seen = [await visit(), await visit(), await visit(), await visit()].map(({ value }) => value.reading.portsUp);
  expect(seen.at(-1)).toBe(1);
});
