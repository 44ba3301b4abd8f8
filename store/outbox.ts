/**
 * What waits to be published, written in the same transaction as what it tells. Rows leave lane by lane and are marked when
 * the broker has them. Events and tickets are never given up, and kept for a while after that; health batches are thinned
 * first. No call grows with what waits.
 */
import type { Ms } from "../protocols/core/time.ts";
import { addLoad, takeOut } from "./outbox-load.ts";
import { type OutboxLimits, type Pruned, prune } from "./outbox-prune.ts";
import { bytes, decoder, flag, maybeWhole, oneOf, text, toJson, whole } from "./row.ts";
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
  /** Of a `reply` alone: what the asker of MQTT 5 knows it by. */
  readonly correlation?: Buffer;
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
  markPublished(seqs: readonly number[]): void;
  /** How many wait, of this kind or of all. */
  depth(kind?: OutboxKind): number;
  /** Bytes of payload that wait. */
  bytes(kind?: OutboxKind): number;
  /** When the oldest waiting one was written. */
  oldestMs(): Ms | undefined;
  /** Takes a bounded number of rows away; call again while it does. */
  prune(limits: OutboxLimits): Pruned;
  /**
   * Lets the first `limit` kept events and tickets with a number above `after` wait again, those that wait already as they are.
   * @returns how many that were, and the last number looked at, to go on from; no number where there is none
   */
  resend(ask: { readonly after: number; readonly limit: number }): { readonly rows: number; readonly last: number | undefined };
  /** 1, 2, 3 …: the site's count of events, or of health batches, so that a reader sees a gap. Belongs into the transaction that adds it. */
  nextSequence(of?: "event" | "health"): number;
}

const KINDS = { event: true, ticket: true, state: true, health: true, reply: true } satisfies { [kind in OutboxKind]: true };
const LANES = { people: 1, state: 2, health: 3 } satisfies { [lane in OutboxLane]: number };
const LANE_OF = { reply: "people", event: "people", ticket: "people", state: "state", health: "health" } satisfies {
  [kind in OutboxKind]: OutboxLane;
};
/** Larger than any number of a row. */
const LAST_SEQ = Number.MAX_SAFE_INTEGER;

function qosOf(row: Row): 0 | 1 | 2 {
  const qos = whole(row, "qos");
  if (qos !== 0 && qos !== 1 && qos !== 2) throw new Error("qos is not 0, 1 or 2");
  return qos;
}

const readMessage = decoder("outbox", "seq", (row: Row): OutboxRow => {
  const message: { -readonly [name in keyof OutboxRow]: OutboxRow[name] } = {
    seq: whole(row, "seq"),
    topic: text(row, "topic"),
    payload: bytes(row, "payload"),
    retain: flag(row, "retain"),
    qos: qosOf(row),
    kind: oneOf<OutboxKind>(row, "kind", KINDS),
    atMs: whole(row, "at_ms"),
  };
  const number = maybeWhole(row, "number");
  if (number !== undefined) message.number = number;
  if (row["correlation"] !== null) message.correlation = bytes(row, "correlation");
  return message;
});

/** The sizes of what waits next in a lane: a page of large rows must not fill the memory, so they are looked at first. */
const sizes = (beyond: string, order: string): string =>
  `select seq, bytes from outbox_waiting where lane = @lane and ${beyond} order by seq ${order} limit @limit`;
const SIZES = { forward: sizes("seq > @beyond", "asc"), backward: sizes("seq < @beyond", "desc") } as const;
const ROWS = `select outbox.* from outbox_waiting as waits join outbox on outbox.seq = waits.seq
  where waits.lane = @lane and waits.seq between @least and @most order by waits.seq`;

function next(sql: Sql, name: OutboxLane, { limit, bytesMax, beyond, newestFirst }: NextRows): readonly OutboxRow[] {
  const lane = LANES[name];
  const way = newestFirst === true ? "backward" : "forward";
  const waiting = sql.all(SIZES[way], { lane, limit, beyond: beyond ?? (way === "forward" ? 0 : LAST_SEQ) });
  const page: number[] = [];
  let total = 0;
  for (const row of waiting) {
    total += whole(row, "bytes");
    if (page.length > 0 && total > bytesMax) break;
    page.push(whole(row, "seq"));
  }
  if (page.length === 0) return [];
  const rows = sql.all(ROWS, { lane, least: Math.min(...page), most: Math.max(...page) }).map(readMessage);
  return way === "forward" ? rows : rows.toReversed();
}

function add(sql: Sql, { topic, payload, retain, qos, kind, atMs, number, correlation }: OutboxMessage): number {
  if (kind === "state") {
    const older = sql.one("delete from outbox where topic = @topic and kind = 'state' returning seq", { topic });
    if (older !== undefined) takeOut(sql, [whole(older, "seq")], "false");
  }
  const { lastId: seq } = sql.run(
    `insert into outbox (kind, number, retain, qos, at_ms, topic, payload, correlation)
      values (@kind, @number, @retain, @qos, @atMs, @topic, @payload, @correlation)`,
    { kind, number, retain, qos, atMs, topic, payload, correlation },
  );
  putIn(sql, { seq, kind, number, bytes: payload.length });
  return seq;
}

function putIn(
  sql: Sql,
  row: { readonly seq: number; readonly kind: OutboxKind; readonly number: number | undefined; readonly bytes: number },
): void {
  const lane = LANES[LANE_OF[row.kind]];
  sql.run("insert into outbox_waiting (lane, seq, kind, number, bytes) values (@lane, @seq, @kind, @number, @bytes)", { lane, ...row });
  addLoad(sql, row.kind, 1, row.bytes);
}

function markPublished(sql: Sql, numbers: readonly number[]): void {
  const gone = takeOut(sql, numbers, "number is null or kind not in ('event', 'ticket')");
  if (gone.length > 0) sql.run("delete from outbox where seq in (select value from json_each(@seqs))", { seqs: toJson(gone) });
}

function resend(sql: Sql, { after, limit }: { readonly after: number; readonly limit: number }): ReturnType<Outbox["resend"]> {
  const rows = sql.all(
    `select seq, kind, number, length(payload) as bytes,
        exists (select 1 from outbox_waiting where lane = @lane and seq = outbox.seq) as waits
      from outbox where kind in ('event', 'ticket') and number > @after order by number limit @limit`,
    { after, limit, lane: LANES.people },
  );
  const published = rows.filter((row) => !flag(row, "waits"));
  for (const row of published) {
    putIn(sql, {
      seq: whole(row, "seq"),
      kind: oneOf<OutboxKind>(row, "kind", KINDS),
      number: whole(row, "number"),
      bytes: whole(row, "bytes"),
    });
  }
  const last = rows.at(-1);
  return { rows: published.length, last: last === undefined ? undefined : whole(last, "number") };
}

export function outboxIn(sql: Sql): Outbox {
  const load = (column: "waiting" | "bytes", kind: OutboxKind | undefined): number =>
    whole(sql.one(`select sum(${column}) as total from outbox_load where @kind is null or kind = @kind`, { kind }) ?? {}, "total");
  return {
    add: (message) => sql.transaction(() => add(sql, message)),
    next: (lane, ask) => sql.snapshot(() => next(sql, lane, ask)),
    markPublished: (seqs) => sql.transaction(() => markPublished(sql, seqs)),
    depth: (kind) => load("waiting", kind),
    bytes: (kind) => load("bytes", kind),
    oldestMs() {
      const ages = Object.values(LANES).flatMap((lane) => {
        const row = sql.one(
          `select at_ms from outbox where seq = (select seq from outbox_waiting where lane = @lane order by seq limit 1)`,
          { lane },
        );
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
