/** Failures to make tickets of, and a desk in memory that can be as hostile as real ones. */
import type { Found, Outcome, RemoteTicket, TicketCall, TicketConnector } from "../../../agent/tickets/connectors/connector.ts";
import type { FailureFact } from "../../../agent/tickets/document.ts";
import { type EngineIo, TicketEngine } from "../../../agent/tickets/engine.ts";
import { fileFailures } from "../../../agent/tickets/file.ts";
import type { TicketKey } from "../../../agent/tickets/key.ts";
import type { CampaignId, SiteId } from "../../../protocols/core/ids.ts";
import { type ManualClock, type Ms, manualClock, SECOND } from "../../../protocols/core/time.ts";
import type { Store } from "../../../store/store.ts";
import type { TicketRow } from "../../../store/tickets.ts";
import { device, deviceId, T0, temporaryStore } from "../../store/temporary.ts";

export const SITE = "zug-01" as SiteId;
export const never = new AbortController().signal;

export function fact(number: number, changes: Partial<FailureFact> = {}): FailureFact {
  return {
    campaign: "c-test" as CampaignId,
    device: deviceId(number),
    name: `Phone ${number}`,
    model: "VVX 411",
    from: "6.4.6.2327",
    to: "6.4.8.0456",
    cause: "fellBack",
    fault: "expected 6.4.8.0456, found 6.4.6.2327",
    sinceMs: T0 + number,
    timeline: [{ atMs: T0, what: "planned → staged" }],
    readingsBefore: { registeredLines: 1 },
    readingsAfter: { registeredLines: 0 },
    tried: ["attempt 1: command accepted, took the whole image"],
    ...changes,
  };
}

export const recovered = (atMs: Ms): Pick<FailureFact, "recovered"> => ({ recovered: { proof: `read:${atMs}`, atMs } });

/**
 * What happens to one call. `lost`: done, the answer is not heard. `dropped`: never arrived, nobody knows. `hangs`: done, and
 * no answer ever. `later`, `refused`: the desk says so and does nothing.
 */
export type Fate = "ok" | "lost" | "dropped" | "hangs" | "later" | "refused";

export interface FakeTicket {
  readonly id: string;
  readonly key: TicketKey;
  readonly bornAtMs: Ms;
  version: number;
  state: "open" | "closed";
  /** Every version it was given, in order. */
  readonly versions: number[];
}

export interface FakeDesk extends TicketConnector {
  readonly tickets: FakeTicket[];
  /** `create key.v1`, `find key`, in order. */
  readonly calls: string[];
  /** Fates of the next calls; then all is well. */
  readonly fates: Fate[];
  /** A look-up answers this while it is set. */
  lookup: Found | undefined;
}

export const LAG_MS: Ms = 10 * SECOND;
export const LATER_MS: Ms = 90 * SECOND;

export function fakeDesk(clock: ManualClock, callsPerMinute = 1_000): FakeDesk {
  const tickets: FakeTicket[] = [];
  const calls: string[] = [];
  const fates: Fate[] = [];
  const take = ({ what, key, version, remoteId }: TicketCall): FakeTicket => {
    const known = tickets.find(({ id }) => id === remoteId);
    if (what === "create" || known === undefined) {
      const made: FakeTicket = {
        id: `GS-${tickets.length + 1}`,
        key,
        bornAtMs: clock.nowMs(),
        version,
        state: "open",
        versions: [version],
      };
      tickets.push(made);
      return made;
    }
    Object.assign(known, { version, state: what === "close" ? "closed" : "open" });
    known.versions.push(version);
    return known;
  };
  const desk: FakeDesk = {
    id: "fake",
    caps: { findLagMs: LAG_MS, callsPerMinute },
    tickets,
    calls,
    fates,
    lookup: undefined,
    async send(call): Promise<Outcome> {
      calls.push(`${call.what} ${call.key}.v${call.version}`);
      const fate = fates.shift() ?? "ok";
      if (fate === "later") return { kind: "later", afterMs: LATER_MS, detail: "status 429" };
      if (fate === "refused") return { kind: "refused", status: 400, detail: "status 400" };
      if (fate === "dropped") return { kind: "unknown", detail: "unreachable" };
      const { id } = take(call);
      if (fate === "hangs") return new Promise(() => {});
      return fate === "lost" ? { kind: "unknown", detail: "unreachable" } : { kind: "done", id, url: `https://desk.example/${id}` };
    },
    async find(key): Promise<Found> {
      calls.push(`find ${key}`);
      if (desk.lookup !== undefined) return desk.lookup;
      const seen = tickets.filter((one) => one.key === key && one.bornAtMs + LAG_MS <= clock.nowMs());
      return { kind: "found", tickets: seen.map(({ id, version, state }): RemoteTicket => ({ id, key, version, state })) };
    },
  };
  return desk;
}

export interface Bench {
  readonly store: Store;
  readonly clock: ManualClock;
  readonly desk: FakeDesk;
  readonly errors: string[];
  readonly changes: TicketRow[];
  /** The engine of the present process; `restart` makes a new one over the same rows. */
  readonly engine: () => TicketEngine;
  restart(): void;
  file(facts: readonly FailureFact[]): readonly TicketRow[];
  /** Lets time pass in steps of the loop, or longer ones, with a turn at each. */
  pass(lengthMs: Ms, stepMs?: Ms): Promise<void>;
  row(key?: string): TicketRow;
}

export function bench(options: Partial<EngineIo> & { readonly callsPerMinute?: number; readonly devices?: number } = {}): Bench {
  const { callsPerMinute, devices = 60, ...io } = options;
  const store = temporaryStore();
  store.transaction(() => {
    for (let number = 1; number <= devices; number++) store.devices.save(device(number));
  });
  const clock = manualClock(T0);
  const desk = fakeDesk(clock, callsPerMinute);
  const errors: string[] = [];
  const changes: TicketRow[] = [];
  const start = (): TicketEngine =>
    new TicketEngine({
      tickets: store.tickets,
      connector: desk,
      clock,
      log: { error: (what) => void errors.push(what) },
      environment: "production",
      site: SITE,
      onChange: (row) => void changes.push(row),
      ...io,
    });
  let engine = start();
  return {
    store,
    clock,
    desk,
    errors,
    changes,
    engine: () => engine,
    restart() {
      engine = start();
    },
    file: (facts) =>
      store.transaction(() =>
        fileFailures({ tickets: store.tickets, environment: "production", site: SITE, groupAt: 3 }, facts, clock.nowMs()),
      ),
    async pass(lengthMs, stepMs = 5 * SECOND) {
      for (let leftMs = lengthMs; leftMs > 0; leftMs -= stepMs) {
        await clock.advance(stepMs);
        await engine.turn(never);
      }
    },
    row(key) {
      const row = key === undefined ? store.tickets.list()[0] : store.tickets.load(key.split(".g")[0] ?? "");
      if (row === undefined) throw new Error("no ticket");
      return row;
    },
  };
}
