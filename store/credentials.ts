/** Which credentials a device turned away, and how often: too many wrong tries lock the owner out. Holds no secret. */

import type { DeviceId } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import { decoder, text, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

/** How often in a row one device turned one credential away. `fingerprint` tells one secret from the next without being it. */
export interface RefusalRow {
  readonly device: DeviceId;
  readonly credentialId: string;
  readonly fingerprint: string;
  readonly count: number;
  readonly atMs: Ms;
}

export interface Credentials {
  /** Counts on; a new fingerprint is a new secret and starts at 1. @returns the count now */
  noteRefusal(refusal: Omit<RefusalRow, "count">): number;
  /** 0 where this secret was never turned away. */
  refusals(device: DeviceId, credentialId: string, fingerprint: string): number;
  ofDevice(device: DeviceId): readonly RefusalRow[];
  /** After a log-in that worked. */
  forget(device: DeviceId, credentialId: string): void;
}

const readRefusal = decoder(
  "refusals",
  "device",
  (row: Row): RefusalRow => ({
    device: text(row, "device") as DeviceId,
    credentialId: text(row, "credential"),
    fingerprint: text(row, "fingerprint"),
    count: whole(row, "count"),
    atMs: whole(row, "at_ms"),
  }),
);

export function credentialsIn(sql: Sql): Credentials {
  return {
    noteRefusal({ device, credentialId, fingerprint, atMs }) {
      const row = sql.one(
        `insert into refusals (device, credential, fingerprint, count, at_ms) values (@device, @credentialId, @fingerprint, 1, @atMs)
          on conflict (device, credential) do update set
            count = case when refusals.fingerprint = excluded.fingerprint then refusals.count + 1 else 1 end,
            fingerprint = excluded.fingerprint, at_ms = excluded.at_ms
          returning *`,
        { device, credentialId, fingerprint, atMs },
      );
      return row === undefined ? 0 : readRefusal(row).count;
    },
    refusals(device, credentialId, fingerprint) {
      const row = sql.one("select * from refusals where device = @device and credential = @credentialId and fingerprint = @fingerprint", {
        device,
        credentialId,
        fingerprint,
      });
      return row === undefined ? 0 : readRefusal(row).count;
    },
    ofDevice: (device) => sql.all("select * from refusals where device = @device order by credential", { device }).map(readRefusal),
    forget: (device, credentialId) =>
      void sql.run("delete from refusals where device = @device and credential = @credentialId", { device, credentialId }),
  };
}
