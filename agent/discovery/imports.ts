/**
 * Imports a table of devices, and shows beforehand exactly what that will change: the same is done, and undone.
 */
import type { DeviceFacts, Sighting } from "../../protocols/core/device.ts";
import { type DeviceId, deviceIdOf, type Mac } from "../../protocols/core/ids.ts";
import type { Clock } from "../../protocols/core/time.ts";
import { familyOfModel, vendorOf } from "../../protocols/families/models.ts";
import { ouiOf } from "../../protocols/families/oui.ts";
import type { Audit } from "../../store/audit.ts";
import type { DeviceRow } from "../../store/devices.ts";
import { type PlaceRow, type Places, placeIdOf } from "../../store/places.ts";
import type { Change } from "./device-row.ts";
import type { Inventory, InventoryStore } from "./inventory.ts";
import { withPhoneMac } from "./owner.ts";
import type { ImportRow } from "./sources/csv.ts";

export interface ImportIo {
  readonly store: InventoryStore & { readonly audit: Pick<Audit, "append"> };
  readonly inventory: Pick<Inventory, "note">;
  readonly clock: Clock;
}

/** What the table is called, for evidence and audit. */
export interface ImportOrder {
  readonly file: string;
  readonly rows: readonly ImportRow[];
}

/** What the table says and better sources say otherwise: it is kept, and not believed. */
export interface Overruled {
  readonly field: string;
  readonly table: string;
  readonly believed: string;
}

export interface ImportedRow {
  readonly line: number;
  readonly outcome: "new" | "changed" | "unchanged" | "refused";
  readonly device?: DeviceId;
  readonly name?: string;
  readonly changes: readonly Change[];
  readonly overruled: readonly Overruled[];
  readonly why?: string;
}

export interface Imports {
  preview(order: ImportOrder): readonly ImportedRow[];
  /** All rows or, where the disk refuses, none. */
  run(order: ImportOrder, actor: string): readonly ImportedRow[];
}

/** Undoes what a preview did. */
class Shown extends Error {
  override readonly name = "Shown";
}

export function createImports(io: ImportIo): Imports {
  const all = ({ file, rows }: ImportOrder): readonly ImportedRow[] => rows.map((row) => importRow(row, file, io));
  return {
    preview(order) {
      let shown: readonly ImportedRow[] = [];
      try {
        io.store.transaction(() => {
          shown = all(order);
          throw new Shown();
        });
      } catch (error) {
        if (!(error instanceof Shown)) throw error;
      }
      return shown;
    },
    run: (order, actor) =>
      io.store.transaction(() => {
        const rows = all(order);
        const count = (outcome: ImportedRow["outcome"]): number => rows.filter((row) => row.outcome === outcome).length;
        const detail = { rows: rows.length, new: count("new"), changed: count("changed"), refused: count("refused") };
        io.store.audit.append({ atMs: io.clock.nowMs(), actor, action: "device.import:rows", subject: order.file, detail });
        return rows;
      }),
  };
}

function importRow(row: ImportRow, file: string, { store, inventory, clock }: ImportIo): ImportedRow {
  const { line } = row;
  const sighting = sightingOf(row, file, clock.nowMs());
  const before = known(sighting.facts, store);
  const placeBefore = before === undefined ? undefined : store.places.ofDevice(before.id);
  const mac = sighting.facts.mac ?? before?.mac;
  const place = placeIn(row);
  if (place !== undefined && mac === undefined) {
    return { line, outcome: "refused", changes: [], overruled: [], why: "a room is given to hardware by its MAC, and none is known" };
  }
  const id = inventory.note(sighting);
  if (id === undefined) return { line, outcome: "refused", changes: [], overruled: [], why: "nobody is meant" };
  if (place !== undefined && mac !== undefined)
    give({ ...place, ...(row.name === undefined ? {} : { name: row.name }) }, { id, mac }, { store, clock });
  const after = store.devices.load(id);
  if (after === undefined) return { line, outcome: "refused", changes: [], overruled: [], why: "nobody is meant" };
  const changes = changesOf({ device: before, place: placeBefore }, { device: after, place: store.places.ofDevice(id) });
  const outcome = before === undefined ? "new" : changes.length > 0 ? "changed" : "unchanged";
  return { line, outcome, device: id, name: after.name, changes, overruled: overruledIn(row, after) };
}

/** The place where this hardware serves, with what the table says of it; a new one where it has none. */
function give(
  place: PlaceFields & { readonly name?: string },
  { id, mac }: { readonly id: DeviceId; readonly mac: Mac },
  { store: { places, devices }, clock }: Pick<ImportIo, "store" | "clock">,
): void {
  const device = devices.load(id);
  const { mac: _mac, ...old } = places.ofMac(mac) ?? { id: freePlaceId(mac, places), name: device?.name ?? id, duties: [] };
  const now = { ...old, ...place };
  places.save(now);
  places.assign(now.id, mac, { atMs: clock.nowMs(), why: "a table names it" });
  if (device !== undefined && device.name !== now.name) devices.save({ ...device, name: now.name });
}

/** As the settings name a place; after a swap that one may serve with other hardware. */
function freePlaceId(mac: Mac, places: Pick<Places, "load">): string {
  const usual = `p-${mac}`;
  return places.load(usual) === undefined ? usual : placeIdOf(`table ${mac}`);
}

function known({ mac, serial }: DeviceFacts, { devices }: InventoryStore): DeviceRow | undefined {
  const byMac = mac === undefined ? undefined : devices.load(deviceIdOf({ mac }) as DeviceId);
  return byMac ?? (serial === undefined ? undefined : devices.findBySerial(serial)[0]);
}

function sightingOf(row: ImportRow, file: string, atMs: number): Sighting {
  const { mac, serial, model, partNumber, name } = row;
  const family = model === undefined ? undefined : familyOfModel(model);
  const stated = { mac, serial, model, partNumber, name, family, vendor: model === undefined ? undefined : vendorOf(model) };
  const facts: DeviceFacts = Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== undefined));
  // A table remembers; it heard nobody.
  const told: Sighting = { source: "csv", atMs, facts, heard: false, evidence: [{ via: "csv", what: `${file}, line ${row.line}`, atMs }] };
  const named = withPhoneMac(told);
  const maker = named.facts.mac === undefined ? undefined : ouiOf(named.facts.mac)?.maker;
  return maker === undefined || facts.vendor !== undefined ? named : { ...named, facts: { ...named.facts, vendor: maker } };
}

type PlaceFields = Partial<Pick<PlaceRow, "room" | "floor" | "zone" | "duties">>;

function placeIn({ room, floor, zone, duties }: ImportRow): PlaceFields | undefined {
  const given = Object.entries({ room, floor, zone, duties }).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

interface Side {
  readonly device: DeviceRow | undefined;
  readonly place: PlaceRow | undefined;
}

const DEVICE_FIELDS = ["mac", "serial", "model", "family", "vendor", "partNumber", "name"] as const;
const PLACE_FIELDS = ["room", "floor", "zone"] as const;

function changesOf(was: Side, is: Side): Change[] {
  const dutiesOf = ({ place }: Side): string | undefined =>
    place === undefined || place.duties.length === 0 ? undefined : place.duties.join(", ");
  const pairs: (readonly [string, string | undefined, string | undefined])[] = [
    ...DEVICE_FIELDS.map((field) => [field, was.device?.[field], is.device?.[field]] as const),
    ...PLACE_FIELDS.map((field) => [field, was.place?.[field], is.place?.[field]] as const),
    ["duties", dutiesOf(was), dutiesOf(is)],
  ];
  return pairs
    .filter(([, before, after]) => before !== after)
    .map(([field, before, after]) => ({
      field,
      ...(before === undefined ? {} : { was: before }),
      ...(after === undefined ? {} : { is: after }),
    }));
}

function overruledIn(row: ImportRow, after: DeviceRow): Overruled[] {
  return (["serial", "model", "partNumber", "name"] as const).flatMap((field) => {
    const table = row[field];
    const believed = after[field];
    return table === undefined || believed === undefined || table === believed ? [] : [{ field, table, believed }];
  });
}
