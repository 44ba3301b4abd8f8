/**
 * How much places are in use, hour by hour of the week: learned once a day from the readings, kept small.
 */
import { HOURS_OF_WEEK, type Usage } from "../firmware/waves/quiet-hours.ts";
import type { Ms } from "../protocols/core/time.ts";
import { decoder, json, text, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export interface UsageRow {
  /** `room:Matterhorn`, `device:<id>` for what stands in no room, `site`. */
  readonly key: string;
  readonly learnedAtMs: Ms;
  readonly usage: Usage;
}

export interface PlaceUsages {
  all(): readonly UsageRow[];
  load(key: string): UsageRow | undefined;
  /** All of a day, in place of those of before; one transaction. */
  replace(rows: readonly Omit<UsageRow, "learnedAtMs">[], learnedAtMs: Ms): void;
}

const read = decoder(
  "place_usages",
  "key",
  (row: Row): UsageRow => ({
    key: text(row, "key"),
    learnedAtMs: whole(row, "learned_at_ms"),
    usage: { zone: text(row, "zone"), days: whole(row, "days"), busy: json(row, "busy", { parse: sharesOf }) },
  }),
);

function sharesOf(value: unknown): readonly (number | null)[] {
  const isShare = (one: unknown): one is number | null => one === null || (typeof one === "number" && one >= 0 && one <= 1);
  if (!Array.isArray(value) || value.length !== HOURS_OF_WEEK || !value.every(isShare)) throw new Error("expected the hours of a week");
  return value;
}

export function placeUsagesIn(sql: Sql): PlaceUsages {
  return {
    all: () => sql.all("select key, learned_at_ms, zone, days, busy from place_usages order by key").map(read),
    load(key) {
      const row = sql.one("select key, learned_at_ms, zone, days, busy from place_usages where key = @key", { key });
      return row === undefined ? undefined : read(row);
    },
    replace: (rows, learnedAtMs) =>
      sql.transaction(() => {
        sql.run("delete from place_usages", {});
        for (const { key, usage } of rows)
          sql.run("insert into place_usages (key, learned_at_ms, zone, days, busy) values (@key, @learnedAtMs, @zone, @days, @busy)", {
            ...{ key, learnedAtMs, zone: usage.zone, days: usage.days, busy: toJson(usage.busy) },
          });
      }),
  };
}
