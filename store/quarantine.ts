/**
 * Files that nobody signed, by source, name and content; and a person's word on their bytes. A file that changes is another row:
 * what was said of the old bytes says nothing of the new ones.
 */
import type { Listed } from "../firmware/sources/contradictions.ts";
import { SOURCE_NAMES, type SourceKind, type UnsignedKind } from "../firmware/sources/source.ts";
import type { FileHint } from "../firmware/staging/hint.ts";
import type { Inside } from "../firmware/staging/inside.ts";
import type { Sha256 } from "../protocols/core/ids.ts";
import { DAY, type Ms } from "../protocols/core/time.ts";
import { decoder, json, maybeJson, maybeText, maybeWhole, oneOf, present, shape, text, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export interface QuarantinedFile {
  readonly source: UnsignedKind;
  readonly name: string;
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  readonly hint: FileHint;
  /** Absent: nobody has looked into it yet. */
  readonly inside?: Inside;
  /** What the source's list says of it. */
  readonly listed?: Listed;
}

export interface HeldNow {
  readonly files: readonly QuarantinedFile[];
  readonly unsettled: readonly string[];
}

export interface QuarantineRow extends QuarantinedFile {
  readonly foundAtMs: Ms;
  /** The bytes no longer lie where they were found. */
  readonly goneAtMs?: Ms;
  readonly verdict?: Verdict;
}

export interface Verdict {
  readonly sha256: Sha256;
  readonly verdict: "accepted" | "rejected";
  /** What the accepted bytes are for. */
  readonly release?: string;
  readonly person: string;
  readonly reason: string;
  readonly atMs: Ms;
}

export interface Quarantine {
  /**
   * All that a source holds now: others of it are gone, but those of a name in `unsettled`, of which that is not known yet. What
   * is gone and was never decided on is forgotten after a month.
   * @returns those that were not there before
   */
  replace(source: UnsignedKind, now: HeldNow, atMs: Ms): readonly QuarantinedFile[];
  /** One more file. @returns false where it was there already */
  add(file: QuarantinedFile, atMs: Ms): boolean;
  /** The bytes are no longer held for this source. */
  gone(source: UnsignedKind, sha256: Sha256, atMs: Ms): void;
  /** Newest first. */
  list(): readonly QuarantineRow[];
  /** How many files of the source lie here that nobody decided on. */
  waiting(source: SourceKind): number;
  ofHash(sha256: Sha256): readonly QuarantineRow[];
  /** Archives that hold an image with this hash. */
  holding(image: Sha256): readonly QuarantineRow[];
  /** Somebody has looked into these bytes. */
  saveInside(sha256: Sha256, inside: Inside): void;
  /** In place of an earlier word on the same bytes. */
  decide(verdict: Verdict): void;
  verdict(sha256: Sha256): Verdict | undefined;
}

const KEPT_GONE_MS: Ms = 30 * DAY;
const VERDICTS = { accepted: true, rejected: true } as const;
const hintCheck = shape<FileHint>({});
const insideCheck = shape<Inside>({ kind: "string" });
const listedCheck = shape<Listed>({ version: "string", partNumbers: "list" });

const readFile = decoder(
  "quarantine",
  "name",
  (row: Row): Omit<QuarantineRow, "verdict"> =>
    present({
      source: oneOf<SourceKind>(row, "source", SOURCE_NAMES) as UnsignedKind,
      name: text(row, "name"),
      sha256: text(row, "sha256") as Sha256,
      sizeBytes: whole(row, "size_bytes"),
      hint: json(row, "hint", hintCheck),
      inside: maybeJson(row, "inside", insideCheck),
      listed: maybeJson(row, "listed", listedCheck),
      foundAtMs: whole(row, "found_at_ms"),
      goneAtMs: maybeWhole(row, "gone_at_ms"),
    }),
);
const readVerdict = decoder(
  "verdicts",
  "sha256",
  (row: Row): Verdict =>
    present({
      sha256: text(row, "sha256") as Sha256,
      verdict: oneOf<Verdict["verdict"]>(row, "verdict", VERDICTS),
      release: maybeText(row, "release"),
      person: text(row, "person"),
      reason: text(row, "reason"),
      atMs: whole(row, "at_ms"),
    }),
);

const maybeToJson = (value: object | undefined): string | null => (value === undefined ? null : (toJson(value) ?? null));

export function quarantineIn(sql: Sql): Quarantine {
  const verdict = (sha256: Sha256): Verdict | undefined => {
    const row = sql.one("select * from verdicts where sha256 = @sha256", { sha256 });
    return row === undefined ? undefined : readVerdict(row);
  };
  const withVerdict = (row: Row, word: Verdict | undefined): QuarantineRow => ({
    ...readFile(row),
    ...(word === undefined ? {} : { verdict: word }),
  });
  const add: Quarantine["add"] = ({ source, name, sha256, sizeBytes, hint, inside, listed }, atMs) => {
    const key = { source, name, sha256 };
    const known = sql.one("select gone_at_ms from quarantine where source = @source and name = @name and sha256 = @sha256", key);
    sql.run(
      `insert into quarantine (source, name, sha256, size_bytes, hint, found_at_ms, inside, listed)
        values (@source, @name, @sha256, @sizeBytes, @hint, @atMs, @inside, @listed)
        on conflict (source, name, sha256) do update set hint = excluded.hint, gone_at_ms = null,
          inside = coalesce(excluded.inside, inside), listed = coalesce(excluded.listed, listed)`,
      { ...key, sizeBytes, hint: toJson(hint), atMs, inside: maybeToJson(inside), listed: maybeToJson(listed) },
    );
    return known === undefined;
  };
  return {
    add,
    replace: (source, { files, unsettled }, atMs) =>
      sql.transaction(() => {
        sql.run(
          `update quarantine set gone_at_ms = @atMs where source = @source and gone_at_ms is null
            and name not in (select value from json_each(@unsettled))`,
          { source, atMs, unsettled: toJson(unsettled) },
        );
        const fresh = files.filter((file) => add(file, atMs));
        sql.run(
          `delete from quarantine where source = @source and gone_at_ms < @beforeMs
            and not exists (select 1 from verdicts v where v.sha256 = quarantine.sha256)`,
          { source, beforeMs: atMs - KEPT_GONE_MS },
        );
        return fresh;
      }),
    gone: (source, sha256, atMs) =>
      void sql.run("update quarantine set gone_at_ms = @atMs where source = @source and sha256 = @sha256 and gone_at_ms is null", {
        source,
        sha256,
        atMs,
      }),
    list() {
      const words = new Map(
        sql
          .all("select * from verdicts")
          .map(readVerdict)
          .map((word) => [word.sha256, word]),
      );
      const rows = sql.all("select * from quarantine order by found_at_ms desc, source, name, sha256");
      return rows.map((row) => withVerdict(row, words.get(row["sha256"] as Sha256)));
    },
    waiting(source) {
      const row = sql.one(
        `select count(*) as count from quarantine q where source = @source and gone_at_ms is null
          and not exists (select 1 from verdicts v where v.sha256 = q.sha256)`,
        { source },
      );
      return whole(row ?? {}, "count");
    },
    holding(image) {
      const rows = sql.all(
        `select q.* from quarantine q
          where exists (select 1 from json_each(q.inside, '$.images') i where json_extract(i.value, '$.sha256') = @image)
          order by q.source, q.name, q.sha256`,
        { image },
      );
      return rows.map((row) => withVerdict(row, verdict(row["sha256"] as Sha256)));
    },
    saveInside: (sha256, inside) =>
      void sql.run("update quarantine set inside = @inside where sha256 = @sha256", { sha256, inside: toJson(inside) }),
    ofHash(sha256) {
      const word = verdict(sha256);
      return sql
        .all("select * from quarantine where sha256 = @sha256 order by source, name", { sha256 })
        .map((row) => withVerdict(row, word));
    },
    decide: ({ sha256, verdict: word, release, person, reason, atMs }) =>
      void sql.run(
        `insert into verdicts (sha256, verdict, release, person, reason, at_ms) values (@sha256, @word, @release, @person, @reason, @atMs)
          on conflict (sha256) do update set verdict = excluded.verdict, release = excluded.release, person = excluded.person,
            reason = excluded.reason, at_ms = excluded.at_ms`,
        { sha256, word, release, person, reason, atMs },
      ),
    verdict,
  };
}
