/**
 * What a person decided on identities: two are one (`merge`), or two are two (`split`). Whatever is seen later obeys until it is undone.
 */
import type { DeviceId } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import { decoder, type JsonObject, json, jsonObject, maybeText, maybeWhole, oneOf, present, text, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export type SplitField = "mac" | "serial" | "address";

/** Sightings of the device that state this are the other device's. */
export interface SplitBy {
  readonly field: SplitField;
  readonly value: string;
}

export interface Decision {
  /** `m-…` or `s-…` */
  readonly id: string;
  readonly kind: "merge" | "split";
  readonly keeps: DeviceId;
  /** Of a merge: the name that is no device of its own any more. Of a split: the other device. */
  readonly other: DeviceId;
  /** Of a split of one device; without it the two were two already, and stay so. */
  readonly by?: SplitBy;
  readonly atMs: Ms;
  readonly actor: string;
  readonly undoneAtMs?: Ms;
  /** What it takes to undo it. */
  readonly kept: JsonObject;
}

export interface Decisions {
  add(decision: Omit<Decision, "undoneAtMs" | "kept"> & { readonly kept: object }): void;
  load(id: string): Decision | undefined;
  /** Newest first; `all` gives the undone ones too. */
  list(which: "open" | "all", limit: number): readonly Decision[];
  undo(id: string, atMs: Ms): void;
  /** The device that a name stands for now. */
  resolve(id: DeviceId): DeviceId;
  /** The device that took in one with this serial. */
  mergedSerial(serial: string): DeviceId | undefined;
  /** Did a person say that these are two? */
  apart(one: DeviceId, other: DeviceId): boolean;
  /** Splits of this device that say which of its sightings are another's. */
  splitsOf(keeps: DeviceId): readonly (Decision & { readonly by: SplitBy })[];
  /** Merges in force that this device came out of. */
  mergesInto(keeps: DeviceId): readonly Decision[];
}

/** Merges of merged devices that are followed; a longer chain is nobody's intent. */
const CHAIN_MAX = 16;

const KINDS = { merge: true, split: true } as const;
const FIELDS = { mac: true, serial: true, address: true } satisfies { [field in SplitField]: true };

const readDecision = decoder(
  "decisions",
  "id",
  (row: Row): Decision =>
    present({
      id: text(row, "id"),
      kind: oneOf<"merge" | "split">(row, "kind", KINDS),
      keeps: text(row, "keeps") as DeviceId,
      other: text(row, "other") as DeviceId,
      by:
        maybeText(row, "by_field") === undefined
          ? undefined
          : { field: oneOf<SplitField>(row, "by_field", FIELDS), value: text(row, "by_value") },
      atMs: whole(row, "at_ms"),
      actor: text(row, "actor"),
      undoneAtMs: maybeWhole(row, "undone_at_ms"),
      kept: json(row, "kept", jsonObject),
    }),
);

export function decisionsIn(sql: Sql): Decisions {
  const resolve = (id: DeviceId): DeviceId => {
    let at = id;
    for (let step = 0; step < CHAIN_MAX; step++) {
      const row = sql.one("select keeps from decisions where other = @at and kind = 'merge' and undone_at_ms is null", { at });
      if (row === undefined) return at;
      at = text(row, "keeps") as DeviceId;
    }
    return at;
  };
  return {
    resolve,
    mergedSerial(serial) {
      const row = sql.one(
        `select keeps from decisions where kind = 'merge' and undone_at_ms is null and json_extract(kept, '$.device.serial') = @serial`,
        { serial },
      );
      return row === undefined ? undefined : resolve(text(row, "keeps") as DeviceId);
    },
    add: ({ by, kept, ...rest }) =>
      void sql.run(
        `insert into decisions (id, kind, keeps, other, by_field, by_value, at_ms, actor, kept)
          values (@id, @kind, @keeps, @other, @field, @value, @atMs, @actor, @kept)`,
        { ...rest, field: by?.field, value: by?.value, kept: toJson(kept) },
      ),
    load(id) {
      const row = sql.one("select * from decisions where id = @id", { id });
      return row === undefined ? undefined : readDecision(row);
    },
    list: (which, limit) =>
      sql
        .all(
          which === "open"
            ? "select * from decisions where undone_at_ms is null order by seq desc limit @limit"
            : "select * from decisions order by seq desc limit @limit",
          { limit },
        )
        .map(readDecision),
    undo: (id, atMs) => void sql.run("update decisions set undone_at_ms = @atMs where id = @id and undone_at_ms is null", { id, atMs }),
    apart: (one, other) =>
      sql.one(
        `select 1 as found from decisions where kind = 'split' and undone_at_ms is null
          and ((keeps = @one and other = @other) or (keeps = @other and other = @one))`,
        { one, other },
      ) !== undefined,
    splitsOf: (keeps) =>
      sql
        .all(
          "select * from decisions where keeps = @keeps and kind = 'split' and undone_at_ms is null and by_field is not null order by seq",
          {
            keeps,
          },
        )
        .map(readDecision)
        .flatMap((decision) => (decision.by === undefined ? [] : [{ ...decision, by: decision.by }])),
    mergesInto: (keeps) =>
      sql
        .all("select * from decisions where keeps = @keeps and kind = 'merge' and undone_at_ms is null order by seq", { keeps })
        .map(readDecision),
  };
}
