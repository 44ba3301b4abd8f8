/**
 * The way of an answer from the customer's server to the phone: head, then bytes, with an end to both size and time.
 */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { realAlarm } from "../core/time.ts";

export interface Head {
  readonly status: number;
  readonly statusMessage: string;
  /** Name and value in turn. */
  readonly headers: readonly string[];
}

/** False, with nothing written, where a header cannot be sent on: the server's mistake. */
export function writeHead(response: ServerResponse, { status, statusMessage, headers }: Head): boolean {
  if (response.destroyed || response.headersSent) return false;
  response.sendDate = false;
  try {
    response.writeHead(status, statusMessage, [...headers]);
    return true;
  } catch {
    response.sendDate = true;
    return false;
  }
}

export interface BodyLimits {
  readonly bytes: number;
  /** Real milliseconds. */
  readonly timeMs: number;
  /** Ends it: the phone is gone. */
  readonly signal: AbortSignal;
}

/** Sends what comes on at the phone's pace. Whatever breaks off on one side breaks off on the other. */
export async function passBody(
  answer: IncomingMessage,
  response: ServerResponse,
  { bytes: most, timeMs, signal, first }: BodyLimits & { first?(piece: Buffer): void },
): Promise<void> {
  const stop = realAlarm(timeMs, () => response.destroy());
  let bytes = 0;
  try {
    for await (const piece of answer as AsyncIterable<Buffer>) {
      if (bytes === 0) first?.(piece);
      bytes += piece.length;
      if (bytes > most) break;
      if (!response.write(piece)) await once(response, "drain", { signal });
    }
    if (bytes > most || !answer.complete) response.destroy();
    else response.end();
  } catch {
    // The server's connection or the phone's: neither can be told of it otherwise any more.
    response.destroy();
  } finally {
    stop();
    if (!answer.complete) answer.destroy();
  }
}

/**
 * The first bytes: all of them where there are no more than `most`. What is beyond can still be read.
 * @returns `undefined` where the answer broke off
 */
export function readUpTo(
  answer: IncomingMessage,
  most: number,
  { timeMs, signal }: Omit<BodyLimits, "bytes">,
): Promise<{ readonly bytes: Buffer; readonly isWhole: boolean } | undefined> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    const stop = realAlarm(timeMs, () => answer.destroy());
    const done = (isWhole: boolean | undefined): void => {
      stop();
      answer.pause();
      answer.off("data", take);
      signal.removeEventListener("abort", broken);
      resolve(isWhole === undefined ? undefined : { bytes: Buffer.concat(pieces), isWhole });
    };
    const broken = (): void => done(undefined);
    const take = (piece: Buffer): void => {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > most) done(false);
    };
    answer.once("end", () => done(true));
    answer.once("close", broken);
    signal.addEventListener("abort", broken, { once: true });
    answer.on("data", take);
  });
}
