/**
 * Takes the outbox to the broker: lane by lane, a window at a time, marked on PUBACK. What people wait for goes first, then
 * how things stand, then samples; after an outage at a bounded rate. Sent twice where the mark was lost: readers know events
 * by their id.
 */
import { type Fault, type Result, showFault } from "../../protocols/core/fault.ts";
import { createPace, type Pace } from "../../protocols/core/pace.ts";
import { type Clock, loopTurn, MINUTE, type Ms } from "../../protocols/core/time.ts";
import type { MqttClient } from "../../protocols/mqtt/link.ts";
import type { NextRows, Outbox, OutboxLane, OutboxRow } from "../../store/outbox.ts";
import type { Log } from "../log.ts";

/** Rows read at once: no call over some milliseconds, and all published before V8 looks for what is still in use. Measured. */
const PAGE: NextRows = { limit: 100, bytesMax: 512 * 1024 };
/** Bytes on their way at once: the library and the socket keep each until the broker has it. */
const BYTES_UNDER_WAY = 1024 * 1024;
/** Rows marked in one commit; after a kill as many go out twice. A guess. */
const MARK_EVERY = 1_000;
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
    if (mqtt.state.at !== "online" || signal.aborted) return 0;
    const depth = outbox.depth();
    if (depth === 0) return 0; // as nearly always: a look for pages is nine statements
    const backlog = depth >= BACKLOG_FROM;
    const flow = new Flow(mqtt, (row, fault) => this.#park(row, fault));
    const beyond = new Map<OutboxLane, number>();
    let page: readonly OutboxRow[] = [];
    let at = 0;
    try {
      for (;;) {
        if (at === page.length) {
          page = this.#page(beyond, backlog);
          at = 0;
        }
        const fits = flow.fitting(page, at);
        // Nothing waits, or the window is others': what is left goes with the next turn.
        if (flow.broken || signal.aborted || (fits === 0 && flow.open === 0)) break;
        if (fits === 0) await flow.answered();
        else {
          const count = backlog ? await this.#pace.take(fits, signal) : fits;
          for (const row of page.slice(at, at + count)) flow.send(row);
          at += count;
        }
        if (flow.acknowledged >= MARK_EVERY) this.#mark(flow);
      }
    } finally {
      while (flow.open > 0) await flow.answered();
      this.#mark(flow);
    }
    return flow.published;
  }

  #mark(flow: Flow): void {
    const { seqs, newestAtMs } = flow.takeAcknowledged();
    if (seqs.length === 0) return;
    this.#lastPublishedAtMs = this.#io.clock.nowMs();
    this.#lagMs = Math.max(0, this.#lastPublishedAtMs - newestAtMs);
    this.#io.outbox.markPublished(seqs);
  }

  /** The next rows of the first lane with something in it; each row is read once in a turn, and what comes meanwhile is found. */
  #page(beyond: Map<OutboxLane, number>, backlog: boolean): readonly OutboxRow[] {
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
    return [];
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

/** What is on its way: as much as the broker takes, in order, with the answers gathered. */
class Flow {
  readonly #mqtt: Pick<MqttClient, "publish" | "room">;
  readonly #onRefused: (row: OutboxRow, fault: Fault) => void;
  #acknowledged: number[] = [];
  #newestAtMs: Ms = 0;
  #bytes = 0;
  #next: Promise<void> | undefined;
  #answer: (() => void) | undefined;
  open = 0;
  broken = false;
  published = 0;

  constructor(mqtt: Pick<MqttClient, "publish" | "room">, onRefused: (row: OutboxRow, fault: Fault) => void) {
    this.#mqtt = mqtt;
    this.#onRefused = onRefused;
  }

  get acknowledged(): number {
    return this.#acknowledged.length;
  }

  /** @returns those not taken before, and when the newest of them was written */
  takeAcknowledged(): { readonly seqs: readonly number[]; readonly newestAtMs: Ms } {
    const taken = { seqs: this.#acknowledged, newestAtMs: this.#newestAtMs };
    this.#acknowledged = [];
    this.#newestAtMs = 0;
    return taken;
  }

  /** How many rows from there on may go now. One goes whatever its length. */
  fitting(rows: readonly OutboxRow[], from: number): number {
    let bytes = this.#bytes;
    let count = 0;
    for (; count < this.#mqtt.room; count++) {
      const row = rows[from + count];
      if (row === undefined) break;
      bytes += row.payload.length;
      if (bytes > BYTES_UNDER_WAY && this.open + count > 0) break;
    }
    return count;
  }

  send(row: OutboxRow): void {
    this.open++;
    this.#bytes += row.payload.length;
    const { topic, payload, retain, correlation } = row;
    void this.#mqtt
      .publish({ topic, payload, retain, ...(correlation === undefined ? {} : { correlation }) })
      .then((answer) => this.#settle(row, answer));
  }

  /** Resolves after the next answer, when all that came with it are in: what is published in one go leaves in one packet. */
  answered(): Promise<void> {
    this.#next ??= new Promise<void>((resolve) => {
      this.#answer = resolve;
    }).then(loopTurn);
    return this.#next;
  }

  #settle(row: OutboxRow, answer: Result<void>): void {
    this.open--;
    this.#bytes -= row.payload.length;
    const meaning = afterAnswer(answer);
    if (meaning === "sent") {
      this.published++;
      this.#acknowledged.push(row.seq);
      this.#newestAtMs = Math.max(this.#newestAtMs, row.atMs);
    } else if (meaning === "park" && !answer.ok) this.#onRefused(row, answer.fault);
    else this.broken = true;
    this.#answer?.();
    this.#answer = undefined;
    this.#next = undefined;
  }
}
