/**
 * What waits to be published, written in the same transaction as what it tells. Rows leave in order and are marked when
 * the broker has them. Events and tickets are never given up; health batches are the first to go.
 */
import type { Ms } from "../protocols/core/time.ts";
import { bytes, decoder, flag, maybeWhole, oneOf, text, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export type OutboxKind = "event" | "ticket" | "state" | "health" | "reply";

export interface OutboxMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
  readonly qos: 0 | 1 | 2;
  /** `state`: only the newest of a topic waits. */
  readonly kind: OutboxKind;
  readonly atMs: Ms;
  /** Of an event or ticket its number in the site's count of events, of a health batch its number in that of batches. */
  readonly number?: number;
}

export interface OutboxRow extends OutboxMessage {
  readonly seq: number;
  readonly payload: Buffer;
}

export interface OutboxLimits {
  /** Published rows before this go. */
  readonly publishedBeforeMs: Ms;
  /** Waiting health batches before this go; nothing else that waits does. */
  readonly healthBeforeMs: Ms;
  /** More waiting health batches than this lose every second one, oldest first. */
  readonly healthMax: number;
}

export interface Outbox {
  /** @returns its number in the order of publishing */
  add(message: OutboxMessage): number;
  /** The next waiting rows in order; `after` skips those already on their way. */
  next(limit: number, after?: number): readonly OutboxRow[];
  /** Numbers that are gone meanwhile (a newer state took their place) are passed over. */
  markPublished(seqs: readonly number[], atMs: Ms): void;
  /** How many wait. */
  depth(): number;
  /** When the oldest waiting one was written. */
  oldestMs(): Ms | undefined;
  /** @returns how many rows went, at most `OUTBOX_PRUNE_MAX` of each sort; call again while it does */
  prune(limits: OutboxLimits): number;
  /** 1, 2, 3 …: the site's count of events, or of health batches, so that a reader sees a gap. Belongs into the transaction that adds it. */
  nextSequence(of?: "event" | "health"): number;
}

/** Rows removed by one `prune` of each sort: keeps the call within a few milliseconds. Guessed. */
export const OUTBOX_PRUNE_MAX = 5_000;

const KINDS = { event: true, ticket: true, state: true, health: true, reply: true } satisfies { [kind in OutboxKind]: true };

function qosOf(row: Row): 0 | 1 | 2 {
  const qos = whole(row, "qos");
  if (qos !== 0 && qos !== 1 && qos !== 2) throw new Error("qos is not 0, 1 or 2");
  return qos;
}

const readMessage = decoder(
  "outbox",
  "seq",
  (row: Row): OutboxRow => ({
    seq: whole(row, "seq"),
    topic: text(row, "topic"),
    payload: bytes(row, "payload"),
    retain: flag(row, "retain"),
    qos: qosOf(row),
    kind: oneOf<OutboxKind>(row, "kind", KINDS),
    atMs: whole(row, "at_ms"),
  }),
);

export function outboxIn(sql: Sql): Outbox {
  return {
    add: ({ topic, payload, retain, qos, kind, atMs }) =>
      sql.transaction(() => {
        if (kind === "state") sql.run("delete from outbox where topic = @topic and kind = 'state' and published_at_ms is null", { topic });
        return sql.run(
          `insert into outbox (topic, payload, retain, qos, kind, at_ms) values (@topic, @payload, @retain, @qos, @kind, @atMs)`,
          { topic, payload, retain, qos, kind, atMs },
        ).lastId;
      }),
    next: (limit, after = 0) =>
      sql
        .all("select * from outbox where published_at_ms is null and seq > @after order by seq limit @limit", { after, limit })
        .map(readMessage),
    markPublished: (seqs, atMs) =>
      sql.transaction(() => {
        for (const seq of seqs)
          sql.run("update outbox set published_at_ms = @atMs where seq = @seq and published_at_ms is null", { seq, atMs });
      }),
    depth: () => whole(sql.one("select count(*) as count from outbox where published_at_ms is null") ?? {}, "count"),
    oldestMs() {
      const row = sql.one("select at_ms from outbox where published_at_ms is null order by seq limit 1");
      return row === undefined ? undefined : maybeWhole(row, "at_ms");
    },
    prune: (limits) => sql.transaction(() => prune(sql, limits)),
    nextSequence(of = "event") {
      const row = sql.one(
        `insert into counters (name, value) values (@of, 1) on conflict (name) do update set value = value + 1 returning value`,
        { of },
      );
      return whole(row ?? {}, "value");
    },
  };
}

function prune(sql: Sql, { publishedBeforeMs, healthBeforeMs, healthMax }: OutboxLimits): number {
  const limit = OUTBOX_PRUNE_MAX;
  const published = sql.run(
    "delete from outbox where seq in (select seq from outbox where published_at_ms < @publishedBeforeMs order by seq limit @limit)",
    { publishedBeforeMs, limit },
  ).changes;
  const old = sql.run(
    `delete from outbox where seq in (select seq from outbox
      where published_at_ms is null and kind = 'health' and at_ms < @healthBeforeMs order by seq limit @limit)`,
    { healthBeforeMs, limit },
  ).changes;
  const waiting = whole(sql.one("select count(*) as count from outbox where published_at_ms is null and kind = 'health'") ?? {}, "count");
  const excess = Math.min(waiting - healthMax, limit);
  if (excess <= 0) return published + old;
  const thinned = sql.run(
    `delete from outbox where seq in (select seq from (select seq, row_number() over (order by seq) as place from outbox
      where published_at_ms is null and kind = 'health' order by seq limit @span) where place % 2 = 1)`,
    { span: excess * 2 },
  ).changes;
  return published + old + thinned;
}
