/**
 * What all tries for one file may take together, and how it is said that they took more. Pure.
 */
import type { Fault, Transport } from "../../protocols/core/fault.ts";
import { HOUR, type Ms, SECOND } from "../../protocols/core/time.ts";
import { TRICKLE_BYTES, TRICKLE_WINDOW_MS } from "./trickle.ts";

/** A 70 MB image takes 2.5 h at 64 kbit/s; whoever needs longer brings a stick. */
export const TOTAL_MS: Ms = 24 * HOUR;
/** All tries may fetch this many times the file: a peer that keeps changing its mind must not eat the uplink. */
export const TOTAL_BYTES_RATIO = 4;

export function overTime(via: Transport): Fault {
  return { kind: "overBudget", via, budget: "time", limit: TOTAL_MS };
}

export function overBytes(via: Transport, limit: number): Fault {
  return { kind: "overBudget", via, budget: "bytes", limit };
}

export function tooSlow(via: Transport): Fault {
  return { kind: "unreachable", via, detail: `less than ${TRICKLE_BYTES} bytes came in ${TRICKLE_WINDOW_MS / SECOND} s` };
}
