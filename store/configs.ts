/**
 * What devices are set to: a version for as long as the settings stay the same, its text once however many have it, and originals
 * that only the agent's key opens. Bounded per device.
 */
import { createHash } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import * as z from "zod";
import type { DeviceId } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import type { SettingsSource } from "../protocols/families/settings.ts";
import { type ConfigReads, configReadsIn } from "./config-reads.ts";
import { bytes, decoder, json, maybeJson, maybeText, oneOf, present, text, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

/** Who is behind a version, as far as it is known. `key`: nothing changed but the key of the agent that secrets are marked with. */
const causeSchema = z.strictObject({
  kind: z.enum(["first", "campaign", "phone", "web", "key", "unknown"]),
  campaign: z.string().optional(),
  task: z.string().optional(),
});
export type ConfigCause = z.infer<typeof causeSchema>;

/** Settings that came, went and changed with a version. */
const countsSchema = z.strictObject({ added: z.int(), removed: z.int(), changed: z.int() });
export type ChangeCounts = z.infer<typeof countsSchema>;

/** What a canonical text is known by. */
export const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

export interface ConfigVersion {
  readonly device: DeviceId;
  readonly source: SettingsSource;
  readonly sinceMs: Ms;
  /** Last seen so. */
  readonly untilMs: Ms;
  readonly hash: string;
  readonly settings: number;
  readonly original?: string;
  readonly originalBytes?: number;
  readonly cause: ConfigCause;
  /** Against the version before, as it was then. */
  readonly counts?: ChangeCounts;
}

export interface NewVersion {
  readonly device: DeviceId;
  readonly source: SettingsSource;
  readonly atMs: Ms;
  /** Canonical. */
  readonly text: string;
  readonly settings: number;
  readonly original?: Original;
  readonly cause: ConfigCause;
  readonly counts?: ChangeCounts;
}

export interface Original {
  readonly id: string;
  readonly sealed: Uint8Array;
  readonly sizeBytes: number;
}

export interface Configs extends ConfigReads {
  /** By source, oldest first. */
  versions(device: DeviceId): readonly ConfigVersion[];
  latest(device: DeviceId, source: SettingsSource): ConfigVersion | undefined;
  text(hash: string): string;
  sealed(original: string): Buffer | undefined;
  /** Begins a version; older ones beyond the bounds go, the first stays. */
  begin(version: NewVersion): void;
  /** It is still so. The newest original takes the place of the one before: it may differ in what is no setting. */
  seen(version: ConfigVersion, atMs: Ms, original?: Original): void;
  /** What no version holds any more, because its device went. @returns how many went */
  tidy(): number;
}

/** Versions of one source of one device: the first, and the newest of the others. A change a day is seen for a month. A guess. */
export const VERSIONS_MAX = 31;
/** Packed texts and sealed originals of one device, over all its sources. A whole phone packs to some 10 kB. A guess. */
export const DEVICE_BYTES_MAX = 1024 * 1024;

const SOURCES = { "phone-overrides": true, "web-overrides": true, backup: true, values: true, export: true } satisfies {
  [source in SettingsSource]: true;
};

const VERSIONS = `select v.*, t.settings as settings, o.size_bytes as original_bytes from config_versions v
  join config_texts t on t.hash = v.hash left join config_originals o on o.id = v.original`;

const readVersion = decoder(
  "config_versions",
  "device",
  (row: Row): ConfigVersion =>
    present({
      device: text(row, "device") as DeviceId,
      source: oneOf<SettingsSource>(row, "source", SOURCES),
      sinceMs: whole(row, "since_ms"),
      untilMs: whole(row, "until_ms"),
      hash: text(row, "hash"),
      settings: whole(row, "settings"),
      original: maybeText(row, "original"),
      originalBytes: row["original_bytes"] === null ? undefined : whole(row, "original_bytes"),
      cause: json(row, "cause", causeSchema),
      counts: maybeJson(row, "counts", countsSchema),
    }),
);

const readBody = decoder("config_texts", "hash", (row: Row) => inflateRawSync(bytes(row, "body")).toString("utf8"));
const readSealed = decoder("config_originals", "id", (row: Row) => bytes(row, "sealed"));

export function configsIn(sql: Sql): Configs {
  const versions: Configs["versions"] = (device) =>
    sql.all(`${VERSIONS} where v.device = @device order by v.source, v.since_ms`, { device }).map(readVersion);
  const latest: Configs["latest"] = (device, source) => {
    const row = sql.one(`${VERSIONS} where v.device = @device and v.source = @source order by v.since_ms desc limit 1`, { device, source });
    return row === undefined ? undefined : readVersion(row);
  };
  return {
    ...configReadsIn(sql),
    versions,
    latest,
    text(hash) {
      const row = sql.one("select hash, body from config_texts where hash = @hash", { hash });
      return row === undefined ? "" : readBody(row);
    },
    sealed(original) {
      const row = sql.one("select id, sealed from config_originals where id = @original", { original });
      return row === undefined ? undefined : readSealed(row);
    },
    begin(version) {
      sql.transaction(() => {
        // Two of one moment, or a clock that went back: each version has its own beginning, in order.
        const last = latest(version.device, version.source);
        insert({ ...version, atMs: Math.max(version.atMs, (last?.sinceMs ?? 0) + 1) }, sql);
        trim(versions(version.device), version.source, sql);
      });
    },
    seen(version, atMs, original) {
      const { device, source, sinceMs } = version;
      sql.transaction(() => {
        const other = original !== undefined && original.id !== version.original;
        if (other) keepOriginal(original, sql);
        sql.run(
          `update config_versions set until_ms = max(until_ms, @atMs), original = coalesce(@original, original)
            where device = @device and source = @source and since_ms = @sinceMs`,
          { device, source, sinceMs, atMs, original: original?.id ?? null },
        );
        if (other) dropUnused([version], sql);
      });
    },
    tidy: () =>
      sql.transaction(
        () =>
          sql.run("delete from config_texts where hash not in (select hash from config_versions)").changes +
          sql.run("delete from config_originals where id not in (select original from config_versions where original is not null)").changes,
      ),
  };
}

function keepOriginal({ id, sealed, sizeBytes }: Original, sql: Sql): void {
  sql.run("insert into config_originals (id, sealed, size_bytes) values (@id, @sealed, @sizeBytes) on conflict do nothing", {
    id,
    sealed: Buffer.from(sealed),
    sizeBytes,
  });
}

function insert({ device, source, atMs, text: body, settings, original, cause, counts }: NewVersion, sql: Sql): void {
  const hash = hashOf(body);
  sql.run("insert into config_texts (hash, body, settings) values (@hash, @body, @settings) on conflict do nothing", {
    hash,
    body: deflateRawSync(Buffer.from(body)),
    settings,
  });
  if (original !== undefined) keepOriginal(original, sql);
  sql.run(
    `insert into config_versions (device, source, since_ms, until_ms, hash, original, cause, counts)
      values (@device, @source, @atMs, @atMs, @hash, @original, @cause, @counts)`,
    { device, source, atMs, hash, original: original?.id ?? null, cause: toJson(cause), counts: toJson(counts) ?? null },
  );
}

/** Pure choice, then rows: what goes is the oldest that is neither the first nor the last of its source. */
function trim(all: readonly ConfigVersion[], source: SettingsSource, sql: Sql): void {
  const middle = (of: SettingsSource): readonly ConfigVersion[] => all.filter((one) => one.source === of).slice(1, -1);
  const gone = new Set(middle(source).slice(0, Math.max(0, all.filter((one) => one.source === source).length - VERSIONS_MAX)));
  let left = all.filter((one) => !gone.has(one));
  const spare = Object.keys(SOURCES)
    .flatMap((each) => middle(each as SettingsSource))
    .filter((one) => !gone.has(one))
    .toSorted((a, b) => a.sinceMs - b.sinceMs);
  for (const oldest of spare) {
    if (bytesOf(left, sql) <= DEVICE_BYTES_MAX) break;
    gone.add(oldest);
    left = left.filter((one) => one !== oldest);
  }
  for (const { device, source: from, sinceMs } of gone) {
    sql.run("delete from config_versions where device = @device and source = @from and since_ms = @sinceMs", { device, from, sinceMs });
  }
  dropUnused([...gone], sql);
}

function bytesOf(versions: readonly ConfigVersion[], sql: Sql): number {
  const hashes = toJson([...new Set(versions.map(({ hash }) => hash))]);
  const originals = toJson([...new Set(versions.flatMap(({ original }) => (original === undefined ? [] : [original])))]);
  const row = sql.one(
    `select (select coalesce(sum(length(body)), 0) from config_texts where hash in (select value from json_each(@hashes)))
      + (select coalesce(sum(length(sealed)), 0) from config_originals where id in (select value from json_each(@originals))) as size`,
    { hashes, originals },
  );
  return row === undefined ? 0 : whole(row, "size");
}

/** What these held and nobody else does. */
function dropUnused(versions: readonly ConfigVersion[], sql: Sql): void {
  for (const { hash, original } of versions) {
    sql.run("delete from config_texts where hash = @hash and not exists (select 1 from config_versions where hash = @hash)", { hash });
    if (original === undefined) continue;
    sql.run("delete from config_originals where id = @original and not exists (select 1 from config_versions where original = @original)", {
      original,
    });
  }
}
