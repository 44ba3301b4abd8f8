/** Key codes for major releases by serial number: sealed before they come here, so that no reader of the file learns one. */

import type { KeyFor } from "../firmware/key-codes.ts";
import type { Ms } from "../protocols/core/time.ts";
import { bytes, decoder, text, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

/** That there is one, and where it came from. */
export interface KeyCodeRow {
  /** Upper-case letters and digits alone, as serials are compared. */
  readonly serial: string;
  readonly release: KeyFor;
  readonly atMs: Ms;
  /** Who had it taken in, and from which file. */
  readonly actor: string;
  readonly file: string;
}

export interface KeyCodes {
  /** Takes the place of an earlier one for the same serial number and release. */
  save(row: KeyCodeRow & { readonly sealed: Uint8Array }): void;
  /** By serial number and release; never the codes. */
  list(): readonly KeyCodeRow[];
  sealed(serial: string, release: KeyFor): Buffer | undefined;
}

const readRow = decoder(
  "key_codes",
  "serial",
  (row: Row): KeyCodeRow => ({
    serial: text(row, "serial"),
    release: text(row, "release") === "any" ? "any" : Number(text(row, "release")),
    atMs: whole(row, "at_ms"),
    actor: text(row, "actor"),
    file: text(row, "file"),
  }),
);
const readSealed = decoder("key_codes", "serial", (row: Row) => bytes(row, "sealed"));

export function keyCodesIn(sql: Sql): KeyCodes {
  return {
    save: ({ serial, release, sealed, atMs, actor, file }) =>
      void sql.run(
        `insert into key_codes (serial, release, sealed, at_ms, actor, file) values (@serial, @release, @sealed, @atMs, @actor, @file)
          on conflict (serial, release) do update set sealed = excluded.sealed, at_ms = excluded.at_ms, actor = excluded.actor,
            file = excluded.file`,
        { serial, release: String(release), sealed: Buffer.from(sealed), atMs, actor, file },
      ),
    list: () => sql.all("select serial, release, at_ms, actor, file from key_codes order by serial, release").map(readRow),
    sealed(serial, release) {
      const row = sql.one("select serial, sealed from key_codes where serial = @serial and release = @release", {
        serial,
        release: String(release),
      });
      return row === undefined ? undefined : readSealed(row);
    },
  };
}
