/** Releases whose staging a person has stopped. It stays so over restarts, until somebody lets it go on. */
import * as z from "zod";
import { decoder, json, toJson } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export interface Staging {
  /** Ids of releases, in order. */
  paused(): readonly string[];
  pause(release: string): void;
  resume(release: string): void;
}

const NAME = "staging.paused";
const readPaused = decoder("meta", "name", (row: Row): readonly string[] => json(row, "value", z.array(z.string())));

export function stagingIn(sql: Sql): Staging {
  const paused = (): readonly string[] => {
    const row = sql.one("select name, value from meta where name = @name", { name: NAME });
    return row === undefined ? [] : readPaused(row);
  };
  const save = (releases: ReadonlySet<string>): void => {
    sql.run("insert into meta (name, value) values (@name, @value) on conflict (name) do update set value = excluded.value", {
      name: NAME,
      value: toJson([...releases].sort()),
    });
  };
  return {
    paused,
    pause: (release) => sql.transaction(() => save(new Set(paused()).add(release))),
    resume: (release) => sql.transaction(() => save(new Set(paused().filter((one) => one !== release)))),
  };
}
