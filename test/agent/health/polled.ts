/**
 * A poller over a real store, with devices that answer as told, on a clock that moves when told.
 */
import { createInventory } from "../../../agent/discovery/inventory.ts";
import { createObserver } from "../../../agent/health/observe.ts";
import { createPoller, type Poller } from "../../../agent/health/poll.ts";
import { createLog } from "../../../agent/log.ts";
import type { DeviceRead } from "../../../protocols/core/device.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { type ManualClock, MINUTE, type Ms, manualClock, SECOND } from "../../../protocols/core/time.ts";
import type { DeviceRow } from "../../../store/devices.ts";
import type { Store } from "../../../store/open.ts";
import { device, macOf, T0, temporaryStore } from "../../store/temporary.ts";

export const never = new AbortController().signal;
export type Answer = () => Promise<DeviceRead>;

export const SILENT: DeviceRead = {
  facts: {},
  inUse: { state: "unknown", reason: "silent" },
  lines: [],
  parts: [],
  reading: {},
  evidence: [],
  faults: [{ kind: "unreachable", via: "https" }],
};

export function says(number: number, registered = 1): DeviceRead {
  return {
    facts: { family: "uc-phone", model: "VVX 411", mac: macOf(number), running: { application: "6.4.6.2327" } },
    inUse: { state: "idle" },
    lines: [{ address: "1001@pbx", registered: registered > 0 }],
    parts: [],
    reading: { registeredLines: registered, inCall: 0 },
    evidence: [{ via: "https", what: "REST", atMs: T0 }],
    faults: [],
  };
}

export interface Polled {
  readonly store: Store;
  readonly clock: ManualClock;
  readonly poller: Poller;
  readonly asked: DeviceId[];
  readonly answers: Map<DeviceId, Answer>;
  readonly edges: string[];
  readonly readings: DeviceId[];
  readonly logged: string[];
  /** Lets the time pass with a turn in each minute, or in each second. */
  minutes(count: number): Promise<void>;
  seconds(count: number): Promise<void>;
}

export interface PolledOptions {
  readonly store?: Store;
  readonly concurrency?: number;
  readonly clock?: ManualClock;
  readonly denserUntil?: (device: DeviceId) => Ms | undefined;
}

export function polled(options: PolledOptions = {}): Polled {
  const store = options.store ?? temporaryStore();
  const clock = options.clock ?? manualClock(T0);
  const asked: DeviceId[] = [];
  const answers: Polled["answers"] = new Map();
  const edges: string[] = [];
  const readings: DeviceId[] = [];
  const logged: string[] = [];
  const observer = createObserver({
    store,
    clock,
    inventory: createInventory({ store, adopt: "all", announce: () => undefined, onConflict: () => undefined }),
    onCondition: (edge, row, { kind }) => void edges.push(`${edge} ${kind} ${row.id} ${(clock.nowMs() - T0) / MINUTE}`),
    onReading: (id) => void readings.push(id),
  });
  const poller = createPoller({
    store,
    observer,
    clock,
    read: (row: DeviceRow) => {
      asked.push(row.id);
      return (answers.get(row.id) ?? (async () => SILENT))();
    },
    intervals: { phonesMs: MINUTE, roomsMs: MINUTE, switchesMs: 5 * MINUTE },
    concurrency: options.concurrency ?? 10,
    ...(options.denserUntil === undefined ? {} : { denserUntil: options.denserUntil }),
    log: createLog({ level: "warn", pretty: false, write: (line) => logged.push(line) }),
  });
  const steps = async (count: number, lengthMs: Ms): Promise<void> => {
    for (let i = 0; i < count; i++) {
      await clock.advance(lengthMs);
      await poller.turn(never);
      await clock.advance(0); // what was started has its turn
    }
  };
  const minutes = (count: number): Promise<void> => steps(count, MINUTE);
  const seconds = (count: number): Promise<void> => steps(count, SECOND);
  return { store, clock, poller, asked, answers, edges, readings, logged, minutes, seconds };
}

export const phone = (number: number, changes: Partial<DeviceRow> = {}): DeviceRow =>
  device(number, { address: `127.0.5.${number}`, family: "uc-phone", ...changes });
