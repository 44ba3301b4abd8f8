/**
 * The entry of a reader thread: one calendar, one answer, then it ends. Nothing of a feed stays in any heap.
 */
import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../../protocols/core/time.ts";
import { type ReadOrder, readFeed } from "./read.ts";

parentPort?.postMessage(await readFeed(workerData as ReadOrder, { clock: systemClock() }, new AbortController().signal));
