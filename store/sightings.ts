/** What was seen of devices, as it was seen; pruned by age. */
import type { DeviceFacts, Sighting, SightingSource } from "../protocols/core/device.ts";
import type { DeviceId } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import { evidenceCheck, SOURCES, switchPortCheck } from "./devices.ts";
import { decoder, flag, json, maybeJson, maybeText, oneOf, present, shape, text, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

/** Devices looked at by one `prune`, and rows it removes of one: keeps the call within a few milliseconds. Guessed. */
export const PRUNE_DEVICES = 200;
export const PRUNE_ROWS_MAX = 500;

export interface SightingAt {
  readonly device: DeviceId;
  readonly sighting: Sighting;
}

export interface Sightings {
  /** Keeps it, unless the very same one is kept already: sources that remember tell the same again. */
  add(device: DeviceId, sighting: Sighting): void;
  /** Newest first, none before `sinceMs`: of a device asked for days only those are read. */
  recent(device: DeviceId, limit: number, sinceMs?: Ms): readonly Sighting[];
  /** The oldest that is kept: how it was found. */
  first(device: DeviceId): Sighting | undefined;
  /** Who was seen at an address since then, by sightings that name a device themselves: oldest first, the newest `limit`. */
  at(address: string, sinceMs: Ms, limit: number): readonly SightingAt[];
  /** Of one device after that number, oldest first. */
  after(device: DeviceId, seq: number, limit: number): readonly (SightingAt & { readonly seq: number })[];
  /**
   * Removes sightings before that moment of the `PRUNE_DEVICES` after this one, but for the first, which says how it was found,
   * and whatever no later one of its source tells again. @returns the device to go on after, or `undefined` at the end: then from the beginning again
   */
  prune(beforeMs: Ms, after: DeviceId | undefined): DeviceId | undefined;
}

const factsCheck = shape<DeviceFacts>({});

export const readSighting = decoder(
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
      heard: flag(row, "heard") ? undefined : false,
    }),
);

const ADD = `insert into sightings (device, source, at_ms, address, facts, evidence, port, mac, serial, heard)
  select @device, @source, @atMs, @address, @facts, @evidence, @port, @mac, @serial, @heard
  where not exists (select 1 from sightings where device = @device and at_ms = @atMs and source = @source
    and address is @address and facts = @facts and evidence = @evidence and port is @port and heard = @heard)`;

/** What goes is told again by a later one of its source: identity and ports are read from the newest that names them. */
const PRUNE = `delete from sightings where seq in (
  select seq from sightings as old where device = @device and at_ms < @beforeMs
    and seq <> (select seq from sightings where device = @device order by at_ms, seq limit 1)
    and exists (select 1 from sightings as later where later.device = @device and later.source = old.source
      and (later.at_ms, later.seq) > (old.at_ms, old.seq) and (old.mac is null or later.mac is not null)
      and (old.serial is null or later.serial is not null) and (old.port is null or later.port is not null)
      and (old.heard = 0 or later.heard = 1))
  order by at_ms limit @limit)`;

export function sightingsIn(sql: Sql): Sightings {
  return {
    add(device, { source, atMs, address, facts, evidence, port, heard }) {
      const plain = { device, source, atMs, address, mac: facts.mac, serial: facts.serial, heard: heard !== false };
      sql.run(ADD, { ...plain, facts: toJson(facts), evidence: toJson(evidence), port: toJson(port) });
    },
    recent: (device, limit, sinceMs = Number.MIN_SAFE_INTEGER) =>
      sql
        .all("select * from sightings where device = @device and at_ms >= @sinceMs order by at_ms desc, seq desc limit @limit", {
          ...{ device, limit, sinceMs },
        })
        .map(readSighting),
    first(device) {
      const row = sql.one("select * from sightings where device = @device order by at_ms, seq limit 1", { device });
      return row === undefined ? undefined : readSighting(row);
    },
    at: (address, sinceMs, limit) =>
      sql
        .all(
          `select * from (select * from sightings where address = @address and at_ms >= @sinceMs
            and (mac is not null or serial is not null)
            order by at_ms desc, seq desc limit @limit) order by at_ms, seq`,
          { address, sinceMs, limit },
        )
        .map((row) => ({ device: text(row, "device") as DeviceId, sighting: readSighting(row) })),
    after: (device, seq, limit) =>
      sql
        .all("select * from sightings where device = @device and seq > @seq order by seq limit @limit", { device, seq, limit })
        .map((row) => ({ seq: whole(row, "seq"), device, sighting: readSighting(row) })),
    prune: (beforeMs, after) =>
      sql.transaction(() => {
        const ids = sql.all("select id from devices where id > @after order by id limit @limit", {
          after: after ?? "",
          limit: PRUNE_DEVICES,
        });
        for (const { id } of ids) sql.run(PRUNE, { device: String(id), beforeMs, limit: PRUNE_ROWS_MAX });
        return ids.length < PRUNE_DEVICES ? undefined : (String(ids.at(-1)?.["id"]) as DeviceId);
      }),
  };
}
