/**
 * One question until its answer, silence, trouble or the cut, without the library. Of thousands a second each costs a packet and an
 * object: time-outs share one timer, and those under one signal one listener.
 */
import { faultOfAbort } from "../core/abort.ts";
import { type Budget, overBudget } from "../core/budget.ts";
import { createCrowd, NOWHERE, type Waiter } from "../core/crowd.ts";
import type { Fault } from "../core/fault.ts";
import type { Random } from "../core/random.ts";
import { realElapsedMs } from "../core/time.ts";
import { type Agent, isUsm } from "./agents.ts";
import type { Ending, Exchanged } from "./asks.ts";
import type { Reader } from "./direct.ts";
import { NOTHING_SENT, read, type Sent, write } from "./heard.ts";
import type { UsmKeys } from "./keys.ts";
import type { LaneNews } from "./socket.ts";
import type { Asked } from "./writer.ts";

/** One repeat after silence: UDP loses packets, and a dead device must not cost more than two time-outs. */
const TRIES = 2;
/** An engine whose clock we had wrong is asked once more with its own. */
const RESYNCS = 1;
/** So much of a time-out may pass before it is noticed. */
const TICKS_IN_TIMEOUT = 32;

export interface ExchangesIo {
  readonly keys: UsmKeys;
  readonly random: Random;
  /** Real milliseconds of silence before the one repeat. */
  readonly timeoutMs: number;
}

/** An ask under way, over all its exchanges. */
export interface Ask {
  readonly agent: Agent;
  readonly parent: AbortSignal;
  readonly budget: Budget;
  /** Of `realElapsedMs`. */
  readonly endsAtMs: number;
  /** Anything came. */
  heard: boolean;
}

export interface Exchanges {
  /** One question, with an engine made known first where there is one to know. One at a time of each agent. */
  run(ask: Ask, objects: readonly Asked[]): Promise<Exchanged>;
  /** Ends what is under way, and what is asked later, as cancelled. */
  close(): void;
}

/** An exchange under way. */
interface UnderWay extends Waiter {
  readonly ask: Ask;
  readonly objects: readonly Asked[];
  readonly resolve: (exchanged: Exchanged) => void;
  readonly news: { -readonly [name in keyof LaneNews]: LaneNews[name] };
  sent: Sent;
  tries: number;
  resyncs: number;
}

const CLOSED: Fault = { kind: "cancelled", by: "shutdown" };

export function createExchanges(io: ExchangesIo): Exchanges {
  let closed = false;

  const settle = (one: UnderWay, ending: Ending): void => {
    const { ask, news } = one;
    const { agent } = ask;
    crowd.remove(one);
    agent.direct.close();
    if (news.bytes > 0) ask.heard = true;
    agent.known = ending.end === "rows" || ending.end === "status";
    // An agent that failed is got to know anew: it may be another one by now.
    if (!agent.known && isUsm(agent.how)) agent.how.engine = undefined;
    one.resolve({ ending, news });
  };
  const cut = (one: UnderWay): void => {
    const { ask, news } = one;
    settle(one, { end: "cut", fault: closed ? CLOSED : faultOfAbort("snmp", { ...ask, heard: ask.heard || news.bytes > 0 }) });
  };
  const send = (one: UnderWay): void => {
    const nowMs = realElapsedMs();
    const leftMs = one.ask.endsAtMs - nowMs;
    if (leftMs <= 0) {
      cut(one);
      return;
    }
    one.tries++;
    one.dueAtMs = nowMs + Math.min(io.timeoutMs, leftMs);
    one.ask.agent.direct.send(one.sent.packet);
  };
  const next = (one: UnderWay): void => {
    one.sent = write(io.random, one.ask.agent, one.objects);
    one.tries = 0;
    send(one);
  };
  const due = (one: UnderWay): void => {
    if (one.ask.endsAtMs - realElapsedMs() <= 1) cut(one);
    else if (one.tries < TRIES) send(one);
    else settle(one, { end: "silence" });
  };
  const hear = (one: UnderWay, packet: Buffer): void => {
    const { ask, news } = one;
    news.bytes += packet.length;
    if (news.bytes > ask.budget.bytes) {
      settle(one, { end: "cut", fault: overBudget("snmp", "bytes", ask.budget.bytes) });
      return;
    }
    const heard = read(io.keys, ask.agent, one.sent, packet);
    if (heard.is === "spent") return;
    if (heard.is === "nothing") news.refused = heard.why;
    else if (heard.is === "met") next(one);
    else if (heard.is === "late" && one.resyncs++ < RESYNCS) next(one);
    else {
      if (heard.is === "over" && heard.report !== undefined) news.report = heard.report;
      settle(one, heard.is === "over" ? heard.ending : { end: "stale" });
    }
  };
  const crowd = createCrowd<UnderWay>({ tickMs: Math.max(1, io.timeoutMs / TICKS_IN_TIMEOUT), due, cut });
  const reader: Reader<UnderWay> = { onPacket: hear, onTrouble: (one, why) => settle(one, { end: why }) };

  return {
    run: (ask, objects) =>
      new Promise((resolve) => {
        const one: UnderWay = {
          ask,
          objects,
          resolve,
          news: { bytes: 0 },
          sent: NOTHING_SENT,
          tries: 0,
          resyncs: 0,
          parent: ask.parent,
          dueAtMs: 0,
          place: NOWHERE,
        };
        ask.agent.direct.open(reader, one);
        if (closed || ask.parent.aborted) {
          cut(one);
          return;
        }
        crowd.add(one);
        next(one);
      }),
    close() {
      closed = true;
      for (const one of crowd.all()) cut(one);
    },
  };
}
