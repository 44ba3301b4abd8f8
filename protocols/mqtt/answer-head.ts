/** The head of an HTTP answer, read off a socket that then carries something else: a tunnel, a WebSocket. Source: RFC 9112, 2 and 4. */
import type { Duplex } from "node:stream";
import { codeOf } from "../core/error-code.ts";
import { type Fault, fail, ok, type Result } from "../core/fault.ts";

/** Largest head of an answer. Specified: security.md 2. */
export const HEAD_BYTES = 16 * 1024;
const END = Buffer.from("\r\n\r\n");

export interface AnswerHead {
  readonly status: number;
  /** Names in lower case; a name that comes twice has its values joined by a comma. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Pure. `text` is everything before the empty line. */
export function parseHead(text: string): AnswerHead | undefined {
  const [first = "", ...lines] = text.split("\r\n");
  const status = /^HTTP\/1\.[01] ([1-5]\d\d)(?: .*)?$/.exec(first)?.[1];
  if (status === undefined) return undefined;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name = "", rest = ""] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}):(.*)$/.exec(line) ?? [];
    if (name === "") return undefined;
    const value = rest.trim();
    const before = headers.get(name.toLowerCase());
    headers.set(name.toLowerCase(), before === undefined ? value : `${before}, ${value}`);
  }
  return { status: Number(status), headers };
}

const NOT_HTTP: Fault = { kind: "garbled", via: "http", wanted: "an HTTP answer" };
const TOO_LONG: Fault = { kind: "overBudget", via: "http", budget: "bytes", limit: HEAD_BYTES };

/** Reads up to the empty line; `rest` is what came behind it. By then the stream is paused and has no listener of ours left. */
export function readHead(stream: Duplex, signal: AbortSignal): Promise<Result<AnswerHead & { readonly rest: Buffer }>> {
  const { promise, resolve } = Promise.withResolvers<Result<AnswerHead & { readonly rest: Buffer }>>();
  let seen = Buffer.alloc(0);
  // At once, not when the promise is looked at: the next chunk may come before, and is somebody else's.
  const settle = (result: Result<AnswerHead & { readonly rest: Buffer }>): void => {
    stream.pause();
    stream.off("data", onData).off("end", onEnd).off("close", onEnd).off("error", onError);
    signal.removeEventListener("abort", onAbort);
    resolve(result);
  };
  const onData = (chunk: Buffer): void => {
    seen = Buffer.concat([seen, chunk]);
    const end = seen.indexOf(END);
    if (end > HEAD_BYTES || (end < 0 && seen.length > HEAD_BYTES)) settle(fail(TOO_LONG));
    else if (end >= 0) {
      const head = parseHead(seen.toString("latin1", 0, end));
      settle(head === undefined ? fail(NOT_HTTP) : ok({ ...head, rest: seen.subarray(end + END.length) }));
    }
  };
  const onEnd = (): void => settle(fail({ kind: "unreachable", via: "http", detail: "connection closed" }));
  const onError = (error: Error): void => settle(fail({ kind: "unreachable", via: "http", detail: codeOf(error) || "connection broke" }));
  const onAbort = (): void => settle(fail({ kind: "cancelled", by: "shutdown" }));
  stream.on("data", onData).on("end", onEnd).on("close", onEnd).on("error", onError);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  return promise;
}
