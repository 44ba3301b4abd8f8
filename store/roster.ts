/** The signed roster of keys and people, and the marks that only move forward: highest time seen, epoch of restores. */

import { decoder, text, whole } from "./row.ts";

const readRoster = decoder(
  "rosters",
  "version",
  (row     )            => ({ version: whole(row, "version"), document: text(row, "document"), atMs: whole(row, "at_ms") }),
);

export function rosterIn(sql     )         {
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

export function marksIn(sql     )        {
  const value = (name        )                     => {
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

