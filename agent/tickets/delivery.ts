/**
 * How one ticket goes to the desk: what comes next, and what is written down after an answer. Pure.
 *
 * Before each call the row says `unknown` with the call itself, so a stop in the middle is followed by a look-up. A call
 * whose end is unknown is repeated word for word under the same idempotency id until it is known; newer versions wait.
 */
import * as z from "zod";
import { MINUTE, type Ms, SECOND } from "../../protocols/core/time.ts";
import type { JsonObject } from "../../store/row.ts";
import type { TicketDelivery, TicketOutcome, TicketRow } from "../../store/tickets.ts";
import type { Found, Outcome, RemoteTicket, TicketCall } from "./connectors/connector.ts";
import { endOfDocument } from "./file.ts";
import { isTicketKey, ticketKey } from "./key.ts";

/** What is kept beside the store's own fields of an outcome. */
export interface KeptOutcome extends TicketOutcome {
  /** The call under way, or of unknown end. */
  readonly call?: TicketCall;
  readonly sentAtMs?: Ms;
  /** Tries of the present version, from 1. */
  readonly attempt?: number;
  /** Look-ups without a clear answer since the call went out. */
  readonly lookUps?: number;
  /** When the desk first got the ticket: it counts for the storm cap. */
  readonly bornAtMs?: Ms;
  /** The storm cap holds it back. */
  readonly held?: boolean;
}

export interface DeliveryRules {
  /** A new ticket waits this long: failures come in groups. */
  readonly settleMs: Ms;
  /** One ticket is updated at most this often. */
  readonly updateEveryMs: Ms;
  /** After this long the desk finds what it has. */
  readonly findLagMs: Ms;
}

/** What comes next for a ticket; `settle` needs no call. */
export type NextStep =
  | { readonly do: "wait"; readonly why: string }
  | { readonly do: "settle" }
  | { readonly do: "send"; readonly call: TicketCall }
  | { readonly do: "find"; readonly call: TicketCall };

/** What a look-up leads to: write it down, or send again. `duplicates` are further tickets at the desk with our key. */
export type AfterFind =
  | { readonly do: "note"; readonly duplicates: readonly RemoteTicket[]; readonly delivery: TicketDelivery }
  | { readonly do: "resend"; readonly duplicates: readonly RemoteTicket[]; readonly call: TicketCall };

export const SETTLE_MS: Ms = 30 * SECOND;
export const UPDATE_EVERY_MS: Ms = 30 * SECOND;
/** First repeat after an unknown or failed call. */
const RETRY_MIN_MS: Ms = 5 * SECOND;
const RETRY_MAX_MS: Ms = 30 * MINUTE;

/** @param isDelivered has the desk the ticket with this key? For pointers: the ticket pointed to comes first. */
export function nextStep(row: TicketRow, rules: DeliveryRules, nowMs: Ms, isDelivered: (key: string) => boolean): NextStep {
  const kept = keptOf(row);
  const key = ticketKey(row.key, row.generation);
  const base = { key, version: row.version, document: row.doc };
  if (row.lastOutcome?.kind === "unknown") {
    // A call that another version of us wrote and that does not decode may have arrived all the same.
    const what = row.remoteId === undefined ? { what: "create" as const } : { what: "update" as const, remoteId: row.remoteId };
    return { do: "find", call: kept.call ?? { ...base, ...what } };
  }
  if (row.remoteId === undefined) {
    if (row.state !== "open") return { do: "settle" };
    if (nowMs < row.createdAtMs + rules.settleMs) return { do: "wait", why: "settling" };
    return { do: "send", call: { ...base, what: "create" } };
  }
  if (row.state !== "open") {
    const end = endOfDocument(row.doc);
    if (end?.how === "merged" && !isDelivered(end.into)) return { do: "wait", why: `ticket ${end.into} comes first` };
    return { do: "send", call: { ...base, what: "close", remoteId: row.remoteId } };
  }
  const { lastOutcome } = row;
  if (lastOutcome?.kind === "done" && nowMs < lastOutcome.atMs + rules.updateEveryMs) return { do: "wait", why: "told a moment ago" };
  return { do: "send", call: { ...base, what: "update", remoteId: row.remoteId } };
}

/** What to write before a call goes out. */
export function beforeCall(row: TicketRow, call: TicketCall, nowMs: Ms): TicketDelivery {
  const { attempt, bornAtMs } = keptOf(row);
  const outcome: KeptOutcome = {
    kind: "unknown",
    atMs: nowMs,
    detail: "on its way",
    call,
    sentAtMs: nowMs,
    attempt: (attempt ?? 0) + 1,
    ...(bornAtMs === undefined ? {} : { bornAtMs }),
  };
  return { ...idOf(row), version: call.version, outcome, nextTryMs: nowMs };
}

/** What to write after it. `row` is as `beforeCall` left it; `ambiguous`: an earlier try of this very call may have arrived. */
export function afterCall(
  row: TicketRow,
  call: TicketCall,
  answer: Outcome,
  at: { readonly nowMs: Ms; readonly ambiguous: boolean },
): TicketDelivery {
  const { nowMs, ambiguous } = at;
  const kept = keptOf(row);
  const attempt = kept.attempt ?? 1;
  const common = { ...idOf(row), version: call.version };
  const born = kept.bornAtMs === undefined ? {} : { bornAtMs: kept.bornAtMs };
  switch (answer.kind) {
    case "done":
      return doneWith(row, call, answer, nowMs);
    case "refused": {
      const outcome: KeptOutcome = { kind: "refused", atMs: nowMs, status: answer.status, detail: answer.detail, ...born };
      return { ...common, outcome };
    }
    case "later": {
      const nextTryMs = nowMs + Math.max(answer.afterMs, retryMs(attempt));
      const open: KeptOutcome = {
        kind: "unknown",
        atMs: nowMs,
        detail: answer.detail,
        attempt,
        call,
        sentAtMs: kept.sentAtMs ?? nowMs,
        ...born,
      };
      const outcome: KeptOutcome = ambiguous ? open : { kind: "later", atMs: nowMs, detail: answer.detail, attempt, ...born };
      return { ...common, outcome, nextTryMs };
    }
    case "unknown": {
      const outcome: KeptOutcome = { kind: "unknown", atMs: nowMs, detail: answer.detail, attempt, call, sentAtMs: nowMs, ...born };
      return { ...common, outcome, nextTryMs: nowMs + retryMs(attempt) };
    }
  }
}

/** What a look-up for a call of unknown end means. A create is repeated only after absence is proven past the desk's index lag. */
export function afterFind(row: TicketRow, call: TicketCall, found: Found, at: { readonly nowMs: Ms; readonly findLagMs: Ms }): AfterFind {
  const { nowMs, findLagMs } = at;
  const kept = keptOf(row);
  const wait = (nextTryMs: Ms, detail: string, lookUps = kept.lookUps ?? 0): AfterFind => {
    const outcome: KeptOutcome = { ...kept, kind: "unknown", atMs: nowMs, detail, call, sentAtMs: kept.sentAtMs ?? nowMs, lookUps };
    return { do: "note", duplicates: [], delivery: { ...idOf(row), version: call.version, outcome, nextTryMs } };
  };
  if (found.kind !== "found") {
    const lookUps = (kept.lookUps ?? 0) + 1;
    const afterMs = found.kind === "later" ? found.afterMs : retryMs(lookUps);
    return wait(nowMs + Math.max(afterMs, RETRY_MIN_MS), `look-up: ${found.detail}`, lookUps);
  }
  const [first, ...others] = byAgeOpenFirst(found.tickets);
  if (first !== undefined) {
    if (first.version >= call.version) return { do: "note", duplicates: others, delivery: doneWith(row, call, first, nowMs) };
    const what = call.what === "close" ? "close" : "update";
    return { do: "resend", duplicates: others, call: { ...call, what, remoteId: first.id } };
  }
  const certainAtMs = (kept.sentAtMs ?? nowMs) + findLagMs;
  if (nowMs < certainAtMs) return wait(certainAtMs, "not found yet; the desk's index may lag");
  if (call.what === "create") return { do: "resend", duplicates: [], call };
  if (call.what === "close") return { do: "note", duplicates: [], delivery: doneWith(row, call, { id: call.remoteId ?? "" }, nowMs) };
  const outcome: KeptOutcome = { kind: "refused", atMs: nowMs, status: 404, detail: "the desk no longer has this ticket" };
  return { do: "note", duplicates: [], delivery: { ...idOf(row), version: call.version, outcome } };
}

/** Marks a version as told without a call. */
export function settled(row: TicketRow, nowMs: Ms): TicketDelivery {
  const outcome: KeptOutcome = { ...keptOf(row), kind: "done", atMs: nowMs, detail: "ended before the desk heard of it" };
  return { ...idOf(row), version: row.version, outcome };
}

export function heldBack(row: TicketRow, untilMs: Ms, nowMs: Ms): TicketDelivery {
  const outcome: KeptOutcome = { kind: "later", atMs: nowMs, detail: "storm cap", held: true };
  return { ...idOf(row), version: row.version, outcome, nextTryMs: untilMs };
}

/** Wait after try `attempt`: doubles from 5 s to 30 min. Source: Standard Webhooks suggests growing waits over hours. */
export function retryMs(attempt: number): Ms {
  return Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(Math.max(attempt, 1) - 1, 16));
}

const callSchema = z.object({
  what: z.enum(["create", "update", "close"]),
  key: z.string().refine(isTicketKey),
  version: z.int().min(1),
  document: z.record(z.string(), z.unknown()),
  remoteId: z.string().optional(),
});
const keptSchema = z.object({
  call: callSchema.optional(),
  sentAtMs: z.number().optional(),
  attempt: z.int().optional(),
  lookUps: z.int().optional(),
  bornAtMs: z.number().optional(),
  held: z.boolean().optional(),
});

export function keptOf(row: TicketRow): Omit<KeptOutcome, keyof TicketOutcome> {
  const parsed = keptSchema.safeParse(row.lastOutcome ?? {});
  if (!parsed.success) return {};
  const { call, sentAtMs, attempt, lookUps, bornAtMs, held } = parsed.data;
  return {
    // Only this file writes calls, and a document is JSON through and through.
    ...(call === undefined ? {} : { call: withDocument(call) }),
    ...(sentAtMs === undefined ? {} : { sentAtMs }),
    ...(attempt === undefined ? {} : { attempt }),
    ...(lookUps === undefined ? {} : { lookUps }),
    ...(bornAtMs === undefined ? {} : { bornAtMs }),
    ...(held === undefined ? {} : { held }),
  };
}

function withDocument({ remoteId, document, ...call }: z.output<typeof callSchema>): TicketCall {
  return { ...call, document: document as JsonObject, ...(remoteId === undefined ? {} : { remoteId }) };
}

function doneWith(row: TicketRow, call: TicketCall, remote: { readonly id: string; readonly url?: string }, nowMs: Ms): TicketDelivery {
  const outcome: KeptOutcome = { kind: "done", atMs: nowMs, bornAtMs: keptOf(row).bornAtMs ?? nowMs };
  const url = remote.url === undefined ? {} : { remoteUrl: remote.url };
  return { ...idOf(row), version: call.version, outcome, ...(remote.id === "" ? {} : { remoteId: remote.id }), ...url };
}

/** The oldest open one is the one to use. Source: tickets.md 5.6. */
function byAgeOpenFirst(tickets: readonly RemoteTicket[]): readonly RemoteTicket[] {
  return [...tickets.filter((ticket) => ticket.state === "open"), ...tickets.filter((ticket) => ticket.state !== "open")];
}

function idOf(row: TicketRow): { readonly key: string; readonly generation: number } {
  return { key: row.key, generation: row.generation };
}
