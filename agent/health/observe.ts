/**
 * Takes in what one ask brought: inventory, availability, history, conditions. One transaction each.
 */
import type { DeviceRead } from "../../protocols/core/device.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import { type Clock, DAY, MINUTE, type Ms } from "../../protocols/core/time.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Store } from "../../store/store.ts";
import type { Inventory } from "../discovery/inventory.ts";
import { availabilityAfter } from "./availability.ts";
import { judge, type RuleState } from "./rules.ts";

export interface ObserveIo {
  readonly store: Pick<Store, "transaction" | "devices" | "history" | "conditions" | "tasks">;
  readonly inventory: Inventory;
  readonly clock: Clock;
  /** Inside the transaction. */
  onCondition(
    edge: "opened" | "closed",
    device: DeviceRow,
    condition: { readonly kind: string; readonly severity: string; readonly causeClass: string; readonly evidence: string },
  ): void;
  onReading(device: DeviceId, atMs: Ms, reading: DeviceRead["reading"]): void;
}

export interface Observer {
  /** @returns asks in a row that got no answer, this one included; 0 where it answered */
  take(device: DeviceId, read: DeviceRead): number;
}

interface Kept {
  misses: number;
  rules: ReadonlyMap<string, RuleState>;
  /** What it said when it was last taken into the inventory, and when. */
  noted: { readonly words: string; readonly atMs: Ms } | undefined;
  usualLines: number | undefined;
}

export function createObserver(io: ObserveIo): Observer {
  const kept = new Map<DeviceId, Kept>();
  const keptOf = (id: DeviceId): Kept => {
    const known = kept.get(id);
    if (known !== undefined) return known;
    const fresh: Kept = { misses: 0, rules: new Map(), noted: undefined, usualLines: usualLinesOf(id, io.store) };
    kept.set(id, fresh);
    return fresh;
  };
  return {
    take(id, read) {
      const state = keptOf(id);
      take(id, read, state, io);
      return state.misses;
    },
  };
}

/** A device that says the same again is no news to the inventory for so long: each entry is a row and a search. Below the time an address is a hint. */
const NOTED_FOR_MS: Ms = 10 * MINUTE;

/** What counts as all its lines after a restart: what it had last, or before the open condition that says some are gone. */
function usualLinesOf(id: DeviceId, { history, conditions }: ObserveIo["store"]): number | undefined {
  const lost = conditions.listOpen({ deviceId: id, kind: "registrationLost" })[0];
  const last = history.latest(id)?.reading.registeredLines;
  if (lost === undefined) return last;
  const before = history.series(id, "registeredLines", { fromMs: lost.sinceMs - DAY, toMs: lost.sinceMs });
  // Where history is gone: at least one more than now.
  return before.reduce((most, { value }) => Math.max(most, value), (last ?? 0) + 1);
}

/** Did it say anything at all about itself? */
function answered(read: DeviceRead): boolean {
  return read.facts.running?.application !== undefined || Object.keys(read.reading).length > 0 || read.facts.model !== undefined;
}

function take(id: DeviceId, read: DeviceRead, state: Kept, io: ObserveIo): void {
  const atMs = io.clock.nowMs();
  const wasThere = answered(read);
  state.misses = wasThere || read.presence === "unknown" ? 0 : state.misses + 1;
  io.store.transaction(() => {
    const before = io.store.devices.load(id);
    if (before === undefined) return; // renamed or removed while it was asked
    // It was read as one of its family: by its address alone nobody would be taken for anybody.
    const family = read.facts.family ?? before.family;
    const said = family === undefined ? read : { ...read, facts: { ...read.facts, family } };
    const where = before.address === undefined ? {} : { address: before.address };
    const words = JSON.stringify([where, said.facts, said.inUse, said.lines, said.parts, said.presence]);
    if (!wasThere) state.noted = undefined;
    if (wasThere && (words !== state.noted?.words || atMs - state.noted.atMs >= NOTED_FOR_MS)) {
      state.noted = io.inventory.noteRead(said, { ...where, atMs }) === undefined ? undefined : { words, atMs };
    }
    const current = io.store.devices.load(id) ?? before;
    const availability = read.presence ?? availabilityAfter(current.availability, state.misses);
    const device = { ...current, availability };
    const silent = read.presence === "unknown" ? read.inUse : ({ state: "unknown", reason: "does not answer" } as const);
    io.store.devices.save(wasThere ? device : { ...device, inUse: silent });
    judgeConditions(device, read, state, io);
  });
  if (wasThere) io.store.history.append([{ device: id, atMs, reading: read.reading }]);
  else if (read.presence !== "unknown") io.store.history.appendMissed([{ device: id, atMs }]);
  if (wasThere && Object.keys(read.reading).length > 0) io.onReading(id, atMs, read.reading);
}

function judgeConditions(device: DeviceRow, read: DeviceRead, state: Kept, io: ObserveIo): void {
  const atMs = io.clock.nowMs();
  // A device we are updating is expected to be dark; its task watches it, and rules start anew afterwards.
  if (io.store.tasks.openOfDevice(device.id) !== undefined && io.store.tasks.atRisk().includes(device.id)) {
    state.rules = new Map();
    return;
  }
  const observed = {
    family: device.family,
    availability: device.availability,
    reading: read.reading,
    faults: read.faults,
    ...(state.usualLines === undefined ? {} : { usualLines: state.usualLines }),
  };
  const judgements = judge(observed, state.rules, atMs);
  state.rules = new Map(judgements.map(({ rule, state: after }) => [rule.kind, after]));
  const registered = read.reading.registeredLines;
  if (registered !== undefined && registered > (state.usualLines ?? 0)) state.usualLines = registered;
  const open = new Map(io.store.conditions.listOpen({ deviceId: device.id }).map((row) => [row.kind, row]));
  for (const { rule, verdict, evidence } of judgements) {
    const known = open.get(rule.kind);
    const about = { kind: rule.kind, severity: rule.severity, causeClass: rule.causeClass, evidence: evidence ?? "" };
    if (verdict === "open" && known === undefined) {
      io.store.conditions.openOnce({
        deviceId: device.id,
        kind: rule.kind,
        severity: rule.severity,
        causeClass: rule.causeClass,
        sinceMs: atMs,
        evidence: [{ via: read.evidence[0]?.via ?? "https", what: evidence ?? rule.kind, atMs }],
      });
      io.onCondition("opened", device, about);
    } else if (verdict === "close" && known !== undefined) {
      io.store.conditions.close(known.id, atMs);
      io.onCondition("closed", device, about);
    }
  }
}
