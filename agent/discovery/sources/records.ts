/**
 * What others wrote down of the site's devices: DHCP servers, Lens. Each is read by itself; one that cannot be read is told, and
 * stops nobody else.
 */
import { type Fault, showFault } from "../../../protocols/core/fault.ts";
import { limit } from "../../../protocols/core/limit.ts";
import type { Clock, Ms } from "../../../protocols/core/time.ts";
import type { Log } from "../../log.ts";

/** `listed`: what it holds, of whomever; `devices`: those of ours among them. With a fault beside them it was read in part. */
export type Taken =
  | { readonly listed: number; readonly devices: number; readonly unreadable?: number; readonly fault?: Fault }
  | { readonly fault: Fault };

export interface RecordSource {
  /** For people: `dhcp /var/lib/kea/kea-leases4.csv`, `lens`. */
  readonly name: string;
  take(signal: AbortSignal): Promise<Taken>;
}

/** How the last reading went. After a fault the counts are those of the last good one. */
export interface RecordState {
  readonly source: string;
  readonly atMs: Ms;
  readonly listed: number;
  readonly devices: number;
  readonly unreadable: number;
  readonly fault?: Fault;
  /** Since when it cannot be read. */
  readonly failingSinceMs?: Ms;
}

export interface Records {
  /** Reads every source whose name begins so; one that is being read is waited for and read again. */
  take(prefix: string, signal: AbortSignal): Promise<readonly RecordState[]>;
  readonly states: readonly RecordState[];
}

export function createRecords(sources: readonly RecordSource[], io: { readonly clock: Clock; readonly log: Log }): Records {
  const states = new Map<string, RecordState>();
  const lanes = new Map(sources.map(({ name }) => [name, limit(1)]));
  const take = async (source: RecordSource, signal: AbortSignal): Promise<RecordState> => {
    const taken = await source.take(signal);
    const before = states.get(source.name);
    const state = stateAfter(source.name, taken, before, io.clock.nowMs());
    states.set(source.name, state);
    tell(state, before, io.log);
    return state;
  };
  return {
    take: (prefix, signal) =>
      Promise.all(
        sources
          .filter(({ name }) => name.startsWith(prefix))
          .map((source) => (lanes.get(source.name) ?? limit(1)).run(() => take(source, signal), signal)),
      ),
    get states() {
      return sources.flatMap(({ name }) => states.get(name) ?? []);
    },
  };
}

function stateAfter(source: string, taken: Taken, before: RecordState | undefined, atMs: Ms): RecordState {
  const { listed = 0, devices = 0, unreadable = 0 } = "listed" in taken ? taken : (before ?? {});
  const state = { source, atMs, listed, devices, unreadable };
  return taken.fault === undefined ? state : { ...state, fault: taken.fault, failingSinceMs: before?.failingSinceMs ?? atMs };
}

/** A fault once, however often it is met again; what came of a reading each time. */
function tell({ source, fault, listed, devices, unreadable }: RecordState, before: RecordState | undefined, log: Log): void {
  if (fault === undefined) log.info("a record was read", { source, listed, devices, unreadable });
  else if (before?.fault?.kind !== fault.kind) log.warn("a record could not be read", { source, fault: fault.kind, why: showFault(fault) });
}
