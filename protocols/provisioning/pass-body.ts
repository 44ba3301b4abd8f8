/**
 * The way of an answer from the customer's server to the phone: head, then bytes, with an end to size, time and silence.
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

/** Why an answer has no end: the phone went; it was cut off; it stopped; it never ends. */
export type Broken = "gone" | "brokeOff" | "silent" | "tooLong" | "tooSlow";

export interface BodyLimits {
  readonly bytes: number;
  /** Real milliseconds for all of it. */
  readonly timeMs: number;
  /** Real milliseconds until the next piece, where the phone is ready for it. */
  readonly silentMs: number;
  /** Ends it: the phone is gone. */
  readonly signal: AbortSignal;
}

/** Sends what comes on at the phone's pace. Whatever breaks off on one side breaks off on the other. `undefined` where all came. */
export async function passBody(
  answer: IncomingMessage,
  response: ServerResponse,
  { bytes: most, timeMs, silentMs, signal, seen }: BodyLimits & { seen?(piece: Buffer): void },
): Promise<Broken | undefined> {
  let broken: Broken | undefined;
  const end = (why: Broken): void => {
    broken ??= why;
    answer.destroy();
    response.destroy();
  };
  const stop = realAlarm(timeMs, () => end("tooSlow"));
  const pieces = (answer as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let bytes = 0;
  try {
    for (;;) {
      const quiet = realAlarm(silentMs, () => end("silent"));
      const piece = await pieces.next().finally(quiet);
      if (piece.done === true) break;
      seen?.(piece.value);
      bytes += piece.value.length;
      if (bytes > most) end("tooLong");
      if (broken !== undefined) break;
      if (!response.write(piece.value)) await once(response, "drain", { signal });
    }
    if (answer.complete && broken === undefined) response.end();
    else end("brokeOff");
  } catch {
    // The server's connection or the phone's: neither can be told of it otherwise any more.
    end(signal.aborted ? "gone" : "brokeOff");
  } finally {
    stop();
  }
  return broken;
}

/** The first bytes: all of them where there are no more than `most`. What is beyond can still be read. */
export function readUpTo(
  answer: IncomingMessage,
  most: number,
  { timeMs, silentMs, signal }: Omit<BodyLimits, "bytes">,
): Promise<{ readonly bytes: Buffer; readonly isWhole: boolean } | Broken> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    let broken: Broken | undefined;
    const end = (why: Broken): void => {
      broken ??= why;
      answer.destroy();
    };
    const stop = realAlarm(timeMs, () => end("tooSlow"));
    let quiet = realAlarm(silentMs, () => end("silent"));
    const done = (isWhole: boolean | undefined): void => {
      stop();
      quiet();
      answer.pause();
      answer.off("data", take);
      answer.off("close", cut);
      signal.removeEventListener("abort", cut);
      resolve(isWhole === undefined ? (broken ?? (signal.aborted ? "gone" : "brokeOff")) : { bytes: Buffer.concat(pieces), isWhole });
    };
    const cut = (): void => done(undefined);
    const take = (piece: Buffer): void => {
      quiet();
      quiet = realAlarm(silentMs, () => end("silent"));
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > most) done(false);
    };
    answer.once("end", () => done(true));
    answer.once("close", cut);
    signal.addEventListener("abort", cut, { once: true });
    answer.on("data", take);
  });
}
