/**
 * The loop that keeps incidents in line with conditions: looks at rows, decides, asks possible parents, writes. What it keeps
 * in memory follows from rows, so a restart changes nothing.
 */
import type { DeviceRead } from "../../protocols/core/device.ts";
import type { Result } from "../../protocols/core/fault.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import { type Clock, MINUTE, type Ms, SECOND } from "../../protocols/core/time.ts";
import type { PortState } from "../../protocols/lldp/ports.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { IncidentRow } from "../../store/incident-rows.ts";
import type { LookOutcome, SwitchPortRow } from "../../store/looks.ts";
import type { Store } from "../../store/store.ts";
import type { Log } from "../log.ts";
import { isDark } from "./causes/dark.ts";
import { type Change, type Decision, decideCauses, LOOK_BACK_MS } from "./causes/decide.ts";
import type { Dark } from "./causes/picture.ts";
import type { Site } from "./causes/site.ts";
import { applyPiece, piecesOf } from "./incidents-apply.ts";
import { type PictureTables, pictureOf } from "./incidents-picture.ts";
import { readSite } from "./incidents-site.ts";

export interface IncidentsIo {
  readonly store: PictureTables & Pick<Store, "transaction" | "incidents" | "services" | "places">;
  readonly clock: Clock;
  readonly log: Log;
  /** Asks a device now. `undefined` where it cannot be asked. */
  refresh(device: DeviceId, signal: AbortSignal): Promise<DeviceRead | undefined>;
  /** How a switch's ports stand. */
  ports(address: string, signal: AbortSignal): Promise<Result<readonly PortState[]>>;
  readonly isOnSite: (name: string) => boolean;
  /** Inside the transaction. */
  onIncident(what: "opened" | "changed" | "closed", row: IncidentRow): void;
  /** A look ended: there may be something to decide. */
  wake(): void;
}

export interface Incidents {
  turn(signal: AbortSignal): Promise<void>;
  /** A condition came or went: is a turn due now? Many come together, and one turn serves them all. */
  isDue(): boolean;
  /**
   * Dark by a parent's incident, or by plan: its timers stand still. Not once it answers again: by then its own conditions
   * may end, whatever becomes of the parent.
   */
  suppressed(device: Pick<DeviceRow, "id" | "availability">): boolean;
  /** What waits and what is muted, as of now; `undefined` before the first turn. */
  standing(): Pick<Decision, "waiting" | "muted"> | undefined;
  /** The site as it was read last. */
  site(): Site | undefined;
  /** Waits for looks under way. */
  idle(): Promise<void>;
}

/** Who hangs where changes with discovery, every quarter of an hour. */
const SITE_KEPT_MS: Ms = 5 * MINUTE;
/** Reading it takes some 0.2 s of a core with 10,000 devices: in a storm no oftener than that. */
const SITE_FRESH_MS: Ms = 30 * SECOND;
/** Asks at once for the sake of others: more switches than that rarely go together. */
const LOOKS_AT_ONCE = 20;
/** Three misses make it offline; who is neither after one more does not tell. */
const LOOKS_MAX = 4;
/** A thousand conditions of one moment are one turn, or two. */
const TURN_APART_MS: Ms = 3 * SECOND;
/** A parent that gave no clear answer is asked again after it. */
const LOOK_AGAIN_MS: Ms = 5 * SECOND;

export function createIncidents(io: IncidentsIo): Incidents {
  const { store, clock } = io;
  let kept: { readonly site: Site; readonly atMs: Ms } | undefined;
  const watchedSinceMs = clock.nowMs();
  let held: ReadonlySet<DeviceId> = new Set();
  let darks: readonly Dark[] = [];
  const ports = new Map<string, readonly SwitchPortRow[]>();
  const underWay = new Map<DeviceId, Promise<void>>();
  const askedMs = new Map<DeviceId, Ms>();
  /** Looks in a row at a parent that is neither here nor gone yet. */
  const tries = new Map<DeviceId, number>();

  const portsOf = (address: string): readonly SwitchPortRow[] => {
    const known = ports.get(address) ?? store.looks.ports([address]);
    ports.set(address, known);
    return known;
  };

  const siteNow = async (keptForMs: Ms): Promise<Site> => {
    if (kept === undefined || clock.nowMs() - kept.atMs >= keptForMs) kept = { site: await readSite(io), atMs: clock.nowMs() };
    return kept.site;
  };

  const decide = (site: Site): Decision => {
    const nowMs = clock.nowMs();
    const looked = { site, portsOf, lookingAt: new Set(tries.keys()) };
    const picture = { ...pictureOf(store, looked, nowMs), watchedSinceMs };
    darks = picture.darks;
    return decideCauses(
      picture,
      { open: ours(store.incidents.listOpen()), ended: store.incidents.endedSince(nowMs - LOOK_BACK_MS) },
      nowMs,
    );
  };

  const look = async (parent: DeviceId, signal: AbortSignal): Promise<void> => {
    const atMs = clock.nowMs();
    askedMs.set(parent, atMs);
    tries.set(parent, (tries.get(parent) ?? 0) + 1);
    const read = await io.refresh(parent, signal);
    const row = store.devices.load(parent);
    const outcome = outcomeOf(read, row?.availability) ?? ((tries.get(parent) ?? 0) >= LOOKS_MAX ? "unaskable" : undefined);
    if (outcome === "answers" && row?.family === "switch" && row.address !== undefined) {
      const states = await io.ports(row.address, signal);
      if (states.ok) {
        store.looks.savePorts(
          row.address,
          states.value.map(({ name, isUp, power }) => ({ port: name, isUp, power, atMs })),
        );
        ports.delete(row.address);
      }
    }
    if (outcome === undefined) return;
    store.looks.save({ device: parent, atMs, outcome });
    tries.delete(parent);
  };

  const startLooks = (parents: readonly DeviceId[], signal: AbortSignal): void => {
    const nowMs = clock.nowMs();
    for (const parent of parents) {
      if (underWay.size >= LOOKS_AT_ONCE) return;
      if (underWay.has(parent) || nowMs - (askedMs.get(parent) ?? Number.NEGATIVE_INFINITY) < LOOK_AGAIN_MS) continue;
      const done = look(parent, signal)
        .catch((error: unknown) => {
          tries.delete(parent);
          if (!signal.aborted) io.log.warn("a possible parent could not be looked at", { device: parent, error });
        })
        .finally(() => {
          underWay.delete(parent);
          io.wake();
        });
      underWay.set(parent, done);
    }
  };

  let turnedMs: Ms = Number.NEGATIVE_INFINITY;
  return {
    isDue: () => clock.nowMs() - turnedMs >= TURN_APART_MS,
    async turn(signal) {
      turnedMs = clock.nowMs();
      let decision = decide(await siteNow(SITE_KEPT_MS));
      // Before anything is opened the site must be as it is now: who hangs where may have been found since.
      if (decision.changes.some(isOpening)) decision = decide(await siteNow(SITE_FRESH_MS));
      held = decision.held;
      const nowMs = clock.nowMs();
      for (const piece of piecesOf(decision.changes, ours(store.incidents.listOpen()), nowMs)) {
        applyPiece(piece, io, nowMs);
        await new Promise<void>((resolve) => setImmediate(resolve));
        if (signal.aborted) return;
      }
      startLooks(decision.looks, signal);
    },
    suppressed({ id, availability }) {
      if (availability !== "online" && held.has(id)) return true;
      return darks.length > 0 && isDark(id, darks.filter(lastsAt(clock.nowMs())), clock.nowMs()) !== undefined;
    },
    standing: () => (kept === undefined ? undefined : decide(kept.site)),
    site: () => kept?.site,
    async idle() {
      await Promise.all(underWay.values());
    },
  };
}

/** Devices that come back after it may be late, and are judged again. */
const lastsAt =
  (nowMs: Ms) =>
  ({ untilMs }: Dark): boolean =>
    untilMs === undefined || nowMs < untilMs;

const isOpening = (change: Change): boolean => change.do === "open" || change.do === "reopen";

/** Those of other makers keep their own. */
function ours(rows: readonly IncidentRow[]): readonly IncidentRow[] {
  return rows.filter(({ cause }) => !cause.startsWith("coverage:"));
}

/** `undefined` while it is neither here nor gone. */
function outcomeOf(read: DeviceRead | undefined, availability: string | undefined): LookOutcome | undefined {
  if (read === undefined) return "unaskable";
  if (availability === "online") return "answers";
  return availability === "offline" ? "silent" : undefined;
}
