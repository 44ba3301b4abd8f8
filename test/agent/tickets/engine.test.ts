import { expect, test } from "vitest";
import { keptOf, retryMs } from "../../../agent/tickets/delivery.ts";
import { HOUR, MINUTE, SECOND } from "../../../protocols/core/time.ts";
import { T0 } from "../../store/temporary.ts";
import { bench, fact, LAG_MS, never, recovered } from "./kit.ts";

const kinds = (calls: readonly string[]): string[] => calls.map((call) => call.split(" ")[0] ?? "");

test("turn(): failures settle first, then the ticket goes out and its name at the desk is kept", async () => {
  const made = bench();
  made.file([fact(1)]);
  await made.pass(25 * SECOND);
  expect(made.desk.calls).toEqual([]);
  await made.pass(5 * SECOND);
  expect(kinds(made.desk.calls)).toEqual(["create"]);
  expect(made.row()).toMatchObject({ deliveredVersion: 1, remoteId: "GS-1", remoteUrl: "https://desk.example/GS-1" });
  expect(made.changes.at(-1)?.deliveredVersion).toBe(1);
});

test("turn(): what ended before it settled is never told to the desk", async () => {
  const made = bench();
  made.file([fact(1)]);
  await made.pass(10 * SECOND);
  made.file([fact(1, recovered(T0 + SECOND))]);
  await made.pass(2 * MINUTE);
  expect(made.desk.calls).toEqual([]);
  expect(made.row()).toMatchObject({ state: "closed", deliveredVersion: 2 });
});

test("turn(): T3 a lost answer is followed by a look-up, and the found ticket is used", async () => {
  const made = bench();
  made.file([fact(1)]);
  made.desk.fates.push("lost");
  await made.pass(2 * MINUTE);
  expect(made.desk.tickets).toHaveLength(1);
  expect(kinds(made.desk.calls)[1]).toBe("find");
  expect(kinds(made.desk.calls).filter((kind) => kind === "create")).toHaveLength(1);
  expect(made.row()).toMatchObject({ deliveredVersion: 1, remoteId: "GS-1" });
});

test("turn(): T3 a create is repeated only after proven absence past the desk's index lag", async () => {
  const made = bench();
  made.file([fact(1)]);
  made.desk.fates.push("dropped");
  await made.pass(30 * SECOND);
  const sentAtMs = made.clock.nowMs();
  while (made.desk.tickets.length === 0) await made.pass(5 * SECOND);
  expect(made.clock.nowMs() - sentAtMs).toBeGreaterThanOrEqual(LAG_MS);
  const order = kinds(made.desk.calls);
  expect(order.lastIndexOf("create")).toBeGreaterThan(order.indexOf("find"));
  expect(made.desk.tickets).toHaveLength(1);
});

test("turn(): a look-up that gives no clear answer never leads to a create", async () => {
  const made = bench();
  made.file([fact(1)]);
  made.desk.fates.push("lost");
  for (const lookup of [
    { kind: "unknown", detail: "unreachable" },
    { kind: "later", afterMs: SECOND, detail: "slow" },
    { kind: "refused", status: 401, detail: "status 401" },
  ] as const) {
    made.desk.lookup = lookup;
    await made.pass(20 * MINUTE, MINUTE);
  }
  expect(made.desk.tickets).toHaveLength(1);
  made.desk.lookup = undefined;
  await made.pass(HOUR, MINUTE);
  expect(made.desk.tickets).toHaveLength(1);
  expect(made.row().deliveredVersion).toBe(1);
});

test("turn(): T1 a stop in the middle of a call is followed by a look-up in the next process", async () => {
  const made = bench();
  made.file([fact(1)]);
  await made.clock.advance(MINUTE);
  made.desk.fates.push("hangs");
  void made.engine().turn(never);
  made.restart();
  await made.pass(2 * MINUTE);
  expect(made.desk.tickets).toHaveLength(1);
  expect(kinds(made.desk.calls).slice(0, 2)).toEqual(["create", "find"]);
  expect(made.row().deliveredVersion).toBe(1);
});

test("turn(): a refused ticket waits for a person or a new document, and is shown", async () => {
  const made = bench();
  made.file([fact(1)]);
  made.desk.fates.push("refused");
  await made.pass(20 * MINUTE, MINUTE);
  expect(made.desk.calls).toHaveLength(1);
  expect(made.engine().health()).toMatchObject({ undelivered: 1, refused: 1 });
  made.file([fact(1, { fault: "another text" })]);
  await made.pass(MINUTE);
  expect(made.desk.tickets).toMatchObject([{ version: 2 }]);
  expect(made.engine().health()).toMatchObject({ undelivered: 0, refused: 0 });
});

test("turn(): T12 429 for an hour: nothing is lost, and the desk is asked no more than it allows", async () => {
  const made = bench();
  made.file(Array.from({ length: 10 }, (_, at) => fact(at + 1, { model: `VVX ${at}` })));
  made.desk.fates.push(...Array.from({ length: 40 }, () => "later" as const));
  await made.pass(HOUR, MINUTE);
  // One pause of 90 s after each answer; four calls may be under way when the first one comes.
  expect(made.desk.calls.length).toBeLessThanOrEqual(4 * 41);
  made.desk.fates.length = 0;
  await made.pass(2 * HOUR, MINUTE);
  expect(made.desk.tickets).toHaveLength(10);
  expect(made.engine().health().undelivered).toBe(0);
});

test("turn(): a desk that asks for a pause on a look-up is not asked by other tickets meanwhile", async () => {
  const made = bench();
  made.file([fact(1)]);
  made.desk.fates.push("lost");
  await made.pass(30 * SECOND);
  made.desk.lookup = { kind: "later", afterMs: 10 * MINUTE, detail: "status 429" };
  await made.pass(30 * SECOND);
  const asked = made.desk.calls.length;
  made.file([fact(1), fact(2, { model: "VVX 601" })]);
  await made.pass(9 * MINUTE);
  expect(made.desk.calls).toHaveLength(asked);
});

test("turn(): T5 versions reach the desk in order, newer ones replace waiting ones", async () => {
  const made = bench();
  made.file([fact(1)]);
  await made.pass(30 * SECOND);
  for (let change = 0; change < 20; change++) {
    made.file([fact(1, { fault: `text ${change}` })]);
    await made.pass(5 * SECOND);
  }
  await made.pass(MINUTE);
  const [ticket] = made.desk.tickets;
  expect(ticket?.versions).toEqual([...(ticket?.versions ?? [])].sort((a, b) => a - b));
  expect(ticket?.versions.at(-1)).toBe(21);
  // Told at most every 30 s, not at each change.
  expect(ticket?.versions.length).toBeLessThanOrEqual(7);
});

test("turn(): T15 a recovery closes the ticket at the desk, and only then here", async () => {
  const made = bench();
  made.file([fact(1)]);
  await made.pass(MINUTE);
  made.desk.fates.push("dropped");
  made.file([fact(1, recovered(T0 + MINUTE))]);
  await made.pass(5 * SECOND);
  expect(made.row().state).toBe("closing");
  await made.pass(MINUTE);
  expect(made.row().state).toBe("closed");
  expect(made.desk.tickets[0]?.state).toBe("closed");
});

test("turn(): T7 trouble that comes back opens the same ticket at the desk again", async () => {
  const made = bench();
  made.file([fact(1)]);
  await made.pass(MINUTE);
  made.file([fact(1, recovered(T0 + MINUTE))]);
  await made.pass(MINUTE);
  made.file([fact(1, { sinceMs: made.clock.nowMs() })]);
  await made.pass(MINUTE);
  expect(made.desk.tickets).toMatchObject([{ state: "open" }]);
});

test("turn(): a pointer is sent only after the ticket it points to", async () => {
  const made = bench();
  made.file([fact(1), fact(2)]);
  await made.pass(MINUTE);
  made.file([fact(1), fact(2), fact(3)]);
  await made.pass(2 * MINUTE);
  expect(kinds(made.desk.calls)).toEqual(["create", "create", "create", "close", "close"]);
});

test("turn(): of several tickets with our key the open one is used, and the others are an alarm", async () => {
  const made = bench();
  made.file([fact(1)]);
  made.desk.fates.push("lost");
  await made.pass(30 * SECOND);
  const [first] = made.desk.tickets;
  if (first === undefined) throw new Error("no ticket");
  made.desk.tickets.unshift({ ...first, id: "GS-old", state: "closed" });
  made.desk.tickets.push({ ...first, id: "GS-young" });
  await made.pass(MINUTE);
  expect(made.row().remoteId).toBe(first.id);
  expect(made.errors).toHaveLength(1);
});

test("turn(): after five calls without an answer the desk is left alone, and comes back by itself", async () => {
  const made = bench();
  made.file(Array.from({ length: 12 }, (_, at) => fact(at + 1, { model: `VVX ${at}` })));
  made.desk.fates.push(...Array.from({ length: 12 }, () => "dropped" as const));
  made.desk.lookup = { kind: "unknown", detail: "unreachable" };
  await made.pass(40 * SECOND);
  expect(made.desk.calls.length).toBeLessThanOrEqual(10);
  expect(made.engine().health().pausedUntilMs).toBeGreaterThan(made.clock.nowMs());
  made.desk.lookup = undefined;
  made.desk.fates.length = 0;
  await made.pass(HOUR, MINUTE);
  expect(made.desk.tickets).toHaveLength(12);
});

test("turn(): a signal that ended starts no call", async () => {
  const made = bench();
  made.file([fact(1)]);
  await made.clock.advance(MINUTE);
  expect(await made.engine().turn(AbortSignal.abort())).toBe(0);
  expect(made.desk.calls).toEqual([]);
});

test("keptOf(), retryMs(): what is written beside an outcome comes back; waits double up to half an hour", async () => {
  const made = bench();
  made.file([fact(1)]);
  made.desk.fates.push("dropped");
  await made.pass(30 * SECOND);
  expect(keptOf(made.row())).toMatchObject({ call: { what: "create", version: 1 }, attempt: 1 });
  expect([1, 2, 3, 30].map(retryMs)).toEqual([5, 10, 20, 1_800].map((seconds) => seconds * SECOND));
});
