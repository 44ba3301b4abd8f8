/**
 * A person decides what stands where: places, swaps, retirement, the inbox. Each is one transaction with its audit row and can be
 * looked at before.
 */
import type { Duty } from "../../firmware/waves/shape.ts";
import { isAtRisk } from "../../firmware/waves/task-state.ts";
import { type DeviceId, type Mac, showMac } from "../../protocols/core/ids.ts";
import type { DeviceRow } from "../../store/devices.ts";
import { type PlaceRow, placeIdOf } from "../../store/places.ts";
import type { Store } from "../../store/store.ts";
import { tasksThatEnd } from "../campaigns/unit-gone.ts";
import type { Decided, DecideIo, Who } from "./decide.ts";
import { putInto, type Standing, standingOf } from "./inbox.ts";
import { predecessorOf } from "./predecessor.ts";

const no = (why: string): Decided<never> => ({ ok: false, why });

export interface SwapShown {
  readonly place: { readonly id: string; readonly name: string };
  readonly old: DeviceId;
  /** Absent while the new one has not been seen: the place waits for its MAC. */
  readonly new?: DeviceId;
  readonly newMac: Mac;
  /** What goes over with the place. */
  readonly carried: readonly string[];
  readonly warnings: readonly string[];
}

/** The new hardware serves in the old one's place from now on: name, room, duties, settings and history are the place's. */
export function swapDevices(
  old: DeviceRow,
  next: { readonly mac: Mac; readonly row?: DeviceRow | undefined },
  who: Who,
  io: DecideIo,
): Decided<SwapShown> {
  const { store } = io;
  const { mac, row } = next;
  if (old.mac === mac) return no("the old and the new one are the same hardware");
  if (old.mac === undefined) return no(`${old.name} has no MAC: only what has one can have a place`);
  const held = inHand(old.id, store) ?? heldBy(row === undefined ? [] : [row.id], store);
  if (held !== undefined) return no(held);
  const place = store.places.ofDevice(old.id);
  const name = place?.name ?? old.name;
  const id = place?.id ?? placeIdOf(name);
  const theirs = store.places.ofMac(mac);
  const shown: SwapShown = {
    place: { id, name },
    old: old.id,
    ...(row === undefined ? {} : { new: row.id }),
    newMac: mac,
    carried: ["name", "room", "floor", "zone", "ring", "duties", "expectedLines", "history"],
    warnings: [
      ...endWords(old.id, store),
      ...(theirs === undefined ? [] : [`${theirs.name} becomes empty: the new one served there`]),
      ...(row === undefined ? [`nothing with the MAC ${mac} has been seen yet: the place waits for it`] : []),
      ...(row?.model !== undefined && old.model !== undefined && row.model !== old.model
        ? [`another model: ${row.model} for ${old.model}`]
        : []),
    ],
  };
  if (who.dryRun) return { ok: true, value: shown };
  return store.transaction(() => {
    const atMs = io.nowMs();
    if (place === undefined) {
      store.places.save({ id, name, duties: [] });
      store.places.assign(id, old.mac, { atMs: old.firstSeenMs, why: "it had no place yet" });
    }
    store.places.assign(id, mac, { atMs, why: `swapped for ${old.id} by ${who.actor}` });
    io.endTasks({ device: old.id, by: who.actor, why: `swapped for ${showMac(mac)}`, atMs });
    retireRow(old, io);
    if (row !== undefined) {
      const { retiredAtMs: _retired, ...rest } = putInto("adopt", row, { atMs, by: "person" });
      store.devices.save({ ...rest, name });
      tell(row.id, io, "place", theirs?.name, name);
    }
    store.audit.append({ atMs, actor: who.actor, action: "device.swapped", subject: id, detail: { old: old.id, new: row?.id ?? mac } });
    return { ok: true, value: shown };
  });
}

/** Why a person may not touch these now; `undefined` where nothing speaks against it. */
function heldBy(devices: readonly DeviceId[], store: Store): string | undefined {
  for (const device of devices) {
    if (store.tasks.openOfDevice(device) !== undefined)
      return `${device} is part of a campaign that has not ended: halt it, skip the device, or wait`;
    if (store.reservations.ofDevice(device) !== undefined) return `${device} holds an at-risk slot: write it off, or wait`;
  }
  return undefined;
}

/** Why a unit cannot go now; `undefined` where what it is in ends with it. */
function inHand(device: DeviceId, store: Store): string | undefined {
  const open = store.tasks.openOfDevice(device);
  if (open !== undefined && isAtRisk(open.state))
    return `${device} is being updated by ${open.campaign} (${open.state.at}): wait for its end`;
  const slot = store.reservations.ofDevice(device);
  if (slot === undefined || tasksThatEnd(device, store).some(({ id }) => id === slot.task)) return undefined;
  return `${device} holds an at-risk slot: write it off, or wait`;
}

const endWords = (device: DeviceId, store: Store): readonly string[] =>
  tasksThatEnd(device, store).map(({ campaign, state }) => `its task in ${campaign} (${state.at}) ends as skipped`);

function tell(device: DeviceId, io: DecideIo, field: string, was: string | undefined, is: string | undefined): void {
  const row = io.store.devices.load(device);
  if (row !== undefined) io.changed(row, field, was, is);
}

/** Out of service: what was wrong with it is over, and nobody asks it any more. */
function retireRow(row: DeviceRow, io: DecideIo): void {
  const atMs = io.nowMs();
  for (const condition of io.store.conditions.listOpen({ deviceId: row.id })) io.store.conditions.close(condition.id, atMs);
  io.store.devices.save({ ...row, retiredAtMs: atMs, availability: "unknown", inUse: { state: "unknown", reason: "retired" } });
  tell(row.id, io, "standing", standingOf(row), "retired");
}

export interface RetireShown {
  readonly device: DeviceId;
  readonly name: string;
  /** It stays its place's until another one is swapped in. */
  readonly place?: string;
  readonly warnings: readonly string[];
}

/** Taken out of service until it is seen again; its history stays. */
export function retireDevice(row: DeviceRow, reason: string, who: Who, io: DecideIo): Decided<RetireShown> {
  if (row.retiredAtMs !== undefined) return no(`${row.name} is retired already`);
  const held = inHand(row.id, io.store);
  if (held !== undefined) return no(held);
  const place = io.store.places.ofDevice(row.id);
  const shown = {
    device: row.id,
    name: row.name,
    ...(place === undefined ? {} : { place: place.name }),
    warnings: endWords(row.id, io.store),
  };
  if (who.dryRun) return { ok: true, value: shown };
  return io.store.transaction(() => {
    io.endTasks({ device: row.id, by: who.actor, why: `retired: ${reason}`, atMs: io.nowMs() });
    retireRow(row, io);
    io.store.audit.append({ atMs: io.nowMs(), actor: who.actor, action: "device.retired", subject: row.id, detail: { reason } });
    return { ok: true, value: shown };
  });
}

export interface PlaceChange {
  readonly name?: string | undefined;
  readonly room?: string | undefined;
  readonly floor?: string | undefined;
  readonly zone?: string | undefined;
  readonly ring?: string | undefined;
  readonly expectedLines?: number | undefined;
  readonly duties?: readonly Duty[] | undefined;
}

export interface PlaceSetShown {
  readonly place: PlaceRow;
  readonly made: boolean;
  readonly warnings: readonly string[];
}

/** Changes a place, or makes it. An empty text takes a value away; `mac` ties hardware to it, `null` leaves it empty. */
export function setPlace(
  wanted: string,
  change: PlaceChange & { readonly mac?: Mac | null | undefined },
  who: Who,
  io: DecideIo,
): Decided<PlaceSetShown> {
  const { store } = io;
  const found = findPlaces(wanted, store);
  if (found.length > 1)
    return no(`${found.length} places are named "${wanted}": name it by its id, one of ${found.map(({ id }) => id).join(", ")}`);
  const before = found[0];
  if (before === undefined && /^p-[0-9a-f]{12}$/.test(wanted))
    return no(`there is no place "${wanted}": "groundswell place list" shows them`);
  const { mac, ...fields } = change;
  const { mac: had, ...old } = before ?? { id: placeIdOf(wanted), name: wanted, duties: [] as Duty[], mac: undefined };
  const next = cleaned({ ...old, ...given(fields) });
  const holder = mac === undefined || mac === null ? undefined : store.places.ofMac(mac);
  const warnings = [
    ...(before !== undefined && store.places.inSettings(before.id)
      ? ["the settings name this place too: what they say of name, room, floor, zone and duties holds again at the next start"]
      : []),
    ...(holder !== undefined && holder.id !== next.id ? [`${holder.name} becomes empty: the device served there`] : []),
  ];
  const serves = mac === undefined ? had : (mac ?? undefined);
  const shown = { place: { ...next, ...(serves === undefined ? {} : { mac: serves }) }, made: before === undefined, warnings };
  if (who.dryRun) return { ok: true, value: shown };
  return store.transaction(() => {
    const atMs = io.nowMs();
    store.places.save(next);
    if (mac !== undefined) store.places.assign(next.id, mac ?? undefined, { atMs, why: `set by ${who.actor}` });
    const device = serves === undefined ? undefined : store.devices.findByMac(serves);
    if (device !== undefined && mac !== undefined && mac !== had && predecessorOf(serves, store.places) !== undefined)
      tell(device.id, io, "place", holder?.name, next.name);
    if (device !== undefined && device.name !== next.name) {
      store.devices.save({ ...device, name: next.name });
      tell(device.id, io, "name", device.name, next.name);
    }
    store.audit.append({
      atMs,
      actor: who.actor,
      action: "place.set",
      subject: next.id,
      detail: { ...given(fields), ...(mac === undefined ? {} : { mac }) },
    });
    return { ok: true, value: shown };
  });
}

/** By id, else by name in any case. */
export function findPlaces(wanted: string, { places }: Pick<Store, "places">): readonly PlaceRow[] {
  const byId = places.load(wanted);
  if (byId !== undefined) return [byId];
  return places.all().filter(({ name }) => name.toLowerCase() === wanted.trim().toLowerCase());
}

const given = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;

function cleaned(place: object): Omit<PlaceRow, "mac"> {
  return Object.fromEntries(Object.entries(place).filter(([, value]) => value !== undefined && value !== "")) as unknown as Omit<
    PlaceRow,
    "mac"
  >;
}

export interface InboxDone {
  readonly verdict: "adopt" | "ignore";
  readonly devices: readonly { readonly device: DeviceId; readonly name: string; readonly was: Standing }[];
  readonly refused: readonly { readonly device: DeviceId; readonly why: string }[];
}

/** Adopts or ignores, those of a campaign excepted; what is so already is left out. */
export function decideInbox(rows: readonly DeviceRow[], verdict: InboxDone["verdict"], who: Who, io: DecideIo): InboxDone {
  const wanted = verdict === "adopt" ? "adopted" : "ignored";
  const open = rows.filter((row) => standingOf(row) !== wanted || row.decidedBy !== "person");
  const refused =
    verdict === "adopt"
      ? []
      : open.flatMap(({ id }) => {
          const why = heldBy([id], io.store);
          return why === undefined ? [] : [{ device: id, why }];
        });
  const changing = open.filter(({ id }) => !refused.some(({ device }) => device === id));
  const done = { verdict, devices: changing.map((row) => ({ device: row.id, name: row.name, was: standingOf(row) })), refused };
  if (who.dryRun) return done;
  io.store.transaction(() => {
    const atMs = io.nowMs();
    for (const row of changing) {
      io.store.devices.save(putInto(verdict, row, { atMs, by: "person" }));
      io.store.audit.append({ atMs, actor: who.actor, action: `inbox.${verdict}`, subject: row.id, detail: {} });
      tell(row.id, io, "standing", standingOf(row), wanted);
    }
  });
  return done;
}
