/** Scopes for which the kill switch is on, over restarts. */
import { type Kill, type KillScope, scopeKey } from "../firmware/waves/kill.ts";
import { Bug } from "../protocols/core/fault.ts";
import { decoder, text, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export interface KillRow extends Kill {
  readonly keyId: string;
}

export interface Kills {
  /** The widest first, then oldest first. */
  list(): readonly KillRow[];
  of(scope: KillScope): KillRow | undefined;
  /** @returns `false`, with the older row left as it is, where it is on for that scope already */
  add(row: KillRow): boolean;
  /** @returns `false` where it was not on */
  remove(scope: KillScope): boolean;
}

const readKill = decoder(
  "kills",
  "scope",
  (row: Row): KillRow => ({
    scope: scopeOf(text(row, "kind"), text(row, "name")),
    by: text(row, "person"),
    keyId: text(row, "key_id"),
    reason: text(row, "reason"),
    sinceMs: whole(row, "since_ms"),
  }),
);

function scopeOf(kind: string, name: string): KillScope {
  switch (kind) {
    case "site":
      return { kind };
    case "release":
      return { kind, release: name };
    case "model":
      return { kind, model: name };
    default:
      throw new Bug(`the kill switch knows no scope "${kind}"`);
  }
}

function nameOf(scope: KillScope): string {
  return scope.kind === "site" ? "" : scope.kind === "release" ? scope.release : scope.model;
}

export function killsIn(sql: Sql): Kills {
  const of = (scope: KillScope): KillRow | undefined => {
    const row = sql.one("select * from kills where scope = @scope", { scope: scopeKey(scope) });
    return row === undefined ? undefined : readKill(row);
  };
  return {
    list: () => sql.all("select * from kills order by kind <> 'site', since_ms, scope").map(readKill),
    of,
    add: ({ scope, by, keyId, reason, sinceMs }) =>
      sql.run(
        `insert into kills (scope, kind, name, person, key_id, reason, since_ms)
          values (@scope, @kind, @name, @by, @keyId, @reason, @sinceMs) on conflict do nothing`,
        { scope: scopeKey(scope), kind: scope.kind, name: nameOf(scope), by, keyId, reason, sinceMs },
      ).changes > 0,
    remove: (scope) => sql.run("delete from kills where scope = @scope", { scope: scopeKey(scope) }).changes > 0,
  };
}
