/**
 * At-risk slots: one device, one holder. A slot is taken with an attempt and freed only by its newest token, so that
 * late news of an older attempt can neither take nor give back anything.
 */

import { decoder, json, text, textList, toJson, whole } from "./row.ts";

const domainsCheck = textList();
const readReservation = decoder(
  "reservations",
  "device",
  (row     )                 => ({
    device: text(row, "device")            ,
    task: text(row, "task")          ,
    token: text(row, "token"),
    number: whole(row, "number"),
    domains: json(row, "domains", domainsCheck),
    atMs: whole(row, "at_ms"),
  }),
);

export function reservationsIn(sql     )               {
  const ofDevice = (device          )                             => {
    const row = sql.one("select * from reservations where device = @device", { device });
    return row === undefined ? undefined : readReservation(row);
  };
  return {
    take: (wanted) =>
      sql.transaction(() => {
        const held = ofDevice(wanted.device);
        if (held !== undefined && held.task === wanted.task && held.token === wanted.token) return true;
        if (held !== undefined && (held.task !== wanted.task || held.number >= wanted.number)) return false;
        sql.run(
          `insert into reservations (device, task, token, number, domains, at_ms)
            values (@device, @task, @token, @number, @domains, @atMs)
            on conflict (device) do update set token = excluded.token, number = excluded.number, domains = excluded.domains,
              at_ms = excluded.at_ms`,
          { ...wanted, domains: toJson(wanted.domains) },
        );
        return true;
      }),
    free: (device, token) => sql.run("delete from reservations where device = @device and token = @token", { device, token }).changes > 0,
    ofDevice,
    all: () => sql.all("select * from reservations order by device").map(readReservation),
    count: () => whole(sql.one("select count(*) as count from reservations") ?? {}, "count"),
  };
}

