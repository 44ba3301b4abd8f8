/**
 * What an HTTP answer means for a download: take it, ask again, or give up, with words that say what to do. Pure.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { Fault } from "../../protocols/core/fault.ts";
import { HOUR, type Ms, SECOND } from "../../protocols/core/time.ts";

/** How one try ended. */
export type Try =
  | { readonly end: "whole" }
  /** `waitMs`: what the server asked for. `barren`: whatever came, it is counted as nothing. */
  | { readonly end: "again"; readonly fault: Fault; readonly waitMs?: Ms; readonly barren?: true }
  | { readonly end: "final"; readonly fault: Fault };

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly url: URL;
}

/** A server that wants more is asked again another day, by whoever needs the file. Judgement. */
const LONGEST_WAIT_MS: Ms = HOUR;

export function viaOf(url: URL): "http" | "https" {
  return url.protocol === "https:" ? "https" : "http";
}

/** An answer that brings no part of the file. */
export function judgeStatus({ status, headers, url }: Answered): Try {
  const via = viaOf(url);
  const waitMs = retryAfterMs(headers["retry-after"]);
  if (status >= 500 || (status === 429 && waitMs !== undefined)) {
    const fault: Fault = { kind: "unreachable", via, detail: `${url.host}: status ${status}` };
    if (waitMs === undefined) return { end: "again", fault };
    return waitMs <= LONGEST_WAIT_MS ? { end: "again", fault, waitMs } : { end: "final", fault };
  }
  if (status === 401 || status === 403) return { end: "final", fault: { kind: "denied", via, detail: `status ${status}: ${LOG_IN}` } };
  return { end: "final", fault: { kind: "refused", via, reason: `status ${status} for ${url.pathname}${adviceOf(status)}` } };
}

const LOG_IN = "the log-in is missing, expired or has no right to this file; check the account of this source";

function adviceOf(status: number): string {
  if (status === 404 || status === 410) return ": the source no longer has this file; read the source again, or take the file by hand";
  if (status === 429) return ": too many requests; try again later";
  if (status >= 300 && status < 400) return ": it leads elsewhere; set the address it leads to as the address of this source";
  return "";
}

/** In whole seconds; a date is not read. Source: RFC 9110 10.2.3. */
export function retryAfterMs(header: string | undefined): Ms | undefined {
  return /^\d{1,9}$/.test(header ?? "") ? Number(header) * SECOND : undefined;
}

/** Why an answer that claims to be the file, or its rest, is not taken. @param restBytes  what is still missing of it */
export function bodyFault({ headers, url }: Pick<Answered, "headers" | "url">, name: string, restBytes: number): Fault | undefined {
  const packed = packedFault({ headers, url }, name);
  if (packed !== undefined) return packed;
  const stated = headers["content-length"];
  if (stated === undefined || Number(stated) === restBytes) return undefined;
  if (/^(text\/html|application\/xhtml)/i.test(headers["content-type"] ?? "")) return pageFault(url);
  return { kind: "mismatch", wanted: `"${name}" with ${restBytes} bytes to come`, found: `${stated} bytes stated` };
}

/** Bytes that are packed on the way have another length and another hash than the file. */
export function packedFault({ headers, url }: Pick<Answered, "headers" | "url">, name: string): Fault | undefined {
  const encoding = headers["content-encoding"]?.trim().toLowerCase();
  if (encoding === undefined || encoding === "" || encoding === "identity") return undefined;
  const reason = `the server packs "${name}" (${encoding.slice(0, 40)}) though it was asked not to; switch that off there, or look for a proxy between`;
  return { kind: "refused", via: viaOf(url), reason };
}

export function pageFault(url: URL): Fault {
  const detail = `a web page came from ${url.pathname} in place of the file; ${LOG_IN}, and whether a proxy or a guest network answers here`;
  return { kind: "denied", via: viaOf(url), detail };
}

/** Does this part go on where the one here ends? */
export function continues(contentRange: string | undefined, from: number, sizeBytes: number): boolean {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(contentRange ?? "");
  if (match === null || Number(match[1]) !== from) return false;
  return Number(match[2]) === sizeBytes - 1 && (match[3] === "*" || Number(match[3]) === sizeBytes);
}
