/** What was seen of devices, as it was seen; pruned by age. */

import { evidenceCheck, SOURCES, switchPortCheck } from "./devices.ts";
import { decoder, json, maybeJson, maybeText, oneOf, present, shape, toJson, whole } from "./row.ts";

/** Rows removed by one `prune`: keeps the call within a few milliseconds. Guessed. */
export const PRUNE_ROWS_MAX = 5_000;

const factsCheck = shape             ({});

const readSighting = decoder(
  "sightings",
  "seq",
  (row     )           =>
    present({
      source: oneOf                (row, "source", SOURCES),
      atMs: whole(row, "at_ms"),
      address: maybeText(row, "address"),
      facts: json(row, "facts", factsCheck),
      evidence: json(row, "evidence", evidenceCheck),
      port: maybeJson(row, "port", switchPortCheck),
    }),
);

export function sightingsIn(sql     )            {
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
    prune: (beforeMs) =>
      sql.run("delete from sightings where seq in (select seq from sightings where at_ms < @beforeMs order by at_ms limit @limit)", {
        beforeMs,
        limit: PRUNE_ROWS_MAX,
      }).changes,
  };
}

