/**
 * The typed request channel between the main thread and a worker: a few requests wide, bounded, and able to lose its
 * worker. A worker that dies turns every open request into a fault and is started again.
 */

import { Worker } from "node:worker_threads";

/** Requests a worker answers: name → input and output. All of it is structured-cloneable data. */

/** A worker went away with this request open, or refused it. Never carries what was asked: that may hold secrets. */
export class ThreadGone extends Error {
                    name = "ThreadGone";
}

/** Open requests at once; more wait for nobody and are refused as our own bug or a stuck worker. */
const OPEN_MAX = 5_000;
/** Pause before a crashed worker is started again, so that one that dies at once does not spin. */
const RESTART_AFTER_MS = 1_000;

/** Starts a worker and keeps it running until `close`. */
export async function startThread                       (options                  )                     {
  const pending = new Map                 ();
  let nextId = 1;
  let closing = false;
  let worker        ;

  const dropAll = (why        )       => {
    const lost = [...pending.values()];
    pending.clear();
    for (const entry of lost) entry.reject(new ThreadGone(why));
  };

  const start = ()                =>
    new Promise((resolve, reject) => {
      worker = new Worker(options.entry, {
        workerData: options.data,
        name: options.name,
        resourceLimits: { maxOldGenerationSizeMb: options.heapMb },
      });
      worker.on("message", (message            ) => {
        if (message.kind === "ready") {
          resolve();
          options.onStart?.();
        } else if (message.kind === "event") options.onEvent(message.value     );
        else settle(pending, message);
      });
      worker.on("error", (error) => {
        options.onTrouble(`thread "${options.name}" failed`, describe(error));
        reject(error);
      });
      worker.on("exit", () => {
        dropAll(`thread "${options.name}" ended`);
        if (!closing) void restart();
      });
    });

  const restart = async ()                => {
    await options.clock.sleep(RESTART_AFTER_MS);
    if (closing) return;
    options.onTrouble(`thread "${options.name}" is started again`);
    await start().catch(() => undefined); // its exit event starts the next try
  };

  await start();
  return {
    get open() {
      return pending.size;
    },
    ask(name, input, signal) {
      if (pending.size >= OPEN_MAX) return Promise.reject(new ThreadGone(`thread "${options.name}" has ${OPEN_MAX} open requests`));
      const id = nextId++;
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const onAbort = ()       => {
          pending.delete(id);
          worker.postMessage({ kind: "abort", id }                   );
          reject(signal?.reason);
        };
        signal?.addEventListener("abort", onAbort, { once: true });
        const done = ()       => signal?.removeEventListener("abort", onAbort);
        pending.set(id, {
          resolve(value) {
            done();
            resolve(value         );
          },
          reject(error) {
            done();
            reject(error);
          },
        });
        worker.postMessage({ kind: "ask", id, name, input }                   );
      });
    },
    async close() {
      closing = true;
      await worker.terminate();
      dropAll(`thread "${options.name}" is closed`);
    },
  };
}

function settle(pending                      , message            )       {
  const entry = pending.get(message.id ?? -1);
  if (entry === undefined) return; // aborted meanwhile
  pending.delete(message.id ?? -1);
  if (message.kind === "answer") entry.resolve(message.value);
  else entry.reject(Object.assign(new ThreadGone(message.error?.message ?? "unknown"), { cause: message.error }));
}

function describe(error         )                                                    {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  return { name: error.name, message: error.message, ...(error.stack === undefined ? {} : { stack: error.stack }) };
}

/** The worker's side: answers requests until the thread ends. Call once, when everything the handlers need is up. */
export function serve                    (port             , handlers             )       {
  const running = new Map                         ();
  port.on("message", (message          ) => {
    if (message.kind === "abort") return running.get(message.id)?.abort();
    const handler = handlers[message.name ?? ""];
    const controller = new AbortController();
    running.set(message.id, controller);
    const job =
      handler === undefined
        ? Promise.reject(new Error(`unknown request "${message.name}"`))
        : handler(message.input         , controller.signal);
    job
      .then(
        (value) => port.postMessage({ kind: "answer", id: message.id, value }                     ),
        (error         ) => port.postMessage({ kind: "broken", id: message.id, error: describe(error) }                     ),
      )
      .finally(() => running.delete(message.id));
  });
  port.postMessage({ kind: "ready" }                     );
}

