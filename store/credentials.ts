/** Which credentials a device turned away, and how often: too many wrong tries lock the owner out. Holds no secret. */

import { decoder, text, whole } from "./row.ts";

const readRefusal = decoder(
  "refusals",
  "device",
  (row     )             => ({
    device: text(row, "device")            ,
    credentialId: text(row, "credential"),
    fingerprint: text(row, "fingerprint"),
    count: whole(row, "count"),
    atMs: whole(row, "at_ms"),
  }),
);

export function credentialsIn(sql     )              {
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

