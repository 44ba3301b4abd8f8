/**
 * The inventory: one row per device with what is known of it now, and the facts it was put together from.
 */
import type { CoupledPart, Evidence, FamilyId, InUse, Line, ManagedBy, Sighting, SightingSource } from "../protocols/core/device.ts";
import type { DeviceId, Mac } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import type { Version } from "../protocols/core/version.ts";
import { type Availability, type DeviceFilter, matching } from "./device-filter.ts";
import { mergeDevice } from "./merge.ts";
import {
  decoder,
  flag,
  json,
  listOf,
  maybeJson,
  maybeText,
  maybeWhole,
  oneOf,
  present,
  shape,
  text,
  toJson,
  variants,
  whole,
} from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export type { Availability, DeviceFilter } from "./device-filter.ts";
/** The switch port a device was last seen on. */
export type SwitchPort = NonNullable<Sighting["port"]>;

export interface DeviceRow {
  readonly id: DeviceId;
  readonly mac?: Mac;
  readonly serial?: string;
  readonly family?: FamilyId;
  readonly vendor?: string;
  readonly model?: string;
  readonly partNumber?: string;
  readonly revision?: string;
  readonly name: string;
  readonly address?: string;
  readonly running?: Version;
  readonly updater?: Version;
  readonly managedBy: ManagedBy;
  readonly availability: Availability;
  readonly inUse: InUse;
  readonly lines: readonly Line[];
  readonly parts: readonly CoupledPart[];
  readonly firstSeenMs: Ms;
  readonly lastSeenMs: Ms;
  readonly switchPort?: SwitchPort;
  /** In our care; `false` while it waits in the inbox or is ignored. */
  readonly adopted: boolean;
  /** Left alone since then: shown, never asked. */
  readonly ignoredAtMs?: Ms;
  /** Who adopted or ignored it; absent while it waits. A person's word is final, a rule may be changed. */
  readonly decidedBy?: "policy" | "person";
  /** Out of service since then, until it is seen again. */
  readonly retiredAtMs?: Ms;
}

/** What one source says about one field of a device; the newest of each source is kept. */
export interface FactRow {
  readonly device: DeviceId;
  /** `model`, `partNumber`, `running.application` … */
  readonly field: string;
  readonly source: SightingSource;
  readonly value: string;
  /** Higher wins where sources disagree; newer wins within a rank. */
  readonly rank: number;
  readonly atMs: Ms;
  readonly evidence: readonly Evidence[];
}

export interface Devices {
  load(id: DeviceId): DeviceRow | undefined;
  findByMac(mac: Mac): DeviceRow | undefined;
  /** Serials are what a device says; two devices with one serial are a conflict for a person, so all are given. */
  findBySerial(serial: string): readonly DeviceRow[];
  /** Those that any source says this of: upper-case letters and digits alone, as serials are compared. */
  claimingSerial(plain: string): readonly DeviceRow[];
  list(filter?: DeviceFilter): readonly DeviceRow[];
  count(filter?: DeviceFilter): number;
  /** Addresses of devices that polls reach, whose model is known and that told their version themselves since then. */
  watchedAddresses(sinceMs: Ms): readonly string[];
  /** MACs of devices in our care, at most so many. */
  adoptedMacs(limit: number): readonly Mac[];
  /** Writes the whole row. A MAC that another row already has is a `Bug`: rename that row first. */
  save(row: DeviceRow): void;
  /** Keeps the fact unless a newer one of the same source is there; of two of one moment the greater text, whichever came first. */
  putFact(fact: FactRow): void;
  /** A source says the same of these fields again: facts and row become newer, and nothing else of them changes. */
  heardAgain(id: DeviceId, said: Pick<FactRow, "source" | "atMs" | "evidence"> & { readonly fields: readonly string[] }): void;
  /** What all sources say of one field, of every device. */
  factsNamed(field: string): readonly FactRow[];
  /** Takes back what these sources said of the device: their other sightings are put again. */
  dropFacts(id: DeviceId, sources: readonly SightingSource[]): void;
  /** By field, best first. */
  facts(id: DeviceId): readonly FactRow[];
  /** Ids of rows written since the last call, in this process; for the one who keeps a schedule of them. What was undone is among them. */
  takeWritten(): readonly DeviceId[];
  /**
   * Gives a device another id (first known by its address, now by its MAC) and moves everything that refers to it. Where
   * the new id exists already the two become one.
   * @returns `false`, with nothing changed, where the old id is unknown or both take part in unfinished work of a campaign
   */
  rename(oldId: DeviceId, newId: DeviceId): boolean;
}

const FAMILIES = {
  "uc-phone": true,
  soundpoint: true,
  "video-os": true,
  group: true,
  hdx: true,
  "lens-only": true,
  switch: true,
  "generic-snmp": true,
} satisfies { [id in FamilyId]: true };
const MANAGERS = { none: true, lens: true, teams: true, rprm: true, unknown: true } satisfies { [by in ManagedBy]: true };
const DECIDERS = { policy: true, person: true } as const;
const AVAILABILITIES = { online: true, suspect: true, offline: true, unknown: true } satisfies { [at in Availability]: true };
export const SOURCES = {
  device: true,
  provisioning: true,
  lldp: true,
  cdp: true,
  sip: true,
  dhcp: true,
  lens: true,
  csv: true,
  tls: true,
  bridge: true,
} satisfies { [source in SightingSource]: true };

export const inUseCheck = variants<InUse, "state">("state", { idle: {}, busy: { reason: "string" }, unknown: { reason: "string" } });
export const evidenceCheck = listOf(shape<Evidence>({ via: "string", what: "string", atMs: "number" }));
export const switchPortCheck = shape<SwitchPort>({ switchAddress: "string", name: "string" });
const linesCheck = listOf(shape<Line>({ address: "string", registered: "boolean" }));
const partsCheck = listOf(shape<CoupledPart>({ model: "string", connected: "boolean" }));

const readDevice = decoder(
  "devices",
  "id",
  (row: Row): DeviceRow =>
    present({
      id: text(row, "id") as DeviceId,
      mac: maybeText(row, "mac") as Mac | undefined,
      serial: maybeText(row, "serial"),
      family: row["family"] === null ? undefined : oneOf<FamilyId>(row, "family", FAMILIES),
      vendor: maybeText(row, "vendor"),
      model: maybeText(row, "model"),
      partNumber: maybeText(row, "part_number"),
      revision: maybeText(row, "revision"),
      name: text(row, "name"),
      address: maybeText(row, "address"),
      running: maybeText(row, "running") as Version | undefined,
      updater: maybeText(row, "updater") as Version | undefined,
      managedBy: oneOf<ManagedBy>(row, "managed_by", MANAGERS),
      availability: oneOf<Availability>(row, "availability", AVAILABILITIES),
      inUse: json(row, "in_use", inUseCheck),
      lines: json(row, "lines", linesCheck),
      parts: json(row, "parts", partsCheck),
      firstSeenMs: whole(row, "first_seen_ms"),
      lastSeenMs: whole(row, "last_seen_ms"),
      switchPort: maybeJson(row, "switch_port", switchPortCheck),
      adopted: flag(row, "adopted"),
      ignoredAtMs: maybeWhole(row, "ignored_at_ms"),
      decidedBy: row["decided_by"] === null ? undefined : oneOf<"policy" | "person">(row, "decided_by", DECIDERS),
      retiredAtMs: maybeWhole(row, "retired_at_ms"),
    }),
);

const readFact = decoder(
  "facts",
  "device",
  (row: Row): FactRow => ({
    device: text(row, "device") as DeviceId,
    field: text(row, "field"),
    source: oneOf<SightingSource>(row, "source", SOURCES),
    value: text(row, "value"),
    rank: whole(row, "rank"),
    atMs: whole(row, "at_ms"),
    evidence: json(row, "evidence", evidenceCheck),
  }),
);

const ADOPTED_MACS = "select mac from devices where adopted = 1 and retired_at_ms is null and mac is not null order by mac limit @limit";
const SAVE = `insert into devices (id, mac, serial, family, vendor, model, part_number, revision, name, address, running, updater,
    managed_by, availability, in_use, lines, parts, switch_port, first_seen_ms, last_seen_ms, adopted,
    ignored_at_ms, decided_by, retired_at_ms)
  values (@id, @mac, @serial, @family, @vendor, @model, @partNumber, @revision, @name, @address, @running, @updater,
    @managedBy, @availability, @inUse, @lines, @parts, @switchPort, @firstSeenMs, @lastSeenMs, @adopted, @ignoredAtMs,
    @decidedBy, @retiredAtMs)
  on conflict (id) do update set mac = excluded.mac, serial = excluded.serial, family = excluded.family, vendor = excluded.vendor,
    model = excluded.model, part_number = excluded.part_number, revision = excluded.revision, name = excluded.name,
    address = excluded.address, running = excluded.running, updater = excluded.updater, managed_by = excluded.managed_by,
    availability = excluded.availability, in_use = excluded.in_use, lines = excluded.lines, parts = excluded.parts,
    switch_port = excluded.switch_port, first_seen_ms = excluded.first_seen_ms, last_seen_ms = excluded.last_seen_ms,
    adopted = excluded.adopted, ignored_at_ms = excluded.ignored_at_ms, decided_by = excluded.decided_by,
    retired_at_ms = excluded.retired_at_ms`;

const PUT_FACT = `insert into facts (device, field, source, value, rank, at_ms, evidence)
  values (@device, @field, @source, @value, @rank, @atMs, @evidence)
  on conflict (device, field, source) do update set value = excluded.value, rank = excluded.rank, at_ms = excluded.at_ms,
    evidence = excluded.evidence
  where (excluded.at_ms, excluded.value, excluded.evidence) >= (facts.at_ms, facts.value, facts.evidence)`;

export function devicesIn(sql: Sql): Devices {
  const written = new Set<DeviceId>();
  const find = (where: string, value: string): readonly DeviceRow[] =>
    sql.all(`select * from devices where ${where} = @value order by id`, { value }).map(readDevice);
  return {
    load: (id) => find("id", id)[0],
    findByMac: (mac) => find("mac", mac)[0],
    findBySerial: (serial) => find("serial", serial),
    claimingSerial: (plain) =>
      sql
        .all(
          `select * from devices where id in (select device from facts where field = 'serial'
            and upper(replace(replace(replace(replace(value, '-', ''), ' ', ''), ':', ''), '.', '')) = @plain) order by id`,
          { plain },
        )
        .map(readDevice),
    list(filter = {}) {
      const { where, values } = matching(filter);
      return sql.all(`select * from devices ${where} order by id limit @limit`, { ...values, limit: filter.limit ?? -1 }).map(readDevice);
    },
    watchedAddresses: (sinceMs) =>
      sql
        .all(
          `select d.address as address from facts f join devices d on d.id = f.device
            where f.field = 'running' and f.source = 'device' and f.at_ms >= @sinceMs and d.adopted = 1 and d.retired_at_ms is null
              and d.address is not null and d.model is not null and d.availability in ('online', 'unknown')`,
          { sinceMs },
        )
        .map((row) => text(row, "address")),
    adoptedMacs: (limit) => sql.all(ADOPTED_MACS, { limit }).map((row) => text(row, "mac") as Mac),
    count(filter = {}) {
      const { where, values } = matching(filter);
      return whole(sql.one(`select count(*) as count from devices ${where}`, values) ?? {}, "count");
    },
    save(row) {
      written.add(row.id);
      const { inUse, lines, parts, switchPort, ...plain } = row;
      sql.run(SAVE, {
        ...EMPTY,
        ...plain,
        inUse: toJson(inUse),
        lines: toJson(lines),
        parts: toJson(parts),
        switchPort: toJson(switchPort),
      });
    },
    putFact: (fact) => void sql.run(PUT_FACT, { ...fact, evidence: toJson(fact.evidence) }),
    heardAgain(id, { source, atMs, evidence, fields }) {
      sql.run(
        `update facts set at_ms = @atMs, evidence = @evidence
          where device = @id and source = @source and field in (select value from json_each(@fields)) and at_ms <= @atMs`,
        { id, source, atMs, evidence: toJson(evidence), fields: toJson(fields) },
      );
      sql.run("update devices set last_seen_ms = @atMs where id = @id and last_seen_ms < @atMs", { id, atMs });
    },
    factsNamed: (field) =>
      sql.all("select * from facts where field = @field order by device, rank desc, at_ms desc", { field }).map(readFact),
    dropFacts: (id, sources) =>
      void sql.run("delete from facts where device = @id and source in (select value from json_each(@sources))", {
        id,
        sources: toJson(sources),
      }),
    facts: (id) => sql.all("select * from facts where device = @id order by field, rank desc, at_ms desc, source", { id }).map(readFact),
    rename(oldId, newId) {
      written.add(oldId).add(newId);
      return mergeDevice(sql, oldId, newId);
    },
    takeWritten() {
      const taken = [...written];
      written.clear();
      return taken;
    },
  };
}

/** Every column that may be absent: a named parameter must be given. */
const EMPTY = {
  mac: null,
  serial: null,
  family: null,
  vendor: null,
  model: null,
  partNumber: null,
  revision: null,
  address: null,
  running: null,
  updater: null,
  ignoredAtMs: null,
  decidedBy: null,
  retiredAtMs: null,
};
