/** The signed roster of keys and people, and the marks that only move forward: highest time seen, epoch of restores. */

import type { Ms } from "../protocols/core/time.ts";
import { decoder, text, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export interface RosterRow {
  readonly version: number;
  /** As it was signed. */
  readonly document: string;
  readonly atMs: Ms;
}

export interface Roster {
  /** False, with nothing changed, where this or a newer version is kept. */
  save(roster: RosterRow): boolean;
  newest(): RosterRow | undefined;
}

export interface Marks {
  /** @returns the highest time noted so far, this one included */
  noteTime(nowMs: Ms): Ms;
  highestTime(): Ms | undefined;
  /** Makes this the highest time, whatever was noted: a person answers for it. */
  acceptTime(nowMs: Ms): void;
  /** Counts restores from a backup; 0 where there was none. */
  epoch(): number;
  /** @returns the epoch now */
  raiseEpoch(): number;
}

const readRoster = decoder(
  "rosters",
  "version",
  (row: Row): RosterRow => ({ version: whole(row, "version"), document: text(row, "document"), atMs: whole(row, "at_ms") }),
);

export function rosterIn(sql: Sql): Roster {
  return {
    save: ({ version, document, atMs }) =>
      sql.run(
        `insert into rosters (version, document, at_ms) select @version, @document, @atMs
          where not exists (select 1 from rosters where version >= @version)`,
        { version, document, atMs },
      ).changes > 0,
    newest() {
      const row = sql.one("select * from rosters order by version desc limit 1");
      return row === undefined ? undefined : readRoster(row);
    },
  };
}

export function marksIn(sql: Sql): Marks {
  const value = (name: string): number | undefined => {
    const row = sql.one("select value from counters where name = @name", { name });
    return row === undefined ? undefined : whole(row, "value");
  };
  return {
    noteTime: (nowMs) =>
      whole(
        sql.one(
          `insert into counters (name, value) values ('highestTime', @nowMs)
            on conflict (name) do update set value = max(value, excluded.value) returning value`,
          { nowMs },
        ) ?? {},
        "value",
      ),
    highestTime: () => value("highestTime"),
    acceptTime: (nowMs) =>
      void sql.run(
        "insert into counters (name, value) values ('highestTime', @nowMs) on conflict (name) do update set value = excluded.value",
        { nowMs },
      ),
    epoch: () => value("epoch") ?? 0,
    raiseEpoch: () =>
      whole(
        sql.one(
          "insert into counters (name, value) values ('epoch', 1) on conflict (name) do update set value = value + 1 returning value",
        ) ?? {},
        "value",
      ),
  };
}
