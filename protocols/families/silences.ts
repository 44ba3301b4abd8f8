/**
 * Remembers which doors of a device stayed silent, so that a poll does not pay the same time-outs every minute.
 */
import type { Clock } from "../core/time.ts";
import { HOUR } from "../core/time.ts";

export type Door = "tls" | "sip" | "snmp" | "ssh";

export interface Silences {
  isSilent(address: string, door: Door): boolean;
  note(address: string, door: Door): void;
  heard(address: string, door: Door): void;
}

/** An administrator who switches an interface on is seen within this time. */
const ASK_AGAIN_MS = HOUR;
/** Above one site's devices times their doors; the oldest go first. */
const ENTRIES_MAX = 50_000;

export function createSilences(clock: Clock): Silences {
  const since = new Map<string, number>();
  const key = (address: string, door: Door): string => `${door} ${address}`;
  return {
    isSilent(address, door) {
      const atMs = since.get(key(address, door));
      return atMs !== undefined && clock.nowMs() - atMs < ASK_AGAIN_MS;
    },
    note(address, door) {
      since.delete(key(address, door));
      since.set(key(address, door), clock.nowMs());
      const oldest = since.keys().next();
      if (since.size > ENTRIES_MAX && !oldest.done) since.delete(oldest.value);
    },
    heard: (address, door) => void since.delete(key(address, door)),
  };
}
