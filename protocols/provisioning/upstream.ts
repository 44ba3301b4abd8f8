/**
 * The customer's own boot server as its gateway asks it: kept connections, bounded waits, redirects passed on.
 */
import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import type { Readable } from "node:stream";
import { fail, ok, type Result } from "../core/fault.ts";
import type { Secret } from "../core/secret.ts";
import { realAlarm } from "../core/time.ts";

/** Where it is. `url` has no user, query or fragment; its path stands before every path that is asked for. */
export interface UpstreamPlace {
  readonly url: string;
  /** Roots in place of the system's, PEM. */
  readonly ca?: string;
  /** For requests that only read and bring no account of their own. */
  readonly account?: { readonly user: string; readonly password: Secret };
}

export interface UpstreamWaits {
  /** Real milliseconds until it must have taken a connection. */
  readonly connectMs: number;
  /** Real milliseconds from the last byte of a request to the first of its answer, and between two bytes. */
  readonly answerMs: number;
}

/** A phone waits longer than that for each file; one that is on the same site answers in milliseconds. Judgement. */
export const UPSTREAM_WAITS: UpstreamWaits = { connectMs: 3_000, answerMs: 10_000 };

export interface UpstreamAsk {
  readonly method: string;
  /** As the phone wrote it, from the first slash on. */
  readonly target: string;
  /** Name and value in turn. */
  readonly headers: readonly string[];
  readonly body?: Readable;
}

export interface Upstream {
  /** As `Host` says it. */
  readonly host: string;
  /**
   * Any status is an answer; its body is the caller's to read or destroy. The fault is a code: `ECONNREFUSED`, `silent`,
   * `body` where what was sent broke off, `gone` where the signal ended it.
   */
  ask(ask: UpstreamAsk, signal: AbortSignal): Promise<Result<IncomingMessage, string>>;
  close(): void;
}

/** Connections at once: a floor that boots together. More wait. */
const CONNECTIONS_MAX = 256;

export function openUpstream(place: UpstreamPlace, waits: UpstreamWaits = UPSTREAM_WAITS): Upstream {
  const url = new URL(place.url);
  const secure = url.protocol === "https:";
  const kept = { keepAlive: true, maxSockets: CONNECTIONS_MAX, timeout: waits.answerMs };
  const agent = secure ? new HttpsAgent({ ...kept, ...(place.ca === undefined ? {} : { ca: place.ca }) }) : new HttpAgent(kept);
  const prefix = url.pathname.replace(/\/+$/, "");
  const { hostname, port } = url;
  const open = ({ method, target, headers }: UpstreamAsk, signal: AbortSignal): ClientRequest => {
    const options = {
      ...{ agent, method, signal, headers: [...headers], path: `${prefix}${target}`, maxHeaderSize: 16 * 1024 },
      ...{ host: hostname.replace(/^\[(.*)\]$/, "$1"), ...(port === "" ? {} : { port }) },
    };
    return secure ? requestHttps(options) : requestHttp(options);
  };
  const once = (ask: UpstreamAsk, signal: AbortSignal): Promise<Result<IncomingMessage, string> & { readonly stale?: boolean }> =>
    new Promise((resolve) => {
      const request = open(ask, signal);
      const phase = { connected: false, sent: false, answered: false };
      let code = "silent";
      let stop = (): void => undefined;
      const wait = (lengthMs: number): void => {
        stop();
        stop = realAlarm(lengthMs, () => request.destroy(new Error("silent")));
      };
      /** Between the connection and the end of the request it is the phone that is waited for. */
      const moved = (change: Partial<typeof phase>): void => {
        Object.assign(phase, change);
        stop();
        if (!phase.connected) wait(waits.connectMs);
        else if (phase.sent && !phase.answered) wait(waits.answerMs);
      };
      request.once("socket", (socket) => {
        moved({ connected: !socket.connecting });
        if (socket.connecting) socket.once(secure ? "secureConnect" : "connect", () => moved({ connected: true }));
      });
      request.once("finish", () => moved({ sent: true }));
      request.once("response", (answer) => {
        moved({ answered: true });
        answer.on("error", () => undefined); // told to whoever reads it
        resolve(ok(answer));
      });
      request.once("upgrade", (_answer, socket) => {
        // Nobody asked for another protocol.
        socket.destroy();
        moved({ answered: true });
        resolve(fail("not HTTP"));
      });
      request.on("error", (error: NodeJS.ErrnoException) => {
        stop();
        if (code === "silent" && typeof error.code === "string") code = error.code;
        const stale = request.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
        resolve({ ...fail(signal.aborted ? "gone" : code), stale });
      });
      if (ask.body === undefined) return void request.end();
      ask.body.once("error", () => {
        code = "body";
        request.destroy(new Error("body"));
      });
      // Answered or broken off before its end: what is left of it is nobody's any more.
      request.once("close", () => ask.body?.destroy());
      // Who refuses it by its head does so before the phone has sent the rest.
      request.flushHeaders();
      ask.body.pipe(request);
    });
  return {
    host: url.host,
    async ask(ask, signal) {
      const first = await once(ask, signal);
      // The server closed a kept connection while the request was on its way: it was not read, and has no body to send again.
      if (first.ok || first.stale !== true || ask.body !== undefined || signal.aborted) return first;
      return once(ask, signal);
    },
    close: () => agent.destroy(),
  };
}
