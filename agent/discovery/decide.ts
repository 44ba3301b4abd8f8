/**
 * A person decides on identities: two are one, or two. Each decision is one transaction with its audit row, can be looked at
 * before and undone after, and is obeyed by everything seen later.
 */

import { type DeviceId, deviceIdOf, parseMac } from "../../protocols/core/ids.ts";
import type { Random } from "../../protocols/core/random.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { Decision, SplitBy } from "../../store/decisions.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Store } from "../../store/store.ts";
import type { UnitGone } from "../campaigns/unit-gone.ts";
import { AT_ONCE_MS, plainSerial } from "./contradictions.ts";
import { macOf } from "./identify.ts";
import type { KeptInventory } from "./inventory.ts";
import { settleQuarrels } from "./quarrels.ts";
import { bears } from "./splits.ts";

export interface DecideIo {
  readonly store: Store;
  readonly inventory: KeptInventory;
  readonly random: Random;
  readonly nowMs: () => Ms;
  /** Inside the transaction: what the feed is told. */
  changed(row: DeviceRow, field: string, was: string | undefined, is: string | undefined): void;
  /** The same: the unit is gone, so what waits for it in a campaign, and what keeps a place at risk for it, ends. */
  endTasks(gone: UnitGone): void;
  /** The same: `from` is a name no more, `to` is its device. */
  onRenamed?(from: DeviceId, to: DeviceId): void;
}

export interface Who {
  readonly actor: string;
  readonly dryRun: boolean;
}

/** Refusals say why and what to do. */
export type Decided<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };
const no = (why: string): Decided<never> => ({ ok: false, why });

/** Sightings of one device told anew: those of a month at one every two minutes, and bounded. */
const RETOLD_MAX = 25_000;
const ID_CHARS = 10;

export interface MergeShown {
  /** Absent in a dry run. */
  readonly decision?: string;
  readonly keeps: DeviceId;
  readonly other: DeviceId;
  readonly sightings: number;
  /** Name of the place the one device is in afterwards. */
  readonly place?: string;
  readonly warnings: readonly string[];
}

/** `keeps` stays; what is known of `other`, and whatever is seen of it later, is its. */
export function mergeDevices(keeps: DeviceRow, other: DeviceRow, who: Who, io: DecideIo): Decided<MergeShown> {
  const { store } = io;
  if (keeps.id === other.id) return no(`${keeps.id} and itself are one already`);
  if (store.decisions.apart(keeps.id, other.id)) {
    const split = store.decisions.list("open", RETOLD_MAX).find((one) => one.kind === "split" && isPair(one, keeps.id, other.id));
    return no(`they were split by ${split?.id ?? "a person"}: undo that first, with "groundswell device undo ${split?.id ?? "ID"}"`);
  }
  const obstacle = store.rejoin.obstacle(keeps.id, other.id);
  if (obstacle !== undefined) return no(obstacle);
  const shown = {
    keeps: keeps.id,
    other: other.id,
    sightings: store.sightings.after(other.id, 0, RETOLD_MAX).length,
    ...placeAfter(keeps, other, store),
    warnings: mergeWarnings(keeps, other, store),
  };
  if (who.dryRun) return { ok: true, value: shown };
  return store.transaction(() => {
    const atMs = io.nowMs();
    const kept = store.rejoin.merge(keeps.id, other.id);
    if (kept === undefined) return no("a campaign took one of them up meanwhile");
    io.onRenamed?.(other.id, keeps.id);
    const id = `m-${io.random.hex(ID_CHARS / 2)}`;
    store.decisions.add({ id, kind: "merge", keeps: keeps.id, other: other.id, atMs, actor: who.actor, kept });
    audit(io, who, "device.merged", keeps.id, { decision: id, other: other.id });
    io.inventory.retell(keeps.id, []);
    settle(keeps.id, io, atMs);
    tell(keeps.id, io, "merged", undefined, other.id);
    return { ok: true, value: { ...shown, decision: id } };
  });
}

function isPair({ keeps, other }: Decision, one: DeviceId, two: DeviceId): boolean {
  return (keeps === one && other === two) || (keeps === two && other === one);
}

function placeAfter(keeps: DeviceRow, other: DeviceRow, { places }: Store): { place?: string } {
  const place = places.ofDevice(keeps.id) ?? (keeps.mac === undefined ? undefined : places.ofDevice(other.id));
  return place === undefined ? {} : { place: place.name };
}

function mergeWarnings(keeps: DeviceRow, other: DeviceRow, { places }: Store): string[] {
  const differ = (["family", "model", "serial", "partNumber"] as const).filter(
    (field) => keeps[field] !== undefined && other[field] !== undefined && keeps[field] !== other[field],
  );
  const both = Math.abs(keeps.lastSeenMs - other.lastSeenMs) <= AT_ONCE_MS && keeps.address !== undefined && other.address !== undefined;
  const places2 = places.ofDevice(keeps.id) !== undefined && places.ofDevice(other.id) !== undefined;
  return [
    ...differ.map((field) => `they differ in ${field}: ${keeps[field]} and ${other[field]}`),
    ...(both && keeps.address !== other.address ? [`both were seen of late, at ${keeps.address} and ${other.address}`] : []),
    ...(places2 ? [`each has a place: ${places.ofDevice(other.id)?.name} stays without hardware of its own`] : []),
  ];
}

export interface SplitShown {
  readonly decision?: string;
  readonly keeps: DeviceId;
  readonly other: DeviceId;
  readonly by?: SplitBy;
  /** That are the other's now. */
  readonly sightings: number;
}

/** Two devices are two and stay so, whatever is seen. */
export function keepApart(one: DeviceRow, two: DeviceRow, who: Who, io: DecideIo): Decided<SplitShown> {
  if (one.id === two.id) return no(`${one.id} is one device: say by --serial, --mac or --address what of it is the other's`);
  if (io.store.decisions.apart(one.id, two.id)) return no("that is decided already");
  const shown = { keeps: one.id, other: two.id, sightings: 0 };
  if (who.dryRun) return { ok: true, value: shown };
  return io.store.transaction(() => ({ ok: true, value: { ...shown, decision: split(shown, who, io) } }));
}

/** Of one device, what bears the mark is another one. */
export function splitDevice(from: DeviceRow, by: SplitBy, who: Who, io: DecideIo): Decided<SplitShown> {
  const { store, inventory } = io;
  const wanted = namedBy(by);
  if (wanted === undefined) return no(`"${by.value}" is no ${by.field}`);
  if (wanted === from.id) return no(`${from.id} has its name from this ${by.field}: split off what is not its own`);
  const obstacle = store.rejoin.obstacle(from.id, wanted);
  if (obstacle !== undefined) return no(obstacle);
  const all = store.sightings.after(from.id, 0, RETOLD_MAX);
  const theirs = all.filter(({ sighting }) => bears(sighting, by));
  if (theirs.length === 0) return no(`nothing that was seen of ${from.id} states ${by.field} ${by.value}`);
  if (theirs.length === all.length) return no(`all that was seen of ${from.id} states ${by.field} ${by.value}: there is nothing to split`);
  const shown = { keeps: from.id, other: wanted, by, sightings: theirs.length };
  if (who.dryRun) return { ok: true, value: shown };
  return store.transaction(() => {
    inventory.part(
      from.id,
      wanted,
      theirs.map(({ seq }) => seq),
    );
    const other = store.devices.load(wanted);
    if (other !== undefined)
      store.devices.save({ ...other, adopted: from.adopted, ...(from.decidedBy === undefined ? {} : { decidedBy: from.decidedBy }) });
    return { ok: true, value: { ...shown, decision: split(shown, who, io) } };
  });
}

function namedBy({ field, value }: SplitBy): DeviceId | undefined {
  if (field !== "mac") return deviceIdOf({ [field]: value });
  const mac = parseMac(value);
  return mac === undefined ? undefined : deviceIdOf({ mac });
}

function split(shown: SplitShown, who: Who, io: DecideIo): string {
  const { keeps, other, by } = shown;
  const atMs = io.nowMs();
  const id = `s-${io.random.hex(ID_CHARS / 2)}`;
  io.store.decisions.add({ id, kind: "split", keeps, other, atMs, actor: who.actor, kept: {}, ...(by === undefined ? {} : { by }) });
  audit(io, who, "device.split", keeps, { decision: id, other, ...(by === undefined ? {} : { by: `${by.field} ${by.value}` }) });
  for (const device of [keeps, other]) settle(device, io, atMs);
  tell(keeps, io, "split", undefined, other);
  return id;
}

export interface UndoShown {
  readonly decision: string;
  readonly kind: Decision["kind"];
  readonly keeps: DeviceId;
  readonly other: DeviceId;
}

/** Takes a decision back: what was merged is two again, each with its own history; what was split may become one again. */
export function undoDecision(id: string, who: Who, io: DecideIo): Decided<UndoShown> {
  const { store } = io;
  const decision = store.decisions.load(id);
  if (decision === undefined) return no(`there is no decision "${id}": "groundswell device decisions" lists them`);
  if (decision.undoneAtMs !== undefined) return no(`${id} is undone already`);
  const { kind, keeps, other, by } = decision;
  const open = store.decisions.list("open", RETOLD_MAX);
  const later = open
    .slice(
      0,
      open.findIndex((one) => one.id === id),
    )
    .find((one) => touches(one, decision));
  if (later !== undefined) return no(`${later.id} came after it and builds on it: undo that first`);
  const obstacle = store.rejoin.obstacle(keeps, other);
  if (obstacle !== undefined) return no(obstacle);
  const shown = { decision: id, kind, keeps, other };
  if (who.dryRun) return { ok: true, value: shown };
  return store.transaction(() => {
    const atMs = io.nowMs();
    store.decisions.undo(id, atMs);
    if (kind === "merge") unmerge(decision, io);
    else if (by !== undefined && store.devices.load(other) !== undefined && store.devices.load(keeps) !== undefined) {
      if (store.devices.rename(other, keeps)) io.onRenamed?.(other, keeps);
      io.inventory.retell(keeps, []);
    }
    audit(io, who, "device.undone", keeps, { decision: id, kind, other });
    for (const device of [keeps, other]) settle(device, io, atMs);
    // The other is there again, or gone: who is told of a device that is gone hears nothing.
    for (const device of [keeps, other]) tell(device, io, "undone", id, undefined);
    return { ok: true, value: shown };
  });
}

const touches = (one: Decision, than: Decision): boolean =>
  (one.kind === "merge" || one.by !== undefined) && [one.keeps, one.other].some((id) => id === than.keeps || id === than.other);

function unmerge({ keeps, other, kept }: Decision, { store, inventory }: DecideIo): void {
  const last = store.rejoin.undo(keeps, other, kept);
  const back = store.devices.load(other);
  const since = store.sightings.after(keeps, last, RETOLD_MAX);
  const isTheirs = ({ sighting: { facts, address } }: (typeof since)[number]): boolean => {
    const mac = macOf(facts);
    if (mac !== undefined) return deviceIdOf({ mac }) === other || mac === back?.mac;
    if (facts.serial !== undefined) return back?.serial !== undefined && plainSerial(facts.serial) === plainSerial(back.serial);
    return address !== undefined && address === back?.address;
  };
  const theirs = since.filter(isTheirs);
  inventory.retell(
    keeps,
    since.map(({ sighting }) => sighting),
  );
  inventory.retell(other, []);
  if (theirs.length > 0)
    inventory.part(
      keeps,
      other,
      theirs.map(({ seq }) => seq),
    );
}

function settle(device: DeviceId, { store }: DecideIo, nowMs: Ms): void {
  if (store.devices.load(device) !== undefined) settleQuarrels(device, store, { nowMs, ended: "decided" });
}

function audit({ store, nowMs }: DecideIo, { actor }: Who, action: string, subject: string, detail: object): void {
  store.audit.append({ atMs: nowMs(), actor, action, subject, detail });
}

function tell(device: DeviceId, io: DecideIo, field: string, was: string | undefined, is: string | undefined): void {
  const row = io.store.devices.load(device);
  if (row !== undefined) io.changed(row, field, was, is);
}
