/**
 * One bounded GET for files of a source: no redirect is followed, and silence, headers and time have an end.
 */
import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { type Fault, fail, ok, type Result } from "../../protocols/core/fault.ts";
import type { Clock } from "../../protocols/core/time.ts";
import { viaOf } from "./answer.ts";
import { type SlowLimits, watchTransfer } from "./slow.ts";

/** Real milliseconds without a byte after which an uplink counts as dead. Judgement: two TCP retransmissions of a lossy line. */
export const SILENCE_MS = 15_000;
const HEADER_BYTES = 16 * 1024;

export interface GetAsk {
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Replaces the public authorities: certificates in PEM. */
  readonly ca?: string;
}

/** The body is not read yet: who takes the answer reads or destroys it. */
export interface GetAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: IncomingMessage;
}

export interface FetchLimits extends SlowLimits {
  readonly bytes: number;
}

/**
 * Asks for one file and answers as soon as the headers are there. `unreachable` for every failure of the network;
 * any status is an answer. Rejects with the signal's reason when aborted.
 */
export function openGet(ask: GetAsk, signal: AbortSignal): Promise<Result<GetAnswer>> {
  const secure = ask.url.protocol === "https:";
  const options = {
    method: "GET",
    agent: false as const,
    signal,
    timeout: SILENCE_MS,
    maxHeaderSize: HEADER_BYTES,
    headers: { "accept-encoding": "identity", ...ask.headers },
  };
  return new Promise((resolve, reject) => {
    const answered = (body: IncomingMessage): void => {
      body.on("error", () => undefined); // told to whoever reads the body; unread bodies end silently
      resolve(ok({ status: body.statusCode ?? 0, headers: body.headers, body }));
    };
    const request = secure
      ? requestHttps(ask.url, { ...options, ...(ask.ca === undefined ? {} : { ca: ask.ca }) }, answered)
      : requestHttp(ask.url, options, answered);
    request.on("timeout", () => request.destroy(new Error("silent")));
    request.on("error", (error: NodeJS.ErrnoException) => {
      if (signal.aborted) reject(signal.reason);
      else resolve(fail(unreachableBy(ask.url, error)));
    });
    request.end();
  });
}

/** A failure of the network as a fault; only its code is kept. */
export function unreachableBy(url: URL, error: unknown): Fault {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "silent";
  return { kind: "unreachable", via: viaOf(url), detail: `${url.host}: ${code}` };
}

/**
 * A whole small file. `body` is empty for any status but 200. `overBudget` of bytes or, on the clock, of time: the whole
 * took too long, or too little came for too long.
 */
export async function fetchBytes(
  ask: GetAsk,
  limits: FetchLimits,
  clock: Clock,
  signal: AbortSignal,
): Promise<Result<{ readonly status: number; readonly body: Buffer }>> {
  const via = viaOf(ask.url);
  const watch = watchTransfer(limits, clock, signal);
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    const answer = await openGet(ask, watch.signal);
    if (!answer.ok) return answer;
    const { status, body } = answer.value;
    if (status !== 200) {
      body.destroy();
      return ok({ status, body: Buffer.alloc(0) });
    }
    for await (const piece of body as AsyncIterable<Buffer>) {
      bytes += piece.length;
      watch.note(piece.length);
      if (bytes > limits.bytes) return fail({ kind: "overBudget", via, budget: "bytes", limit: limits.bytes });
      pieces.push(piece);
    }
    return ok({ status, body: Buffer.concat(pieces) });
  } catch (error) {
    signal.throwIfAborted();
    if (watch.tripped !== undefined) return fail({ kind: "overBudget", via, budget: "time", limit: watch.tripped });
    return fail(unreachableBy(ask.url, error));
  } finally {
    watch.end();
  }
}
