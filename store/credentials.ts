/** Which credentials a device turned away, and how often: too many wrong tries lock the owner out. Holds no secret. */

import type { Ms } from "../protocols/core/time.ts";
import { decoder, text, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

/** How often in a row one device turned one credential away. */
export interface RefusalRow {
  /** MAC where known, else address. */
  readonly device: string;
  readonly credentialId: string;
  /** Tells one secret from the next without being it. */
  readonly fingerprint: string;
  readonly count: number;
  readonly atMs: Ms;
}

export interface Credentials {
  /** Takes the place of what was known of this device and credential. */
  saveRefusal(row: RefusalRow): void;
  refusals(): readonly RefusalRow[];
  /** After a log-in that worked; without a credential, all of the device. */
  forget(device: string, credentialId?: string): void;
}

const readRefusal = decoder(
  "refusals",
  "device",
  (row: Row): RefusalRow => ({
    device: text(row, "device"),
    credentialId: text(row, "credential"),
    fingerprint: text(row, "fingerprint"),
    count: whole(row, "count"),
    atMs: whole(row, "at_ms"),
  }),
);

export function credentialsIn(sql: Sql): Credentials {
  return {
    saveRefusal: (row) =>
      void sql.run(
        "insert or replace into refusals (device, credential, fingerprint, count, at_ms) values (@device, @credentialId, @fingerprint, @count, @atMs)",
        { ...row },
      ),
    refusals: () => sql.all("select * from refusals order by at_ms, device, credential").map(readRefusal),
    forget: (device, credentialId) =>
      void sql.run("delete from refusals where device = @device and credential = coalesce(@credentialId, credential)", {
        device,
        credentialId: credentialId ?? null,
      }),
  };
}
