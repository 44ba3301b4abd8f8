/**
 * Looks through history every hour for what gets slowly worse. The history thread reads and judges, some devices at a time;
 * the observer opens and ends conditions as for everything else.
 */
import type { Clock, Ms } from "../../protocols/core/time.ts";
import { HOUR } from "../../protocols/core/time.ts";
import type { Store } from "../../store/store.ts";
import type { Observer } from "./observe.ts";
import type { Rule, When } from "./rules-schema.ts";
import { isFor, isOverTime } from "./rules-scope.ts";
import type { TrendAsk, TrendFinding } from "./trend-read.ts";

export interface TrendsIo {
  readonly store: Pick<Store, "devices">;
  readonly observer: Pick<Observer, "found">;
  readonly clock: Clock;
  readonly rules: readonly Rule[];
  /** In the history thread. */
  readonly find: (ask: TrendAsk, signal: AbortSignal) => Promise<readonly TrendFinding[]>;
}

export interface Trends {
  /** @returns devices that were looked at */
  turn(signal: AbortSignal): Promise<number>;
}

/** Devices of one ask: half a second of the history thread (measured: some ms a device), so that a page waits no longer. */
const AT_ONCE = 50;

export function createTrends(io: TrendsIo): Trends {
  const overTime = io.rules.filter(isOverTime);
  let lookedAtMs: Ms | undefined;
  return {
    async turn(signal) {
      const nowMs = io.clock.nowMs();
      const due = overTime.filter(({ when }) => isDue(when, lookedAtMs, nowMs));
      if (due.length === 0) return 0;
      let looked = 0;
      let after: { readonly after?: TrendAsk["devices"][number]["id"] } = {};
      while (!signal.aborted) {
        const rows = io.store.devices.list({ adopted: true, retired: false, limit: AT_ONCE, ...after });
        const last = rows.at(-1);
        if (last === undefined) break;
        const devices = rows.map(({ id, family }) => (family === undefined ? { id } : { id, family }));
        const found = Map.groupBy(await io.find({ devices, rules: due, nowMs }, signal), ({ device }) => device);
        for (const { id, family } of rows) {
          const mine = due.filter((rule) => isFor(rule, family));
          const told = new Map(found.get(id)?.map((one) => [one.rule, one]));
          io.observer.found(
            id,
            mine.map((rule) => ({ rule, seen: told.get(rule.id)?.seen ?? "good", words: told.get(rule.id)?.words ?? "" })),
          );
        }
        looked += rows.length;
        after = { after: last.id };
      }
      // Where it was cut short it begins anew: looking twice changes nothing.
      if (!signal.aborted) lookedAtMs = nowMs;
      return looked;
    },
  };
}

/** Means change with the end of each length of time; single readings all the time, and once an hour is enough for those. */
export function isDue(when: When, lookedAtMs: Ms | undefined, nowMs: Ms): boolean {
  const every = "bucket" in when ? when.bucket : HOUR;
  return lookedAtMs === undefined || Math.floor(nowMs / every) !== Math.floor(lookedAtMs / every);
}
