/**
 * Other hardware in a place or on an extension: the flight recorder notes it for the new one. What is kept in memory is told
 * again by each device within its interval, so a restart loses nothing but time.
 */
import type { DeviceRead, Line } from "../../protocols/core/device.ts";
import { type DeviceId, showMac } from "../../protocols/core/ids.ts";
import { type Clock, HOUR, type Ms } from "../../protocols/core/time.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Store } from "../../store/store.ts";
import { predecessorOf } from "../discovery/predecessor.ts";
import type { Flight } from "./flight.ts";

export interface SwapsIo {
  readonly devices: Pick<Store["devices"], "load">;
  readonly flight: Pick<Flight, "noteSwap">;
  readonly clock: Clock;
}
export type ArrivalIo = Pick<SwapsIo, "flight" | "clock"> & { readonly places: Parameters<typeof predecessorOf>[1] };

export interface Swaps {
  /** @param row as it stood before it was asked */
  read(row: DeviceRow, read: Pick<DeviceRead, "lines" | "faults" | "presence">): void;
}

/** The old one is unplugged and the new one plugged in within it; what is found together did not follow on each other. A guess. */
const FOLLOWS_MS: Ms = HOUR;
/** Devices named on one extension: shared lines are a handful. */
const HOLDERS_MAX = 20;
/** Ten for each of 10,000 devices; the one that was met first goes first, and is met again at the next answer of its device. */
const EXTENSIONS_MAX = 100_000;

/** Extensions with their server; a bare label or a server alone is nobody's own. */
export function extensionsOf(lines: readonly Line[], which: "all" | "registered" = "all"): readonly string[] {
  const own = lines.filter(({ address, registered }) => /^[^@]+@[^@]+$/.test(address) && (which === "all" || registered));
  return [...new Set(own.map(({ address }) => address.replace(/^sips?:/i, "").toLowerCase()))];
}

type Known = Pick<DeviceRow, "lines" | "availability" | "retiredAtMs" | "firstSeenMs" | "lastSeenMs">;

/** Does what registers `extension` now stand in the other's stead? Not beside it, as on a shared line. Pure. */
export function follows(extension: string, next: Known, old: Known): boolean {
  const isGone = old.retiredAtMs !== undefined || old.availability === "offline";
  if (!isGone && extensionsOf(old.lines).includes(extension)) return false;
  // One that told other extensions before was given this one; one that is new came after the old one was there.
  return extensionsOf(next.lines).some((other) => other !== extension) || next.firstSeenMs >= old.firstSeenMs + FOLLOWS_MS;
}

/** A device was not known before: its place may have waited for it. */
export function noteArrival({ id, mac }: Pick<DeviceRow, "id" | "mac">, { places, flight, clock }: ArrivalIo): void {
  const before = predecessorOf(mac, places);
  if (before !== undefined) flight.noteSwap(id, clock.nowMs(), `serves as ${before.place.name}, in place of ${showMac(before.mac)}`);
}

export function createSwaps({ devices, flight, clock }: SwapsIo): Swaps {
  const holders = new Map<string, Set<DeviceId>>();
  /** Silent ones whose successors were looked for. */
  const gone = new Set<DeviceId>();

  const othersOf = (extension: string, id: DeviceId): readonly DeviceRow[] => {
    const all = holders.get(extension) ?? new Set();
    holders.set(extension, all);
    const [oldest] = holders.size > EXTENSIONS_MAX ? holders.keys() : [];
    if (oldest !== undefined) holders.delete(oldest);
    if (all.size < HOLDERS_MAX) all.add(id);
    return [...all].flatMap((other) => (other === id ? [] : (devices.load(other) ?? [])));
  };
  const note = (next: DeviceId, extension: string, old: DeviceRow): void => {
    const hardware = old.mac === undefined ? "" : ` (${showMac(old.mac)})`;
    flight.noteSwap(next, clock.nowMs(), `${extension} was at ${old.name}${hardware}`);
  };

  const takesOver = (row: DeviceRow, lines: readonly Line[]): void => {
    // A new phone lists its line some time before it registers; an older one that lost it and has it back is not new to it.
    const isYoung = clock.nowMs() < row.firstSeenMs + FOLLOWS_MS;
    const before = new Set(extensionsOf(row.lines, isYoung ? "registered" : "all"));
    const registered = new Set(extensionsOf(lines, "registered"));
    for (const extension of extensionsOf(lines)) {
      const isNew = registered.has(extension) && !before.has(extension);
      if (!isNew && holders.get(extension)?.has(row.id) === true) continue;
      const old = othersOf(extension, row.id).find((other) => follows(extension, row, other));
      if (isNew && old !== undefined) note(row.id, extension, old);
    }
  };
  /** The new one was faster than three misses of the old one. */
  const isFollowed = (row: DeviceRow): void => {
    for (const extension of extensionsOf(row.lines)) {
      const next = othersOf(extension, row.id).find(
        (other) =>
          other.availability === "online" &&
          extensionsOf(other.lines, "registered").includes(extension) &&
          other.firstSeenMs >= row.lastSeenMs - FOLLOWS_MS,
      );
      if (next !== undefined) note(next.id, extension, row);
    }
  };

  return {
    read(row, { lines, faults, presence }) {
      const isSilent = presence === undefined && lines.length === 0 && faults.some(({ kind }) => kind === "unreachable");
      if (!isSilent) {
        gone.delete(row.id);
        takesOver(row, lines);
      } else if (row.availability === "offline" && !gone.has(row.id)) {
        gone.add(row.id);
        isFollowed(row);
      }
    },
  };
}
