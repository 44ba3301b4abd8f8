/**
 * Who asks for the master file of everybody: the phone whose own was not there a moment ago, at the same address and with
 * the same agent. Where that could be two, it is nobody. Source: protocols/provisioning.md 1 (step 4).
 */
import type { Mac } from "../core/ids.ts";
import { type Clock, MINUTE, type Ms } from "../core/time.ts";

export interface Askers {
  /** The phone's own master file is not there. `from`: its address. */
  missed(mac: Mac, from: string, userAgent: string | undefined): void;
  /** Who may be meant by a request for everybody's. */
  whoAsks(from: string, userAgent: string | undefined): Mac | undefined;
}

/** From one request to the next a phone takes seconds, its tries included. Judgement. */
const REMEMBERED_MS: Ms = 2 * MINUTE;
/** Addresses remembered; the oldest is forgotten. A /20 of phones. */
const PLACES_MAX = 4_096;
/** Phones behind one address that ask with one agent; there nobody can be told from the other. */
const SEVERAL = 2;

export function createAskers(clock: Clock): Askers {
  const places = new Map<string, Map<Mac, Ms>>();
  const keyOf = (from: string, userAgent: string | undefined): string => `${from} ${userAgent ?? ""}`;
  const fresh = (atMs: Ms): boolean => Math.abs(clock.nowMs() - atMs) <= REMEMBERED_MS;
  return {
    missed(mac, from, userAgent) {
      const key = keyOf(from, userAgent);
      const known = [...(places.get(key) ?? [])].filter(([other, atMs]) => other !== mac && fresh(atMs));
      places.delete(key);
      if (places.size >= PLACES_MAX) places.delete(places.keys().next().value as string);
      places.set(key, new Map([...known.slice(-(SEVERAL - 1)), [mac, clock.nowMs()]]));
    },
    whoAsks(from, userAgent) {
      const macs = [...(places.get(keyOf(from, userAgent)) ?? [])].filter(([, atMs]) => fresh(atMs));
      return macs.length === 1 ? macs[0]?.[0] : undefined;
    },
  };
}
