/**
 * GET without the library: what is remembered of each agent, and one question until its answer, silence, trouble or the cut.
 * A session of the library per agent costs five times the processor; walks, DES and AES-256 stay with it.
 */
import { faultOfAbort } from "../core/abort.ts";
import { type Budget, overBudget } from "../core/budget.ts";
import type { Fault, Result } from "../core/fault.ts";
import type { Random } from "../core/random.ts";
import { realAlarm, realElapsedMs } from "../core/time.ts";
import { type SnmpAccess, type SnmpTarget, sameAccess } from "./access.ts";
import { type Appetite, DENIED_REPORT, type Ending, type Exchange, type Exchanged, GET_AT_ONCE, getAll, STALE_REPORT } from "./asks.ts";
import type { Direct } from "./direct.ts";
import type { UsmKeys } from "./keys.ts";
import { readByCommunity, type Said, type Wanted } from "./reader.ts";
import type { LaneNews, SharedSockets } from "./socket.ts";
import { createUsm, meet, type Opened, open, seal, type Usm, writeDiscovery } from "./usm.ts";
import type { SnmpValue } from "./values.ts";
import { type Asked, createNames, writeByCommunity } from "./writer.ts";

/** Agents remembered: one per device and access of the largest site we plan for, twice over. */
const MAX_AGENTS = 20_000;
/** One repeat after silence: UDP loses packets, and a dead device must not cost more than two time-outs. */
const TRIES = 2;
/** An engine whose clock we had wrong is asked once more with its own. */
const RESYNCS = 1;
const NOT_IN_TIME = 2;

export interface GetsIo {
  readonly sockets: SharedSockets;
  readonly keys: UsmKeys;
  readonly random: Random;
  /** Real milliseconds of silence before the one repeat. */
  readonly timeoutMs: number;
}

/** What cuts one ask off. */
export interface AskLimits {
  readonly parent: AbortSignal;
  readonly budget: Budget;
}

export interface Gets {
  /** Values of one target; the wall clock of the ask begins now. */
  get(target: SnmpTarget, oids: readonly string[], limits: AskLimits): Promise<Result<ReadonlyMap<string, SnmpValue>>>;
  /** The octets of an object's name; `undefined` for what is no object identifier. */
  nameOf(oid: string): Asked | undefined;
  /** Ends what is under way, and what is asked later, as cancelled; forgets everything. */
  close(): void;
}

/** One agent under one access. */
interface Agent extends Appetite {
  readonly address: string;
  readonly port: number;
  readonly access: SnmpAccess;
  readonly how: { readonly version: 0 | 1; readonly community: Buffer } | Usm;
  /** Its last exchange brought an answer: what we remember of its engine was right then. */
  known: boolean;
  readonly direct: Direct;
  /** Ends the exchange under way, if any. */
  end: (() => void) | undefined;
}

const isUsm = (how: Agent["how"]): how is Usm => !("community" in how);

/** An ask under way, over all its exchanges. */
interface Ask extends AskLimits {
  readonly agent: Agent;
  readonly endsAtMs: number;
  heard: boolean;
}

interface State extends GetsIo {
  /** By address and port, longest known first; seldom more than one access each. */
  readonly agents: Map<string, readonly Agent[]>;
  closed: boolean;
  readonly nameOf: (oid: string) => Asked | undefined;
}

export function createGets(io: GetsIo): Gets {
  const state: State = { ...io, agents: new Map(), closed: false, nameOf: createNames() };
  return {
    get(target, oids, limits) {
      const ask: Ask = { ...limits, agent: agentOf(state, target), endsAtMs: realElapsedMs() + limits.budget.timeMs, heard: false };
      const put: Exchange = async (question) => {
        const objects = question.ask === "get" ? question.oids.map((oid) => state.nameOf(oid) as Asked) : [];
        const wasKnown = ask.agent.known;
        const first = await exchange(state, ask, objects);
        return first.ending.end === "stale" && wasKnown ? exchange(state, ask, objects) : first;
      };
      return getAll(put, oids, ask.agent);
    },
    nameOf: state.nameOf,
    close() {
      state.closed = true;
      for (const agents of state.agents.values()) for (const { end } of agents) end?.();
      state.agents.clear();
    },
  };
}

function agentOf(state: State, { address, port, access }: SnmpTarget): Agent {
  const { agents } = state;
  const key = `${address}|${port}`;
  const there = agents.get(key) ?? [];
  const known = there.find((one) => sameAccess(one.access, access));
  if (known !== undefined) return known;
  const agent = newAgent(state, { address, port, access });
  agents.set(key, [...there, agent]);
  if (agents.size > MAX_AGENTS) for (const oldest of agents.keys()) if (agents.delete(oldest)) break;
  return agent;
}

function newAgent({ random, sockets }: State, { address, port, access }: SnmpTarget): Agent {
  const how =
    access.version === "3"
      ? createUsm(access, saltBy(random))
      : ({ version: access.version === "1" ? 0 : 1, community: Buffer.from(access.community.reveal()) } as const);
  return { address, port, access, how, direct: sockets.direct({ address, port }), known: false, end: undefined, atOnce: GET_AT_ONCE };
}

function saltBy(random: Random): Buffer {
  const salt = Buffer.alloc(8);
  salt.writeUInt32BE(random.below(2 ** 32), 0);
  salt.writeUInt32BE(random.below(2 ** 32), 4);
  return salt;
}

/** The question as it stands: what was sent last, and what its answer must fit. */
interface Sent {
  wanted: Wanted;
  packet: Buffer;
  tries: number;
}

const DISCOVERY: readonly Asked[] = [];

/** One question, with an engine made known first where there is one to know. */
function exchange(state: State, ask: Ask, objects: readonly Asked[]): Promise<Exchanged> {
  const { agent, parent } = ask;
  return new Promise((resolve) => {
    let quiet: (() => void) | undefined;
    let over = false;
    let resyncs = 0;
    const news: { -readonly [name in keyof LaneNews]: LaneNews[name] } = { bytes: 0 };
    const settle = (ending: Ending): void => {
      if (over) return;
      over = true;
      quiet?.();
      agent.direct.close();
      agent.end = undefined;
      parent.removeEventListener("abort", cut);
      ask.heard ||= news.bytes > 0;
      agent.known = ending.end === "rows" || ending.end === "status";
      // An agent that failed is got to know anew: it may be another one by now.
      if (!agent.known && isUsm(agent.how)) agent.how.engine = undefined;
      resolve({ ending, news });
    };
    const cut = (): void => {
      const fault = state.closed ? CLOSED : faultOfAbort("snmp", { ...ask, heard: ask.heard || news.bytes > 0 });
      settle({ end: "cut", fault });
    };
    const sent: Sent = { wanted: { id: 0, objects }, packet: EMPTY, tries: 0 };
    const send = (): void => {
      const leftMs = ask.endsAtMs - realElapsedMs();
      if (leftMs <= 0) {
        cut();
        return;
      }
      sent.tries++;
      quiet?.();
      quiet = realAlarm(Math.min(state.timeoutMs, leftMs), due);
      agent.direct.send(sent.packet);
    };
    const due = (): void => {
      if (ask.endsAtMs - realElapsedMs() <= 1) cut();
      else if (sent.tries < TRIES) send();
      else settle({ end: "silence" });
    };
    const next = (): void => {
      write(state, agent, sent, objects);
      send();
    };
    const hear = (packet: Buffer): void => {
      news.bytes += packet.length;
      if (news.bytes > ask.budget.bytes) {
        settle({ end: "cut", fault: overBudget("snmp", "bytes", ask.budget.bytes) });
        return;
      }
      const heard = read(state, agent, sent, packet);
      if (heard.is === "nothing") news.refused = heard.why;
      else if (heard.is === "met") next();
      else if (heard.is === "late" && resyncs++ < RESYNCS) next();
      else {
        if (heard.is === "over" && heard.report !== undefined) news.report = heard.report;
        settle(heard.is === "over" ? heard.ending : { end: "stale" });
      }
    };
    agent.direct.open(hear, (why) => settle({ end: why }));
    if (state.closed || parent.aborted) return cut();
    parent.addEventListener("abort", cut);
    agent.end = cut;
    next();
  });
}

const EMPTY = Buffer.alloc(0);
const CLOSED: Fault = { kind: "cancelled", by: "shutdown" };

/** Ids are drawn by chance: whoever does not see the question cannot answer it. */
function write(state: State, { how }: Agent, sent: Sent, objects: readonly Asked[]): void {
  const id = 1 + state.random.below(0x7fff_fffe);
  sent.tries = 0;
  if (!isUsm(how)) {
    sent.wanted = { id, objects };
    sent.packet = writeByCommunity(how.version, how.community, sent.wanted);
  } else if (how.engine === undefined) {
    sent.wanted = { id, objects: DISCOVERY };
    sent.packet = writeDiscovery(sent.wanted);
  } else {
    sent.wanted = { id, objects };
    sent.packet = seal(how, how.engine, sent.wanted, realElapsedMs());
  }
}

/** What a packet of the asked address amounts to. */
type Heard =
  | { readonly is: "nothing"; readonly why: NonNullable<LaneNews["refused"]> }
  /** The engine is known now. */
  | { readonly is: "met" }
  /** Its clock was not what we thought; now it is. */
  | { readonly is: "late" }
  | { readonly is: "over"; readonly ending: Ending; readonly report?: number };

function read(state: State, { how }: Agent, { wanted }: Sent, packet: Buffer): Heard {
  if (!isUsm(how)) return heardOf(readByCommunity(packet, { ...wanted, ...how }));
  const opened = open(how, packet, wanted, realElapsedMs());
  if (opened.said.kind === "report") return heardReport(state, how, opened, opened.said.counter);
  if (how.engine === undefined && opened.said.kind !== "refused") return { is: "nothing", why: "another engine" };
  return heardOf(opened.said);
}

function heardReport({ keys }: State, usm: Usm, { outer, authentic }: Opened, counter: number): Heard {
  if (usm.engine === undefined) {
    // Whatever it complains of: the question showed no user, and any Report names its engine.
    if (outer.engine.length === 0) return { is: "over", ending: { end: "invalid" }, report: counter };
    meet(usm, outer, { keys, atMs: realElapsedMs() });
    return { is: "met" };
  }
  if (counter in DENIED_REPORT) return { is: "over", ending: { end: "denied" }, report: counter };
  if (!STALE_REPORT.includes(counter)) return { is: "over", ending: { end: "invalid" }, report: counter };
  // A boot count that went back is a new image or a new board: the engine is got to know anew.
  if (counter !== NOT_IN_TIME || !authentic || outer.boots < usm.engine.boots) {
    return { is: "over", ending: { end: "stale" }, report: counter };
  }
  Object.assign(usm.engine, { boots: outer.boots, seconds: outer.seconds, atMs: realElapsedMs() });
  return { is: "late" };
}

function heardOf(said: Said): Heard {
  switch (said.kind) {
    case "refused":
      // It is the engine's own word, of a clock that went back: a new image or a new board.
      return said.why === "outside the time window" ? { is: "over", ending: { end: "stale" } } : { is: "nothing", why: said.why };
    case "rows":
      return { is: "over", ending: { end: "rows", rows: said.rows } };
    case "status":
      return { is: "over", ending: { end: "status", status: said.status } };
    default:
      return { is: "over", ending: { end: "invalid" } };
  }
}
