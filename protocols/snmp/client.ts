/**
 * SNMP v1, v2c and v3 over net-snmp, which is imported here only. Its sessions run over one shared socket per address family
 * with our guard in front; its errors, which carry passphrases, end here (security.md 1, facts 2 to 6).
 */
import { isIP, isIPv6 } from "node:net";
import * as library from "net-snmp";
import { faultOfAbort } from "../core/abort.ts";
import {              budgetSignal, SNMP_BUDGET, SNMP_TIMEOUT_MS } from "../core/budget.ts";
import { fail,             } from "../core/fault.ts";
import { oneAtATimePerKey } from "../core/limit.ts";

import {             MINUTE } from "../core/time.ts";
import { nameOfTarget,                 } from "./access.ts";
import { DENIED_REPORT,                                             getAll,                STALE_REPORT, walkAll } from "./asks.ts";
import { createUsmKeys,                  useKeys } from "./keys.ts";
import { parseOid } from "./oids.ts";
import { createSharedSockets,                                              } from "./socket.ts";
import {                               snmpValueOf } from "./values.ts";

export { accessFrom,                                  } from "./access.ts";

/** One repeat after silence: UDP loses packets, and a dead device must not cost more than two time-outs. */
const RETRIES = 1;
/** Conversations kept: one per device and access of the largest site we plan for, twice over. */
const MAX_CONVERSATIONS = 20_000;
/** A conversation nobody used this long is dropped: three polls of the slowest kind of device. */
const IDLE_MS = 15 * MINUTE;

/** What we use of the library's session; its own types miss `send` and the messages. */

const { md5, sha, sha256 } = library.AuthProtocols;
const AUTH = { md5, sha, sha256 }         ;
/** `aes256` is the Blumenthal form, as net-snmp's `AES-256`; Cisco's own (Reeder) differs. */
const PRIV = { des: library.PrivProtocols.des, aes: library.PrivProtocols.aes, aes256: library.PrivProtocols.aes256b }         ;
/** The library's codes for a failed check of user, key or digest, and for its own notion of the engine's clock. */
const { EAuthFailure, ECouldNotDecrypt, ENotInTimeWindow } = library.ResponseInvalidCode                                               ;

/** Exported by the library, missing in its types. */
const TimedOutError = (library                                                                 ).RequestTimedOutError;

function openSession(state             , target            , lane      )                 {
  const { address, port, access } = target;
  const options = {
    port,
    transport: isIPv6(address) ? ("udp6"         ) : ("udp4"         ),
    retries: RETRIES,
    timeout: state.io.timeoutMs ?? SNMP_TIMEOUT_MS,
    dgramModule: { createSocket: () => lane.dgram },
  };
  let session         ;
  if (access.version === "3") {
    const { auth, priv } = access;
    const { authNoPriv, authPriv, noAuthNoPriv } = library.SecurityLevel;
    const user = {
      name: access.user,
      level: auth === undefined ? noAuthNoPriv : priv === undefined ? authNoPriv : authPriv,
      ...(auth === undefined ? {} : { authProtocol: AUTH[auth.protocol], authKey: auth.key.reveal() }),
      ...(auth === undefined || priv === undefined ? {} : { privProtocol: PRIV[priv.protocol], privKey: priv.key.reveal() }),
    };
    session = library.createV3Session(address, user                , { ...options, context: access.context ?? "" });
  } else {
    const version = access.version === "1" ? library.Version1 : library.Version2c;
    session = library.createSession(address, access.community.reveal(), { ...options, version });
  }
  return withOwnIds(session                  , state.io.random);
}

/** The library draws ids from a guessable source, below 100 million; before a message is first written it gets one below 2^31 from our source. */
function withOwnIds(session                , random        )                 {
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

function conversationWith(state             , target            )                                                         {
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

function rowsOf(varbinds                                                         )                                 {
  const rows            = [];
  for (const varbind of varbinds.flat()                             ) {
    const value = snmpValueOf(varbind.type, varbind.value);
    if (value === undefined || rows.length === SNMP_BUDGET.items) return undefined;
    rows.push({ oid: varbind.oid, value });
  }
  return rows;
}

/** Reads class and code of a library error, nothing else: its other fields hold user and keys. */
function endingOfError(error         , news          )         {
  if (error instanceof TimedOutError) return { end: "silence" };
  if (error instanceof library.RequestFailedError) return { end: "status", status: (error                               ).status };
  if (!(error instanceof library.ResponseInvalidError)) return { end: "invalid" };
  const { code } = error                                        ;
  if (code === ENotInTimeWindow || (news.report !== undefined && STALE_REPORT.includes(news.report))) return { end: "stale" };
  if (code === EAuthFailure || (news.report !== undefined && news.report in DENIED_REPORT)) return { end: "denied" };
  return { end: code === ECouldNotDecrypt && news.report !== undefined ? "denied" : "invalid" };
}

function put(session                , question          , done      )       {
  if (question.ask === "get") session.get(question.oids, done);
  else if (question.ask === "next") session.getNext([question.oid], done);
  else session.getBulk([question.oid], 0, question.repetitions, done);
}

/** When an exchange is cut off: by the caller's signal or by the budget's wall clock. */

/** One question over one conversation, until the answer, silence, trouble or the cut. */
function exchangeOver(talk              , question          , cut     )                     {
  return new Promise((resolve) => {
    let over = false;
    const settle = (ending        )       => {
      if (over) return;
      over = true;
      cut.whole.removeEventListener("abort", onAbort);
      const news = talk.lane.end();
      cut.heard ||= news.bytes > 0;
      // Clears the library's timers; its callbacks find `over` set.
      if (ending.end !== "rows") talk.session.cancelRequests(new Error("over"));
      resolve({ ending, news });
    };
    const onAbort = ()       => {
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
function exchangeWith(state             , target            , parent             )           {
  const { budget } = state;
  const cut      = { whole: budgetSignal(budget, parent), parent, budget, heard: false };
  const once = async (question          )                                                      => {
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

export function createSnmpClient(io        )             {
  const keys = createUsmKeys();
  useKeys(library                         , keys, PRIV.des);
  const state              = {
    io,
    sockets: createSharedSockets(),
    conversations: new Map(),
    nameKey: io.random.hex(32),
    budget: io.budget ?? SNMP_BUDGET,
  };
  /** One request outstanding per device (protocols/snmp.md 7). */
  const turns = oneAtATimePerKey();
  const closing = new AbortController();
  const ask =    (target            , signal             , run                                            )                     => {
    if (isIP(target.address) === 0) return Promise.resolve(fail({ kind: "unreachable", via: "snmp", detail: "not an address" }));
    const { access } = target;
    if (access.version === "3" && access.priv !== undefined && access.auth === undefined) {
      return Promise.resolve(fail({ kind: "denied", via: "snmp", detail: "privacy needs authentication" }));
    }
    const parent = AbortSignal.any([signal, closing.signal]);
    // The wall clock of an ask begins when its turn comes.
    return turns.run(`${target.address}|${target.port}`, () => run(exchangeWith(state, target, parent)));
  };
  return {
    get(target, oids, signal) {
      if (oids.length > state.budget.items || !oids.every((oid) => parseOid(oid) !== undefined)) {
        return Promise.resolve(fail({ kind: "garbled", via: "snmp", wanted: "object identifiers", detail: "in the request" }));
      }
      return ask(target, signal, (exchange) => getAll(exchange, oids));
    },
    walk: (target, root, signal) =>
      ask(target, signal, (exchange) => walkAll(exchange, root, { bulk: target.access.version !== "1", budget: state.budget })),
    async close() {
      closing.abort();
      state.conversations.clear();
      keys.clear();
      await state.sockets.close();
    },
  };
}

