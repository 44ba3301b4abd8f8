/**
 * The inventory: one row per device with what is known of it now, and the facts it was put together from.
 */

import { mergeDevice } from "./merge.ts";
import { decoder, flag, json, listOf, maybeJson, maybeText, oneOf, present, shape, text, toJson, variants, whole } from "./row.ts";

/** The switch port a device was last seen on. */

/** What one source says about one field of a device; the newest of each source is kept. */

/** Every field given must match. Ordered by id; `after` and `limit` page through: 1,000 rows a page keep a call short. */

const FAMILIES = {
  "uc-phone": true,
  soundpoint: true,
  "video-os": true,
  group: true,
  hdx: true,
  "lens-only": true,
  switch: true,
  "generic-snmp": true,
}                                     ;
const MANAGERS = { none: true, lens: true, teams: true, rprm: true, unknown: true }                                      ;
const AVAILABILITIES = { online: true, suspect: true, offline: true, unknown: true }                                         ;
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
}                                               ;

export const inUseCheck = variants                ("state", { idle: {}, busy: { reason: "string" }, unknown: { reason: "string" } });
export const evidenceCheck = listOf(shape          ({ via: "string", what: "string", atMs: "number" }));
export const switchPortCheck = shape            ({ switchAddress: "string", name: "string" });
const linesCheck = listOf(shape      ({ address: "string", registered: "boolean" }));
const partsCheck = listOf(shape             ({ model: "string", connected: "boolean" }));

const readDevice = decoder(
  "devices",
  "id",
  (row     )            =>
    present({
      id: text(row, "id")            ,
      mac: maybeText(row, "mac")                   ,
      serial: maybeText(row, "serial"),
      family: row["family"] === null ? undefined : oneOf          (row, "family", FAMILIES),
      vendor: maybeText(row, "vendor"),
      model: maybeText(row, "model"),
      partNumber: maybeText(row, "part_number"),
      revision: maybeText(row, "revision"),
      name: text(row, "name"),
      address: maybeText(row, "address"),
      running: maybeText(row, "running")                       ,
      updater: maybeText(row, "updater")                       ,
      managedBy: oneOf           (row, "managed_by", MANAGERS),
      availability: oneOf              (row, "availability", AVAILABILITIES),
      inUse: json(row, "in_use", inUseCheck),
      lines: json(row, "lines", linesCheck),
      parts: json(row, "parts", partsCheck),
      firstSeenMs: whole(row, "first_seen_ms"),
      lastSeenMs: whole(row, "last_seen_ms"),
      switchPort: maybeJson(row, "switch_port", switchPortCheck),
      adopted: flag(row, "adopted"),
    }),
);

const readFact = decoder(
  "facts",
  "device",
  (row     )          => ({
    device: text(row, "device")            ,
    field: text(row, "field"),
    source: oneOf                (row, "source", SOURCES),
    value: text(row, "value"),
    rank: whole(row, "rank"),
    atMs: whole(row, "at_ms"),
    evidence: json(row, "evidence", evidenceCheck),
  }),
);

const SAVE = `insert into devices (id, mac, serial, family, vendor, model, part_number, revision, name, address, running, updater,
    managed_by, availability, in_use, lines, parts, switch_port, first_seen_ms, last_seen_ms, adopted)
  values (@id, @mac, @serial, @family, @vendor, @model, @partNumber, @revision, @name, @address, @running, @updater,
    @managedBy, @availability, @inUse, @lines, @parts, @switchPort, @firstSeenMs, @lastSeenMs, @adopted)
  on conflict (id) do update set mac = excluded.mac, serial = excluded.serial, family = excluded.family, vendor = excluded.vendor,
    model = excluded.model, part_number = excluded.part_number, revision = excluded.revision, name = excluded.name,
    address = excluded.address, running = excluded.running, updater = excluded.updater, managed_by = excluded.managed_by,
    availability = excluded.availability, in_use = excluded.in_use, lines = excluded.lines, parts = excluded.parts,
    switch_port = excluded.switch_port, first_seen_ms = excluded.first_seen_ms, last_seen_ms = excluded.last_seen_ms,
    adopted = excluded.adopted`;

const PUT_FACT = `insert into facts (device, field, source, value, rank, at_ms, evidence)
  values (@device, @field, @source, @value, @rank, @atMs, @evidence)
  on conflict (device, field, source) do update set value = excluded.value, rank = excluded.rank, at_ms = excluded.at_ms,
    evidence = excluded.evidence
  where excluded.at_ms >= facts.at_ms`;

const MATCHES = `(@model is null or model = @model) and (@family is null or family = @family)
  and (@availability is null or availability = @availability) and (@managedBy is null or managed_by = @managedBy)
  and (@address is null or address = @address) and (@adopted is null or adopted = @adopted) and (@after is null or id > @after)`;

function matching(filter              ) {
  const { model, family, availability, managedBy, address, adopted, after } = filter;
  return { model, family, availability, managedBy, address, adopted, after };
}

export function devicesIn(sql     )          {
  const find = (where        , value        )                       =>
    sql.all(`select * from devices where ${where} = @value order by id`, { value }).map(readDevice);
  return {
    load: (id) => find("id", id)[0],
    findByMac: (mac) => find("mac", mac)[0],
    findBySerial: (serial) => find("serial", serial),
    list: (filter = {}) =>
      sql
        .all(`select * from devices where ${MATCHES} order by id limit @limit`, { ...matching(filter), limit: filter.limit ?? -1 })
        .map(readDevice),
    count: (filter = {}) => whole(sql.one(`select count(*) as count from devices where ${MATCHES}`, matching(filter)) ?? {}, "count"),
    save(row) {
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
    facts: (id) => sql.all("select * from facts where device = @id order by field, rank desc, at_ms desc, source", { id }).map(readFact),
    rename: (oldId, newId) => mergeDevice(sql, oldId, newId),
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
};

