/**
 * The agent of the simulated day: everything that keeps health and tells of it, as the daemon puts it together, on a clock that
 * moves when told and with a made-up site in place of the field thread.
 */
import { makeKey } from "../../agent/commands/keys.ts";
import { createInventory } from "../../agent/discovery/inventory.ts";
import { farewell, willOf } from "../../agent/feed/presence.ts";
import { startFeed } from "../../agent/feed/run.ts";
import { createTeller } from "../../agent/feed/tell.ts";
import { looksLocal } from "../../agent/health/causes/site.ts";
import { createFlight } from "../../agent/health/flight.ts";
import { openHealth, startHealth } from "../../agent/health/run.ts";
import type { Log } from "../../agent/log.ts";
import { type Loop, startLoop } from "../../agent/loop.ts";
import { startThread } from "../../agent/threads/channel.ts";
import type { HistoryData, HistoryRequests } from "../../agent/threads/requests.ts";
import { keepSmall, type UpkeepCourse } from "../../agent/upkeep.ts";
import { ok } from "../../protocols/core/fault.ts";
import { parseSiteId, type SiteId } from "../../protocols/core/ids.ts";
import { systemRandom } from "../../protocols/core/random.ts";
import { type ManualClock, MINUTE, type Ms, SECOND } from "../../protocols/core/time.ts";
import type { PortState } from "../../protocols/lldp/ports.ts";
import { createMqttClient } from "../../protocols/mqtt/client.ts";
import { openStore } from "../../store/open.ts";
import type { Fleet } from "./fleet.ts";
import type { SiteTruth } from "./fleet-read.ts";

export const SITE = parseSiteId("simulated-day") as SiteId;

export interface DayAgentOptions {
  readonly fleet: Fleet;
  readonly truth: SiteTruth;
  readonly folder: string;
  readonly brokerPort: number;
  readonly clock: ManualClock;
  readonly log: Log;
}

export interface DayAgent {
  /** What still waits to be told. */
  waiting(): number;
  /** Asks nobody any more; what waits is still told. */
  stopAsking(): Promise<void>;
  close(): Promise<void>;
}

/** Asks of a silent device take their time-out, on the agent's clock. */
const TIMEOUT_MS: Ms = 3 * SECOND;
/** The daemon does it twenty times as often: a day's upkeep is the same work in fewer turns. */
const UPKEEP_EVERY_MS: Ms = 10 * MINUTE;
/** Two hundred times the daemon's pause, so that a day is fewer turns: asks begin up to twenty seconds late, and stay an interval apart. */
const POLL_EVERY_MS: Ms = 20 * SECOND;
/** The daemon does it twelve times as often, for a file that stays short. */
const CHECKPOINT_EVERY_MS: Ms = MINUTE;
/** Of a large site more is due than may be asked at once: shorter turns. */
const LARGE = { devices: 2_000, pollEveryMs: 2 * SECOND } as const;

export async function openDayAgent({ fleet, truth, folder, brokerPort, clock, log }: DayAgentOptions): Promise<DayAgent> {
  const store = openStore({ directory: folder, nowMs: clock.nowMs() });
  const wakers = { drive: nothing, feed: nothing, tickets: nothing, coverage: nothing, incidents: nothing };
  const teller = createTeller({ store, site: SITE, nowMs: () => clock.nowMs(), wake: () => wakers.feed() });
  const flight = createFlight({ history: store.history, clock });
  const inventory = createInventory({
    store,
    adopt: "all",
    announce(what, row, changes) {
      teller.device(what, row, changes);
      if (what === "changed") flight.noteInventory(row.id, changes);
    },
    onConflict: ({ value }) => log.error("an identity is in conflict", { value }),
  });
  if (store.devices.count() === 0) store.transaction(() => discover(fleet, inventory.note, clock.nowMs()));
  const thread = await startThread<HistoryRequests, never>({
    name: "history",
    entry: new URL("../../agent/threads/history.ts", import.meta.url),
    data: () => ({ directory: folder }) satisfies HistoryData,
    heapMb: 256,
    clock,
    onEvent: nothing,
    onTrouble: (what, error) => log.error(what, { error }),
  });
  const health = openHealth({
    ...{ store, clock, log, inventory, teller, flight },
    async read({ address }) {
      const device = fleet.byAddress.get(address ?? "");
      if (device === undefined) throw new Error(`nobody lives at ${address}`);
      const read = truth.read(device, clock.nowMs());
      if (read.faults.length > 0) await clock.sleep(TIMEOUT_MS);
      return read;
    },
    ports: async (address) => ok(portsAt(fleet, truth, address, clock.nowMs())),
    isOnSite: looksLocal,
    intervals: { phonesMs: 2 * MINUTE, roomsMs: MINUTE, switchesMs: 5 * MINUTE },
    concurrency: 500,
    wakeIncidents: () => wakers.incidents(),
  });
  const pollEveryMs = fleet.devices.length > LARGE.devices ? LARGE.pollEveryMs : POLL_EVERY_MS;
  const asking = startHealth(health, {
    ...{ clock, log, keeping: { history: store.history, thread }, pollEveryMs, checkpointEveryMs: CHECKPOINT_EVERY_MS },
  });
  wakers.incidents = () => asking.incidents.wake();
  const loops: Loop[] = [];
  const random = systemRandom();
  const mqtt = createMqttClient(
    { host: "127.0.0.1", port: brokerPort, clientId: `groundswell-${SITE}`, user: SITE, will: willOf(SITE), keepSessionS: 600 },
    { clock, random },
  );
  const io = { environment: {}, log, random, onReady: nothing };
  startFeed(mqtt, { store, clock, site: SITE, teller, loops, wakers, io, secrets: { agentKey: await makeKey() } });
  const course: UpkeepCourse = { prunedTo: undefined };
  const upkeep = startLoop({ name: "upkeep", everyMs: UPKEEP_EVERY_MS, log, clock }, async () =>
    keepSmall({ store, clock, teller }, course),
  );
  return {
    waiting: () => store.outbox.depth(),
    async stopAsking() {
      await Promise.all([...asking.loops, upkeep].map((loop) => loop.stop()));
      await health.incidents.idle();
      health.observer.flush();
      teller.flush("all");
    },
    async close() {
      await Promise.all(loops.map((loop) => loop.stop()));
      await farewell(mqtt, SITE);
      await thread.close();
      store.close();
    },
  };
}

const nothing = (): void => undefined;

/** The switches name everybody on their ports. */
function discover(fleet: Fleet, note: ReturnType<typeof createInventory>["note"], atMs: Ms): void {
  for (const { address, facts, port } of fleet.devices) {
    const { switchAddress, name, powered } = port ?? {};
    const seen =
      switchAddress === undefined || name === undefined ? {} : { port: { switchAddress, name, poeDelivering: powered === true } };
    note({ source: "lldp", atMs, address, facts, evidence: [{ via: "lldp", what: "named by its switch", atMs }], ...seen });
  }
}

function portsAt(fleet: Fleet, truth: SiteTruth, switchAddress: string, atMs: Ms): readonly PortState[] {
  return fleet.devices.flatMap((device): PortState[] => {
    if (device.port?.switchAddress !== switchAddress) return [];
    const isUp = truth.isUp(device, atMs);
    return [{ name: device.port.name, isUp, power: device.port.powered ? (isUp ? "delivering" : "searching") : "unknown" }];
  });
}
