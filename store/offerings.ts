/** What unsigned sources say there is, and how each source was read last, over restarts. */
import {
  type Offering,
  SOURCE_KINDS,
  SOURCE_NAMES,
  type SourceFault,
  type SourceKind,
  type UnsignedKind,
} from "../firmware/sources/source.ts";
import type { Ms } from "../protocols/core/time.ts";
import { decoder, json, maybeJson, maybeWhole, oneOf, present, shape, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

/** How the last reading went. After a fault what is listed is that of the last good one. */
export interface SourceReading {
  readonly source: SourceKind;
  readonly atMs: Ms;
  /** Releases, offerings and files it had. */
  readonly listed: number;
  readonly goodAtMs?: Ms;
  readonly fault?: SourceFault;
  /** Since when it cannot be read. */
  readonly failingSinceMs?: Ms;
}

export interface StatedOffering extends Offering {
  readonly source: UnsignedKind;
}

export interface Offerings {
  /** Replaces what the source said before. */
  save(source: UnsignedKind, offerings: readonly Offering[]): void;
  list(): readonly StatedOffering[];
  of(source: UnsignedKind): readonly Offering[];
  load(source: UnsignedKind, key: string): Offering | undefined;
  /** @returns the reading as it stands now, with what is kept of the ones before */
  noteReading(source: SourceKind, read: { readonly listed: number } | { readonly fault: SourceFault }, atMs: Ms): SourceReading;
  /** In the order of their rank. */
  readings(): readonly SourceReading[];
}

const offeringCheck = shape<Offering>({
  ...{ key: "string", title: "string", version: "string", models: "list", partNumbers: "list" },
  ...{ revoked: "boolean", fetch: "string" },
});
const faultCheck = shape<SourceFault>({ kind: "string", name: "string" });

const readOffering = decoder("offerings", "key", (row: Row) => ({
  ...json(row, "doc", offeringCheck),
  source: oneOf<SourceKind>(row, "source", SOURCE_NAMES) as UnsignedKind,
}));
const withoutSource = (row: Row): Offering => {
  const { source: _, ...offering } = readOffering(row);
  return offering;
};
const readReading = decoder(
  "source_readings",
  "source",
  (row: Row): SourceReading =>
    present({
      source: oneOf<SourceKind>(row, "source", SOURCE_NAMES),
      atMs: whole(row, "at_ms"),
      listed: whole(row, "listed"),
      goodAtMs: maybeWhole(row, "good_at_ms"),
      fault: maybeJson(row, "fault", faultCheck),
      failingSinceMs: maybeWhole(row, "failing_since_ms"),
    }),
);

export function offeringsIn(sql: Sql): Offerings {
  return {
    save: (source, offerings) =>
      sql.transaction(() => {
        sql.run("delete from offerings where source = @source", { source });
        for (const offering of offerings)
          sql.run("insert into offerings (source, key, doc) values (@source, @key, @doc)", {
            source,
            key: offering.key,
            doc: toJson(offering),
          });
      }),
    list: () => sql.all("select * from offerings order by source, key").map(readOffering),
    of: (source) => sql.all("select * from offerings where source = @source order by key", { source }).map(withoutSource),
    load(source, key) {
      const row = sql.one("select * from offerings where source = @source and key = @key", { source, key });
      return row === undefined ? undefined : withoutSource(row);
    },
    noteReading(source, read, atMs) {
      const good = "listed" in read;
      sql.run(
        good
          ? `insert into source_readings (source, at_ms, listed, good_at_ms) values (@source, @atMs, @listed, @atMs)
              on conflict (source) do update set at_ms = excluded.at_ms, listed = excluded.listed, good_at_ms = excluded.good_at_ms,
                fault = null, failing_since_ms = null`
          : `insert into source_readings (source, at_ms, listed, fault, failing_since_ms) values (@source, @atMs, 0, @fault, @atMs)
              on conflict (source) do update set at_ms = excluded.at_ms, fault = excluded.fault,
                failing_since_ms = coalesce(failing_since_ms, excluded.failing_since_ms)`,
        good ? { source, atMs, listed: read.listed } : { source, atMs, fault: toJson(read.fault) },
      );
      const row = sql.one("select * from source_readings where source = @source", { source });
      return readReading(row ?? {});
    },
    readings: () =>
      sql
        .all("select * from source_readings")
        .map(readReading)
        .toSorted((a, b) => SOURCE_KINDS.indexOf(a.source) - SOURCE_KINDS.indexOf(b.source)),
  };
}
