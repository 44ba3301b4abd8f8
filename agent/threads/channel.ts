/**
 * The typed request channel between the main thread and a worker: a few requests wide, bounded, and able to lose its
 * worker. A worker that dies turns every open request into a fault and is started again.
 */

import type { MessagePort } from "node:worker_threads";
import { Worker } from "node:worker_threads";
import type { Clock } from "../../protocols/core/time.ts";
import { loopTurn } from "../../protocols/core/time.ts";

/** Requests a worker answers: name → input and output. All of it is structured-cloneable data. */
export type Requests = Record<string, { input: unknown; output: unknown }>;

interface ToWorker {
  readonly kind: "ask" | "abort";
  readonly id: number;
  readonly name?: string;
  readonly input?: unknown;
}
interface FromWorker {
  readonly kind: "answer" | "broken" | "event" | "ready";
  readonly id?: number;
  readonly value?: unknown;
  readonly error?: { readonly name: string; readonly message: string; readonly stack?: string };
}

/** A worker went away with this request open, or refused it. Never carries what was asked: that may hold secrets. */
export class ThreadGone extends Error {
  override readonly name = "ThreadGone";
}

export interface ThreadOptions<E> {
  readonly name: string;
  readonly entry: URL;
  /** Made anew for each start. */
  data(): unknown;
  /** Heap of the worker in MB; past it the worker is ended and started again. */
  readonly heapMb: number;
  readonly clock: Clock;
  onEvent(event: E): void;
  /** Something to write down: a crash, a restart. */
  onTrouble(what: string, error?: { name: string; message: string; stack?: string }): void;
  /** Called after each start, so that state a worker keeps can be given to it again. */
  onStart?(): void;
}

export interface Thread<R extends Requests> {
  ask<K extends keyof R & string>(name: K, input: R[K]["input"], signal?: AbortSignal): Promise<R[K]["output"]>;
  readonly open: number;
  /** It runs; it may still be busy. */
  readonly up: boolean;
  /** Times it died and was started again. */
  readonly restarts: number;
  /** Rejects where it does not answer before the signal: its loop stands still, or it is down. */
  ping(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Open requests at once; more wait for nobody and are refused as our own bug or a stuck worker. */
const OPEN_MAX = 5_000;
/** Answered by every worker, whatever else it serves. */
const PING = "ping";
/** Pause before a crashed worker is started again, so that one that dies at once does not spin. */
const RESTART_AFTER_MS = 1_000;

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Starts a worker and keeps it running until `close`. */
export async function startThread<R extends Requests, E>(options: ThreadOptions<E>): Promise<Thread<R>> {
  const pending = new Map<number, Pending>();
  let nextId = 1;
  let closing = false;
  let restarts = 0;
  /** A worker that has not ended takes requests; it answers what came before it was ready, too. */
  let alive = false;
  /** One that cannot start at all is the caller's to report, not ours to try for ever. */
  let ranOnce = false;
  let worker: Worker;
  /** What is asked in one breath travels as one message: each message wakes the other thread. */
  let outgoing: ToWorker[] = [];

  const send = (message: ToWorker): void => {
    if (outgoing.push(message) === 1) queueMicrotask(sendAll);
  };
  const sendAll = (): void => {
    const messages = outgoing;
    outgoing = [];
    if (messages.length === 0) return;
    try {
      worker.postMessage(messages);
    } catch {
      // One of them is no plain data: our bug, and only its own.
      for (const message of messages) sendAlone(message);
    }
  };
  const sendAlone = (message: ToWorker): void => {
    try {
      worker.postMessage([message]);
    } catch (error) {
      pending.get(message.id)?.reject(error as Error);
      pending.delete(message.id);
    }
  };

  const dropAll = (why: string): void => {
    const lost = [...pending.values()];
    pending.clear();
    for (const entry of lost) entry.reject(new ThreadGone(why));
  };

  const start = (): Promise<void> =>
    new Promise((resolve, reject) => {
      worker = new Worker(options.entry, {
        workerData: options.data(),
        name: options.name,
        resourceLimits: { maxOldGenerationSizeMb: options.heapMb },
      });
      alive = true;
      worker.on("message", (messages: FromWorker | readonly FromWorker[]) => {
        for (const message of Array.isArray(messages) ? (messages as readonly FromWorker[]) : [messages as FromWorker]) {
          if (message.kind === "ready") {
            ranOnce = true;
            resolve();
            options.onStart?.();
          } else if (message.kind === "event") options.onEvent(message.value as E);
          else settle(pending, message);
        }
      });
      worker.on("error", (error) => {
        options.onTrouble(`thread "${options.name}" failed`, describe(error));
        reject(error);
      });
      worker.on("exit", () => {
        alive = false;
        outgoing = [];
        reject(new ThreadGone(`thread "${options.name}" ended before it was ready`));
        dropAll(`thread "${options.name}" ended`);
        if (ranOnce && !closing) void restart();
      });
    });

  const restart = async (): Promise<void> => {
    await options.clock.sleep(RESTART_AFTER_MS);
    if (closing) return;
    options.onTrouble(`thread "${options.name}" is started again`);
    restarts++;
    await start().catch(() => undefined); // its exit event starts the next try
  };

  const ask = (name: string, input: unknown, signal?: AbortSignal): Promise<never> => {
    if (pending.size >= OPEN_MAX) return Promise.reject(new ThreadGone(`thread "${options.name}" has ${OPEN_MAX} open requests`));
    if (!alive || closing) return Promise.reject(new ThreadGone(`thread "${options.name}" is not running`));
    const id = nextId++;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = (): void => {
        pending.delete(id);
        send({ kind: "abort", id });
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      const done = (): void => signal?.removeEventListener("abort", onAbort);
      pending.set(id, {
        resolve(value) {
          done();
          resolve(value as never);
        },
        reject(error) {
          done();
          reject(error);
        },
      });
      send({ kind: "ask", id, name, input });
    });
  };

  await start();
  return {
    get open() {
      return pending.size;
    },
    get up() {
      return alive && !closing;
    },
    get restarts() {
      return restarts;
    },
    ask,
    ping: (signal) => ask(PING, null, signal),
    async close() {
      closing = true;
      await worker.terminate();
      dropAll(`thread "${options.name}" is closed`);
    },
  };
}

function settle(pending: Map<number, Pending>, message: FromWorker): void {
  const entry = pending.get(message.id ?? -1);
  if (entry === undefined) return; // aborted meanwhile
  pending.delete(message.id ?? -1);
  if (message.kind === "answer") entry.resolve(message.value);
  else entry.reject(Object.assign(new ThreadGone(message.error?.message ?? "unknown"), { cause: message.error }));
}

function describe(error: unknown): { name: string; message: string; stack?: string } {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  return { name: error.name, message: error.message, ...(error.stack === undefined ? {} : { stack: error.stack }) };
}

export type Handlers<R extends Requests> = {
  readonly [K in keyof R & string]: (input: R[K]["input"], signal: AbortSignal) => Promise<R[K]["output"]>;
};

/** The worker's side: answers requests until the thread ends. Call once, when everything the handlers need is up. */
export function serve<R extends Requests>(port: MessagePort, handlers: Handlers<R>): void {
  const running = new Map<number, AbortController>();
  let outgoing: FromWorker[] = [];
  /** Answers of one turn of the loop travel together. */
  const answer = (message: FromWorker): void => {
    if (outgoing.push(message) === 1) void loopTurn().then(sendAll);
  };
  const sendAll = (): void => {
    const messages = outgoing;
    outgoing = [];
    port.postMessage(messages);
  };
  const take = (message: ToWorker): void => {
    if (message.kind === "abort") {
      running.get(message.id)?.abort();
      return;
    }
    if (message.name === PING) {
      answer({ kind: "answer", id: message.id, value: null });
      return;
    }
    const handler = handlers[message.name ?? ""];
    const controller = new AbortController();
    running.set(message.id, controller);
    const run = async () => {
      if (handler === undefined) throw new Error(`unknown request "${message.name}"`);
      return handler(message.input as never, controller.signal);
    };
    run()
      .then(
        (value) => answer({ kind: "answer", id: message.id, value }),
        (error: unknown) => answer({ kind: "broken", id: message.id, error: describe(error) }),
      )
      .finally(() => running.delete(message.id));
  };
  port.on("message", (messages: readonly ToWorker[]) => messages.forEach(take));
  port.postMessage({ kind: "ready" } satisfies FromWorker);
}
