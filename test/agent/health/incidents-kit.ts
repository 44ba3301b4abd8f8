/** A site in a real store, with its incidents: devices fail and heal by the test's word, time passes in turns of the loop. */
import { cloudEventSchema } from "../../../agent/feed/events.ts";
import { createTeller } from "../../../agent/feed/tell.ts";
import type { Incidents } from "../../../agent/health/incidents.ts";
import { createIncidents } from "../../../agent/health/incidents.ts";
import { createLog } from "../../../agent/log.ts";
import type { DeviceRead } from "../../../protocols/core/device.ts";
import { ok } from "../../../protocols/core/fault.ts";
import type { DeviceId, SiteId } from "../../../protocols/core/ids.ts";
import { type ManualClock, MINUTE, manualClock, SECOND } from "../../../protocols/core/time.ts";
import type { PortState } from "../../../protocols/lldp/ports.ts";
import type { DeviceRow } from "../../../store/devices.ts";
import type { CauseClass } from "../../../store/incidents.ts";
import type { ServiceRole } from "../../../store/services.ts";
import type { Store } from "../../../store/store.ts";
import { device, deviceId, T0, temporaryStore } from "../../store/temporary.ts";

export const never = new AbortController().signal;
const READ: DeviceRead = { facts: {}, inUse: { state: "idle" }, lines: [], parts: [], reading: {}, evidence: [], faults: [] };

const CLASSES: Readonly<Record<string, CauseClass>> = {
  partMissing: "hardware",
  certificateEnds: "configuration",
  provisioningFailed: "configuration",
};

export interface Kit {
  readonly store: Store;
  readonly clock: ManualClock;
  /** What the feed has to send of incidents: `opened 1`, in order. */
  told(): readonly string[];
  readonly asked: DeviceId[];
  /** How often a silent device is asked before it counts as gone. */
  misses: number;
  /** Devices that do not answer when they are asked for others' sake. */
  readonly silent: Set<DeviceId>;
  /** Ports as a switch tells them, by its address. */
  readonly ports: Map<string, readonly PortState[]>;
  incidents: Incidents;
  /** Throws in the middle of the n-th telling from now, as a kill would end it. */
  killAt: number | undefined;
  add(number: number, changes?: Partial<DeviceRow>, services?: Partial<Record<ServiceRole, readonly string[]>>): DeviceId;
  fail(id: DeviceId, kind?: string): void;
  heal(id: DeviceId, kind?: string): void;
  /** It says something itself. */
  hear(id: DeviceId): void;
  minutes(count: number): Promise<void>;
  suppressed(number: number): boolean;
  /** A new process over the same rows. */
  restart(): void;
  /** `cause (conditions)` of the open ones, sorted. */
  open(): readonly string[];
}

export const switchAt = (number: number): string => `10.0.9.${number}`;

export function incidentKit(existing?: Store, startMs = T0): Kit {
  const store = existing ?? temporaryStore();
  const clock = manualClock(startMs);
  const log = createLog({ level: "error", pretty: false, write: () => undefined });
  const teller = createTeller({ store, site: "zug-01" as SiteId, nowMs: () => clock.nowMs(), wake: () => undefined });
  const made = (): Incidents =>
    createIncidents({
      store,
      clock,
      log,
      async refresh(id) {
        kit.asked.push(id);
        const row = store.devices.load(id);
        if (row === undefined) return undefined;
        const isGone = kit.asked.filter((other) => other === id).length >= kit.misses;
        store.devices.save({ ...row, availability: kit.silent.has(id) ? (isGone ? "offline" : "suspect") : "online" });
        if (kit.silent.has(id) && isGone) kit.fail(id);
        return READ;
      },
      ports: async (address) => ok(kit.ports.get(address) ?? []),
      isOnSite: () => false,
      onIncident(what, row) {
        teller.incident(what, row);
        if (kit.killAt !== undefined && kit.killAt-- <= 0) throw new Error("killed");
      },
      wake: () => undefined,
    });
  const kit: Kit = {
    store,
    clock,
    told: () =>
      store.outbox.next("people", { limit: 10_000, bytesMax: 100_000_000 }).map(({ payload }) => {
        const event = cloudEventSchema.parse(JSON.parse(payload.toString()));
        return `${event.type.replace("groundswell.incident.", "")} ${event.subject.replace("incident-", "")}`;
      }),
    asked: [],
    silent: new Set(),
    misses: 1,
    ports: new Map(),
    killAt: undefined,
    incidents: undefined as unknown as Incidents,
    add(number, changes = {}, services) {
      store.devices.save(device(number, changes));
      if (services !== undefined) store.services.say(deviceId(number), services, startMs);
      return deviceId(number);
    },
    fail(id, kind = "deviceOffline") {
      const row = store.devices.load(id);
      if (row !== undefined && kind === "deviceOffline") store.devices.save({ ...row, availability: "offline" });
      const causeClass = CLASSES[kind] ?? "network";
      store.conditions.openOnce({ deviceId: id, kind, severity: "error", causeClass, sinceMs: clock.nowMs(), evidence: [] });
    },
    heal(id, kind = "deviceOffline") {
      const row = store.devices.load(id);
      if (row !== undefined) store.devices.save({ ...row, availability: "online" });
      for (const row of store.conditions.listOpen({ deviceId: id, kind })) store.conditions.close(row.id, clock.nowMs());
    },
    suppressed(number) {
      const row = store.devices.load(deviceId(number));
      return row !== undefined && kit.incidents.suppressed(row);
    },
    hear: (id) => store.history.append([{ device: id, atMs: clock.nowMs(), reading: { uptimeSeconds: 9 } }]),
    async minutes(count) {
      for (let step = 0; step < count * 4; step++) {
        await clock.advance(15 * SECOND);
        try {
          await kit.incidents.turn(never);
        } catch (error) {
          if (!(error instanceof Error && error.message === "killed")) throw error;
          kit.killAt = undefined;
          kit.restart();
        }
        await kit.incidents.idle();
      }
    },
    restart: () => {
      kit.incidents = made();
    },
    open: () =>
      store.incidents
        .listOpen()
        .map(({ cause, conditions }) => `${cause} (${conditions.filter((id) => store.conditions.load(id)?.untilMs === undefined).length})`)
        .sort(),
  };
  kit.restart();
  return kit;
}

/** A switch with phones 1 … `phones` on it, as device `number`, at `switchAt(number)`; under another switch where one is given. */
export function addSwitch(kit: Kit, number: number, phones: readonly number[], above?: number): DeviceId {
  const port = above === undefined ? {} : { switchPort: { switchAddress: switchAt(above), name: `Gi1/0/${number}` } };
  const id = kit.add(number, { family: "switch", name: `sw-${number}`, address: switchAt(number), ...port });
  for (const phone of phones) kit.add(phone, onPort(number, phone));
  return id;
}

export function onPort(switchNumber: number, phone: number): Partial<DeviceRow> {
  return {
    family: "uc-phone",
    model: "VVX 411",
    running: "6.4.6.2327" as NonNullable<DeviceRow["running"]>,
    address: `10.0.${Math.floor(phone / 200)}.${phone % 200}`,
    switchPort: { switchAddress: switchAt(switchNumber), name: `Gi1/0/${phone}`, poeDelivering: true },
  };
}

export { deviceId, MINUTE, T0 };
