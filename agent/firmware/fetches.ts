/**
 * Files on their way into quarantine: how far each is, how fast, and what it waits for. Lost with the process, as the fetching is.
 */
import type { BringProgress } from "../../firmware/staging/bring-progress.ts";
import { type Estimate, estimateOf, type Flow, noteFlow } from "../../firmware/staging/flow.ts";
import { showFault } from "../../protocols/core/fault.ts";
import { type Clock, type Ms, SECOND } from "../../protocols/core/time.ts";
import type { DepotSourceKind, FetchProgress } from "../threads/depot-requests.ts";

export interface FetchOrder {
  readonly source: DepotSourceKind;
  readonly key: string;
  readonly partNumber?: string;
}

export interface Fetching extends FetchOrder, Partial<Estimate> {
  readonly sinceMs: Ms;
  readonly doneBytes: number;
  readonly totalBytes?: number;
  /** Why nothing comes, or no more: in words. */
  readonly waits?: string;
}

export interface Fetches {
  /** Runs the fetch and shows it while it runs. Several of one file are one. */
  during<T>(order: FetchOrder, totalBytes: number | undefined, run: () => Promise<T>): Promise<T>;
  note(progress: FetchProgress): void;
  list(): readonly Fetching[];
}

interface Running {
  readonly order: FetchOrder;
  readonly sinceMs: Ms;
  askers: number;
  now: BringProgress;
  atMs: Ms;
  flow: Flow;
}

export function createFetches(clock: Clock): Fetches {
  const running = new Map<string, Running>();
  return {
    async during(order, totalBytes, run) {
      const name = nameOf(order);
      const nowMs = clock.nowMs();
      const now = { doneBytes: 0, ...(totalBytes === undefined ? {} : { totalBytes }) };
      const one = running.get(name) ?? { order, sinceMs: nowMs, askers: 0, now, atMs: nowMs, flow: [] };
      one.askers++;
      running.set(name, one);
      try {
        return await run();
      } finally {
        if (--one.askers === 0) running.delete(name);
      }
    },
    note(progress) {
      const one = running.get(nameOf(progress));
      if (one === undefined) return;
      one.now = progress.now;
      one.atMs = clock.nowMs();
      one.flow = noteFlow(one.flow, one.atMs, progress.now.doneBytes);
    },
    list: () => [...running.values()].map((one) => shown(one, clock.nowMs())),
  };
}

const nameOf = ({ source, key, partNumber }: FetchOrder): string => JSON.stringify([source, key, partNumber ?? ""]);

function shown({ order, sinceMs, now, atMs, flow }: Running, nowMs: Ms): Fetching {
  const { doneBytes, totalBytes, waits } = now;
  const estimate = estimateOf(flow, totalBytes ?? doneBytes, nowMs);
  const words = waitsText(waits, nowMs - atMs);
  return {
    ...{ ...order, sinceMs, doneBytes },
    ...(totalBytes === undefined ? {} : { totalBytes }),
    ...(estimate === undefined ? {} : { bytesPerSecond: estimate.bytesPerSecond }),
    ...(estimate?.leftMs === undefined || totalBytes === undefined ? {} : { leftMs: estimate.leftMs }),
    ...(words === undefined ? {} : { waits: words }),
  };
}

function waitsText(waits: BringProgress["waits"], agoMs: Ms): string | undefined {
  if (waits === undefined) return undefined;
  if (waits.for === "cap") return "held back by staging.bytesPerSecond";
  const leftMs = Math.max(0, waits.forMs - agoMs);
  return `${showFault(waits.fault)}; tried again in ${Math.ceil(leftMs / SECOND)} s`;
}
