/**
 * One bounded GET for files of a source: no redirect is followed, and silence, headers and time have an end.
 */
import {                                                 request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import {             fail, ok,             } from "../../protocols/core/fault.ts";

/** Real milliseconds without a byte after which an uplink counts as dead. Judgement: two TCP retransmissions of a lossy line. */
export const SILENCE_MS = 15_000;
const HEADER_BYTES = 16 * 1024;

/**
 * Asks for one file and answers as soon as the headers are there. `unreachable` for every failure of the network;
 * any status is an answer. Rejects with the signal's reason when aborted.
 */
export function openGet(ask        , signal             )                             {
  const secure = ask.url.protocol === "https:";
  const options = {
    method: "GET",
    agent: false         ,
    signal,
    timeout: SILENCE_MS,
    maxHeaderSize: HEADER_BYTES,
    headers: { "accept-encoding": "identity", ...ask.headers },
  };
  return new Promise((resolve, reject) => {
    const answered = (body                 )       => {
      body.on("error", () => undefined); // told to whoever reads the body; unread bodies end silently
      resolve(ok({ status: body.statusCode ?? 0, headers: body.headers, body }));
    };
    const request = secure
      ? requestHttps(ask.url, { ...options, ...(ask.ca === undefined ? {} : { ca: ask.ca }) }, answered)
      : requestHttp(ask.url, options, answered);
    request.on("timeout", () => request.destroy(new Error("silent")));
    request.on("error", (error                       ) => {
      if (signal.aborted) reject(signal.reason);
      else resolve(fail(unreachableBy(ask.url, error)));
    });
    request.end();
  });
}

/** A failure of the network as a fault; only its code is kept. */
export function unreachableBy(url     , error         )        {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "silent";
  return { kind: "unreachable", via: url.protocol === "https:" ? "https" : "http", detail: `${url.host}: ${code}` };
}

/** A whole small file. `body` is empty for any status but 200. */
export async function fetchBytes(
  ask        ,
  limits             ,
  signal             ,
)                                                                      {
  const via = ask.url.protocol === "https:" ? "https" : "http";
  const timeout = AbortSignal.timeout(limits.timeMs);
  const pieces           = [];
  let bytes = 0;
  try {
    const answer = await openGet(ask, AbortSignal.any([signal, timeout]));
    if (!answer.ok) return answer;
    const { status, body } = answer.value;
    if (status !== 200) {
      body.destroy();
      return ok({ status, body: Buffer.alloc(0) });
    }
    for await (const piece of body                         ) {
      bytes += piece.length;
      if (bytes > limits.bytes) return fail({ kind: "overBudget", via, budget: "bytes", limit: limits.bytes });
      pieces.push(piece);
    }
    return ok({ status, body: Buffer.concat(pieces) });
  } catch (error) {
    signal.throwIfAborted();
    if (timeout.aborted) return fail({ kind: "overBudget", via, budget: "time", limit: limits.timeMs });
    return fail(unreachableBy(ask.url, error));
  }
}

