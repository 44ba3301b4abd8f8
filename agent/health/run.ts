/**
 * Health put together: who asks, who takes in, who finds causes, and the loops that drive them. Whoever answers for the
 * devices comes in as a port: the field thread in the daemon, a made-up site in a simulation.
 */
import type { DeviceRead } from "../../protocols/core/device.ts";
import type { Fault, Result } from "../../protocols/core/fault.ts";
import { type Clock, MINUTE, type Ms, SECOND } from "../../protocols/core/time.ts";
import type { PortState } from "../../protocols/lldp/ports.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Store } from "../../store/store.ts";
import type { Inventory } from "../discovery/inventory.ts";
import type { Teller } from "../feed/tell.ts";
import type { Log } from "../log.ts";
import { type Loop, startLoop } from "../loop.ts";
import type { Flight } from "./flight.ts";
import { type HistoryTurnIo, historyTurn } from "./history-turn.ts";
import { createIncidents, type Incidents } from "./incidents.ts";
import { createObserver, type Observer } from "./observe.ts";
import { createPoller, type Poller } from "./poll.ts";
import { combineRules, type RuleSet } from "./rule-file.ts";
import type { Intervals } from "./schedule.ts";
import { createServerNotes } from "./servers.ts";
import { createSwaps } from "./swaps.ts";
import { createTrends, type Trends, type TrendsIo } from "./trends.ts";

export interface HealthIo {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly inventory: Inventory;
  readonly teller: Pick<Teller, "condition" | "sample" | "incident">;
  readonly flight: Flight;
  readonly read: (device: DeviceRow, signal: AbortSignal) => Promise<DeviceRead>;
  /** How the ports of the switch at this address stand. */
  readonly ports: (address: string, signal: AbortSignal) => Promise<Result<readonly PortState[], Fault>>;
  readonly isOnSite: (name: string) => boolean;
  readonly intervals: Intervals;
  readonly concurrency: number;
  /** What is judged; the starting set without it. */
  readonly rules?: RuleSet;
  wakeIncidents(): void;
}

export interface Health {
  readonly observer: Observer;
  readonly incidents: Incidents;
  readonly poller: Poller;
  readonly rules: RuleSet;
  /** Rules over time, judged by whoever reads history. */
  trends(find: TrendsIo["find"]): Trends;
}

export function openHealth(io: HealthIo): Health {
  const { store, clock, log, inventory, teller, flight } = io;
  const swaps = createSwaps({ devices: store.devices, flight, clock });
  const noteServers = createServerNotes(store.services);
  const late: { poller?: Poller } = {};
  const incidents = createIncidents({
    ...{ store, clock, log, ports: io.ports, isOnSite: io.isOnSite },
    refresh: async (device, signal) => late.poller?.refresh(device, signal),
    onIncident: (what, row) => teller.incident(what, row),
    wake: () => io.wakeIncidents(),
  });
  const rules = io.rules ?? combineRules({ add: [], change: {} });
  const observer = createObserver({
    ...{ store, inventory, clock, rules: rules.rules },
    suppressed: (device) => incidents.suppressed(device),
    onCondition(edge, device, about) {
      teller.condition(edge, device, about);
      if (incidents.isDue()) io.wakeIncidents();
    },
    onReading(device, atMs, reading) {
      teller.sample(device, atMs, reading);
      flight.noteReading(device, atMs, reading);
    },
  });
  const poller = createPoller({
    ...{ store, observer, clock, log, intervals: io.intervals, concurrency: io.concurrency },
    async read(row, signal) {
      const read = await io.read(row, signal);
      noteServers(row.id, read, clock.nowMs());
      swaps.read(row, read);
      return read;
    },
    denserUntil: (device) => flight.denserUntil(device),
  });
  late.poller = poller;
  const trends = (find: TrendsIo["find"]): Trends => createTrends({ store, observer, clock, rules: rules.rules, find });
  return { observer, incidents, poller, rules, trends };
}

/** Ten short turns a second: asks of a large site are spread, and none makes the loop wait. */
export const POLL_EVERY_MS: Ms = SECOND / 10;
/** What an idle moment left waiting is written so often; a busy site writes by itself. */
const FLUSH_EVERY_MS: Ms = 2 * SECOND;
/** Waits and times of grace run out between edges; minutes long, so quarters of a minute do. */
const INCIDENTS_EVERY_MS: Ms = 15 * SECOND;
/** Days are summed up and changes kept soon enough; a look without work is a few rows. */
const HISTORY_EVERY_MS: Ms = MINUTE;
/** 10,000 devices write some 3 MB of history in this time. */
export const CHECKPOINT_EVERY_MS: Ms = 5 * SECOND;
/** Looks whether an hour has ended. */
const TRENDS_EVERY_MS: Ms = 5 * MINUTE;
/** Real milliseconds: a turn only starts asks, so one that takes so long never ends. Guessed. */
const TURN_MAX_MS: Ms = 2 * MINUTE;

/** Starts the loops; the first is the one whose first turn tells that devices are asked. */
export function startHealth(
  { observer, incidents, poller, trends: trendsBy }: Health,
  io: {
    readonly clock: Clock;
    readonly log: Log;
    readonly keeping: Omit<HistoryTurnIo, "clock">;
    readonly pollEveryMs: Ms;
    readonly checkpointEveryMs: Ms;
  },
): { readonly loops: readonly Loop[]; readonly incidents: Loop } {
  const { clock, log } = io;
  const keeping = { ...io.keeping, clock };
  const trends = trendsBy((ask, signal) => keeping.thread.ask("trends", ask, signal));
  const incidentLoop = startLoop({ name: "incidents", everyMs: INCIDENTS_EVERY_MS, log, clock }, (signal) => incidents.turn(signal));
  return {
    incidents: incidentLoop,
    loops: [
      startLoop({ name: "health", everyMs: io.pollEveryMs, turnMaxMs: TURN_MAX_MS, log, clock }, (signal) => poller.turn(signal)),
      startLoop({ name: "readings", everyMs: FLUSH_EVERY_MS, log, clock }, async () => observer.flush()),
      incidentLoop,
      startLoop({ name: "history", everyMs: HISTORY_EVERY_MS, log, clock }, async (signal) => void (await historyTurn(keeping, signal))),
      startLoop({ name: "history log", everyMs: io.checkpointEveryMs, log, clock }, async (signal) => {
        await keeping.thread.ask("checkpoint", null, signal);
      }),
      startLoop({ name: "trends", everyMs: TRENDS_EVERY_MS, log, clock }, async (signal) => void (await trends.turn(signal))),
    ],
  };
}
