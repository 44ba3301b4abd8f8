/**
 * One pass over the site: sweep the networks, then ask every switch. Sightings go to the inventory as they come, and with each
 * of them, in one transaction, how far the sweep is: a pass that was interrupted is gone on with.
 */
import type { Sighting } from "../../protocols/core/device.ts";
import { Bug, type Fault } from "../../protocols/core/fault.ts";
import { contains, covers, edgesOf, hostsOf, type Network, parseNetwork } from "../../protocols/core/networks.ts";
import { type Clock, HOUR } from "../../protocols/core/time.ts";
import type { SweepRow, Sweeps } from "../../store/sweeps.ts";
import type { Log } from "../log.ts";
import type { Thread } from "../threads/channel.ts";
import type { FieldRequests } from "../threads/requests.ts";
import type { Inventory } from "./inventory.ts";
import type { SweepSummary } from "./sources/sweep.ts";
import type { SweepProgress, SweepState } from "./sources/sweep-course.ts";
import type { SweepEvent, SweepOrder } from "./sources/sweep-order.ts";

export interface DiscoverIo {
  readonly field: Thread<FieldRequests>;
  readonly inventory: Inventory;
  readonly store: { transaction<T>(work: () => T): T; readonly sweeps: Sweeps };
  readonly networks: readonly string[];
  readonly exclude: readonly string[];
  /** Switches from the settings; those the sweep recognises are asked too. */
  readonly switches: readonly string[];
  readonly knownSwitches: () => readonly string[];
  /** Addresses of devices that polls watch and that have said who they are: no sweep needs to ask them. */
  readonly watched: () => readonly string[];
  /** IPv6 addresses heard of: this host's neighbours, and those of the inventory. */
  readonly knownSix: () => Promise<readonly string[]>;
  /** Addresses and MACs of devices that are ignored: seen by a sweep, never asked with a credential. */
  readonly ignored?: () => readonly string[];
  readonly pace: Pick<SweepOrder, "ratePerSecond" | "ratePerSubnet" | "timeoutMs" | "retries" | "allowPublic">;
  readonly newRunId: () => string;
  readonly seed: () => number;
  readonly clock: Clock;
  readonly log: Log;
  readonly onProgress: (progress: DiscoveryProgress) => void;
}

export interface DiscoveryProgress extends SweepProgress {
  readonly phase: "sweep" | "switches" | "done" | "cancelled";
}

export interface DiscoveryAnswer extends SweepSummary {
  readonly switches: number;
  readonly neighbours: number;
  readonly faults: readonly { readonly switch: string; readonly fault: Fault }[];
  /** A person ended it before its time. */
  readonly cancelled?: true;
  /** It began before the agent's last start. */
  readonly resumed?: true;
}

export interface Discovery {
  /** The first of these that is not wholly inside the configured networks: nobody may have it asked. */
  foreign(networks: readonly string[]): string | undefined;
  /**
   * One pass. A pass under way is joined rather than doubled, unless other networks are asked for. A foreign network is a `Bug`.
   *
   * @param full  asks also those that are known and watched
   */
  run(networks: readonly string[] | undefined, signal: AbortSignal, full?: boolean): Promise<DiscoveryAnswer>;
  /** Ends the passes under way; what they found stays. @returns how many there were */
  cancel(): number;
  /** The field thread's events come here. */
  onEvent(event: SweepEvent): void;
  readonly progress: DiscoveryProgress | undefined;
}

const NOTHING: SweepProgress = { asked: 0, total: 0, found: 0, byFamily: {}, spared: 0, packetsPerSecond: 0 };

/** How one pass goes. `signal` ends it for whatever reason, `cancelled` for a person's. */
interface Pass {
  readonly full: boolean;
  readonly signal: AbortSignal;
  readonly cancelled: AbortSignal;
}

class Cancelled extends Error {
  override readonly name = "Cancelled";
}

export function createDiscovery(io: DiscoverIo): Discovery {
  let running: Promise<DiscoveryAnswer> | undefined;
  let progress: DiscoveryProgress | undefined;
  const passes = new Set<AbortController>();
  /** Runs under way: what is unfinished and not among them was interrupted. */
  const active = new Set<string>();
  const ground = groundOf(io);
  const report = (phase: DiscoveryProgress["phase"], next: SweepProgress = progress ?? NOTHING): void => {
    progress = { ...next, phase };
    io.onProgress(progress);
  };

  const sweepAs = async (row: SweepRow, { full, signal, cancelled }: Pass): Promise<SweepSummary> => {
    const { id: runId, exclude, seed, light, position, waiting, found, spared, byFamily } = row;
    const from: SweepState = { position, waiting, found, spared, byFamily };
    active.add(runId);
    try {
      const order = {
        runId,
        networks: [...row.networks.filter(isWalked), ...row.six],
        exclude,
        seed,
        light,
        from,
        ...io.pace,
        spared: full ? [] : io.watched(),
        ...(io.ignored === undefined ? {} : { ignored: io.ignored() }),
      };
      const swept = await io.field.ask("sweep", order, signal);
      io.store.sweeps.end(runId, "done", io.clock.nowMs());
      return swept;
    } finally {
      active.delete(runId);
      // The agent's own stop and a thread that died are no end: such a run is gone on with.
      if (cancelled.aborted) io.store.sweeps.end(runId, "cancelled", io.clock.nowMs());
    }
  };

  /** Goes on with what an earlier process left. @returns the run that is this very pass, where there is one */
  const leftOver = async (networks: readonly string[], how: Pass): Promise<SweepRow | undefined> => {
    let same: SweepRow | undefined;
    for (const row of io.store.sweeps.unfinished().filter(({ id }) => !active.has(id))) {
      const fits = ground.foreign(row.networks) === undefined && sameTexts(row.exclude, ground.holes);
      if (!fits || same !== undefined) io.store.sweeps.end(row.id, "dropped", io.clock.nowMs());
      else if (sameTexts(row.networks, networks)) same = row;
      else await sweepAs(row, how);
    }
    return same;
  };

  const pass = async (networks: readonly string[] | undefined, how: Pass): Promise<DiscoveryAnswer> => {
    const goesOn = networks === undefined && !how.full && io.store.sweeps.unfinished().length > 0;
    const left = goesOn ? await leftOver(io.networks, how) : undefined;
    const place = networks ?? io.networks;
    const six = left === undefined && !place.every(isWalked) ? await sixIn(place, io) : [];
    const row = left ?? newRun(io, { networks: place, exclude: ground.holes, six }, how.full);
    if (left !== undefined) io.log.info("an interrupted sweep goes on", { run: row.id, position: row.position, found: row.found });
    const swept = await sweepAs(row, how);
    const asked = await askSwitches(io, { ...ground, said: () => report("switches") }, how.signal);
    report("done");
    io.log.info("discovery ended", { ...swept, switches: asked.switches, neighbours: asked.neighbours });
    return { ...swept, ...asked, ...(left === undefined ? {} : { resumed: true as const }) };
  };

  /** A pass whose end is in a person's hands. */
  const passUntilCancelled = async (
    networks: readonly string[] | undefined,
    full: boolean,
    signal: AbortSignal,
  ): Promise<DiscoveryAnswer> => {
    const cancel = new AbortController();
    passes.add(cancel);
    try {
      return await pass(networks, { full, signal: AbortSignal.any([signal, cancel.signal]), cancelled: cancel.signal });
    } catch (error) {
      if (!cancel.signal.aborted || signal.aborted) throw error;
      const { asked, found, spared } = progress ?? NOTHING;
      report("cancelled");
      io.log.info("discovery was cancelled", { asked, found });
      return { asked, answered: found, spared, switches: 0, neighbours: 0, faults: [], cancelled: true };
    } finally {
      passes.delete(cancel);
    }
  };

  return {
    foreign: ground.foreign,
    get progress() {
      return progress;
    },
    async run(networks, signal, full = false) {
      if (running !== undefined && networks === undefined && !full) return running;
      const stranger = ground.foreign(networks ?? []);
      if (stranger !== undefined) throw new Bug(`Network "${stranger}" is not a configured one`);
      const job = passUntilCancelled(networks, full, signal).finally(() => {
        if (running === job) running = undefined;
      });
      running = job;
      return job;
    },
    cancel() {
      const count = passes.size;
      for (const pass of passes) pass.abort(new Cancelled("cancelled"));
      return count;
    },
    onEvent(event) {
      if (event.kind === "sighting") {
        io.store.transaction(() => {
          io.inventory.note(event.sighting);
          const { address, atMs } = event.sighting;
          if (event.read !== undefined && address !== undefined) io.inventory.noteRead(event.read, { address, atMs });
          io.store.sweeps.advance(event.runId, event.state);
        });
        return;
      }
      io.store.sweeps.advance(event.runId, event.state);
      report("sweep", event.progress);
    },
  };
}

/** A whole pass holds for so long: in between the silent are asked lightly. New switches and servers are found within it. */
const WHOLE_HOLDS_MS = HOUR;
/** Runs looked back on: those of an hour at the shortest interval. */
const LOOK_BACK = 100;

/** IPv6 networks are too large to knock at every address: there only those are asked who are known. */
function isWalked(text: string): boolean {
  const network = parseNetwork(text);
  return network !== undefined && hostsOf(network) > 0;
}

/** Who is known inside the IPv6 networks among these. */
async function sixIn(networks: readonly string[], io: Pick<DiscoverIo, "knownSix">): Promise<readonly string[]> {
  const large = networks.filter((text) => !isWalked(text)).flatMap((text) => parseNetwork(text) ?? []);
  const known = [...new Set(await io.knownSix())].sort();
  return known.filter((address) => large.some((network) => contains(network, address)));
}

function newRun(io: DiscoverIo, ground: Pick<SweepRow, "networks" | "exclude" | "six">, full: boolean): SweepRow {
  const sinceMs = io.clock.nowMs() - WHOLE_HOLDS_MS;
  const light = io.store.sweeps
    .list(LOOK_BACK)
    .some(
      ({ how, light, startedAtMs, networks, exclude }) =>
        how === "done" && !light && startedAtMs > sinceMs && sameTexts(networks, ground.networks) && sameTexts(exclude, ground.exclude),
    );
  const row = {
    light: light && !full,
    id: io.newRunId(),
    ...ground,
    seed: io.seed(),
    startedAtMs: io.clock.nowMs(),
  };
  io.store.sweeps.begin(row);
  return { ...row, position: 0, waiting: [], found: 0, spared: 0, byFamily: {} };
}

interface Ground {
  readonly foreign: Discovery["foreign"];
  /** Whom nobody may ask inside them: the excluded, and the network and broadcast address of each. */
  readonly holes: readonly string[];
  inside(address: string): boolean;
}

function groundOf({ networks, exclude }: Pick<DiscoverIo, "networks" | "exclude">): Ground {
  const read = (texts: readonly string[]): Network[] => texts.flatMap((text) => parseNetwork(text) ?? []);
  const configured = read(networks);
  const holes = [...exclude, ...configured.flatMap(edgesOf).map(({ text }) => text)];
  const shut = read(holes);
  return {
    holes,
    inside: (address) => configured.some((network) => contains(network, address)) && !shut.some((hole) => contains(hole, address)),
    foreign: (asked) =>
      asked.find((text) => {
        const network = parseNetwork(text);
        return network === undefined || !configured.some((one) => covers(one, network));
      }),
  };
}

/** Every switch of the settings, and every one found inside the networks. */
async function askSwitches(
  io: DiscoverIo,
  by: Pick<Ground, "inside"> & { said(): void },
  signal: AbortSignal,
): Promise<Pick<DiscoveryAnswer, "switches" | "neighbours" | "faults">> {
  const switches = [...new Set([...io.switches, ...io.knownSwitches().filter(by.inside)])];
  const faults: { switch: string; fault: Fault }[] = [];
  let neighbours = 0;
  for (const address of switches) {
    by.said();
    const known = await io.field.ask("neighbours", { address }, signal);
    if (!known.ok) faults.push({ switch: address, fault: known.fault });
    else {
      io.store.transaction(() => {
        for (const sighting of known.value.flatMap((one) => ours(one, by))) if (io.inventory.note(sighting) !== undefined) neighbours++;
      });
    }
  }
  return { switches: switches.length, neighbours, faults };
}

/** A switch's word leads nobody out of the configured networks: its port still counts there, a router's table does not. */
function ours(sighting: Sighting, { inside }: Pick<Ground, "inside">): Sighting[] {
  const { address, ...rest } = sighting;
  if (address === undefined || inside(address)) return [sighting];
  return sighting.port === undefined ? [] : [rest];
}

const sameTexts = (one: readonly string[], other: readonly string[]): boolean => JSON.stringify(one) === JSON.stringify(other);
