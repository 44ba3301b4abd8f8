/**
 * Is a kept connection quiet? HTTP/1.1 tells answers apart by their order alone, so one that nobody asked for would be taken for
 * the answer to the next ask. Source: RFC 9112, 9.2 and 9.3.
 */

import type { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { codeOf } from "../core/error-code.ts";
import type { Fault, Transport } from "../core/fault.ts";
import { type Ms, realElapsedMs } from "../core/time.ts";

/** A connection and how far it was read when its last ask ended; before the first, when it stood. */
export interface Mark {
  socket?: Socket;
  readBytes: number;
}

/** Bounds memory, far above the devices that are visited at once. */
const SPOILT_MAX = 1_000;

/** Peers whose connection was spoilt and is gone: their next ask is told, if it comes while that connection would have been kept. */
export interface SpoiltPeers {
  add(peer: string): void;
  /** Is it one? It is none any more. */
  take(peer: string): boolean;
}

export function createSpoiltPeers(forMs: Ms): SpoiltPeers {
  const untilMs = new Map<string, number>();
  return {
    add(peer) {
      untilMs.delete(peer);
      untilMs.set(peer, realElapsedMs() + forMs);
      for (const oldest of untilMs.keys()) if (untilMs.size > SPOILT_MAX) untilMs.delete(oldest);
    },
    take(peer) {
      const until = untilMs.get(peer);
      untilMs.delete(peer);
      return until !== undefined && realElapsedMs() < until;
    },
  };
}

/**
 * The next ask of such a peer ends so, unsent, rather than on a fresh connection: what came too much may have come before, as
 * the answer to the ask before it, and only a fault lets the visit doubt what it has read.
 */
export function unaskedFault(via: Transport): Fault {
  return { kind: "garbled", via, wanted: "one answer to each ask", detail: "an answer came that nobody had asked for" };
}

export function markEnd(mark: Mark): void {
  mark.readBytes = mark.socket?.bytesRead ?? 0;
}

/** Did anything come since the last ask ended? */
export function heardSince({ socket, readBytes }: Mark): boolean {
  return socket !== undefined && socket.bytesRead > readBytes;
}

/**
 * Did something stand right behind an answer just read? The parser of HTTP then has destroyed the socket at once: with an error
 * of its own, where it was not the peer that ended the connection.
 */
export function heardBehind({ socket }: Mark): boolean {
  const error = socket?.errored;
  if (error == null || socket?.readableEnded === true) return false;
  const code = codeOf(error);
  return code === "UND_ERR_SOCKET" || code.startsWith("HPE_") || error.name === "HTTPParserError";
}

/** Lets the sockets be read once: what had arrived with the last answer is seen then. Costs microseconds. */
export const hearOut = (): Promise<void> => turn();
