/**
 * Brings tickets to the desk: one call in flight per ticket, versions in order, nothing twice, nothing dropped.
 * The decisions are in `delivery.ts`; this is the thin shell. Rules: tickets.md 5.
 */

import type { SiteId } from "../../protocols/core/ids.ts";
import { type Clock, HOUR, isoOf, type Ms } from "../../protocols/core/time.ts";
import type { TicketDelivery, TicketRow, Tickets } from "../../store/tickets.ts";
import type { Log } from "../log.ts";
import type { RemoteTicket, TicketCall, TicketConnector } from "./connectors/connector.ts";
import {
  afterCall,
  afterFind,
  beforeCall,
  type DeliveryRules,
  heldBack,
  keptOf,
  nextStep,
  SETTLE_MS,
  settled,
  UPDATE_EVERY_MS,
} from "./delivery.ts";
import { stormDocument } from "./document.ts";
import { asJson, generationFor } from "./file.ts";
import { ticketBase, ticketKey } from "./key.ts";
import { type Throttle, throttle } from "./throttle.ts";

/** New tickets per hour; more are held back and listed in one summary. Guessed: what a desk can read. */
export const STORM_CAP_PER_HOUR = 20;
/** Tickets looked at in one turn. */
const TURN_LIMIT = 500;
/** Calls at once to one desk. */
const CONCURRENCY = 4;

export interface EngineIo {
  readonly tickets: Pick<Tickets, "due" | "list" | "load" | "noteOutcome" | "saveDoc" | "undelivered">;
  readonly connector: TicketConnector;
  readonly clock: Clock;
  readonly log: Pick<Log, "error">;
  readonly environment: string;
  readonly site: SiteId;
  /** Rules other than the ordinary ones. */
  readonly rules?: Partial<DeliveryRules>;
  readonly stormCapPerHour?: number;
  /** Told after each answer, with the row as it is now. */
  readonly onChange?: (row: TicketRow) => void;
}

/** How the way to the desk is. */
export interface EngineHealth {
  readonly undelivered: number;
  /** Turned away by the desk: a person must look. */
  readonly refused: number;
  /** Waiting for the storm cap. */
  readonly heldBack: number;
  /** There while the desk is left alone. */
  readonly pausedUntilMs: Ms | undefined;
  readonly lastWorkedAtMs: Ms | undefined;
}

export class TicketEngine {
  readonly #io: EngineIo;
  readonly #rules: DeliveryRules;
  readonly #throttle: Throttle;
  readonly #cap: number;
  /** Tickets of the last hour by key, with the time of their first call; read from the rows at the first turn. */
  #births: Map<string, Ms> | undefined;
  #heldChanged = true;

  constructor(io: EngineIo) {
    this.#io = io;
    this.#rules = { settleMs: SETTLE_MS, updateEveryMs: UPDATE_EVERY_MS, findLagMs: io.connector.caps.findLagMs, ...io.rules };
    this.#throttle = throttle(io.connector.caps.callsPerMinute);
    this.#cap = io.stormCapPerHour ?? STORM_CAP_PER_HOUR;
  }

  /** One round over what is due. Never run two at once: the loop that owns it does not. @returns calls made */
  async turn(signal: AbortSignal): Promise<number> {
    const { tickets, clock } = this.#io;
    const queue = [...tickets.due(clock.nowMs(), TURN_LIMIT)];
    let calls = 0;
    const worker = async (): Promise<void> => {
      for (let row = queue.shift(); row !== undefined && !signal.aborted; row = queue.shift()) {
        const made = await this.#serve(row, signal);
        if (made === undefined) queue.length = 0;
        else calls += made;
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
    this.#summarise();
    return calls;
  }

  health(): EngineHealth {
    const rows = this.#io.tickets.undelivered();
    const { pausedUntilMs, lastWorkedAtMs } = this.#throttle;
    return {
      undelivered: rows.length,
      refused: rows.filter((row) => row.lastOutcome?.kind === "refused").length,
      heldBack: rows.filter((row) => keptOf(row).held === true).length,
      pausedUntilMs: pausedUntilMs > this.#io.clock.nowMs() ? pausedUntilMs : undefined,
      lastWorkedAtMs,
    };
  }

  /** Calls made for one ticket; `undefined` where the desk may not be asked any more now. */
  async #serve(row: TicketRow, signal: AbortSignal): Promise<number | undefined> {
    const { clock, tickets } = this.#io;
    const nowMs = clock.nowMs();
    const isDelivered = (key: string): boolean => {
      const [base = "", generation] = key.split(".g");
      return (tickets.load(base, Number(generation))?.deliveredVersion ?? 0) > 0;
    };
    const step = nextStep(row, this.#rules, nowMs, isDelivered);
    switch (step.do) {
      case "wait":
        return 0;
      case "settle":
        if (keptOf(row).held === true) this.#heldChanged = true;
        this.#note(settled(row, nowMs));
        return 0;
      case "find":
        return await this.#find(row, step.call, signal);
      case "send":
        if (step.call.what === "create" && this.#overCap(row, nowMs)) return 0;
        return await this.#send(row, step.call, false, signal);
    }
  }

  async #send(row: TicketRow, call: TicketCall, ambiguous: boolean, signal: AbortSignal): Promise<number | undefined> {
    const { connector, clock } = this.#io;
    if (!this.#throttle.take(clock.nowMs())) return undefined;
    const intended = this.#note(beforeCall(row, call, clock.nowMs())) ?? row;
    const answer = await connector.send(call, signal);
    const nowMs = clock.nowMs();
    if (answer.kind === "done" || answer.kind === "refused") this.#throttle.worked(nowMs);
    else if (answer.kind === "later") this.#throttle.pause(nowMs + answer.afterMs);
    else this.#throttle.failed(nowMs);
    this.#note(afterCall(intended, call, answer, { nowMs, ambiguous }));
    return 1;
  }

  async #find(row: TicketRow, call: TicketCall, signal: AbortSignal): Promise<number | undefined> {
    const { connector, clock } = this.#io;
    if (!this.#throttle.take(clock.nowMs())) return undefined;
    const found = await connector.find(call.key, signal);
    const nowMs = clock.nowMs();
    if (found.kind === "found" || found.kind === "refused") this.#throttle.worked(nowMs);
    else if (found.kind === "later") this.#throttle.pause(nowMs + found.afterMs);
    else this.#throttle.failed(nowMs);
    const next = afterFind(row, call, found, { nowMs, findLagMs: this.#rules.findLagMs });
    this.#alarm(call, next.duplicates);
    if (next.do === "resend") return 1 + ((await this.#send(row, next.call, true, signal)) ?? 0);
    this.#note(next.delivery);
    return 1;
  }

  #note(delivery: TicketDelivery): TicketRow | undefined {
    const row = this.#io.tickets.noteOutcome(delivery);
    if (row !== undefined && delivery.outcome.detail !== "on its way") this.#io.onChange?.(row);
    return row;
  }

  #alarm(call: TicketCall, duplicates: readonly RemoteTicket[]): void {
    if (duplicates.length === 0) return;
    this.#io.log.error("the desk has more than one ticket with the same key", { key: call.key, others: duplicates.map((one) => one.id) });
  }

  /** Holds a new ticket back where the hour is full. The summary itself always goes. */
  #overCap(row: TicketRow, nowMs: Ms): boolean {
    if (row.doc["kind"] === "storm") return false;
    const births = this.#recentBirths(nowMs);
    const key = ticketKey(row.key, row.generation);
    const wasHeld = keptOf(row).held === true;
    const isOver = !births.has(key) && births.size >= this.#cap;
    if (isOver !== wasHeld) this.#heldChanged = true;
    if (!isOver) {
      // Counted before the answer, or four calls at once would pass the cap by three.
      births.set(key, births.get(key) ?? nowMs);
      return false;
    }
    this.#note(heldBack(row, Math.min(...births.values()) + HOUR, nowMs));
    return true;
  }

  #recentBirths(nowMs: Ms): Map<string, Ms> {
    this.#births ??= new Map(
      this.#io.tickets.list().flatMap((one): [string, Ms][] => {
        const { bornAtMs } = keptOf(one);
        return bornAtMs === undefined || one.doc["kind"] === "storm" ? [] : [[ticketKey(one.key, one.generation), bornAtMs]];
      }),
    );
    for (const [key, atMs] of this.#births) if (atMs <= nowMs - HOUR) this.#births.delete(key);
    return this.#births;
  }

  /** One ticket that lists what is held back; it ends when nothing is. */
  #summarise(): void {
    if (!this.#heldChanged) return;
    this.#heldChanged = false;
    const { tickets, clock, site, environment } = this.#io;
    const nowMs = clock.nowMs();
    const held = tickets.undelivered().filter((row) => keptOf(row).held === true);
    const base = ticketBase({ environment, site, kind: "storm", scope: site, cause: "cap" });
    const known = tickets.load(base);
    const isOpen = known?.state === "open";
    if (held.length === 0 && !isOpen) return;
    const list = held.map((row) => ({ key: ticketKey(row.key, row.generation), title: String(row.doc["title"] ?? "") }));
    const end = held.length > 0 ? undefined : ({ how: "recovered", proof: `nothing-held-back:${isoOf(nowMs)}`, atMs: nowMs } as const);
    const sinceMs = isOpen ? known.createdAtMs : nowMs;
    tickets.saveDoc({
      key: base,
      generation: generationFor(known, nowMs),
      doc: asJson(stormDocument(site, list, sinceMs, end)),
      state: end === undefined ? "open" : "closing",
      devices: [],
      atMs: nowMs,
    });
  }
}
