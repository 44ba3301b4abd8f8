/**
 * What waits to be published, written in the same transaction as what it tells. Rows leave lane by lane and are marked when
 * the broker has them. Events and tickets are never given up, and kept for a while after that; health batches are thinned
 * first. No call grows with what waits.
 */
import type { Ms } from "../protocols/core/time.ts";
import { addLoad } from "./outbox-load.ts";
import { type OutboxLimits, type Pruned, prune } from "./outbox-prune.ts";
import { bytes, decoder, flag, maybeWhole, oneOf, present, text, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export type { OutboxLimits, Pruned, Thinned } from "./outbox-prune.ts";

export type OutboxKind = "event" | "ticket" | "state" | "health" | "reply";

/** `people`: answers, events and tickets, in one order. `state`: retained documents. `health`: batches of readings. */
export type OutboxLane = "people" | "state" | "health";

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

export interface NextRows {
  readonly limit: number;
  /** The first row comes whatever its length, then only what stays below. */
  readonly bytesMax: number;
  /** Only rows behind this one in the direction read. */
  readonly beyond?: number;
  readonly newestFirst?: boolean;
}

export interface Outbox {
  /** @returns its number in the order of writing */
  add(message: OutboxMessage): number;
  /** The next waiting rows of a lane. */
  next(lane: OutboxLane, ask: NextRows): readonly OutboxRow[];
  /** Rows that are gone meanwhile (a newer state took their place) are passed over. */
  markPublished(seqs: readonly number[], atMs: Ms): void;
  /** How many wait, of this kind or of all. */
  depth(kind?: OutboxKind): number;
  /** Bytes of payload that wait. */
  bytes(kind?: OutboxKind): number;
  /** When the oldest waiting one was written. */
  oldestMs(): Ms | undefined;
  /** Takes a bounded number of rows away; call again while it does. */
  prune(limits: OutboxLimits): Pruned;
  /**
   * Lets kept events and tickets with a number above `after` wait again, `limit` at most. @returns how many
   * @param publishedBeforeMs  the moment it was asked for: what goes out again meanwhile is not taken twice
   */
  resend(ask: { readonly after: number; readonly publishedBeforeMs: Ms; readonly limit: number }): number;
  /** 1, 2, 3 …: the site's count of events, or of health batches, so that a reader sees a gap. Belongs into the transaction that adds it. */
  nextSequence(of?: "event" | "health"): number;
}

const KINDS = { event: true, ticket: true, state: true, health: true, reply: true } satisfies { [kind in OutboxKind]: true };
const LANES = { people: 1, state: 2, health: 3 } satisfies { [lane in OutboxLane]: number };
/** Larger than any number of a row. */
const LAST_SEQ = Number.MAX_SAFE_INTEGER;

function qosOf(row: Row): 0 | 1 | 2 {
  const qos = whole(row, "qos");
  if (qos !== 0 && qos !== 1 && qos !== 2) throw new Error("qos is not 0, 1 or 2");
  return qos;
}

const readMessage = decoder(
  "outbox",
  "seq",
  (row: Row): OutboxRow =>
    present({
      seq: whole(row, "seq"),
      topic: text(row, "topic"),
      payload: bytes(row, "payload"),
      retain: flag(row, "retain"),
      qos: qosOf(row),
      kind: oneOf<OutboxKind>(row, "kind", KINDS),
      atMs: whole(row, "at_ms"),
      number: maybeWhole(row, "number"),
    }),
);

/** Which rows of a lane come next: their sizes are read first, so that a page of large ones does not fill the memory. */
const SIZES = {
  forward: "select seq, bytes from outbox where published_at_ms is null and lane = @lane and seq > @beyond order by seq limit @limit",
  backward: "select seq, bytes from outbox where published_at_ms is null and lane = @lane and seq < @beyond order by seq desc limit @limit",
} as const;
const ROWS = {
  forward: "select * from outbox where published_at_ms is null and lane = @lane and seq between @least and @most order by seq",
  backward: "select * from outbox where published_at_ms is null and lane = @lane and seq between @least and @most order by seq desc",
} as const;

function next(sql: Sql, name: OutboxLane, { limit, bytesMax, beyond, newestFirst }: NextRows): readonly OutboxRow[] {
  const lane = LANES[name];
  const way = newestFirst === true ? "backward" : "forward";
  const sizes = sql.all(SIZES[way], { lane, limit, beyond: beyond ?? (way === "forward" ? 0 : LAST_SEQ) });
  const first = sizes[0];
  if (first === undefined) return [];
  let last = first;
  let total = 0;
  for (const row of sizes) {
    total += whole(row, "bytes");
    if (total > bytesMax && row !== first) break;
    last = row;
  }
  const ends = [whole(first, "seq"), whole(last, "seq")];
  return sql.all(ROWS[way], { lane, least: Math.min(...ends), most: Math.max(...ends) }).map(readMessage);
}

function add(sql: Sql, { topic, payload, retain, qos, kind, atMs, number }: OutboxMessage): number {
  if (kind === "state") {
    const older = sql.one("delete from outbox where topic = @topic and kind = 'state' and published_at_ms is null returning bytes", {
      topic,
    });
    if (older !== undefined) addLoad(sql, kind, -1, -whole(older, "bytes"));
  }
  const size = payload.length;
  const { lastId } = sql.run(
    `insert into outbox (kind, number, retain, qos, at_ms, bytes, topic, payload)
      values (@kind, @number, @retain, @qos, @atMs, @size, @topic, @payload)`,
    { kind, number, retain, qos, atMs, size, topic, payload },
  );
  addLoad(sql, kind, 1, size);
  return lastId;
}

function markPublished(sql: Sql, numbers: readonly number[], atMs: Ms): void {
  const seqs = toJson(numbers);
  const these = "seq in (select value from json_each(@seqs)) and published_at_ms is null";
  for (const row of sql.all(`select kind, count(*) as count, sum(bytes) as size from outbox where ${these} group by kind`, { seqs }))
    addLoad(sql, text(row, "kind"), -whole(row, "count"), -whole(row, "size"));
  sql.run(`delete from outbox where ${these} and (number is null or kind not in ('event', 'ticket'))`, { seqs });
  sql.run(`update outbox set published_at_ms = @atMs where ${these}`, { seqs, atMs });
}

function resend(sql: Sql, ask: { readonly after: number; readonly publishedBeforeMs: Ms; readonly limit: number }): number {
  const rows = sql.all(
    `select seq, kind, bytes from outbox where published_at_ms is not null and published_at_ms < @publishedBeforeMs and number > @after
      order by published_at_ms limit @limit`,
    ask,
  );
  for (const row of rows) {
    sql.run("update outbox set published_at_ms = null where seq = @seq", { seq: whole(row, "seq") });
    addLoad(sql, text(row, "kind"), 1, whole(row, "bytes"));
  }
  return rows.length;
}

export function outboxIn(sql: Sql): Outbox {
  const load = (column: "waiting" | "bytes", kind: OutboxKind | undefined): number =>
    whole(sql.one(`select sum(${column}) as total from outbox_load where @kind is null or kind = @kind`, { kind }) ?? {}, "total");
  return {
    add: (message) => sql.transaction(() => add(sql, message)),
    next: (lane, ask) => sql.snapshot(() => next(sql, lane, ask)),
    markPublished: (seqs, atMs) => sql.transaction(() => markPublished(sql, seqs, atMs)),
    depth: (kind) => load("waiting", kind),
    bytes: (kind) => load("bytes", kind),
    oldestMs() {
      const ages = Object.values(LANES).flatMap((lane) => {
        const row = sql.one("select at_ms from outbox where published_at_ms is null and lane = @lane order by seq limit 1", { lane });
        return row === undefined ? [] : [whole(row, "at_ms")];
      });
      return ages.length === 0 ? undefined : Math.min(...ages);
    },
    prune: (limits) => sql.transaction(() => prune(sql, limits)),
    resend: (ask) => sql.transaction(() => resend(sql, ask)),
    nextSequence(of = "event") {
      const row = sql.one(
        `insert into counters (name, value) values (@of, 1) on conflict (name) do update set value = value + 1 returning value`,
        { of },
      );
      return whole(row ?? {}, "value");
    },
  };
}
