import { expect, test } from "vitest";
import type { RemoteTicket, TicketCall } from "../../../agent/tickets/connectors/connector.ts";
import {
  afterCall,
  afterFind,
  beforeCall,
  type DeliveryRules,
  heldBack,
  keptOf,
  nextStep,
  settled,
} from "../../../agent/tickets/delivery.ts";
import { ticketBase, ticketKey } from "../../../agent/tickets/key.ts";
import { SECOND } from "../../../protocols/core/time.ts";
import type { TicketRow } from "../../../store/tickets.ts";
import { T0 } from "../../store/temporary.ts";
import { SITE } from "./kit.ts";

const base = ticketBase({ environment: "production", site: SITE, kind: "device", scope: "d-1", cause: "lost" });
const key = ticketKey(base, 1);
const rules: DeliveryRules = { settleMs: 30 * SECOND, updateEveryMs: 30 * SECOND, findLagMs: 10 * SECOND };
const row = (change: Partial<TicketRow> = {}): TicketRow => ({
  key: base,
  generation: 1,
  version: 2,
  deliveredVersion: 0,
  doc: { title: "t" },
  state: "open",
  createdAtMs: T0,
  tries: 0,
  devices: [],
  ...change,
});
const call = (change: Partial<TicketCall> = {}): TicketCall => ({ what: "create", key, version: 2, document: { title: "t" }, ...change });
const next = (one: TicketRow, nowMs = T0 + 60 * SECOND, isDelivered = true) => nextStep(one, rules, nowMs, () => isDelivered);
const remote = (change: Partial<RemoteTicket> = {}): RemoteTicket => ({ id: "GS-1", key, version: 2, state: "open", ...change });
/** As `beforeCall` leaves it. */
const underWay = (one = call(), sentAtMs = T0): TicketRow => row({ lastOutcome: beforeCall(row(), one, sentAtMs).outcome });
const find = (tickets: readonly RemoteTicket[], nowMs: number, one = call()) =>
  afterFind(underWay(one), one, { kind: "found", tickets }, { nowMs, findLagMs: rules.findLagMs });

test("nextStep(): a new ticket settles, then is created; one with a name at the desk is updated or closed", () => {
  expect(next(row(), T0 + 29 * SECOND)).toMatchObject({ do: "wait" });
  expect(next(row())).toMatchObject({ do: "send", call: { what: "create", key, version: 2 } });
  expect(next(row({ remoteId: "GS-1" }))).toMatchObject({ do: "send", call: { what: "update", remoteId: "GS-1" } });
  expect(next(row({ remoteId: "GS-1", state: "closing" }))).toMatchObject({ do: "send", call: { what: "close" } });
  expect(next(row({ state: "closing" }))).toEqual({ do: "settle" });
});

test("nextStep(): a call of unknown end is looked up, word for word, whatever the document says now", () => {
  const changed = { ...underWay(call({ version: 1 })), version: 5, state: "closing" as const };
  expect(next(changed)).toEqual({ do: "find", call: call({ version: 1 }) });
});

test("nextStep(): a pointer waits until the desk has what it points to", () => {
  const merged = row({ remoteId: "GS-1", state: "closing", doc: { end: { how: "merged", into: "OTHER.g1", atMs: T0 } } });
  expect(next(merged, T0, false)).toMatchObject({ do: "wait" });
  expect(next(merged, T0, true)).toMatchObject({ do: "send", call: { what: "close" } });
});

test("beforeCall(): the row says unknown, with the call itself, before anything is sent", () => {
  expect(beforeCall(row(), call(), T0)).toMatchObject({ version: 2, outcome: { kind: "unknown", call: call(), attempt: 1 } });
  const again = beforeCall(underWay(), call(), T0 + 5);
  expect(again.outcome).toMatchObject({ attempt: 2, sentAtMs: T0 + 5 });
});

test("afterCall(): done keeps the desk's name and the birth of the ticket", () => {
  const delivery = afterCall(underWay(), call(), { kind: "done", id: "GS-1", url: "https://d" }, { nowMs: T0 + 1, ambiguous: false });
  expect(delivery).toMatchObject({ version: 2, remoteId: "GS-1", remoteUrl: "https://d", outcome: { kind: "done", bornAtMs: T0 + 1 } });
});

test("afterCall(): later is certainly not done, unless an earlier try of the same call may have arrived", () => {
  const later = { kind: "later", afterMs: 90 * SECOND, detail: "429" } as const;
  const sure = afterCall(underWay(), call(), later, { nowMs: T0, ambiguous: false });
  expect(sure).toMatchObject({ nextTryMs: T0 + 90 * SECOND, outcome: { kind: "later" } });
  expect(afterCall(underWay(), call(), later, { nowMs: T0, ambiguous: true }).outcome).toMatchObject({ kind: "unknown", call: call() });
});

test("afterFind(): absence proves nothing before the index lag is over, then the same call goes out again", () => {
  expect(find([], T0 + 10 * SECOND - 1)).toMatchObject({
    do: "note",
    delivery: { outcome: { kind: "unknown" }, nextTryMs: T0 + 10 * SECOND },
  });
  expect(find([], T0 + 10 * SECOND)).toEqual({ do: "resend", duplicates: [], call: call() });
});

test("afterFind(): a found ticket is used: done where it has the version, updated where it is older", () => {
  expect(find([remote()], T0)).toMatchObject({ do: "note", delivery: { remoteId: "GS-1", outcome: { kind: "done" } } });
  expect(find([remote({ version: 1 })], T0)).toMatchObject({ do: "resend", call: { what: "update", remoteId: "GS-1", version: 2 } });
  const close = call({ what: "close", remoteId: "GS-1" });
  expect(find([remote({ version: 1 })], T0, close)).toMatchObject({ do: "resend", call: { what: "close" } });
});

test("afterFind(): a ticket that is gone is closed; one that should be updated needs a person", () => {
  const late = T0 + 60 * SECOND;
  expect(find([], late, call({ what: "close", remoteId: "GS-1" }))).toMatchObject({ do: "note", delivery: { outcome: { kind: "done" } } });
  expect(find([], late, call({ what: "update", remoteId: "GS-1" }))).toMatchObject({
    do: "note",
    delivery: { outcome: { kind: "refused", status: 404 } },
  });
});

test("afterFind(): of several the oldest open one is used", () => {
  const answer = find([remote({ id: "old", state: "closed" }), remote({ id: "first" }), remote({ id: "second" })], T0);
  expect(answer).toMatchObject({ delivery: { remoteId: "first" } });
  expect(answer.duplicates.map(({ id }) => id)).toEqual(["second", "old"]);
});

test.each([
  { kind: "later", afterMs: 60_000, detail: "" },
  { kind: "refused", status: 401, detail: "" },
  { kind: "unknown", detail: "" },
] as const)("afterFind(): a look-up without a clear answer (%o) stays unknown with the call", (found) => {
  const answer = afterFind(underWay(), call(), found, { nowMs: T0 + 3_600_000, findLagMs: 0 });
  expect(answer).toMatchObject({ do: "note", delivery: { outcome: { kind: "unknown", call: call() } } });
});

test("afterFind(): each look-up without a clear answer is followed by a longer wait", () => {
  let current = underWay();
  const waits: number[] = [];
  for (let look = 0; look < 4; look++) {
    const answer = afterFind(current, call(), { kind: "refused", status: 401, detail: "" }, { nowMs: T0, findLagMs: 0 });
    if (answer.do !== "note") throw new Error("sent again");
    waits.push((answer.delivery.nextTryMs ?? T0) - T0);
    current = { ...current, lastOutcome: answer.delivery.outcome };
  }
  expect(waits).toEqual([5_000, 10_000, 20_000, 40_000]);
});

test("settled(), heldBack(): marks without a call", () => {
  expect(settled(row(), T0)).toMatchObject({ version: 2, outcome: { kind: "done" } });
  expect(heldBack(row(), T0 + 5, T0)).toMatchObject({ nextTryMs: T0 + 5, outcome: { kind: "later", held: true } });
});

test("keptOf(), nextStep(): T3 a call that does not decode any more is looked up, never simply made again", () => {
  const lastOutcome = { kind: "unknown", atMs: T0, call: { what: "explode", key, version: 1, document: {} } } as never;
  expect(keptOf(row({ lastOutcome }))).toEqual({});
  expect(next(row({ lastOutcome }))).toEqual({ do: "find", call: call() });
  const nothing = { kind: "found", tickets: [] } as const;
  const first = afterFind(row({ lastOutcome }), call(), nothing, { nowMs: T0, findLagMs: rules.findLagMs });
  expect(first).toMatchObject({ do: "note", delivery: { nextTryMs: T0 + rules.findLagMs } });
  if (first.do !== "note") return;
  const second = afterFind(row({ lastOutcome: first.delivery.outcome }), call(), nothing, {
    nowMs: T0 + rules.findLagMs,
    findLagMs: rules.findLagMs,
  });
  expect(second.do).toBe("resend");
});
