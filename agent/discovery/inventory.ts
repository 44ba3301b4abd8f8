/**
 * Sightings become the inventory: who it is, which source is believed, what changed. One transaction per sighting.
 */

import {                          parseMac, showMac } from "../../protocols/core/ids.ts";

import { believe, FACT_FIELDS,                            factsOf,                identify,             rankOf } from "./identify.ts";

/** A field of a device that reads differently now; an absent side is unknown. */

export function createInventory(io             )            {
  const known = knownIn(io.store.devices);

  const note = (sighting          )                       =>
    io.store.transaction(() => {
      const identity = identify(sighting, known);
      switch (identity.kind) {
        case "nobody":
          return undefined;
        case "conflict":
          io.onConflict(identity, sighting);
          return undefined;
        case "named":
          // Mid-campaign it keeps its old name, and is taken in at a later sighting.
          if (!io.store.devices.rename(identity.was, identity.id) && io.store.devices.load(identity.id) === undefined) return undefined;
          break;
        case "new":
        case "known":
      }
      take(identity.id, sighting);
      return identity.id;
    });

  const take = (id          , sighting          )       => {
    const { devices, sightings, places } = io.store;
    const before = devices.load(id);
    const row = before ?? emptyRow(id, sighting.atMs, io.adopt === "all");
    if (before === undefined) devices.save(row); // facts and sightings refer to it
    for (const fact of factsOf(sighting)) devices.putFact(asRow(id, fact, sighting.evidence));
    sightings.add(id, sighting);
    const after = withFacts(row, believeRows(devices, id), sighting);
    const named = { ...after, name: places.ofDevice(id)?.name ?? after.name };
    const changes = before === undefined ? [] : changesBetween(before, named);
    devices.save(named);
    if (before === undefined) io.announce("found", named, []);
    else if (changes.length > 0) io.announce("changed", named, changes);
  };

  return {
    note,
    noteRead(read, at) {
      const id = note({ source: "device", atMs: at.atMs, address: at.address, facts: read.facts, evidence: read.evidence });
      if (id === undefined) return undefined;
      const row = io.store.devices.load(id);
      if (row !== undefined) io.store.devices.save({ ...row, inUse: read.inUse, lines: read.lines, parts: read.parts });
      for (const part of read.parts) {
        if (part.mac === undefined) continue;
        const partId = note({
          source: "device",
          atMs: at.atMs,
          facts: {
            vendor: "Poly",
            model: part.model,
            mac: part.mac,
            ...(read.facts.family === undefined ? {} : { family: read.facts.family }),
            ...(part.serial === undefined ? {} : { serial: part.serial }),
            ...(part.version === undefined ? {} : { running: { application: part.version } }),
          },
          evidence: [{ via: "https", what: `paired with ${row?.name ?? id}`, atMs: at.atMs }],
        });
        const known = partId === undefined ? undefined : io.store.devices.load(partId);
        // A panel answers only to its codec: what the codec says of the pairing is all there is to know.
        if (known !== undefined)
          io.store.devices.save({ ...known, availability: part.connected ? "online" : "offline", inUse: read.inUse });
      }
      return id;
    },
  };
}

function knownIn(devices         )        {
  return {
    byMac: (mac) => devices.findByMac(mac)?.id,
    bySerial: (serial) => devices.findBySerial(serial)[0]?.id,
    byAddress(address) {
      const newest = devices.list({ address }).toSorted((a, b) => b.lastSeenMs - a.lastSeenMs)[0];
      if (newest === undefined) return undefined;
      return { id: newest.id, atMs: newest.lastSeenMs, ...(newest.mac === undefined ? {} : { mac: newest.mac }) };
    },
  };
}

function emptyRow(id          , atMs    , adopted         )            {
  const mac = parseMac(id.slice(2));
  return {
    id,
    ...(mac === undefined ? {} : { mac }), // its place is found by it
    name: id.slice(2),
    managedBy: "unknown",
    availability: "unknown",
    inUse: { state: "unknown", reason: "not asked yet" },
    lines: [],
    parts: [],
    firstSeenMs: atMs,
    lastSeenMs: atMs,
    adopted,
  };
}

function asRow(device          , fact      , evidence                     ) {
  return { device, field: fact.field, source: fact.source, value: fact.value, rank: rankOf(fact.source), atMs: fact.atMs, evidence };
}

function believeRows(devices         , id          )                               {
  const isField = (field        )                     => (FACT_FIELDS                     ).includes(field);
  return believe(
    devices
      .facts(id)
      .flatMap((row) =>
        isField(row.field) ? [{ field: row.field, value: row.value, source: row.source, atMs: row.atMs, evidence: "" }] : [],
      ),
  );
}

/** The row as the believed facts make it. Casts: each value went through its own parser before it became a fact. */
function withFacts(row           , believed                              , sighting          )            {
  const value = (field           )                     => believed.get(field)?.value;
  // The MAC that names the device: a guess from its serial, said by a better source, must not take its place.
  const mac                  = parseMac(row.id.slice(2)) ?? parseMac(value("mac") ?? "");
  const model = value("model");
  const fields = {
    mac,
    model,
    serial: value("serial"),
    vendor: value("vendor"),
    family: value("family")                        ,
    partNumber: value("partNumber"),
    revision: value("revision"),
    address: value("address"),
    running: value("running")                       ,
    updater: value("updater")                       ,
    switchPort: portOf(believed.get("switchPort"), sighting) ?? row.switchPort,
  };
  const stated = Object.fromEntries(Object.entries(fields).filter(([, entry]) => entry !== undefined));
  const fallback = mac === undefined ? row.id.slice(2) : `${model ?? "device"} ${showMac(mac).slice(-8)}`;
  return {
    ...row,
    ...stated,
    managedBy: (value("managedBy")                         ) ?? row.managedBy,
    name: value("name") ?? fallback,
    lastSeenMs: Math.max(row.lastSeenMs, sighting.atMs),
  };
}

/** The sighting's port, where it is the believed one: an older word may come late. */
function portOf(fact                  , { port, source, atMs }          )                   {
  return fact?.source === source && fact.atMs === atMs ? port : undefined;
}

const WATCHED = ["mac", "serial", "family", "model", "partNumber", "name", "address", "running", "updater", "managedBy"]         ;

function changesBetween(before           , after           )           {
  return WATCHED.filter((field) => before[field] !== after[field]).map((field) => ({
    field,
    ...(before[field] === undefined ? {} : { was: before[field] }),
    ...(after[field] === undefined ? {} : { is: after[field] }),
  }));
}

