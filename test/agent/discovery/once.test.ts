/**
 * Every device of a site is found, each once, though its wiring tells less, or other, than the truth: against the site's own list,
 * through real sockets, in two passes between which phones are plugged in elsewhere.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { createInventory } from "../../../agent/discovery/inventory.ts";
import { readOf, sightingOf } from "../../../agent/discovery/sources/sighting.ts";
import { askSwitch, type SwitchMemories } from "../../../agent/discovery/sources/switches.ts";
import type { SimDevice } from "../../../fixtures/site/device.ts";
import { ODDITIES, type Oddity, plantOddities, replug } from "../../../fixtures/site/plan-oddities.ts";
import { type RunningSite, startSite } from "../../../fixtures/site/site.ts";
import { limit } from "../../../protocols/core/limit.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { MINUTE, manualClock } from "../../../protocols/core/time.ts";
import { identifyDevice } from "../../../protocols/families/identify.ts";
import { ouiOf } from "../../../protocols/families/oui.ts";
import { createSnmpClient } from "../../../protocols/snmp/client.ts";
import type { DeviceRow } from "../../../store/devices.ts";
import { openStore, type Store } from "../../../store/open.ts";
import { credentialsOf, openIo } from "../../support/every-site.ts";
import { folderUntilEnd } from "../../support/folder.ts";

/** Every model twice over, on nine switches of every make and a router. */
const DEVICES = 240;
const START_MS = 1_750_000_080_000;
const VISITS_AT_ONCE = 16;

let running: RunningSite;
let odd: ReadonlyMap<SimDevice, Oddity>;
let store: Store;
let firstPass: readonly DeviceRow[];
let secondPass: readonly DeviceRow[];
let moved: readonly SimDevice[];
const clock = manualClock(START_MS);

beforeAll(async () => {
  running = await startSite({ seed: 11, devices: DEVICES, mix: "every", provisioning: undefined, channelFolder: undefined, clock });
  odd = plantOddities(running.site.devices);
  store = openStore({ directory: folderUntilEnd(), nowMs: START_MS });
  const pass = passOver(running, store);
  await pass();
  firstPass = store.devices.list();
  moved = await plugElsewhere(running);
  // The switches' own clocks run on: forgotten neighbours are gone, and a fresh pass is no echo of the first.
  await clock.advance(20 * MINUTE);
  await pass();
  secondPass = store.devices.list();
}, 240_000);
afterAll(async () => {
  store.close();
  await running.close();
});

/** One pass: every address of the site is visited, then every switch is asked. */
function passOver({ site, ready }: RunningSite, into: Store): () => Promise<void> {
  const inventory = createInventory({ store: into, adopt: "all", announce: () => undefined, onConflict: () => undefined });
  const memories: SwitchMemories = new Map();
  const credentials = credentialsOf(running);
  const signal = new AbortController().signal;
  return async () => {
    const io = openIo(3);
    const visits = limit(VISITS_AT_ONCE);
    try {
      await Promise.all(
        [...site.byAddress.keys()].map((address) =>
          visits.run(async () => {
            const identified = await identifyDevice({ address, ports: site.ports, credentials, trust: "any", patienceMs: 300 }, io, signal);
            const atMs = clock.nowMs();
            const seen = sightingOf(address, identified, atMs);
            const read = readOf(identified);
            if (seen !== undefined) inventory.note(seen);
            if (seen !== undefined && read !== undefined) inventory.noteRead(read, { address, atMs });
          }),
        ),
      );
    } finally {
      await io.close();
    }
    const snmp = createSnmpClient({ clock, random: seededRandom(4) });
    try {
      for (const address of ready.switches) {
        const told = await askSwitch(address, { ports: site.ports, credentials, memories }, { snmp, clock }, signal);
        if (!told.ok) throw new Error(`switch ${address} did not answer: ${JSON.stringify(told.fault)}`);
        for (const sighting of told.value) inventory.note(sighting);
      }
    } finally {
      await snmp.close();
    }
  };
}

/** Some phones of each kind of oddity, and some usual ones, go to a free port of another switch. */
async function plugElsewhere({ site, ready }: RunningSite): Promise<readonly SimDevice[]> {
  const [, target = ""] = ready.switches;
  const kinds = [...ODDITIES.filter((oddity) => oddity !== "paired"), undefined];
  const movers = kinds.flatMap((kind) =>
    site.devices
      .filter((each) => each.switchPort !== undefined && odd.get(each) === kind && each.switchAddress !== target && each.kind === "vvx")
      .slice(0, 1),
  );
  for (const [place, device] of movers.entries()) replug(site, device, { switchAddress: target, switchPort: 40 + place });
  return movers;
}

/** By MAC; what states none, by its address. */
function rowsOf(device: SimDevice, rows: readonly DeviceRow[]): readonly DeviceRow[] {
  const byMac = rows.filter(({ mac }) => mac === device.mac);
  return byMac.length > 0 ? byMac : rows.filter(({ mac, address }) => mac === undefined && address === device.address);
}

/** Neighbours that the switches make up are none of the site's list; those with a MAC of ours are devices all the same. */
function isStranger({ mac, address }: DeviceRow): boolean {
  return mac !== undefined && ouiOf(mac) !== undefined && address?.startsWith("192.0.2.") === true;
}

test.each([
  ["first", () => firstPass],
  ["second", () => secondPass],
] as const)("after the %s pass every device of the site is found, each once, and nothing else", (_which, rowsAfter) => {
  const rows = rowsAfter();
  const { devices } = running.site;
  const missing = devices.filter((device) => rowsOf(device, rows).length !== 1).map(({ kind, mac, model }) => `${kind} ${model} ${mac}`);
  expect(missing).toEqual([]);
  const found = new Set(devices.flatMap((device) => rowsOf(device, rows)));
  const extra = rows.filter((row) => !found.has(row) && !isStranger(row)).map(({ id, model }) => `${id} ${model}`);
  expect(extra).toEqual([]);
});

test("the site has every oddity, and phones with PCs behind them", () => {
  expect(new Set(odd.values())).toEqual(new Set(ODDITIES));
  expect(secondPass.filter(({ switchPort }) => (switchPort?.behind ?? []).some((mac) => mac.startsWith("3c5282"))).length).toBeGreaterThan(
    5,
  );
  expect(moved.length).toBeGreaterThan(4);
});

test("whoever answers has its own address, whatever LLDP says of it", () => {
  const wrong = running.site.devices
    .filter((device) => odd.get(device) === "stale" || odd.get(device) === "duplicate")
    .flatMap((device) => rowsOf(device, secondPass).filter(({ address }) => address !== device.address))
    .map(({ id, address }) => `${id} at ${address}`);
  expect(wrong).toEqual([]);
});

test("two phones on one port are two, on that port", () => {
  for (const device of [...odd].flatMap(([each, oddity]) => (oddity === "paired" ? [each] : []))) {
    const [row] = rowsOf(device, secondPass);
    const others = secondPass.filter(
      ({ id, switchPort }) =>
        id !== row?.id && switchPort?.name === row?.switchPort?.name && switchPort?.switchAddress === row?.switchPort?.switchAddress,
    );
    expect(others.length, device.mac).toBeGreaterThan(0);
  }
});

test("who only its switch knows has a port and a model", () => {
  for (const device of [...odd].flatMap(([each, oddity]) => (oddity.startsWith("closed") ? [each] : []))) {
    expect(rowsOf(device, secondPass)[0]?.switchPort?.switchAddress, device.mac).toBe(device.switchAddress);
  }
});

test("a phone that was plugged in elsewhere is the same one, on its new port", () => {
  for (const device of moved) {
    const [before] = rowsOf(device, firstPass);
    const [after] = rowsOf(device, secondPass);
    expect([after?.id, after?.switchPort?.switchAddress], device.mac).toEqual([before?.id, device.switchAddress]);
    expect(after?.switchPort?.name, device.mac).not.toBe(before?.switchPort?.name);
  }
});
