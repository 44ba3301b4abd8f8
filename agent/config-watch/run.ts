/**
 * Joins the config watch to the daemon: threads, rows, feed, campaigns.
 */
import type { CampaignEvent } from "../../firmware/waves/campaign-state.ts";
import type { TaskChange } from "../../firmware/waves/ports.ts";
import { SECOND } from "../../protocols/core/time.ts";
import { families } from "../../protocols/families/index.ts";
import { refOf } from "../campaigns/device-ref.ts";
import type { Teller } from "../feed/tell.ts";
import type { Flight } from "../health/flight.ts";
import { type Loop, startLoop } from "../loop.ts";
import type { Parts } from "../parts.ts";
import type { Threads } from "../threads/start.ts";
import { type ConfigWatch, createConfigWatch } from "./watch.ts";

/** On the agent's clock: an uploaded file is kept that soon, and devices due are a few per turn. */
const TURN_EVERY_MS = 5 * SECOND;

export interface WatchParts {
  readonly teller: Teller;
  readonly threads: Threads;
  readonly flight: Pick<Flight, "noteChange">;
}

export function openConfigWatch(parts: Parts, { teller, threads, flight }: WatchParts): ConfigWatch {
  const { store, clock, config, io } = parts;
  store.configs.tidy();
  return createConfigWatch({
    store,
    families: families.filter((family) => family.settings !== undefined).map(({ id }) => id),
    everyMs: config.configWatch.every,
    refOf,
    read: (ref, signal) => threads.field.ask("settings", ref, signal),
    uploads: {
      waiting: () => threads.depot.ask("overrides", null),
      take: (file) => threads.depot.ask("override", file),
      async drop(file, original) {
        await threads.depot.ask("dropOverride", { ...file, ...(original === undefined ? {} : { original }) });
      },
    },
    tell: (event) => teller.config(event),
    noteChange: (device, kind, atMs, detail) => flight.noteChange(device, kind, atMs, detail),
    clock,
    log: io.log,
  });
}

/** Nothing where the settings switch it off; a reading on demand still works. */
export function startConfigWatch({ config, clock, io }: Parts, watch: ConfigWatch): Loop[] {
  if (!config.configWatch.enabled) return [];
  return [startLoop({ name: "config watch", everyMs: TURN_EVERY_MS, log: io.log, clock }, (signal) => watch.turn(signal))];
}

/** An update that ended, whichever way, may have left other settings. Inside the transaction of the change. */
export function noteTask(watch: Pick<ConfigWatch, "want" | "wantBefore">, { row, next }: TaskChange): void {
  if (next.at === "staged" || next.at === "held") watch.wantBefore([row.device], "before an update");
  if (next.at === "succeeded" || next.at === "failed") watch.want([row.device], "after an update");
}

/** Devices of a campaign that starts: most of them wait for waves, long enough for a reading before theirs. */
export function noteCampaign(
  watch: Pick<ConfigWatch, "wantBefore">,
  event: CampaignEvent,
  devices: () => readonly TaskChange["row"]["device"][],
): void {
  if (event.kind === "started") watch.wantBefore(devices(), "before an update");
}
