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
  /** Token and number of the attempt that holds it. */
  readonly token: string;
  readonly number: number;
  /** Failure domains it counts in. */
  readonly domains: readonly string[];
  readonly atMs: Ms;
}

export interface Reservations {
  /**
   * Takes the device's slot, or hands it on to a later attempt of the same task. The same token again changes nothing.
   * @returns `false` where another task holds it or the attempt is not newer than the one that does
   */
  take(reservation: ReservationRow): boolean;
  /** @returns `false`, with nothing changed, where the token does not hold the slot */
  free(device: DeviceId, token: string): boolean;
  ofDevice(device: DeviceId): ReservationRow | undefined;
  /** By device. */
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
