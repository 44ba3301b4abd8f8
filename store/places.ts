/**
 * Where devices serve. A place is no device: name, room, duties and settings are its own, and it is tied to hardware by MAC, so it
 * may be known before its device is, and stays when another one serves in it.
 */
import { createHash } from "node:crypto";
import type { Duty } from "../firmware/waves/shape.ts";
import type { DeviceId, Mac } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import { decoder, json, maybeText, maybeWhole, present, text, textList, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export interface PlaceRow {
  /** `p-…`; stays the same through every swap. */
  readonly id: string;
  readonly name: string;
  /** The hardware that serves here now; absent while nothing does. */
  readonly mac?: Mac;
  readonly room?: string;
  readonly floor?: string;
  readonly zone?: string;
  readonly ring?: string;
  readonly expectedLines?: number;
  readonly duties: readonly Duty[];
}

/** As the settings file has it. */
export type PlaceSetting = Omit<PlaceRow, "id" | "mac"> & { readonly mac: Mac };

/** Hardware that served in a place, from when to when. */
export interface Tenure {
  readonly place: string;
  readonly mac: Mac;
  readonly fromMs: Ms;
  readonly untilMs?: Ms;
  readonly why: string;
}

export interface Places {
  /**
   * Takes a place of the settings in. Which hardware serves there is taken from them only once: after a swap the settings may name
   * the old one for a while.
   */
  fromSettings(place: PlaceSetting, atMs: Ms): void;
  /** Writes everything of a place but its hardware. */
  save(place: Omit<PlaceRow, "mac">): void;
  /** Hardware serves here from now on, nowhere else; without any the place is empty. */
  assign(id: string, mac: Mac | undefined, at: { readonly atMs: Ms; readonly why: string }): void;
  load(id: string): PlaceRow | undefined;
  /** The settings have their say on it at every start. */
  inSettings(id: string): boolean;
  ofDevice(device: DeviceId): PlaceRow | undefined;
  ofMac(mac: Mac): PlaceRow | undefined;
  /** By name. */
  all(): readonly PlaceRow[];
  /** Oldest first. */
  tenures(of: { readonly place: string } | { readonly mac: Mac }): readonly Tenure[];
  /** False where there was none. */
  remove(id: string): boolean;
}

const HASH_CHARS = 12;

/** The id of a place that a person makes by name. */
export function placeIdOf(name: string): string {
  return `p-${createHash("sha256").update(name).digest("hex").slice(0, HASH_CHARS)}`;
}

const dutiesCheck = textList<Duty>();

const readPlace = decoder(
  "places",
  "id",
  (row: Row): PlaceRow =>
    present({
      id: text(row, "id"),
      name: text(row, "name"),
      mac: maybeText(row, "mac") as Mac | undefined,
      room: maybeText(row, "room"),
      floor: maybeText(row, "floor"),
      zone: maybeText(row, "zone"),
      ring: maybeText(row, "ring"),
      expectedLines: maybeWhole(row, "expected_lines"),
      duties: json(row, "duties", dutiesCheck),
    }),
);

const readTenure = decoder(
  "tenures",
  "place",
  (row: Row): Tenure =>
    present({
      place: text(row, "place"),
      mac: text(row, "mac") as Mac,
      fromMs: whole(row, "from_ms"),
      untilMs: maybeWhole(row, "until_ms"),
      why: text(row, "why"),
    }),
);

export function placesIn(sql: Sql): Places {
  const first = (row: Row | undefined): PlaceRow | undefined => (row === undefined ? undefined : readPlace(row));
  const load = (id: string): PlaceRow | undefined => first(sql.one("select * from places where id = @id", { id }));
  const ofMac = (mac: Mac): PlaceRow | undefined => first(sql.one("select * from places where mac = @mac", { mac }));

  const save: Places["save"] = ({ id, name, room, floor, zone, ring, expectedLines, duties }) =>
    void sql.run(
      `insert into places (id, name, room, floor, zone, ring, expected_lines, duties)
        values (@id, @name, @room, @floor, @zone, @ring, @expectedLines, @duties)
        on conflict (id) do update set name = excluded.name, room = excluded.room, floor = excluded.floor, zone = excluded.zone,
          ring = excluded.ring, expected_lines = excluded.expected_lines, duties = excluded.duties`,
      { id, name, room, floor, zone, ring, expectedLines, duties: toJson(duties) },
    );

  const assign: Places["assign"] = (id, mac, { atMs, why }) =>
    sql.transaction(() => {
      if (load(id)?.mac === mac) return;
      sql.run("update tenures set until_ms = max(@atMs, from_ms) where until_ms is null and (place = @id or mac = @mac)", {
        id,
        mac,
        atMs,
      });
      sql.run("update places set mac = null where mac = @mac", { mac });
      sql.run("update places set mac = @mac where id = @id", { id, mac });
      if (mac === undefined) return;
      sql.run(
        `insert into tenures (place, mac, from_ms, why) values (@id, @mac, @atMs, @why)
          on conflict (place, mac, from_ms) do update set until_ms = null, why = excluded.why`,
        { id, mac, atMs, why },
      );
    });

  return {
    save,
    assign,
    load,
    ofMac,
    fromSettings: ({ mac, ...place }, atMs) =>
      sql.transaction(() => {
        const bySetting = first(sql.one("select * from places where settings_mac = @mac", { mac }));
        const known = bySetting ?? ofMac(mac);
        const id = known?.id ?? `p-${mac}`;
        save({ id, ...kept(known), ...place });
        sql.run("update places set settings_mac = @mac where id = @id", { id, mac });
        if (known === undefined) assign(id, mac, { atMs, why: "the settings name it" });
      }),
    inSettings: (id) => sql.one("select 1 as found from places where id = @id and settings_mac is not null", { id }) !== undefined,
    ofDevice: (device) => first(sql.one("select p.* from places p join devices d on d.mac = p.mac where d.id = @device", { device })),
    all: () => sql.all("select * from places order by name, id").map(readPlace),
    tenures: (of) =>
      ("place" in of
        ? sql.all("select * from tenures where place = @place order by from_ms, mac", { place: of.place })
        : sql.all("select * from tenures where mac = @mac order by from_ms, place", { mac: of.mac })
      ).map(readTenure),
    remove: (id) => sql.run("delete from places where id = @id", { id }).changes > 0,
  };
}

/** What the settings file says nothing of is a person's, and stays. */
function kept(known: PlaceRow | undefined): Pick<PlaceRow, "ring" | "expectedLines"> {
  return present({ ring: known?.ring, expectedLines: known?.expectedLines });
}
