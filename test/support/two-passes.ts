/**
 * Two passes over a site whose wiring tells less, or other, than the truth, with phones plugged in elsewhere in between: by the
 * driver's own clients, into a real store.
 */
import { createInventory } from "../../agent/discovery/inventory.ts";
import { readOf, sightingOf } from "../../agent/discovery/sources/sighting.ts";
import { askSwitch, type SwitchMemories } from "../../agent/discovery/sources/switches.ts";
import type { SimDevice } from "../../fixtures/site/device.ts";
import { ODDITIES, type Oddity, plantOddities, replug } from "../../fixtures/site/plan-oddities.ts";
import { type RunningSite, startSite } from "../../fixtures/site/site.ts";
import { limit } from "../../protocols/core/limit.ts";
import { seededRandom } from "../../protocols/core/random.ts";
import { type ManualClock, MINUTE, manualClock } from "../../protocols/core/time.ts";
import { identifyDevice } from "../../protocols/families/identify.ts";
import { ouiOf } from "../../protocols/families/oui.ts";
import { createSnmpClient } from "../../protocols/snmp/client.ts";
import type { DeviceRow } from "../../store/devices.ts";
import { openStore, type Store } from "../../store/open.ts";
import { credentialsOf, openIo } from "./every-site.ts";

const START_MS = 1_750_000_080_000;
const VISITS_AT_ONCE = 64;
const never = new AbortController().signal;

export interface Passes {
  readonly running: RunningSite;
  readonly odd: ReadonlyMap<SimDevice, Oddity>;
  readonly firstPass: readonly DeviceRow[];
  readonly secondPass: readonly DeviceRow[];
  readonly moved: readonly SimDevice[];
  close(): Promise<void>;
}

export interface PassesPlan {
  readonly devices: number;
  readonly mix: "every" | "usual";
  /** Holds the store. */
  readonly folder: string;
  readonly say?: (text: string) => void;
}

/** What every call of a pass needs. */
interface Ground {
  readonly running: RunningSite;
  readonly store: Store;
  readonly clock: ManualClock;
  readonly say: (text: string) => void;
}

export async function twoPasses({ devices, mix, folder, say = () => undefined }: PassesPlan): Promise<Passes> {
  const clock = manualClock(START_MS);
  const running = await startSite({
    ...{ seed: 11, devices, provisioning: undefined, channelFolder: undefined, clock },
    ...(mix === "every" ? { mix } : {}),
  });
  const odd = plantOddities(running.site.devices);
  const store = openStore({ directory: folder, nowMs: START_MS });
  const pass = passOver({ running, store, clock, say });
  await pass();
  const firstPass = store.devices.list();
  const moved = plugElsewhere(running, odd);
  // The switches' own clocks run on: forgotten neighbours are gone, and a fresh pass is no echo of the first.
  await clock.advance(20 * MINUTE);
  await pass();
  const secondPass = store.devices.list();
  store.close();
  return { running, odd, firstPass, secondPass, moved, close: () => running.close() };
}

/** One pass: every address of the site is visited, then every switch is asked. */
function passOver({ running, store, clock, say }: Ground): () => Promise<void> {
  const { site, ready } = running;
  const inventory = createInventory({ store, adopt: "all", announce: () => undefined, onConflict: () => undefined });
  const memories: SwitchMemories = new Map();
  const credentials = credentialsOf(running);
  return async () => {
    const io = openIo(3);
    const visits = limit(VISITS_AT_ONCE);
    let visited = 0;
    const visit = async (address: string): Promise<void> => {
      const identified = await identifyDevice({ address, ports: site.ports, credentials, trust: "any", patienceMs: 300 }, io, never);
      const atMs = clock.nowMs();
      const seen = sightingOf(address, identified, atMs);
      const read = readOf(identified);
      if (seen !== undefined) inventory.note(seen);
      if (seen !== undefined && read !== undefined) inventory.noteRead(read, { address, atMs });
      if (++visited % 1_000 === 0) say(`${visited} of ${site.byAddress.size} addresses visited`);
    };
    try {
      await Promise.all([...site.byAddress.keys()].map((address) => visits.run(() => visit(address))));
    } finally {
      await io.close();
    }
    const snmp = createSnmpClient({ clock, random: seededRandom(4) });
    try {
      for (const address of ready.switches) {
        const told = await askSwitch(address, { ports: site.ports, credentials, memories }, { snmp, clock }, never);
        if (!told.ok) throw new Error(`switch ${address} did not answer: ${JSON.stringify(told.fault)}`);
        for (const sighting of told.value) inventory.note(sighting);
      }
    } finally {
      await snmp.close();
    }
  };
}

/** Some phones of each kind of oddity, and some usual ones, go to a free port of another switch. */
function plugElsewhere({ site, ready }: RunningSite, odd: ReadonlyMap<SimDevice, Oddity>): readonly SimDevice[] {
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
export function finder(rows: readonly DeviceRow[]): (device: SimDevice) => readonly DeviceRow[] {
  const byMac = Map.groupBy(rows, ({ mac }) => mac);
  const nameless = Map.groupBy(byMac.get(undefined) ?? [], ({ address }) => address);
  return ({ mac, address }) => byMac.get(mac as DeviceRow["mac"]) ?? nameless.get(address) ?? [];
}

/** Devices of the site that are not known exactly once, and rows that are none of them. */
export function against({ site }: RunningSite, rows: readonly DeviceRow[]): { readonly missing: string[]; readonly extra: string[] } {
  const rowsOf = finder(rows);
  const missing = site.devices.filter((device) => rowsOf(device).length !== 1).map(({ kind, mac, model }) => `${kind} ${model} ${mac}`);
  const found = new Set(site.devices.flatMap((device) => rowsOf(device)));
  const extra = rows.filter((row) => !found.has(row) && !isStranger(row)).map(({ id, model }) => `${id} ${model}`);
  return { missing, extra };
}

/** Neighbours that the switches make up are none of the site's list; those with a MAC of ours are devices all the same. */
function isStranger({ mac, address }: DeviceRow): boolean {
  return mac !== undefined && ouiOf(mac) !== undefined && address?.startsWith("192.0.2.") === true;
}
