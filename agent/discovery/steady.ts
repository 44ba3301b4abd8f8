/**
 * Devices that say the same from the same address, and of whose address, serial number and name nobody else spoke meanwhile:
 * whose a repeated sighting is and what follows from it is known, so that the time is all there is to write. In memory alone;
 * whoever is not in it is looked at in full.
 */
import { hash } from "node:crypto";
import type { Sighting } from "../../protocols/core/device.ts";
import type { DeviceId, Mac } from "../../protocols/core/ids.ts";
import { HOUR, type Ms } from "../../protocols/core/time.ts";
import type { DeviceRow } from "../../store/devices.ts";
import { plainSerial } from "./contradictions.ts";

/** What ages (a manager nobody names any more, claims by turns) is looked at again after so long. A guess. */
export const STEADY_FOR_MS: Ms = HOUR;

export interface SteadyDevice {
  readonly id: DeviceId;
  /** As the sighting left it, without what others write. */
  readonly row: string;
}

export interface Steady {
  /** The device whose sighting this is, where it is a repeated one. */
  find(sighting: Sighting): SteadyDevice | undefined;
  /** It said this, and nothing was in question. */
  keep(id: DeviceId, sighting: Sighting, row: DeviceRow): void;
  /** Somebody spoke of these devices, or from there, or with that serial number. */
  disturb(sighting: Sighting, ids: Iterable<DeviceId>): void;
  clear(): void;
}

interface Entry extends SteadyDevice {
  readonly words: string;
  readonly keys: readonly string[];
  readonly sinceMs: Ms;
  lastMs: Ms;
}

export function createSteady(forMs: Ms = STEADY_FOR_MS): Steady {
  const entries = new Map<Mac, Entry>();
  const holders = new Map<string, Set<Mac>>();

  const drop = (mac: Mac): void => {
    for (const key of entries.get(mac)?.keys ?? []) {
      const those = holders.get(key);
      those?.delete(mac);
      if (those?.size === 0) holders.delete(key);
    }
    entries.delete(mac);
  };

  return {
    find(sighting) {
      const { mac } = sighting.facts;
      const entry = mac === undefined ? undefined : entries.get(mac);
      if (entry === undefined || sighting.atMs < entry.lastMs || sighting.atMs - entry.sinceMs >= forMs) return undefined;
      if (entry.words !== wordsOf(sighting)) return undefined;
      entry.lastMs = sighting.atMs;
      return entry;
    },
    keep(id, sighting, row) {
      const { mac } = sighting.facts;
      if (mac === undefined) return;
      drop(mac);
      const keys = [...keysOf(sighting), deviceKey(id)];
      entries.set(mac, { id, keys, words: wordsOf(sighting), row: rowWords(row), sinceMs: sighting.atMs, lastMs: sighting.atMs });
      for (const key of keys) {
        const those = holders.get(key);
        if (those === undefined) holders.set(key, new Set([mac]));
        else those.add(mac);
      }
    },
    disturb(sighting, ids) {
      for (const key of [...keysOf(sighting), ...[...ids].map(deviceKey)]) for (const mac of [...(holders.get(key) ?? [])]) drop(mac);
    },
    clear() {
      entries.clear();
      holders.clear();
    },
  };
}

const deviceKey = (id: DeviceId): string => `device ${id}`;

function keysOf({ address, facts: { serial } }: Sighting): readonly string[] {
  return [...(address === undefined ? [] : [`address ${address}`]), ...(serial === undefined ? [] : [`serial ${plainSerial(serial)}`])];
}

/** The row but for what is no sighting's: who asks its health writes that, and does so often. */
export function rowWords({ availability: _1, inUse: _2, lines: _3, parts: _4, lastSeenMs: _5, ...row }: DeviceRow): string {
  return short(JSON.stringify(row));
}

function wordsOf({ source, address, facts, port, heard, evidence }: Sighting): string {
  return short(JSON.stringify([source, address, facts, port, heard, evidence.map(({ via, what }) => [via, what])]));
}

/** Ten thousand devices are remembered: by a mark instead of their words. */
const short = (words: string): string => hash("sha1", words, "base64");
