/** Where devices serve. A place is tied to hardware by MAC, so it may be known before its device is. */

import { decoder, json, maybeText, present, text, textList, toJson } from "./row.ts";

const dutiesCheck = textList      ();

const readPlace = decoder(
  "places",
  "mac",
  (row     )           =>
    present({
      mac: text(row, "mac")       ,
      name: text(row, "name"),
      room: maybeText(row, "room"),
      floor: maybeText(row, "floor"),
      zone: maybeText(row, "zone"),
      duties: json(row, "duties", dutiesCheck),
    }),
);

export function placesIn(sql     )         {
  const first = (row                 )                       => (row === undefined ? undefined : readPlace(row));
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

