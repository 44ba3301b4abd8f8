/**
 * Takes the outbox to the broker: in order, a window at a time, marked on PUBACK. After an outage the backlog goes at a
 * bounded rate, and what people wait for goes first. Sent twice where the mark was lost: readers know events by their id.
 */
import { type Fault, type Result, showFault } from "../../protocols/core/fault.ts";
import { createPace, type Pace } from "../../protocols/core/pace.ts";
import { type Clock, MINUTE, type Ms } from "../../protocols/core/time.ts";
import type { MqttClient } from "../../protocols/mqtt/link.ts";
import type { Outbox, OutboxKind, OutboxRow } from "../../store/outbox.ts";
import type { Log } from "../log.ts";

/** Rows read and marked at once: one commit for as many messages, and no read over some milliseconds. */
const BATCH = 1_000;
/** From this many waiting rows on it is the backlog of an outage. */
export const BACKLOG_FROM = 2_000;
/** Messages per real second while there is a backlog. Guessed: ten times what 10,000 devices say live. */
export const BACKLOG_PER_SECOND = 2_000;
/** A row the broker refused is tried again after this. */
const PARKED_FOR_MS: Ms = 10 * MINUTE;
const MAX_PARKED = 1_000;

export type Lane = readonly OutboxKind[];
const ALL: Lane = ["reply", "ticket", "event", "state", "health"];

/** Which kinds go in which pass. Pure. Without a backlog everything goes in the order it was written. */
export function lanesFor(depth: number): readonly Lane[] {
  return depth < BACKLOG_FROM ? [ALL] : [["reply", "ticket", "event"], ["state"], ["health"]];
}

/** What an answer of the broker means for the row and for those after it. Pure. */
export function afterAnswer(answer: Result<void>): "sent" | "park" | "stop" {
  if (answer.ok) return "sent";
  return answer.fault.kind === "refused" ? "park" : "stop";
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
    const depth = outbox.depth();
    if (depth === 0) return 0;
    const pace = depth < BACKLOG_FROM ? undefined : this.#pace;
    let published = 0;
    for (const lane of lanesFor(depth)) {
      const pass = await this.#pass(lane, pace, signal);
      published += pass.published;
      if (!pass.finished) break;
    }
    return published;
  }

  /** Once over all waiting rows, those of the lane only. */
  async #pass(lane: Lane, pace: Pace | undefined, signal: AbortSignal): Promise<{ published: number; finished: boolean }> {
    let published = 0;
    for (let after = 0; ; ) {
      const rows = this.#io.outbox.next(BATCH, after);
      const last = rows.at(-1);
      if (last === undefined) return { published, finished: true };
      after = last.seq;
      const wanted = rows.filter((row) => lane.includes(row.kind) && !this.#isParked(row.seq));
      for (let at = 0; at < wanted.length; ) {
        if (signal.aborted) return { published, finished: false };
        const left = wanted.length - at;
        const count = pace === undefined ? left : await pace.take(left, signal);
        const sent = await this.#publish(wanted.slice(at, at + count));
        published += sent.count;
        at += count;
        if (!sent.finished) return { published, finished: false };
      }
    }
  }

  /** Keeps the client's window full over these rows, in order, and marks what was acknowledged in one transaction. */
  async #publish(rows: readonly OutboxRow[]): Promise<{ count: number; finished: boolean }> {
    const { mqtt, outbox, clock } = this.#io;
    const acknowledged: number[] = [];
    let newestAtMs = Number.NEGATIVE_INFINITY;
    const { promise, resolve } = Promise.withResolvers<void>();
    let next = 0;
    let open = 0;
    let stopped = false;
    const settle = (row: OutboxRow, answer: Result<void>): void => {
      open--;
      const meaning = afterAnswer(answer);
      if (meaning === "sent") {
        acknowledged.push(row.seq);
        newestAtMs = Math.max(newestAtMs, row.atMs);
      } else if (meaning === "park" && !answer.ok) this.#park(row, answer.fault);
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
    if (acknowledged.length > 0) {
      this.#lastPublishedAtMs = clock.nowMs();
      outbox.markPublished(acknowledged, this.#lastPublishedAtMs);
      this.#lagMs = Math.max(0, this.#lastPublishedAtMs - newestAtMs);
    }
    return { count: acknowledged.length, finished: !stopped && next === rows.length };
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
