/**
 * How the devices of a wave were used, and how the site stands around them. What cannot be read is absent: the gates then do
 * not pass.
 */
import type { SiteNow } from "../../firmware/waves/gates/gate.ts";
import type { CampaignRow, Surroundings, TaskRow } from "../../firmware/waves/ports.ts";
import type { Clock } from "../../protocols/core/time.ts";
import type { Store } from "../../store/store.ts";
import type { Log } from "../log.ts";
import { type Thread, ThreadGone } from "../threads/channel.ts";
import type { HistoryRequests } from "../threads/requests.ts";
import { siteIncidents } from "./site-evidence.ts";
import { touchedAt } from "./touched.ts";
import { useOf } from "./use-evidence.ts";

export interface SurroundingsIo {
  readonly store: Pick<Store, "tasks" | "attempts" | "incidents" | "conditions">;
  readonly history: Pick<Thread<HistoryRequests>, "ask">;
  readonly clock: Clock;
  readonly log: Log;
  /** What is brought over the site's uplink, and what may be. */
  readonly uplink: () => SiteNow["uplink"];
}

export function createSurroundings(io: SurroundingsIo) {
  return async (_row: CampaignRow, wave: number, tasks: readonly TaskRow[], signal: AbortSignal): Promise<Surroundings> => {
    const mine = tasks.filter((task) => task.wave === wave);
    const touched = mine.flatMap((task) => {
      const times = touchedAt(task, io.store);
      return times === undefined ? [] : [{ task, ...times }];
    });
    const site: SiteNow = {
      incidents: siteIncidents(io.store, new Set(mine.map(({ device }) => device))),
      uplink: io.uplink(),
      waveSinceMs: Math.min(io.clock.nowMs(), ...touched.map(({ touchedAtMs }) => touchedAtMs)),
    };
    const landed = touched.flatMap(({ task: { device, state }, landedAtMs }) =>
      landedAtMs !== undefined && (state.at === "succeeded" || state.at === "soaking") ? [{ device, landedAtMs }] : [],
    );
    const ask = { history: io.history, nowMs: io.clock.nowMs() };
    try {
      return { site, use: await Promise.all(landed.map((one) => useOf(one, ask, signal))) };
    } catch (error) {
      if (!(error instanceof ThreadGone)) throw error;
      io.log.warn("how updated devices were used could not be read", { wave, error });
      return { site };
    }
  };
}
