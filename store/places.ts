/** Where devices serve. A place is tied to hardware by MAC, so it may be known before its device is. */

import type { Duty } from "../firmware/waves/shape.ts";
import type { DeviceId, Mac } from "../protocols/core/ids.ts";
import { decoder, json, maybeText, present, text, textList, toJson } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export interface PlaceRow {
  readonly mac: Mac;
  readonly name: string;
  readonly room?: string;
  readonly floor?: string;
  readonly zone?: string;
  readonly duties: readonly Duty[];
}

export interface Places {
  upsert(place: PlaceRow): void;
  ofDevice(device: DeviceId): PlaceRow | undefined;
  ofMac(mac: Mac): PlaceRow | undefined;
  all(): readonly PlaceRow[];
  /** False where there was none. */
  remove(mac: Mac): boolean;
}

const dutiesCheck = textList<Duty>();

const readPlace = decoder(
  "places",
  "mac",
  (row: Row): PlaceRow =>
    present({
      mac: text(row, "mac") as Mac,
      name: text(row, "name"),
      room: maybeText(row, "room"),
      floor: maybeText(row, "floor"),
      zone: maybeText(row, "zone"),
      duties: json(row, "duties", dutiesCheck),
    }),
);

export function placesIn(sql: Sql): Places {
  const first = (row: Row | undefined): PlaceRow | undefined => (row === undefined ? undefined : readPlace(row));
  return {
    upsert({ mac, name, room, floor, zone, duties }) {
      sql.run(
        `insert into places (mac, name, room, floor, zone, duties) values (@mac, @name, @room, @floor, @zone, @duties)
          on conflict (mac) do update set name = excluded.name, room = excluded.room, floor = excluded.floor, zone = excluded.zone,
            duties = excluded.duties`,
        { mac, name, room, floor, zone, duties: toJson(duties) },
      );
    },
    ofDevice: (device) => first(sql.one("select p.* from places p join devices d on d.mac = p.mac where d.id = @device", { device })),
    ofMac: (mac) => first(sql.one("select * from places where mac = @mac", { mac })),
    all: () => sql.all("select * from places order by mac").map(readPlace),
    remove: (mac) => sql.run("delete from places where mac = @mac", { mac }).changes > 0,
  };
}
