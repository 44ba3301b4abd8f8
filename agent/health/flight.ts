/**
 * The flight recorder: notices changes, has them written down, and says which devices are worth asking more often.
 */
import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Reading } from "../../protocols/core/reading.ts";
import type { Clock, Ms } from "../../protocols/core/time.ts";
import type { ChangeKind } from "../../store/history/changes.ts";
import type { History } from "../../store/history/readings.ts";
import { AROUND_MS, changesOf, DENSE_MS, isPartOf, REPEATS_MS, restartedAt, restartWords, type Uptime } from "./recorder.ts";

export interface FlightIo {
  readonly history: Pick<History, "before" | "changes">;
  readonly clock: Clock;
}

export interface Flight {
  /** Something about a device is not what it was. `detail`: what, for people. */
  noteChange(device: DeviceId, kind: ChangeKind, atMs: Ms, detail: string): void;
  /** It stands in another's stead. Whoever notices it again within a day tells nothing new. */
  noteSwap(device: DeviceId, atMs: Ms, detail: string): void;
  /** Looks for a restart in what a device said. */
  noteReading(device: DeviceId, atMs: Ms, reading: Reading): void;
  /** Looks for a change in what the inventory says of a device now. */
  noteInventory(device: DeviceId, fields: Parameters<typeof changesOf>[0]): void;
  /** Until when it should be asked more often; `undefined` for the usual pace. */
  denserUntil(device: DeviceId): Ms | undefined;
}

/** Changes looked through after a start for devices that are still to be asked more often. */
const OPEN_MAX = 20_000;
/** The last changes of a device among which one may be that a restart belongs to. */
const RECENT = 5;

export function createFlight({ history, clock }: FlightIo): Flight {
  const { changes } = history;
  const uptimes = new Map<DeviceId, Uptime>();
  const denser = new Map<DeviceId, Ms>();
  for (const { device, lastMs } of changes.open(OPEN_MAX)) if (lastMs + DENSE_MS > clock.nowMs()) denser.set(device, lastMs + DENSE_MS);

  const noteChange: Flight["noteChange"] = (device, kind, atMs, detail) => {
    if (changes.ofDevice(device, RECENT).some((known) => isPartOf(known, kind, atMs))) return;
    changes.note({ device, kind, atMs, detail }, { aroundMs: AROUND_MS, repeatsMs: REPEATS_MS });
    denser.set(device, Math.max(denser.get(device) ?? 0, atMs + DENSE_MS));
  };

  return {
    noteChange,
    noteSwap(device, atMs, detail) {
      const isKnown = changes
        .ofDevice(device, RECENT)
        .some((known) => known.kind === "swap" && known.detail === detail && atMs - known.lastMs < AROUND_MS);
      if (!isKnown) noteChange(device, "swap", atMs, detail);
    },
    noteReading(device, atMs, { uptimeSeconds }) {
      if (uptimeSeconds === undefined) return;
      const before = uptimes.get(device) ?? uptimeBefore(history, device, atMs);
      const now = { atMs, uptimeSeconds };
      uptimes.set(device, now);
      const bootMs = restartedAt(before, now);
      if (bootMs !== undefined && before !== undefined) noteChange(device, "restart", bootMs, restartWords(before));
    },
    noteInventory(device, fields) {
      for (const { kind, detail } of changesOf(fields)) noteChange(device, kind, clock.nowMs(), detail);
    },
    denserUntil(device) {
      const untilMs = denser.get(device);
      if (untilMs === undefined || untilMs > clock.nowMs()) return untilMs;
      denser.delete(device);
      return undefined;
    },
  };
}

/** After a start: what it said before. */
function uptimeBefore(history: Pick<History, "before">, device: DeviceId, atMs: Ms): Uptime | undefined {
  const before = history.before(device, atMs);
  const uptimeSeconds = before?.reading.uptimeSeconds;
  return before === undefined || uptimeSeconds === undefined ? undefined : { atMs: before.atMs, uptimeSeconds };
}
