/**
 * Discovery as one job: sweep the networks, ask the switches, take every sighting into the inventory.
 */
import type { Sighting } from "../../protocols/core/device.ts";
import { Bug, type Fault } from "../../protocols/core/fault.ts";
import { contains, covers, parseCidr } from "../../protocols/core/networks.ts";
import type { Clock } from "../../protocols/core/time.ts";
import type { Log } from "../log.ts";
import type { Thread } from "../threads/channel.ts";
import type { FieldEvent, FieldRequests } from "../threads/requests.ts";
import type { Inventory } from "./inventory.ts";

export interface DiscoverIo {
  readonly field: Thread<FieldRequests>;
  readonly inventory: Inventory;
  readonly networks: readonly string[];
  readonly exclude: readonly string[];
  /** Switches from the settings; those the sweep recognises are asked too. */
  readonly switches: readonly string[];
  readonly knownSwitches: () => readonly string[];
  readonly ratePerSecond: number;
  readonly newRunId: () => string;
  readonly seed: () => number;
  readonly clock: Clock;
  readonly log: Log;
  readonly onProgress: (progress: DiscoveryProgress) => void;
}

export interface DiscoveryProgress {
  readonly phase: "sweep" | "switches" | "done";
  readonly asked: number;
  readonly total: number;
  readonly found: number;
}

export interface DiscoveryAnswer {
  readonly asked: number;
  readonly answered: number;
  readonly switches: number;
  readonly neighbours: number;
  readonly faults: readonly { readonly switch: string; readonly fault: Fault }[];
}

export interface Discovery {
  /** The first of these that is not wholly inside the configured networks: nobody may have it asked. */
  foreign(networks: readonly string[]): string | undefined;
  /** One pass. A pass under way is joined rather than doubled, unless other networks are asked for. A foreign network is a `Bug`. */
  run(networks: readonly string[] | undefined, signal: AbortSignal): Promise<DiscoveryAnswer>;
  /** The field thread's events come here. */
  onEvent(event: FieldEvent): void;
  readonly progress: DiscoveryProgress | undefined;
}

export function createDiscovery(io: DiscoverIo): Discovery {
  let running: Promise<DiscoveryAnswer> | undefined;
  let progress: DiscoveryProgress | undefined;
  const report = (next: DiscoveryProgress): void => {
    progress = next;
    io.onProgress(next);
  };

  const pass = async (networks: readonly string[], signal: AbortSignal): Promise<DiscoveryAnswer> => {
    const swept = await io.field.ask(
      "sweep",
      { runId: io.newRunId(), networks, exclude: io.exclude, ratePerSecond: io.ratePerSecond, seed: io.seed() },
      signal,
    );
    const switches = [...new Set([...io.switches, ...io.knownSwitches()])];
    const faults: { switch: string; fault: Fault }[] = [];
    let neighbours = 0;
    for (const address of switches) {
      report({ phase: "switches", asked: swept.asked, total: swept.asked, found: swept.answered });
      const known = await io.field.ask("neighbours", { address }, signal);
      if (!known.ok) faults.push({ switch: address, fault: known.fault });
      else for (const sighting of known.value.flatMap(ours)) if (io.inventory.note(sighting) !== undefined) neighbours++;
    }
    report({ phase: "done", asked: swept.asked, total: swept.asked, found: swept.answered });
    io.log.info("discovery ended", { asked: swept.asked, answered: swept.answered, switches: switches.length, neighbours });
    return { ...swept, switches: switches.length, neighbours, faults };
  };

  const configured = io.networks.flatMap((text) => parseCidr(text) ?? []);
  const excluded = io.exclude.flatMap((text) => parseCidr(text) ?? []);
  /** A switch's word leads nobody out of the configured networks: its port still counts there, a router's table does not. */
  const ours = (sighting: Sighting): Sighting[] => {
    const { address, ...rest } = sighting;
    const inside = (at: string): boolean =>
      configured.some((network) => contains(network, at)) && !excluded.some((network) => contains(network, at));
    if (address === undefined || inside(address)) return [sighting];
    return sighting.port === undefined ? [] : [rest];
  };
  const foreign: Discovery["foreign"] = (networks) =>
    networks.find((text) => {
      const asked = parseCidr(text);
      return asked === undefined || !configured.some((network) => covers(network, asked));
    });

  return {
    foreign,
    get progress() {
      return progress;
    },
    async run(networks, signal) {
      if (running !== undefined && networks === undefined) return running;
      const stranger = foreign(networks ?? []);
      if (stranger !== undefined) throw new Bug(`Network "${stranger}" is not a configured one`);
      const job = pass(networks ?? io.networks, signal).finally(() => {
        if (running === job) running = undefined;
      });
      running = job;
      return job;
    },
    onEvent(event) {
      switch (event.kind) {
        case "sweepProgress":
          report({ phase: "sweep", asked: event.asked, total: event.total, found: event.found });
          return;
        case "sighting": {
          io.inventory.note(event.sighting);
          if (event.read !== undefined && event.sighting.address !== undefined) {
            io.inventory.noteRead(event.read, { address: event.sighting.address, atMs: event.sighting.atMs });
          }
        }
      }
    },
  };
}
