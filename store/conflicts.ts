/**
 * Identities in conflict: one row for each, however often it is seen, with what every side says. It ends when its cause is gone or
 * a person has decided; seen again it opens anew.
 */
import { createHash } from "node:crypto";
import type { SightingSource } from "../protocols/core/device.ts";
import type { DeviceId } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import { decoder, json, listOf, maybeText, maybeWhole, oneOf, present, shape, text, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

/** `serial`: devices with one serial. `mac`: a device with two serials. `address`: devices at one address at once. `twoAddresses`: a device at two at once. */
export type ConflictKind = "serial" | "mac" | "address" | "twoAddresses";

/** What one of the two or more claims, and who says so. */
export interface ConflictSide {
  readonly device: DeviceId;
  /** The serial or address that is claimed. */
  readonly claims: string;
  readonly source: SightingSource;
  readonly atMs: Ms;
  readonly evidence: string;
}

export interface Conflict {
  readonly kind: ConflictKind;
  /** What is claimed twice, or the device that claims two. With the kind it names the conflict. */
  readonly value: string;
  readonly sides: readonly ConflictSide[];
}

export interface ConflictRow extends Conflict {
  readonly id: string;
  readonly sinceMs: Ms;
  readonly seenMs: Ms;
  readonly untilMs?: Ms;
  readonly ended?: "gone" | "decided";
}

export interface Conflicts {
  /** @returns `true` where it was not open before */
  open(conflict: Conflict, atMs: Ms): boolean;
  close(id: string, ended: "gone" | "decided", atMs: Ms): void;
  load(id: string): ConflictRow | undefined;
  /** Open ones that name the device. */
  ofDevice(device: DeviceId): readonly ConflictRow[];
  /** Newest first; `all` gives those that ended too. */
  list(which: "open" | "all", limit: number): readonly ConflictRow[];
}

/** Length of the hash in a name of ours: no two conflicts of one site share it. */
const HASH_CHARS = 12;

/** The same conflict always has the same name. */
export function conflictIdOf({ kind, value }: Pick<Conflict, "kind" | "value">): string {
  return `x-${createHash("sha256").update(`${kind} ${value}`).digest("hex").slice(0, HASH_CHARS)}`;
}

const KINDS = { serial: true, mac: true, address: true, twoAddresses: true } satisfies { [kind in ConflictKind]: true };
const ENDS = { gone: true, decided: true } as const;
const sidesCheck = listOf(
  shape<ConflictSide>({ device: "string", claims: "string", source: "string", atMs: "number", evidence: "string" }),
);

const readConflict = decoder(
  "conflicts",
  "id",
  (row: Row): ConflictRow =>
    present({
      id: text(row, "id"),
      kind: oneOf<ConflictKind>(row, "kind", KINDS),
      value: text(row, "value"),
      sides: json(row, "sides", sidesCheck),
      sinceMs: whole(row, "since_ms"),
      seenMs: whole(row, "seen_ms"),
      untilMs: maybeWhole(row, "until_ms"),
      ended: maybeText(row, "ended") === undefined ? undefined : oneOf<"gone" | "decided">(row, "ended", ENDS),
    }),
);

export function conflictsIn(sql: Sql): Conflicts {
  const load = (id: string): ConflictRow | undefined => {
    const row = sql.one("select * from conflicts where id = @id", { id });
    return row === undefined ? undefined : readConflict(row);
  };
  return {
    load,
    open: (conflict, atMs) =>
      sql.transaction(() => {
        const id = conflictIdOf(conflict);
        const before = load(id);
        sql.run(
          `insert into conflicts (id, kind, value, sides, since_ms, seen_ms) values (@id, @kind, @value, @sides, @atMs, @atMs)
            on conflict (id) do update set sides = excluded.sides, seen_ms = max(seen_ms, excluded.seen_ms),
              since_ms = case when until_ms is null then min(since_ms, excluded.since_ms) else excluded.since_ms end,
              until_ms = null, ended = null`,
          { id, kind: conflict.kind, value: conflict.value, sides: toJson(conflict.sides), atMs },
        );
        sql.run("delete from conflict_devices where conflict = @id", { id });
        for (const device of new Set(conflict.sides.map((side) => side.device))) {
          sql.run("insert into conflict_devices (conflict, device) values (@id, @device)", { id, device });
        }
        return before === undefined || before.untilMs !== undefined;
      }),
    close: (id, ended, atMs) =>
      void sql.run("update conflicts set until_ms = max(@atMs, since_ms), ended = @ended where id = @id and until_ms is null", {
        id,
        ended,
        atMs,
      }),
    ofDevice: (device) =>
      sql
        .all(
          `select c.* from conflicts c join conflict_devices d on d.conflict = c.id
            where d.device = @device and c.until_ms is null order by c.id`,
          { device },
        )
        .map(readConflict),
    list: (which, limit) =>
      sql
        .all(
          which === "open"
            ? "select * from conflicts where until_ms is null order by since_ms desc, id limit @limit"
            : "select * from conflicts order by since_ms desc, id limit @limit",
          { limit },
        )
        .map(readConflict),
  };
}
