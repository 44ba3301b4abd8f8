/**
 * Reads a calendar in a thread that lives for this one read: a feed that never comes to an end, or eats its memory, ends with it.
 */
import { Worker } from "node:worker_threads";
import type { Meeting } from "../../firmware/waves/calendar-feed.ts";
import { fail, type Result } from "../../protocols/core/fault.ts";
import { MINUTE, type Ms, realAlarm } from "../../protocols/core/time.ts";
import type { Unreadable } from "./ical.ts";
import type { ReadOrder } from "./read.ts";

export type ReadApart = (order: ReadOrder, signal: AbortSignal) => Promise<Result<Meeting[], Unreadable>>;

/** Real milliseconds for one read; a fetch has half of it. */
const READ_MS: Ms = MINUTE;
/** Guessed: 8 MB of text take some 80 as objects. */
const HEAP_MB = 192;

/** @param limitMs  real milliseconds */
export function readApart(limitMs: Ms = READ_MS): ReadApart {
  return (order, signal) =>
    new Promise((resolve) => {
      const worker = new Worker(new URL("./reader-thread.ts", import.meta.url), {
        workerData: order,
        name: "calendar",
        resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
      });
      const end = (answer: Result<Meeting[], Unreadable>): void => {
        cancel();
        signal.removeEventListener("abort", onAbort);
        resolve(answer);
        void worker.terminate();
      };
      const cancel = realAlarm(limitMs, () => end(fail({ why: "it takes too long to read" })));
      const onAbort = (): void => end(fail({ why: "the agent stops" }));
      signal.addEventListener("abort", onAbort, { once: true });
      worker.once("message", end);
      worker.once("error", () => end(fail({ why: "it is too much to read" })));
      worker.once("exit", () => end(fail({ why: "its reader ended" })));
    });
}
