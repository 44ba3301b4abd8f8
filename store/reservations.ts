/**
 * At-risk slots: one device, one holder. A slot is taken with an attempt and freed only by its newest token, so that
 * late news of an older attempt can neither take nor give back anything.
 */

import type { DeviceId, TaskId } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import { decoder, json, text, textList, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export interface ReservationRow {
  readonly device: DeviceId;
  readonly task: TaskId;
  /** Of the newest attempt; only it frees the slot. */
  readonly token: string;
  /** Of that attempt. */
  readonly number: number;
  /** Failure domains the device belongs to. */
  readonly domains: readonly string[];
  readonly atMs: Ms;
}

export interface Reservations {
  /** Also true where exactly this was taken before. False where another task holds the device, or a newer attempt. */
  take(wanted: ReservationRow): boolean;
  /** False where the token does not hold the device. */
  free(device: DeviceId, token: string): boolean;
  ofDevice(device: DeviceId): ReservationRow | undefined;
  all(): readonly ReservationRow[];
  count(): number;
}

const domainsCheck = textList();
const readReservation = decoder(
  "reservations",
  "device",
  (row: Row): ReservationRow => ({
    device: text(row, "device") as DeviceId,
    task: text(row, "task") as TaskId,
    token: text(row, "token"),
    number: whole(row, "number"),
    domains: json(row, "domains", domainsCheck),
    atMs: whole(row, "at_ms"),
  }),
);

export function reservationsIn(sql: Sql): Reservations {
  const ofDevice = (device: DeviceId): ReservationRow | undefined => {
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
