/**
 * Reads and walks made of single exchanges: splitting, the end of a walk, what each ending means. Knows no library and no socket.
 */
import { type Budget, overBudget } from "../core/budget.ts";
import { type Fault, fail, ok, type Result, unreachable } from "../core/fault.ts";
import { compareOids, isUnder, parseOid } from "./oids.ts";
import type { LaneNews } from "./socket.ts";
import type { SnmpRow, SnmpValue } from "./values.ts";

/** One request. */
export type Question =
  | { readonly ask: "get"; readonly oids: readonly string[] }
  | { readonly ask: "next"; readonly oid: string }
  | { readonly ask: "bulk"; readonly oid: string; readonly repetitions: number };

/** How one exchange ended, in words of ours. */
export type Ending =
  | { readonly end: "rows"; readonly rows: readonly SnmpRow[] }
  /** The agent's RFC 3416 error-status. */
  | { readonly end: "status"; readonly status: number }
  | { readonly end: "silence" | "denied" | "stale" | "invalid" | "unreachable" | "full" }
  | { readonly end: "cut"; readonly fault: Fault };

/** An ending with what the socket saw meanwhile. */
export interface Exchanged {
  readonly ending: Ending;
  readonly news: LaneNews;
}

export type Exchange = (question: Question) => Promise<Exchanged>;

/** Variables in one GET: one round of a health poll in one packet. */
export const GET_AT_ONCE = 20;
/** What agents on busy codecs are said to take; nobody printed a limit, so it is tried (protocols/snmp.md 7). */
const GET_SURELY = 10;
/** Rows in one GETBULK: about 1.4 KB of ordinary columns, so an answer fits one packet. */
const REPETITIONS = 20;
/** RFC 3416 error-status. */
const TOO_BIG = 1;
const NO_SUCH_NAME = 2;
const STATUS: Readonly<Record<number, string>> = {
  1: "answer too big",
  2: "no such name",
  3: "bad value",
  4: "read only",
  5: "general error",
  13: "resource unavailable",
};
/** noAccess and authorizationError. */
const DENIED_STATUS: readonly number[] = [6, 16];
/** usmStats counters (RFC 3414, 5) that our user or keys cause. */
export const DENIED_REPORT: Readonly<Record<number, string>> = {
  1: "security level not supported",
  3: "unknown user",
  5: "wrong authentication key",
  6: "wrong privacy key",
};
/** notInTimeWindows and unknownEngineIDs: what we remember of the engine is old. */
export const STALE_REPORT: readonly number[] = [2, 4];

const garbled = (detail: string): Fault => ({ kind: "garbled", via: "snmp", wanted: "an SNMP answer", detail });

/** A packet from the asked address that was turned away is an answer of sorts: not silence, and not a value. */
function turnedAway({ refused }: LaneNews): Fault | undefined {
  if (refused === "not authentic") return { kind: "denied", via: "snmp", detail: "authentication failed" };
  return refused === undefined ? undefined : garbled(refused);
}

/** Was it time that cut it off, ours or the caller's? */
function ranOut(fault: Fault): boolean {
  return fault.kind === "unreachable" || (fault.kind === "overBudget" && fault.budget === "time");
}

/** The fault of an exchange that brought no rows. */
export function faultOfEnding(exchanged: Exchanged): Fault {
  const { ending, news } = exchanged;
  switch (ending.end) {
    case "rows":
      return garbled("nothing in it");
    case "status":
      if (DENIED_STATUS.includes(ending.status)) return { kind: "denied", via: "snmp", detail: "no access to this object" };
      return { kind: "refused", via: "snmp", reason: STATUS[ending.status] ?? `error ${ending.status}` };
    case "silence":
      return turnedAway(news) ?? { kind: "unreachable", via: "snmp" };
    case "denied":
      return { kind: "denied", via: "snmp", detail: DENIED_REPORT[news.report ?? 0] ?? "authentication failed" };
    case "stale":
      return { kind: "refused", via: "snmp", reason: "the agent's engine id or clock changed twice" };
    case "invalid":
      return garbled(news.refused ?? "undecodable");
    case "unreachable":
      return { kind: "unreachable", via: "snmp", detail: "the network refused the packet" };
    case "full":
      return { kind: "busy", via: "snmp" };
    case "cut":
      return ranOut(ending.fault) ? (turnedAway(news) ?? ending.fault) : ending.fault;
    default:
      return unreachable(ending);
  }
}

/** What an agent takes in one question; kept with what else is known of it. */
export interface Appetite {
  atOnce: number;
  /** It answered nothing at all the last time, few or many: it is asked little until it does. Its silence says nothing of its appetite. */
  quiet?: boolean;
}

/**
 * Values of `oids`, as many to a packet as the agent takes: fewer where it says its answer would be too big, where (version 1)
 * one is missing, and where it is silent on more than it surely takes.
 */
export async function getAll(
  exchange: Exchange,
  oids: readonly string[],
  appetite: Appetite = { atOnce: GET_AT_ONCE },
): Promise<Result<ReadonlyMap<string, SnmpValue>>> {
  const values = new Map<string, SnmpValue>();
  const before = appetite.atOnce;
  const parts = inParts(oids, appetite.quiet === true ? Math.min(GET_SURELY, before) : before);
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    const exchanged = await exchange({ ask: "get", oids: part });
    const { ending } = exchanged;
    if (ending.end !== "silence") appetite.quiet = false;
    if (ending.end === "rows") {
      if (!take(values, part, ending.rows)) return fail(garbled("other objects than asked for"));
      continue;
    }
    const single = part.length === 1 ? part[0] : undefined;
    if (ending.end === "status" && ending.status === NO_SUCH_NAME && single !== undefined) {
      values.set(single, { type: "absent", why: "noSuchObject" });
    } else if (ending.end === "status" && (ending.status === NO_SUCH_NAME || ending.status === TOO_BIG) && single === undefined) {
      const half = Math.ceil(part.length / 2);
      if (ending.status === TOO_BIG) appetite.atOnce = half;
      parts.unshift(part.slice(0, half), part.slice(half));
    } else if (ending.end === "silence" && exchanged.news.refused === undefined && part.length > GET_SURELY) {
      appetite.atOnce = GET_SURELY;
      parts.unshift(...inParts(part, GET_SURELY));
    } else {
      if (ending.end === "silence" && values.size === 0) Object.assign(appetite, { atOnce: before, quiet: true });
      return fail(faultOfEnding(exchanged));
    }
  }
  return ok(values);
}

/** @returns whether they are what was asked for, in that order */
function take(values: Map<string, SnmpValue>, asked: readonly string[], rows: readonly SnmpRow[]): boolean {
  if (asked.length !== rows.length) return false;
  for (let i = 0; i < asked.length; i++) {
    const { oid, value } = rows[i] as SnmpRow;
    if (oid !== asked[i]) return false;
    values.set(oid, value);
  }
  return true;
}

function inParts(oids: readonly string[], size: number): (readonly string[])[] {
  if (oids.length <= size) return oids.length === 0 ? [] : [oids];
  const parts: (readonly string[])[] = [];
  for (let at = 0; at < oids.length; at += size) parts.push(oids.slice(at, at + size));
  return parts;
}

/** A walk under way: the rows so far and where it stands. */
interface Walk {
  readonly root: string;
  readonly rows: SnmpRow[];
  previous: readonly number[];
  cursor: string;
  bytes: number;
}

/** Takes rows of one answer: `more`, `done` at the end of the subtree, or the fault that ends the walk. */
function takeRows(walk: Walk, rows: readonly SnmpRow[], budget: Budget): "more" | "done" | Fault {
  if (rows.length === 0) return garbled("an empty answer inside a walk");
  for (const row of rows) {
    if (row.value.type === "absent" && row.value.why === "endOfMibView") return "done";
    const oid = parseOid(row.oid);
    // Faulty agents loop or grow without end (RFC 3416, 4.2.3 demands increasing names).
    if (oid === undefined || compareOids(oid, walk.previous) <= 0) return garbled("object identifiers that do not increase");
    if (!isUnder(row.oid, walk.root)) return "done";
    if (walk.rows.length === budget.items) return overBudget("snmp", "items", budget.items);
    walk.rows.push(row);
    walk.previous = oid;
    walk.cursor = row.oid;
  }
  return "more";
}

/** All rows below `root` in order. `bulk` is false for version 1, which has no GETBULK. */
export async function walkAll(
  exchange: Exchange,
  root: string,
  how: { bulk: boolean; budget: Budget },
): Promise<Result<readonly SnmpRow[]>> {
  const { bulk, budget } = how;
  const start = parseOid(root);
  if (start === undefined) return fail(garbled("no object identifier to begin with"));
  const walk: Walk = { root, rows: [], previous: start, cursor: root, bytes: 0 };
  let repetitions = REPETITIONS;
  for (;;) {
    const exchanged = await exchange(bulk ? { ask: "bulk", oid: walk.cursor, repetitions } : { ask: "next", oid: walk.cursor });
    const { ending } = exchanged;
    walk.bytes += exchanged.news.bytes;
    if (walk.bytes > budget.bytes) return fail(overBudget("snmp", "bytes", budget.bytes));
    if (ending.end === "status" && ending.status === NO_SUCH_NAME) return ok(walk.rows);
    if (ending.end === "status" && ending.status === TOO_BIG && repetitions > 1) {
      repetitions = Math.floor(repetitions / 2);
      continue;
    }
    if (ending.end !== "rows") return fail(faultOfEnding(exchanged));
    const next = takeRows(walk, ending.rows, budget);
    if (next === "done") return ok(walk.rows);
    if (next !== "more") return fail(next);
  }
}
