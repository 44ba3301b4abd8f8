/** What people plan to be dark: nobody is told of it while it lasts. */
import type { Ms } from "../protocols/core/time.ts";
import { decoder, maybeWhole, oneOf, present, text, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export type MaintenanceScope = "site" | "switch" | "room" | "device";

export interface MaintenanceRow {
  readonly id: number;
  readonly scopeKind: MaintenanceScope;
  /** A switch's address, a room's name, a device's id; empty for the whole site. */
  readonly scope: string;
  readonly fromMs: Ms;
  readonly untilMs: Ms;
  /** Ended by a person before its time. */
  readonly endedMs?: Ms;
  readonly reason: string;
  readonly actor: string;
}

export interface Maintenances {
  start(row: Omit<MaintenanceRow, "id" | "endedMs">): MaintenanceRow;
  /** False where it is unknown or over. */
  end(id: number, atMs: Ms): boolean;
  load(id: number): MaintenanceRow | undefined;
  /** Those that last at that time or end after it. Oldest first. */
  lasting(atMs: Ms): readonly MaintenanceRow[];
  /** Newest first. */
  list(limit: number): readonly MaintenanceRow[];
}

const SCOPES = { site: true, switch: true, room: true, device: true } satisfies { [kind in MaintenanceScope]: true };

const read = decoder(
  "maintenances",
  "id",
  (row: Row): MaintenanceRow =>
    present({
      id: whole(row, "id"),
      scopeKind: oneOf<MaintenanceScope>(row, "scope_kind", SCOPES),
      scope: text(row, "scope"),
      fromMs: whole(row, "from_ms"),
      untilMs: whole(row, "until_ms"),
      endedMs: maybeWhole(row, "ended_ms"),
      reason: text(row, "reason"),
      actor: text(row, "actor"),
    }),
);

export function maintenancesIn(sql: Sql): Maintenances {
  const load = (id: number): MaintenanceRow | undefined => {
    const row = sql.one("select * from maintenances where id = @id", { id });
    return row === undefined ? undefined : read(row);
  };
  return {
    start({ scopeKind, scope, fromMs, untilMs, reason, actor }) {
      const row = sql.one(
        `insert into maintenances (scope_kind, scope, from_ms, until_ms, reason, actor)
          values (@scopeKind, @scope, @fromMs, @untilMs, @reason, @actor) returning *`,
        { scopeKind, scope, fromMs, untilMs, reason, actor },
      );
      return read(row ?? {});
    },
    end: (id, atMs) =>
      sql.run("update maintenances set ended_ms = @atMs where id = @id and ended_ms is null and until_ms > @atMs", { id, atMs }).changes >
      0,
    load,
    lasting: (atMs) =>
      sql
        .all("select * from maintenances where min(until_ms, coalesce(ended_ms, until_ms)) > @atMs order by from_ms, id", { atMs })
        .map(read),
    list: (limit) => sql.all("select * from maintenances order by from_ms desc, id desc limit @limit", { limit }).map(read),
  };
}
