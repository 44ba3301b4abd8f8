/**
 * Asks every device on its own interval and hands on what it says. A turn costs what is due, not what there is; a dead device costs one
 * time-out per interval and delays nobody.
 */
import type { DeviceRead } from "../../protocols/core/device.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import { type Clock, type Ms, SECOND } from "../../protocols/core/time.ts";
import { familyOf } from "../../protocols/families/index.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Store } from "../../store/store.ts";
import type { Log } from "../log.ts";
import { createAgenda } from "./agenda.ts";
import { createGather } from "./gather.ts";
import { admit, ceilingsOf, createLoads, type Lane, subnetOf } from "./lanes.ts";
import type { Observer } from "./observe.ts";
import { createRoll } from "./roll.ts";
import { DENSE_EVERY_MS, type Intervals, intervalOf, nextAskMs, phaseOf } from "./schedule.ts";

export interface PollIo {
  readonly store: Pick<Store, "transaction"> & { readonly devices: Pick<Store["devices"], "load" | "list" | "takeWritten"> };
  readonly observer: Pick<Observer, "take">;
  readonly read: (device: DeviceRow, signal: AbortSignal) => Promise<DeviceRead>;
  readonly intervals: Intervals;
  /** Most asks at once, over all devices. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Until when somebody wants a device asked more often; without it nobody ever does. */
  readonly denserUntil?: (device: DeviceId) => Ms | undefined;
}

/** Why a device is asked before its time. `trap`, `syslog` and `seen` say that it is there, whatever else they say. */
export type Reason = "trap" | "syslog" | "seen" | "change";

export interface PollCounts {
  readonly scheduled: number;
  /** Due, and held back by a ceiling. */
  readonly waiting: number;
  readonly underWay: number;
  /** Of those under way. */
  readonly silent: number;
  /** Since the start. */
  readonly asked: number;
  /** Asks of answering devices that began a whole interval or more after their time. */
  readonly missedIntervals: number;
  /** The latest that an answering device was asked after its time. */
  readonly latestMs: Ms;
}

export interface Poller {
  /** Starts the asks that are due and may be; returns at once. */
  turn(signal: AbortSignal): Promise<void>;
  /** Asks one device now and waits for the answer; a poll under way is waited for instead. One that began before `sinceMs` is waited for and does not count. */
  refresh(device: DeviceId, signal: AbortSignal, sinceMs?: Ms): Promise<DeviceRead | undefined>;
  /** Makes it due at once, though never sooner than some seconds after its last ask. @returns `false` for a device that is not polled */
  bringForward(device: DeviceId, reason: Reason): boolean;
  counts(): PollCounts;
}

/** Two asks of one device brought forward are so far apart: whoever floods us with reasons changes nothing. Guessed. */
const FORWARD_GAP_MS: Ms = 10 * SECOND;

interface Kept {
  readonly phase: number;
  address: string | undefined;
  subnet: string;
  misses: number;
  tookMs: Ms;
  askedMs: Ms | undefined;
  /** It gave a sign of life since its last ask. */
  spoke: boolean;
  /** Set while it is due and held back. */
  ready: Ready | undefined;
  /** Set while it is asked, by who wants it asked again soon. */
  againMs: Ms | undefined;
}

interface Ready {
  readonly id: DeviceId;
  readonly dueMs: Ms;
  lane: Lane;
  readonly subnet: string;
}

export function createPoller(io: PollIo): Poller {
  const ceilings = ceilingsOf(io.concurrency);
  const agenda = createAgenda<DeviceId>();
  const roll = createRoll(io.store.devices, io.clock.nowMs());
  const kept = new Map<DeviceId, Kept>();
  const gather = createGather<{ readonly id: DeviceId; readonly read: DeviceRead }, number>({
    clock: io.clock,
    transaction: (run) => io.store.transaction(run),
    take: ({ id, read }) => io.observer.take(id, read),
  });
  const underWay = new Map<DeviceId, Promise<DeviceRead | undefined>>();
  const loads = createLoads();
  const counts = { asked: 0, missedIntervals: 0, latestMs: 0 };
  let ready: readonly Ready[] = [];

  const keptOf = (row: DeviceRow): Kept => {
    const known = kept.get(row.id);
    if (known !== undefined) {
      if (known.address !== row.address) Object.assign(known, { address: row.address, subnet: subnetOf(row.address) });
      return known;
    }
    // After a restart those that were dead wait where the dead wait.
    const misses = row.availability === "offline" ? 1 : 0;
    const place = { phase: phaseOf(row.id), address: row.address, subnet: subnetOf(row.address) };
    const fresh: Kept = { ...place, misses, tookMs: 0, askedMs: undefined, spoke: false, ready: undefined, againMs: undefined };
    kept.set(row.id, fresh);
    return fresh;
  };

  const isDense = (id: DeviceId): boolean => (io.denserUntil?.(id) ?? 0) > io.clock.nowMs();

  const intervalFor = (row: Pick<DeviceRow, "id" | "family">): Ms => {
    const intervalMs = intervalOf(row.family, io.intervals);
    return isDense(row.id) ? Math.min(intervalMs, DENSE_EVERY_MS) : intervalMs;
  };

  const ended = (row: DeviceRow, state: Kept, askedMs: Ms): void => {
    state.tookMs = io.clock.nowMs() - askedMs;
    const next = nextAskMs(state.phase, { intervalMs: intervalFor(row), misses: state.misses, tookMs: state.tookMs }, askedMs);
    if (inCare(row)) agenda.set(row.id, Math.min(next, state.againMs ?? next));
    state.againMs = undefined;
  };

  const ask = (row: DeviceRow, signal: AbortSignal): Promise<DeviceRead | undefined> => {
    const running = underWay.get(row.id);
    if (running !== undefined) return running;
    const state = keptOf(row);
    const { subnet } = state;
    const lane = laneOf(state);
    const askedMs = io.clock.nowMs();
    Object.assign(state, { askedMs, spoke: false });
    agenda.drop(row.id);
    loads.change(lane, subnet, 1);
    counts.asked++;
    const done = io
      .read(row, signal)
      .then(async (read) => {
        state.misses = await gather.add({ id: row.id, read });
        return read;
      })
      .catch((error: unknown) => {
        if (!signal.aborted) io.log.warn("a poll did not end", { device: row.id, error });
        return undefined;
      })
      .finally(() => {
        underWay.delete(row.id);
        loads.change(lane, subnet, -1);
        ended(row, state, askedMs);
      });
    underWay.set(row.id, done);
    return done;
  };

  /** Its row may have changed since it was put on the agenda: it is asked as it is now, or no more. */
  const begin = ({ id, dueMs, lane }: Ready, signal: AbortSignal): void => {
    const state = kept.get(id);
    if (state === undefined) return;
    state.ready = undefined;
    // Somebody had it asked meanwhile: that ask puts it on the agenda again.
    if (underWay.has(id) || (state.askedMs ?? -1) >= dueMs) return;
    const row = io.store.devices.load(id);
    if (row === undefined || !inCare(row)) {
      kept.delete(id);
      return;
    }
    if (lane === "prompt") {
      const lateMs = io.clock.nowMs() - dueMs;
      counts.latestMs = Math.max(counts.latestMs, lateMs);
      if (lateMs >= intervalOf(row.family, io.intervals)) counts.missedIntervals++;
    }
    void ask(row, signal);
  };

  const bringForward: Poller["bringForward"] = (id, reason) => {
    const state = kept.get(id);
    const asking = underWay.has(id);
    if (state === undefined || !(asking || state.ready !== undefined || agenda.dueMs(id) !== undefined)) return false;
    state.spoke ||= reason !== "change";
    const soonMs = Math.max(io.clock.nowMs(), (state.askedMs ?? 0) + FORWARD_GAP_MS);
    if (asking) state.againMs = Math.min(soonMs, state.againMs ?? soonMs);
    else if (state.ready !== undefined) state.ready.lane = laneOf(state);
    else agenda.set(id, Math.min(soonMs, agenda.dueMs(id) ?? soonMs));
    return true;
  };

  /** Those that are new are asked from now on; a silent one that was heard of elsewhere, or moved, at once. */
  const takeIn = (row: DeviceRow, firstAskMs: (row: DeviceRow, phase: number) => Ms): void => {
    const known = kept.get(row.id);
    if (!inCare(row)) return;
    if (known === undefined || (agenda.dueMs(row.id) === undefined && known.ready === undefined && !underWay.has(row.id))) {
      agenda.set(row.id, firstAskMs(row, keptOf(row).phase));
      return;
    }
    const news = row.lastSeenMs > (known.askedMs ?? row.lastSeenMs) || row.address !== known.address;
    if (known.misses > 0 && news) bringForward(row.id, "seen");
    // It was wanted denser since its last ask.
    else if (isDense(row.id) && (agenda.dueMs(row.id) ?? 0) > io.clock.nowMs() + DENSE_EVERY_MS) bringForward(row.id, "change");
  };

  return {
    async turn(signal) {
      const nowMs = io.clock.nowMs();
      roll.turn(nowMs, {
        wants: (id) => (kept.get(id)?.misses ?? 1) > 0 || isDense(id),
        takeIn,
        intervalFor,
      });
      const due = agenda.take(nowMs).flatMap(({ key: id, dueMs }): Ready[] => {
        const state = kept.get(id);
        if (state === undefined) return [];
        state.ready = { id, dueMs, lane: laneOf(state), subnet: state.subnet };
        return [state.ready];
      });
      const { now, later } = admit(ready.length === 0 ? due : [...ready, ...due], loads, ceilings);
      ready = later;
      for (const one of now) begin(one, signal);
    },
    async refresh(id, signal, sinceMs) {
      if (sinceMs !== undefined && (kept.get(id)?.askedMs ?? sinceMs) < sinceMs) await underWay.get(id);
      const row = io.store.devices.load(id);
      return row === undefined || !askable(row) ? undefined : ask(row, signal);
    },
    bringForward,
    counts: () => ({
      ...counts,
      scheduled: agenda.size + ready.length + underWay.size,
      waiting: ready.length,
      underWay: loads.overall.all,
      silent: loads.overall.silent,
    }),
  };
}

const laneOf = ({ misses, spoke }: Kept): Lane => (misses > 0 && !spoke ? "silent" : "prompt");

/** Is it polled at all? */
const inCare = (row: DeviceRow): boolean => row.adopted && row.retiredAtMs === undefined && askable(row);

/** Has it an address, or a manager that answers for it? */
function askable({ address, family }: DeviceRow): boolean {
  return address !== undefined || (family !== undefined && familyOf(family)?.addressless === true);
}
