/** Releases whose staging a person has stopped, and how often images did not come. Both stay over restarts. */
import * as z from "zod";
import type { Sha256 } from "../protocols/core/ids.ts";
import { decoder, json, toJson } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export interface Staging {
  /** Ids of releases, in order. */
  paused(): readonly string[];
  pause(release: string): void;
  resume(release: string): void;
  /** Tries in a row that brought no whole image. */
  failedTries(sha256: Sha256): number;
  noteFailed(sha256: Sha256): void;
  /** It is here: its failures are forgotten. */
  noteStaged(sha256: Sha256): void;
}

const PAUSED = "staging.paused";
const FAILED = "staging.failedTries";
const readPaused = decoder("meta", "name", (row: Row): readonly string[] => json(row, "value", z.array(z.string())));

const readFailed = decoder(
  "meta",
  "name",
  (row: Row): Readonly<Record<string, number>> => json(row, "value", z.record(z.string(), z.int().positive())),
);

export function stagingIn(sql: Sql): Staging {
  const load = (name: string): Row | undefined => sql.one("select name, value from meta where name = @name", { name });
  const save = (name: string, value: unknown): void => {
    sql.run("insert into meta (name, value) values (@name, @value) on conflict (name) do update set value = excluded.value", {
      name,
      value: toJson(value),
    });
  };
  const paused = (): readonly string[] => {
    const row = load(PAUSED);
    return row === undefined ? [] : readPaused(row);
  };
  const savePaused = (releases: ReadonlySet<string>): void => save(PAUSED, [...releases].sort());
  const failed = (): Readonly<Record<string, number>> => {
    const row = load(FAILED);
    return row === undefined ? {} : readFailed(row);
  };
  return {
    paused,
    pause: (release) => sql.transaction(() => savePaused(new Set(paused()).add(release))),
    resume: (release) => sql.transaction(() => savePaused(new Set(paused().filter((one) => one !== release)))),
    failedTries: (sha256) => failed()[sha256] ?? 0,
    noteFailed: (sha256) =>
      sql.transaction(() => {
        const before = failed();
        save(FAILED, { ...before, [sha256]: (before[sha256] ?? 0) + 1 });
      }),
    noteStaged: (sha256) =>
      sql.transaction(() => {
        const { [sha256]: was, ...rest } = failed();
        if (was !== undefined) save(FAILED, rest);
      }),
  };
}
