/**
 * Lists of entitlements by source: each import replaces its source's list as a whole and keeps what it changed.
 */
import type { Mac } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import { decoder, json, maybeJson, oneOf, shape, text, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export type EntitlementSource = "csv" | "lens" | "portal";

/** A day without a zone, `2027-01-19`. */
export type Day = string;

/** One line of a list. Without serial and MAC it is a stock of `quantity` licences for a model, of which nobody has one yet. */
export interface Entitlement {
  readonly source: EntitlementSource;
  /** Names it within its source, over all imports. */
  readonly key: string;
  /** As the list spells it. */
  readonly serial?: string;
  readonly mac?: Mac;
  readonly model?: string;
  readonly contract?: string;
  readonly service?: string;
  readonly quantity?: number;
  /** First and last day it holds; open where absent. */
  readonly from?: Day;
  readonly until?: Day;
  /** Its source says that it is over, whatever its days say. */
  readonly ended?: boolean;
}

export interface EntitlementChange {
  readonly key: string;
  readonly was?: Entitlement;
  readonly becomes?: Entitlement;
}

export interface EntitlementImport {
  readonly id: number;
  readonly source: EntitlementSource;
  readonly atMs: Ms;
  /** Who had it done. */
  readonly actor: string;
  /** The file, or the address it came from. */
  readonly name: string;
  readonly listed: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

export interface Entitlements {
  /** By source and key. */
  list(source?: EntitlementSource): readonly Entitlement[];
  /** The newest import of each source; a source that was never read is absent. */
  newest(): readonly EntitlementImport[];
  /** Newest first. */
  imports(limit: number): readonly EntitlementImport[];
  changes(importId: number, limit: number): readonly EntitlementChange[];
  /** Writes the changes down and applies them to the source's list. @returns the import with its number */
  take(
    what: Pick<EntitlementImport, "source" | "atMs" | "actor" | "name" | "listed">,
    changes: readonly EntitlementChange[],
  ): EntitlementImport;
}

const SOURCES = { csv: true, lens: true, portal: true } satisfies { [source in EntitlementSource]: true };
const entitlementCheck = shape<Entitlement>({ source: "string", key: "string" });

const readEntitlement = decoder("entitlements", "key", (row: Row): Entitlement => json(row, "doc", entitlementCheck));

const readImport = decoder(
  "entitlement_imports",
  "id",
  (row: Row): EntitlementImport => ({
    id: whole(row, "id"),
    source: oneOf<EntitlementSource>(row, "source", SOURCES),
    atMs: whole(row, "at_ms"),
    actor: text(row, "actor"),
    name: text(row, "name"),
    listed: whole(row, "listed"),
    added: whole(row, "added"),
    changed: whole(row, "changed"),
    removed: whole(row, "removed"),
  }),
);

const readChange = decoder("entitlement_changes", "seq", (row: Row): EntitlementChange => {
  const was = maybeJson(row, "was", entitlementCheck);
  const becomes = maybeJson(row, "becomes", entitlementCheck);
  return { key: text(row, "key"), ...(was === undefined ? {} : { was }), ...(becomes === undefined ? {} : { becomes }) };
});

export function entitlementsIn(sql: Sql): Entitlements {
  const apply = (source: EntitlementSource, { key, becomes }: EntitlementChange): void => {
    if (becomes === undefined) sql.run("delete from entitlements where source = @source and key = @key", { source, key });
    else
      sql.run(
        `insert into entitlements (source, key, doc) values (@source, @key, @doc)
          on conflict (source, key) do update set doc = excluded.doc`,
        { source, key, doc: toJson(becomes) },
      );
  };
  return {
    list: (source) =>
      sql.all("select * from entitlements where @source is null or source = @source order by source, key", { source }).map(readEntitlement),
    newest: () =>
      sql
        .all("select * from entitlement_imports where id in (select max(id) from entitlement_imports group by source) order by source")
        .map(readImport),
    imports: (limit) => sql.all("select * from entitlement_imports order by id desc limit @limit", { limit }).map(readImport),
    changes: (importId, limit) =>
      sql.all("select * from entitlement_changes where import = @importId order by seq limit @limit", { importId, limit }).map(readChange),
    take: (what, changes) =>
      sql.transaction(() => {
        const counts = {
          added: changes.filter(({ was }) => was === undefined).length,
          changed: changes.filter(({ was, becomes }) => was !== undefined && becomes !== undefined).length,
          removed: changes.filter(({ becomes }) => becomes === undefined).length,
        };
        const row = sql.one(
          `insert into entitlement_imports (source, at_ms, actor, name, listed, added, changed, removed)
            values (@source, @atMs, @actor, @name, @listed, @added, @changed, @removed) returning *`,
          { ...what, ...counts },
        );
        const made = readImport(row ?? {});
        for (const change of changes) {
          apply(what.source, change);
          sql.run("insert into entitlement_changes (import, key, was, becomes) values (@id, @key, @was, @becomes)", {
            id: made.id,
            key: change.key,
            was: change.was === undefined ? null : toJson(change.was),
            becomes: change.becomes === undefined ? null : toJson(change.becomes),
          });
        }
        return made;
      }),
  };
}
