/**
 * Brings tickets to the desk: one call in flight per ticket, versions in order, nothing twice, nothing dropped.
 * The decisions are in `delivery.ts`; this is the thin shell. Rules: tickets.md 5.
 */

import { HOUR, isoOf,         } from "../../protocols/core/time.ts";

import {
  afterCall,
  afterFind,
  beforeCall,

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
import {                throttle } from "./throttle.ts";

/** New tickets per hour; more are held back and listed in one summary. Guessed: what a desk can read. */
export const STORM_CAP_PER_HOUR = 20;
/** Tickets looked at in one turn. */
const TURN_LIMIT = 500;
/** Calls at once to one desk. */
const CONCURRENCY = 4;

export class TicketEngine {
           #io          ;
           #rules               ;
           #throttle          ;
           #cap        ;
  /** Tickets of the last hour by key, with the time of their first call; read from the rows at the first turn. */
  #births                             ;
  #heldChanged = true;

  constructor(io          ) {
    this.#io = io;
    this.#rules = { settleMs: SETTLE_MS, updateEveryMs: UPDATE_EVERY_MS, findLagMs: io.connector.caps.findLagMs, ...io.rules };
    this.#throttle = throttle(io.connector.caps.callsPerMinute);
    this.#cap = io.stormCapPerHour ?? STORM_CAP_PER_HOUR;
  }

  /** One round over what is due. Never run two at once: the loop that owns it does not. @returns calls made */
  async turn(signal             )                  {
    const { tickets, clock } = this.#io;
    const queue = [...tickets.due(clock.nowMs(), TURN_LIMIT)];
    let calls = 0;
    const worker = async ()                => {
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

  health()               {
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
  async #serve(row           , signal             )                              {
    const { clock, tickets } = this.#io;
    const nowMs = clock.nowMs();
    const isDelivered = (key        )          => {
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

  async #send(row           , call            , ambiguous         , signal             )                              {
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

  async #find(row           , call            , signal             )                              {
    const { connector, clock } = this.#io;
    if (!this.#throttle.take(clock.nowMs())) return undefined;
    const found = await connector.find(call.key, signal);
    const nowMs = clock.nowMs();
    if (found.kind === "found") this.#throttle.worked(nowMs);
    else if (found.kind === "later") this.#throttle.failed(nowMs);
    const next = afterFind(row, call, found, { nowMs, findLagMs: this.#rules.findLagMs });
    this.#alarm(call, next.duplicates);
    if (next.do === "resend") return 1 + ((await this.#send(row, next.call, true, signal)) ?? 0);
    this.#note(next.delivery);
    return 1;
  }

  #note(delivery                )                        {
    const row = this.#io.tickets.noteOutcome(delivery);
    if (row !== undefined && delivery.outcome.detail !== "on its way") this.#io.onChange?.(row);
    return row;
  }

  #alarm(call            , duplicates                         )       {
    if (duplicates.length === 0) return;
    this.#io.log.error("the desk has more than one ticket with the same key", { key: call.key, others: duplicates.map((one) => one.id) });
  }

  /** Holds a new ticket back where the hour is full. The summary itself always goes. */
  #overCap(row           , nowMs    )          {
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

  #recentBirths(nowMs    )                  {
    this.#births ??= new Map(
      this.#io.tickets.list().flatMap((one)                 => {
        const { bornAtMs } = keptOf(one);
        return bornAtMs === undefined || one.doc["kind"] === "storm" ? [] : [[ticketKey(one.key, one.generation), bornAtMs]];
      }),
    );
    for (const [key, atMs] of this.#births) if (atMs <= nowMs - HOUR) this.#births.delete(key);
    return this.#births;
  }

  /** One ticket that lists what is held back; it ends when nothing is. */
  #summarise()       {
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
    const end = held.length > 0 ? undefined : ({ how: "recovered", proof: `nothing-held-back:${isoOf(nowMs)}`, atMs: nowMs }         );
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

