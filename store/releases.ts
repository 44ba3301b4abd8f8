/** Releases as their sources state them, and the images kept for them. Catalogue versions only move forward. */

import { type Catalogue, type Release, releaseSchema } from "../firmware/release.ts";
import { type CatalogueMark, goesBack } from "../firmware/sources/catalogue-order.ts";
import { rankOf, SOURCE_KINDS, SOURCE_NAMES, type SourceKind, type UnsignedKind } from "../firmware/sources/source.ts";
import type { Fault } from "../protocols/core/fault.ts";
import type { Sha256 } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import { decoder, keptJson, maybeJson, oneOf, present, shape, text, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

/** The partner's signed channel. */
export const CHANNEL = "channel" satisfies SourceKind;
/** A person's word does not run out; the column wants a moment: the end of the year 9999. */
const NEVER_MS: Ms = 253_402_300_799_000;

/** `known` from a catalogue, `staging` on its way, `staged` here and checked, `refused` after a failed check. */
export type ImageState = "known" | "staging" | "staged" | "refused";

export interface ImageRow {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  readonly state: ImageState;
  readonly atMs: Ms;
  /** Why the last try failed. */
  readonly fault?: Fault;
}

/** A release, and who states it: the channel, or a person who accepted a file of that source. */
export interface StatedRelease {
  readonly source: SourceKind;
  readonly release: Release;
}

/** A release as it stands in the catalogue of its source, and the newest catalogue that was seen of that source. */
export interface StandingRelease extends StatedRelease {
  readonly version: number;
  readonly newestVersion: number;
  readonly expiresAtMs: Ms;
}

/** `source` is `CHANNEL` where it is not given. */
export interface Releases {
  /** Replaces what the source said before. False, with nothing changed, where a newer catalogue of it is known. */
  saveCatalogue(catalogue: Catalogue, atMs: Ms, source?: string): boolean;
  /** Its version and under whose word it was read. */
  newestCatalogue(source?: string): CatalogueMark | undefined;
  catalogue(source?: string): Catalogue | undefined;
  /** Of all sources where none is given. */
  list(source?: string): readonly Release[];
  load(id: string, source?: string): Release | undefined;
  /** Of all sources, the one believed most first. */
  stated(): readonly StatedRelease[];
  /** The one of this id that is believed most. */
  find(id: string): StatedRelease | undefined;
  /** As `find`, read for this release alone. */
  standing(id: string): StandingRelease | undefined;
  /** What a person accepted of an unsigned source, in place of a release of this id. */
  accept(release: Release, source: UnsignedKind, atMs: Ms): void;
  /** Takes the person's word back. */
  withdraw(id: string, source: UnsignedKind, atMs: Ms): void;
  saveImage(image: ImageRow): void;
  image(sha256: string): ImageRow | undefined;
  images(state?: ImageState): readonly ImageRow[];
}

const STATES = { known: true, staging: true, staged: true, refused: true } satisfies { [state in ImageState]: true };
export const faultCheck = shape<Fault>({ kind: "string" });

const docOf = keptJson("doc", releaseSchema);
const readRelease = decoder("releases", "id", docOf);
const readCatalogue = decoder("catalogues", "source", (row: Row) => ({
  version: whole(row, "version"),
  expiresAtMs: whole(row, "expires_at_ms"),
  ...trustIn(row),
}));

/** Absent for what was read before it was kept, and for sources without keys. */
function trustIn(row: Row): Pick<Catalogue, "trust"> {
  const rootVersion = whole(row, "root_version");
  return rootVersion === 0 ? {} : { trust: { rootVersion, releaseKeys: text(row, "release_keys") } };
}
const readImage = decoder(
  "images",
  "sha256",
  (row: Row): ImageRow =>
    present({
      sha256: text(row, "sha256") as Sha256,
      sizeBytes: whole(row, "size_bytes"),
      state: oneOf<ImageState>(row, "state", STATES),
      atMs: whole(row, "at_ms"),
      fault: maybeJson(row, "fault", faultCheck),
    }),
);

function believedMost(a: { readonly source: SourceKind }, b: { readonly source: SourceKind }): number {
  return rankOf(a.source, true) - rankOf(b.source, true) || SOURCE_KINDS.indexOf(a.source) - SOURCE_KINDS.indexOf(b.source);
}

export function releasesIn(sql: Sql): Releases {
  const newest = (source: string) => {
    const row = sql.one("select * from catalogues where source = @source order by root_version desc, version desc limit 1", { source });
    return row === undefined ? undefined : readCatalogue(row);
  };
  const list = (source?: string): readonly Release[] =>
    sql.all("select * from releases where @source is null or source = @source order by id, source", { source }).map(readRelease);
  const stated = (): readonly StatedRelease[] =>
    sql
      .all("select * from releases order by id")
      .map((row) => ({ source: oneOf<SourceKind>(row, "source", SOURCE_NAMES), release: readRelease(row) }))
      .toSorted(believedMost);
  const saveCatalogue: Releases["saveCatalogue"] = (catalogue, atMs, source = CHANNEL) =>
    sql.transaction(() => {
      const { version, expiresAtMs, releases, trust } = catalogue;
      if (goesBack(newest(source), catalogue) !== undefined) return false;
      sql.run(
        `insert into catalogues (source, version, expires_at_ms, at_ms, root_version, release_keys)
            values (@source, @version, @expiresAtMs, @atMs, @rootVersion, @releaseKeys)
            on conflict (source, version) do update set expires_at_ms = excluded.expires_at_ms,
              root_version = excluded.root_version, release_keys = excluded.release_keys`,
        { source, version, expiresAtMs, atMs, rootVersion: trust?.rootVersion ?? 0, releaseKeys: trust?.releaseKeys ?? "" },
      );
      sql.run("delete from releases where source = @source", { source });
      for (const release of releases)
        sql.run("insert into releases (source, id, catalogue_version, doc) values (@source, @id, @version, @doc)", {
          source,
          id: release.id,
          version,
          doc: toJson(release),
        });
      return true;
    });
  /** Each word of a person is the next catalogue of its source. */
  const saveAccepted = (releases: readonly Release[], source: UnsignedKind, atMs: Ms): void => {
    saveCatalogue({ version: (newest(source)?.version ?? 0) + 1, expiresAtMs: NEVER_MS, releases }, atMs, source);
  };
  return {
    saveCatalogue,
    stated,
    find: (id) => stated().find(({ release }) => release.id === id),
    standing(id) {
      const [best] = sql
        .all("select * from releases where id = @id", { id })
        .map((row) => ({ source: oneOf<SourceKind>(row, "source", SOURCE_NAMES), version: whole(row, "catalogue_version"), row }))
        .toSorted(believedMost);
      const seen = best === undefined ? undefined : newest(best.source);
      if (best === undefined || seen === undefined) return undefined;
      const { source, version, row } = best;
      return { source, release: readRelease(row), version, newestVersion: seen.version, expiresAtMs: seen.expiresAtMs };
    },
    accept: (release, source, atMs) => saveAccepted([...list(source).filter(({ id }) => id !== release.id), release], source, atMs),
    withdraw: (id, source, atMs) =>
      saveAccepted(
        list(source).filter((release) => release.id !== id),
        source,
        atMs,
      ),
    newestCatalogue(source = CHANNEL) {
      const known = newest(source);
      return known && { version: known.version, ...(known.trust === undefined ? {} : { trust: known.trust }) };
    },
    catalogue(source = CHANNEL) {
      const known = newest(source);
      return known === undefined ? undefined : { ...known, releases: list(source) };
    },
    list,
    load(id, source = CHANNEL) {
      const row = sql.one("select * from releases where source = @source and id = @id", { source, id });
      return row === undefined ? undefined : readRelease(row);
    },
    saveImage({ sha256, sizeBytes, state, atMs, fault }) {
      sql.run(
        `insert into images (sha256, size_bytes, state, at_ms, fault) values (@sha256, @sizeBytes, @state, @atMs, @fault)
          on conflict (sha256) do update set size_bytes = excluded.size_bytes, state = excluded.state, at_ms = excluded.at_ms,
            fault = excluded.fault`,
        { sha256, sizeBytes, state, atMs, fault: toJson(fault) },
      );
    },
    image(sha256) {
      const row = sql.one("select * from images where sha256 = @sha256", { sha256 });
      return row === undefined ? undefined : readImage(row);
    },
    images: (state) => sql.all("select * from images where @state is null or state = @state order by sha256", { state }).map(readImage),
  };
}
