/**
 * Takes the outbox to the broker: lane by lane, a window at a time, marked on PUBACK. What people wait for goes first, then
 * how things stand, then samples; after an outage at a bounded rate. Sent twice where the mark was lost: readers know events
 * by their id.
 */
import { type Fault, type Result, showFault } from "../../protocols/core/fault.ts";
import { createPace, type Pace } from "../../protocols/core/pace.ts";
import { type Clock, MINUTE, type Ms } from "../../protocols/core/time.ts";
import type { MqttClient } from "../../protocols/mqtt/link.ts";
import type { NextRows, Outbox, OutboxLane, OutboxRow } from "../../store/outbox.ts";
import type { Log } from "../log.ts";

/** Rows read, on their way and marked at once: one commit for as many messages, no call over some milliseconds, and a bound in bytes for what the library and the socket hold. */
const PAGE: NextRows = { limit: 500, bytesMax: 512 * 1024 };
/** From this many waiting rows on it is the backlog of an outage. */
export const BACKLOG_FROM = 2_000;
/** Messages per real second while there is a backlog. Guessed: a hundred times what 10,000 devices say live, see docs/benchmarks.md. */
export const BACKLOG_PER_SECOND = 2_000;
/** A row the broker refused is tried again after this. */
const PARKED_FOR_MS: Ms = 10 * MINUTE;
const MAX_PARKED = 1_000;

/** In this order, whatever waits: an event that happens during a long drain goes next. */
export const LANES: readonly OutboxLane[] = ["people", "state", "health"];

/** What an answer of the broker means for the row and for those after it. Pure. */
export function afterAnswer(answer: Result<void>): "sent" | "park" | "stop" {
  if (answer.ok) return "sent";
  return answer.fault.kind === "refused" ? "park" : "stop";
}

/** After an outage the newest documents first: what somebody looks at now is most likely what changed last. Pure. */
export function orderOf(lane: OutboxLane, backlog: boolean): "oldestFirst" | "newestFirst" {
  return backlog && lane === "state" ? "newestFirst" : "oldestFirst";
}

export interface DrainIo {
  readonly outbox: Pick<Outbox, "next" | "markPublished" | "depth">;
  readonly mqtt: Pick<MqttClient, "publish" | "room" | "state">;
  readonly clock: Clock;
  readonly log: Log;
  /** While there is a backlog; default `BACKLOG_PER_SECOND`. */
  readonly backlogPerSecond?: number;
}

export class Drain {
  readonly #io: DrainIo;
  readonly #pace: Pace;
  readonly #parked = new Map<number, Ms>();
  #lastPublishedAtMs: Ms | undefined;
  #lagMs: Ms | undefined;

  constructor(io: DrainIo) {
    this.#io = io;
    this.#pace = createPace(io.clock, io.backlogPerSecond ?? BACKLOG_PER_SECOND);
  }

  /** Rows the broker refuses for good; they stay in the outbox. */
  get parked(): number {
    return this.#parked.size;
  }

  /** How long the newest published message had waited. */
  get lagMs(): Ms | undefined {
    return this.#lagMs;
  }

  get lastPublishedAtMs(): Ms | undefined {
    return this.#lastPublishedAtMs;
  }

  /** Publishes until nothing waits, the link breaks or the signal ends it. @returns rows published */
  async turn(signal: AbortSignal): Promise<number> {
    const { mqtt, outbox } = this.#io;
    if (mqtt.state.at !== "online") return 0;
    const backlog = outbox.depth() >= BACKLOG_FROM;
    const beyond = new Map<OutboxLane, number>();
    let published = 0;
    for (let page = this.#page(beyond, backlog); page !== undefined && !signal.aborted; page = this.#page(beyond, backlog)) {
      const sent = await this.#send(page, backlog ? this.#pace : undefined, signal);
      published += sent.count;
      if (!sent.finished) break;
    }
    return published;
  }

  /** The next rows of the first lane that has any; each row is read once in a turn, and what comes meanwhile is found. */
  #page(beyond: Map<OutboxLane, number>, backlog: boolean): readonly OutboxRow[] | undefined {
    for (const lane of LANES) {
      const newestFirst = orderOf(lane, backlog) === "newestFirst";
      for (;;) {
        const from = beyond.get(lane);
        const rows = this.#io.outbox.next(lane, { ...PAGE, newestFirst, ...(from === undefined ? {} : { beyond: from }) });
        const last = rows.at(-1);
        if (last === undefined) break;
        beyond.set(lane, last.seq);
        const wanted = rows.filter(({ seq }) => !this.#isParked(seq));
        if (wanted.length > 0) return wanted;
      }
    }
    return undefined;
  }

  /** Publishes a page at the pace and marks what the broker has in one transaction, also where it is ended early. */
  async #send(
    rows: readonly OutboxRow[],
    pace: Pace | undefined,
    signal: AbortSignal,
  ): Promise<{ readonly count: number; readonly finished: boolean }> {
    const acknowledged: number[] = [];
    let finished = true;
    try {
      for (let at = 0; at < rows.length && finished; ) {
        const left = rows.length - at;
        const count = pace === undefined ? left : await pace.take(left, signal);
        finished = await this.#publish(rows.slice(at, at + count), acknowledged);
        at += count;
      }
    } finally {
      if (acknowledged.length > 0) {
        this.#lastPublishedAtMs = this.#io.clock.nowMs();
        this.#io.outbox.markPublished(acknowledged, this.#lastPublishedAtMs);
        const sent = new Set(acknowledged);
        const newestAtMs = rows.reduce((newest, { seq, atMs }) => (sent.has(seq) ? Math.max(newest, atMs) : newest), 0);
        this.#lagMs = Math.max(0, this.#lastPublishedAtMs - newestAtMs);
      }
    }
    return { count: acknowledged.length, finished };
  }

  /** Keeps the client's window full over these rows, in order. @returns `false` where the link broke */
  async #publish(rows: readonly OutboxRow[], acknowledged: number[]): Promise<boolean> {
    const { mqtt } = this.#io;
    const { promise, resolve } = Promise.withResolvers<void>();
    let next = 0;
    let open = 0;
    let stopped = false;
    const settle = (row: OutboxRow, answer: Result<void>): void => {
      open--;
      const meaning = afterAnswer(answer);
      if (meaning === "sent") acknowledged.push(row.seq);
      else if (meaning === "park" && !answer.ok) this.#park(row, answer.fault);
      else stopped = true;
      pump();
    };
    const pump = (): void => {
      for (let row = rows[next]; row !== undefined && !stopped && mqtt.room > 0; row = rows[next]) {
        next++;
        open++;
        const sending = row;
        void mqtt.publish({ topic: row.topic, payload: row.payload, retain: row.retain }).then((answer) => settle(sending, answer));
      }
      if (open === 0) resolve();
    };
    pump();
    await promise;
    return !stopped && next === rows.length;
  }

  #isParked(seq: number): boolean {
    const untilMs = this.#parked.get(seq);
    if (untilMs === undefined) return false;
    if (this.#io.clock.nowMs() < untilMs) return true;
    this.#parked.delete(seq);
    return false;
  }

  #park(row: OutboxRow, fault: Fault): void {
    this.#io.log.error("the broker refuses a message; it stays in the outbox", { seq: row.seq, topic: row.topic, fault: showFault(fault) });
    if (this.#parked.size < MAX_PARKED) this.#parked.set(row.seq, this.#io.clock.nowMs() + PARKED_FOR_MS);
  }
}
