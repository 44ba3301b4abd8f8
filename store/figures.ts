/**
 * How many of what, counted by the database: for those who look at all sites at once. Each is one grouped read; none grows
 * with what has ended.
 */
import type { Severity } from "./incidents.ts";
import { text, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export interface Counted<K extends string> {
  readonly by: { readonly [key in K]: string };
  readonly count: number;
}

export interface Figures {
  /** Devices in our care, by family and availability; a family not known yet is `unknown`. */
  devices(): readonly Counted<"family" | "availability">[];
  /** The same devices by their worst open condition: `ok`, `warning`, `error`, or `unknown` where nothing is known of one. */
  states(): readonly Counted<"family" | "state">[];
  /** Found and not decided about. */
  waiting(): number;
  openConditions(): readonly Counted<"severity" | "class">[];
  /** Each open incident by its severity and cause class. */
  openIncidents(): readonly Counted<"severity" | "class">[];
  campaigns(): readonly Counted<"state">[];
  tickets(): readonly Counted<"state">[];
  /** Versions of tickets that the desk does not have. */
  undeliveredTickets(): number;
}

const IN_CARE = "adopted = 1 and retired_at_ms is null";

/** Higher is worse: rows carry the name, and SQL has to compare. */
const RANKS = { info: 1, warning: 2, error: 3, critical: 4 } satisfies { [severity in Severity]: number };
const RANK = `case severity ${Object.entries(RANKS)
  .map(([name, rank]) => `when '${name}' then ${rank}`)
  .join(" ")} end`;

const STATES = `with worst as (
    select device, max(${RANK}) as rank from conditions where until_ms is null and device is not null group by device
  )
  select coalesce(family, 'unknown') as family,
    case when rank >= ${RANKS.error} then 'error' when rank = ${RANKS.warning} then 'warning'
      when availability = 'unknown' then 'unknown' else 'ok' end as state, count(*) as count
  from devices left join worst on worst.device = devices.id where ${IN_CARE} group by 1, 2 order by 1, 2`;

export function figuresIn(sql: Sql): Figures {
  const counted =
    <K extends string>(keys: readonly K[], query: string) =>
    (): readonly Counted<K>[] =>
      sql.all(query).map((row) => ({
        by: Object.fromEntries(keys.map((key) => [key, text(row, key)])) as { [key in K]: string },
        count: whole(row, "count"),
      }));
  const one = (query: string): number => whole(sql.one(query) ?? ({} as Row), "count");
  return {
    devices: counted(
      ["family", "availability"],
      `select coalesce(family, 'unknown') as family, availability, count(*) as count from devices where ${IN_CARE} group by 1, 2 order by 1, 2`,
    ),
    states: counted(["family", "state"], STATES),
    waiting: () => one("select count(*) as count from devices where adopted = 0 and ignored_at_ms is null and retired_at_ms is null"),
    openConditions: counted(
      ["severity", "class"],
      "select severity, cause_class as class, count(*) as count from conditions where until_ms is null group by 1, 2 order by 1, 2",
    ),
    openIncidents: counted(
      ["severity", "class"],
      "select severity, cause_class as class, count(*) as count from incidents where until_ms is null group by 1, 2 order by 1, 2",
    ),
    campaigns: counted(
      ["state"],
      "select coalesce(json_extract(state, '$.at'), 'unknown') as state, count(*) as count from campaigns group by 1 order by 1",
    ),
    tickets: counted(["state"], "select state, count(*) as count from tickets group by 1 order by 1"),
    undeliveredTickets: () => one("select count(*) as count from tickets where delivered_version < version"),
  };
}
