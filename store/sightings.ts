/** What was seen of devices, as it was seen; pruned by age. */
import type { DeviceFacts, Sighting, SightingSource } from "../protocols/core/device.ts";
import type { DeviceId } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import { evidenceCheck, SOURCES, switchPortCheck } from "./devices.ts";
import { decoder, json, maybeJson, maybeText, oneOf, present, shape, text, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

/** Rows removed by one `prune`: keeps the call within a few milliseconds. Guessed. */
export const PRUNE_ROWS_MAX = 5_000;

export interface SightingAt {
  readonly device: DeviceId;
  readonly sighting: Sighting;
}

export interface Sightings {
  add(device: DeviceId, sighting: Sighting): void;
  /** Newest first. */
  recent(device: DeviceId, limit: number): readonly Sighting[];
  /** Who was seen at an address since then, by sightings that name a device themselves: oldest first, the newest `limit`. */
  at(address: string, sinceMs: Ms, limit: number): readonly SightingAt[];
  /** Of one device after that number, oldest first. */
  after(device: DeviceId, seq: number, limit: number): readonly (SightingAt & { readonly seq: number })[];
  /** They were another device's. */
  move(seqs: readonly number[], to: DeviceId): void;
  /** Removes sightings before that moment, oldest first, at most `PRUNE_ROWS_MAX`. @returns how many went; call again while it is the maximum */
  prune(beforeMs: Ms): number;
}

const factsCheck = shape<DeviceFacts>({});

const readSighting = decoder(
  "sightings",
  "seq",
  (row: Row): Sighting =>
    present({
      source: oneOf<SightingSource>(row, "source", SOURCES),
      atMs: whole(row, "at_ms"),
      address: maybeText(row, "address"),
      facts: json(row, "facts", factsCheck),
      evidence: json(row, "evidence", evidenceCheck),
      port: maybeJson(row, "port", switchPortCheck),
    }),
);

export function sightingsIn(sql: Sql): Sightings {
  return {
    add(device, { source, atMs, address, facts, evidence, port }) {
      sql.run(
        `insert into sightings (device, source, at_ms, address, facts, evidence, port)
          values (@device, @source, @atMs, @address, @facts, @evidence, @port)`,
        { device, source, atMs, address, facts: toJson(facts), evidence: toJson(evidence), port: toJson(port) },
      );
    },
    recent: (device, limit) =>
      sql
        .all("select * from sightings where device = @device order by at_ms desc, seq desc limit @limit", { device, limit })
        .map(readSighting),
    at: (address, sinceMs, limit) =>
      sql
        .all(
          `select * from (select * from sightings where address = @address and at_ms >= @sinceMs
            and (json_extract(facts, '$.mac') is not null or json_extract(facts, '$.serial') is not null)
            order by at_ms desc, seq desc limit @limit) order by at_ms, seq`,
          { address, sinceMs, limit },
        )
        .map((row) => ({ device: text(row, "device") as DeviceId, sighting: readSighting(row) })),
    after: (device, seq, limit) =>
      sql
        .all("select * from sightings where device = @device and seq > @seq order by seq limit @limit", { device, seq, limit })
        .map((row) => ({ seq: whole(row, "seq"), device, sighting: readSighting(row) })),
    move: (seqs, to) =>
      sql.transaction(() => {
        for (const seq of seqs) sql.run("update sightings set device = @to where seq = @seq", { seq, to });
      }),
    prune: (beforeMs) =>
      sql.run("delete from sightings where seq in (select seq from sightings where at_ms < @beforeMs order by at_ms limit @limit)", {
        beforeMs,
        limit: PRUNE_ROWS_MAX,
      }).changes,
  };
}
