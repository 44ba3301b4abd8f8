/** A worker thread for tests of the request channel: answers, fails, waits and dies as it is told. */
import { parentPort, workerData } from "node:worker_threads";
import { serve } from "../../agent/threads/channel.ts";

export type TestRequests = {
  double: { input: number; output: number };
  /** Breaks at once, not in a promise. */
  throws: { input: string; output: null };
  /** Ends only when it is aborted, and says so by an event. */
  waits: { input: null; output: null };
  /** Throws where nobody catches it. */
  dies: { input: null; output: null };
  exits: { input: null; output: null };
};
export type TestEvent = { readonly said: string };

if (parentPort === null) throw new Error("started as a program");
const port = parentPort;
const tell = (said: string): void => port.postMessage({ kind: "event", value: { said } satisfies TestEvent });

if (workerData === "cannot start") throw new Error("cannot start");
if (workerData === "ends at once") process.exit(3);

serve<TestRequests>(port, {
  double: async (input) => {
    tell(`doubled ${input}`);
    return input * 2;
  },
  throws(input) {
    throw new RangeError(input);
  },
  waits: (_input, signal) =>
    new Promise((_resolve, reject) => {
      tell("waiting");
      signal.addEventListener("abort", () => {
        tell("aborted");
        reject(new Error("aborted"));
      });
    }),
  dies: () =>
    new Promise(() => {
      setImmediate(() => {
        throw new Error("died");
      });
    }),
  exits: () => process.exit(4),
});
