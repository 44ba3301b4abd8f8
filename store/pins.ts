/** Host keys and factory certificates that devices showed first. */

import type { Ms } from "../protocols/core/time.ts";
import { decoder, oneOf, text, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export interface PinRow {
  /** Its MAC. */
  readonly device: string;
  readonly via: "tls" | "ssh";
  readonly fingerprint: string;
  readonly atMs: Ms;
}

export interface Pins {
  /** The first one stays. */
  keep(row: PinRow): void;
  all(): readonly PinRow[];
  ofDevice(device: string): readonly PinRow[];
  /** @returns what is forgotten */
  forget(device: string): readonly PinRow[];
}

const readPin = decoder(
  "pins",
  "device",
  (row: Row): PinRow => ({
    device: text(row, "device"),
    via: oneOf(row, "via", { tls: true, ssh: true }),
    fingerprint: text(row, "fingerprint"),
    atMs: whole(row, "at_ms"),
  }),
);

export function pinsIn(sql: Sql): Pins {
  return {
    keep: (row) =>
      void sql.run("insert or ignore into pins (device, via, fingerprint, at_ms) values (@device, @via, @fingerprint, @atMs)", { ...row }),
    all: () => sql.all("select * from pins order by at_ms, device, via").map(readPin),
    ofDevice: (device) => sql.all("select * from pins where device = @device order by via", { device }).map(readPin),
    forget: (device) => sql.all("delete from pins where device = @device returning *", { device }).map(readPin),
  };
}
