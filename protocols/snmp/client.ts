/**
 * SNMP v1, v2c and v3 over net-snmp, which is imported here only. Its sessions run over one shared socket per address family
 * with our guard in front; its errors, which carry passphrases, end here (security.md 1, facts 2 to 6).
 */
import { isIPv6 } from "node:net";
import * as library from "net-snmp";
import { faultOfAbort } from "../core/abort.ts";
import { type Budget, budgetSignal, SNMP_BUDGET, SNMP_TIMEOUT_MS } from "../core/budget.ts";
import { fail, type Result } from "../core/fault.ts";
import { oneAtATimePerKey } from "../core/limit.ts";
import type { Random } from "../core/random.ts";
import { type Clock, MINUTE } from "../core/time.ts";
import { askFault, nameOfTarget, type SnmpTarget } from "./access.ts";
import { DENIED_REPORT, type Ending, type Exchange, type Exchanged, getAll, type Question, STALE_REPORT, walkAll } from "./asks.ts";
import { createGets } from "./gets.ts";
import { createUsmKeys, type LibraryUsm, useKeys } from "./keys.ts";
import { peerKey } from "./peer.ts";
import { createQuestions, NO_OIDS } from "./questions.ts";
import { createSharedSockets, type Lane, type LaneNews, type SharedSockets } from "./socket.ts";
import { isOurs } from "./usm.ts";
import { type SnmpRow, type SnmpValue, snmpValueOf } from "./values.ts";

export { accessFrom, type SnmpAccess, type SnmpTarget } from "./access.ts";
export type { SnmpRow, SnmpValue } from "./values.ts";

export interface SnmpClient {
  /**
   * Reads single objects; one the agent lacks is `absent`, not a fault. Asks of one agent come one after the other.
   *
   * @returns `unreachable` after silence (a wrong community is silence), `denied`, `refused`, `garbled`, `busy`, `overBudget`, `cancelled`
   */
  get(target: SnmpTarget, oids: readonly string[], signal: AbortSignal): Promise<Result<ReadonlyMap<string, SnmpValue>>>;
  /** A whole column or subtree in strictly increasing order, bounded by the budget. */
  walk(target: SnmpTarget, root: string, signal: AbortSignal): Promise<Result<readonly SnmpRow[]>>;
  close(): Promise<void>;
}

export interface SnmpIo {
  readonly clock: Clock;
  readonly random: Random;
  /** Real milliseconds of silence before the one repeat; without it `SNMP_TIMEOUT_MS`. */
  readonly timeoutMs?: number;
  /** Without it `SNMP_BUDGET`. */
  readonly budget?: Budget;
}

/** One repeat after silence: UDP loses packets, and a dead device must not cost more than two time-outs. */
const RETRIES = 1;
/** Conversations kept: one per device and access of the largest site we plan for, twice over. */
const MAX_CONVERSATIONS = 20_000;
/** A conversation nobody used this long is dropped: three polls of the slowest kind of device. */
const IDLE_MS = 15 * MINUTE;

/** What we use of the library's session; its own types miss `send` and the messages. */
interface LibrarySession {
  get(oids: readonly string[], done: Done): void;
  getNext(oids: readonly string[], done: Done): void;
  getBulk(oids: readonly string[], nonRepeaters: number, maxRepetitions: number, done: Done): void;
  cancelRequests(error: Error): void;
  on(event: "error", listener: (error: unknown) => void): unknown;
  send(request: LibraryRequest, noWait?: boolean): unknown;
}

interface LibraryRequest {
  readonly message: {
    /** Set once the message was written. */
    readonly buffer?: Buffer;
    readonly pdu: { id: number };
    /** Version 3 only. */
    readonly msgGlobalData?: { msgID: number };
  };
}

interface LibraryVarbind {
  readonly oid: string;
  readonly type: number;
  readonly value: unknown;
}

type Done = (error: unknown, varbinds?: readonly (LibraryVarbind | readonly LibraryVarbind[])[]) => void;

/** What is remembered of one agent under one access. */
interface Conversation {
  readonly session: LibrarySession;
  readonly lane: Lane;
  usedAtMs: number;
  /** Its last exchange brought an answer: the engine is known. */
  known: boolean;
}

interface ClientState {
  readonly io: SnmpIo;
  readonly sockets: SharedSockets;
  /** By `nameOfTarget`, least recently used first. */
  readonly conversations: Map<string, Conversation>;
  readonly nameKey: string;
  readonly budget: Budget;
}

const { md5, sha, sha256 } = library.AuthProtocols;
const AUTH = { md5, sha, sha256 } as const;
/** `aes256` is the Blumenthal form, as net-snmp's `AES-256`; Cisco's own (Reeder) differs. */
const PRIV = { des: library.PrivProtocols.des, aes: library.PrivProtocols.aes, aes256: library.PrivProtocols.aes256b } as const;
/** The library's codes for a failed check of user, key or digest, and for its own notion of the engine's clock. */
const { EAuthFailure, ENotInTimeWindow } = library.ResponseInvalidCode as unknown as Readonly<Record<string, number>>;

/** Exported by the library, missing in its types. */
const TimedOutError = (library as unknown as { readonly RequestTimedOutError: new () => Error }).RequestTimedOutError;

function openSession(state: ClientState, target: SnmpTarget, lane: Lane): LibrarySession {
  const { address, port, access } = target;
  const options = {
    port,
    transport: isIPv6(address) ? ("udp6" as const) : ("udp4" as const),
    retries: RETRIES,
    timeout: state.io.timeoutMs ?? SNMP_TIMEOUT_MS,
    dgramModule: { createSocket: () => lane.dgram },
  };
  let session: unknown;
  if (access.version === "3") {
    const { auth, priv } = access;
    const { authNoPriv, authPriv, noAuthNoPriv } = library.SecurityLevel;
    const user = {
      name: access.user,
      level: auth === undefined ? noAuthNoPriv : priv === undefined ? authNoPriv : authPriv,
      ...(auth === undefined ? {} : { authProtocol: AUTH[auth.protocol], authKey: auth.key.reveal() }),
      ...(auth === undefined || priv === undefined ? {} : { privProtocol: PRIV[priv.protocol], privKey: priv.key.reveal() }),
    };
    session = library.createV3Session(address, user as library.User, { ...options, context: access.context ?? "" });
  } else {
    const version = access.version === "1" ? library.Version1 : library.Version2c;
    session = library.createSession(address, access.community.reveal(), { ...options, version });
  }
  return withOwnIds(session as LibrarySession, state.io.random);
}

/** The library draws ids from a guessable source, below 100 million; before a message is first written it gets one below 2^31 from our source. */
function withOwnIds(session: LibrarySession, random: Random): LibrarySession {
  const send = session.send.bind(session);
  session.on("error", () => undefined);
  session.send = (request, noWait) => {
    const { message } = request;
    if (message.buffer === undefined) {
      message.pdu.id = 1 + random.below(0x7fff_fffe);
      if (message.msgGlobalData !== undefined) message.msgGlobalData.msgID = 1 + random.below(0x7fff_fffe);
    }
    return send(request, noWait);
  };
  return session;
}

function conversationWith(state: ClientState, target: SnmpTarget): { readonly name: string; readonly talk: Conversation } {
  const nowMs = state.io.clock.nowMs();
  for (const [name, talk] of state.conversations) {
    if (state.conversations.size < MAX_CONVERSATIONS && nowMs - talk.usedAtMs < IDLE_MS) break;
    state.conversations.delete(name);
  }
  const name = nameOfTarget(target, state.nameKey);
  let talk = state.conversations.get(name);
  if (talk === undefined) {
    const lane = state.sockets.lane(target.address, target.port);
    talk = { session: openSession(state, target, lane), lane, usedAtMs: nowMs, known: false };
  }
  talk.usedAtMs = nowMs;
  state.conversations.delete(name);
  state.conversations.set(name, talk);
  return { name, talk };
}

function rowsOf(varbinds: readonly (LibraryVarbind | readonly LibraryVarbind[])[]): readonly SnmpRow[] | undefined {
  const rows: SnmpRow[] = [];
  for (const varbind of varbinds.flat() as readonly LibraryVarbind[]) {
    const value = snmpValueOf(varbind.type, varbind.value);
    if (value === undefined || rows.length === SNMP_BUDGET.items) return undefined;
    rows.push({ oid: varbind.oid, value });
  }
  return rows;
}

/** Reads class and code of a library error, nothing else: its other fields hold user and keys. */
function endingOfError(error: unknown, news: LaneNews): Ending {
  if (error instanceof TimedOutError) return { end: "silence" };
  if (error instanceof library.RequestFailedError) return { end: "status", status: (error as { readonly status: number }).status };
  if (!(error instanceof library.ResponseInvalidError)) return { end: "invalid" };
  const { code } = error as unknown as { readonly code: number };
  if (code === ENotInTimeWindow || (news.report !== undefined && STALE_REPORT.includes(news.report))) return { end: "stale" };
  if (code === EAuthFailure || (news.report !== undefined && news.report in DENIED_REPORT)) return { end: "denied" };
  return { end: "invalid" };
}

function put(session: LibrarySession, question: Question, done: Done): void {
  if (question.ask === "get") session.get(question.oids, done);
  else if (question.ask === "next") session.getNext([question.oid], done);
  else session.getBulk([question.oid], 0, question.repetitions, done);
}

/** When an exchange is cut off: by the caller's signal or by the budget's wall clock. */
interface Cut {
  readonly whole: AbortSignal;
  readonly parent: AbortSignal;
  readonly budget: Budget;
  heard: boolean;
}

/** One question over one conversation, until the answer, silence, trouble or the cut. */
function exchangeOver(talk: Conversation, question: Question, cut: Cut): Promise<Exchanged> {
  return new Promise((resolve) => {
    let over = false;
    const settle = (ending: Ending): void => {
      if (over) return;
      over = true;
      cut.whole.removeEventListener("abort", onAbort);
      const news = talk.lane.end();
      cut.heard ||= news.bytes > 0;
      // Clears the library's timers; its callbacks find `over` set.
      if (ending.end !== "rows") talk.session.cancelRequests(new Error("over"));
      resolve({ ending, news });
    };
    const onAbort = (): void => {
      const heard = cut.heard || talk.lane.news().bytes > 0;
      settle({ end: "cut", fault: faultOfAbort("snmp", { parent: cut.parent, budget: cut.budget, heard }) });
    };
    talk.lane.begin((why) => settle({ end: why === "library" ? "invalid" : why }));
    if (cut.whole.aborted) return onAbort();
    cut.whole.addEventListener("abort", onAbort);
    put(talk.session, question, (error, varbinds) => {
      if (error !== null && error !== undefined) return settle(endingOfError(error, talk.lane.news()));
      const rows = rowsOf(varbinds ?? []);
      settle(rows === undefined ? { end: "invalid" } : { end: "rows", rows });
    });
  });
}

/** Exchanges with one target. A conversation that fails is forgotten; where only its memory of the engine was old, it is begun anew once. */
function exchangeWith(state: ClientState, target: SnmpTarget, parent: AbortSignal): Exchange {
  const { budget } = state;
  const cut: Cut = { whole: budgetSignal(budget, parent), parent, budget, heard: false };
  const once = async (question: Question): Promise<Exchanged & { readonly wasKnown: boolean }> => {
    const { name, talk } = conversationWith(state, target);
    const wasKnown = talk.known;
    const exchanged = await exchangeOver(talk, question, cut);
    talk.known = exchanged.ending.end === "rows" || exchanged.ending.end === "status";
    if (!talk.known && state.conversations.get(name) === talk) state.conversations.delete(name);
    return { ...exchanged, wasKnown };
  };
  return async (question) => {
    const first = await once(question);
    return first.ending.end === "stale" && first.wasKnown ? once(question) : first;
  };
}

export function createSnmpClient(io: SnmpIo): SnmpClient {
  const keys = createUsmKeys();
  useKeys(library as unknown as LibraryUsm, keys, PRIV.des);
  const state: ClientState = {
    io,
    sockets: createSharedSockets(),
    conversations: new Map(),
    nameKey: io.random.hex(32),
    budget: io.budget ?? SNMP_BUDGET,
  };
  /** One request outstanding per device (protocols/snmp.md 7). */
  const turns = oneAtATimePerKey();
  const closing = new AbortController();
  const questions = createQuestions();
  const gets = createGets({
    ...{ questions, sockets: state.sockets, keys, turns, random: io.random },
    timeoutMs: io.timeoutMs ?? SNMP_TIMEOUT_MS,
  });
  const ask = <T>(target: SnmpTarget, signal: AbortSignal, run: (exchange: Exchange) => Promise<Result<T>>): Promise<Result<T>> => {
    const fault = askFault(target);
    if (fault !== undefined) return Promise.resolve(fail(fault));
    const parent = AbortSignal.any([signal, closing.signal]);
    // The wall clock of an ask begins when its turn comes.
    return turns.run(peerKey(target), () => run(exchangeWith(state, target, parent)));
  };
  return {
    get(target, oids, signal) {
      const { budget } = state;
      if (oids.length > budget.items) return Promise.resolve(fail(NO_OIDS));
      const fault = askFault(target);
      if (fault !== undefined) return Promise.resolve(fail(fault));
      if (isOurs(target.access)) return gets.get(target, oids, { parent: signal, budget });
      if (questions.of(oids) === undefined) return Promise.resolve(fail(NO_OIDS));
      return ask(target, signal, (exchange) => getAll(exchange, oids));
    },
    walk: (target, root, signal) =>
      ask(target, signal, (exchange) => walkAll(exchange, root, { bulk: target.access.version !== "1", budget: state.budget })),
    async close() {
      closing.abort();
      gets.close();
      state.conversations.clear();
      keys.clear();
      await state.sockets.close();
    },
  };
}
