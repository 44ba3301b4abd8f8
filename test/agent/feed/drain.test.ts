import { expect, test } from "vitest";
import { afterAnswer, BACKLOG_FROM, Drain, orderOf } from "../../../agent/feed/drain.ts";
import { SILENT } from "../../../agent/log.ts";
import { type Fault, fail, ok, type Result } from "../../../protocols/core/fault.ts";
import { type ManualClock, MINUTE, manualClock, SECOND } from "../../../protocols/core/time.ts";
import type { MqttState, OutgoingMessage } from "../../../protocols/mqtt/link.ts";
import type { OutboxKind } from "../../../store/outbox.ts";
import type { Store } from "../../../store/store.ts";
import { T0, temporaryStore } from "../../store/temporary.ts";

const never = new AbortController().signal;
const LOST: Fault = { kind: "unreachable", via: "mqtt" };
const REFUSED: Fault = { kind: "refused", via: "mqtt", reason: "too long" };

/** A broker in memory. `answer` decides each publish; what it takes is in `got`. */
function broker(room = 50) {
  const got: string[] = [];
  const link = {
    state: { at: "online", protocol: 5, refused: [], sessionKept: false } as MqttState,
    open: 0,
    most: 0,
    answer: (_message: OutgoingMessage): Result<void> => ok(undefined),
  };
  const mqtt = {
    get state() {
      return link.state;
    },
    get room() {
      return link.state.at === "online" ? room - link.open : 0;
    },
    async publish(message: OutgoingMessage): Promise<Result<void>> {
      link.open++;
      link.most = Math.max(link.most, link.open);
      await Promise.resolve();
      link.open--;
      const answer = link.answer(message);
      if (answer.ok) got.push(message.payload.toString());
      return answer;
    },
  };
  return { got, link, mqtt };
}

function bench(room?: number) {
  const store: Store = temporaryStore();
  const clock = manualClock(T0);
  const made = broker(room);
  const errors: string[] = [];
  let number = 0;
  const log = { ...SILENT, error: (what: string) => void errors.push(what) };
  const start = (): Drain => new Drain({ outbox: store.outbox, mqtt: made.mqtt, clock, log, backlogPerSecond: 1_000_000 });
  const add = (text: string, kind: OutboxKind = "event", topic = "t"): number =>
    store.outbox.add({ topic, payload: Buffer.from(text), retain: kind === "state", qos: 1, kind, atMs: T0, number: ++number });
  const addAll = (all: readonly string[], kind?: OutboxKind): void => store.transaction(() => all.forEach((text) => void add(text, kind)));
  return { ...made, store, clock, errors, start, drain: start(), add, addAll };
}
const texts = (count: number): string[] => Array.from({ length: count }, (_, at) => `m${at}`);

test("turn(): everything goes in the order it was written, each once, and is marked", async () => {
  const { drain, addAll, got, store } = bench();
  addAll(texts(500));
  expect(await drain.turn(never)).toBe(500);
  expect(got).toEqual(texts(500));
  expect(store.outbox.depth()).toBe(0);
  expect(await drain.turn(never)).toBe(0);
  expect(drain.lastPublishedAtMs).toBe(T0);
});

test("turn(): never more than the window is under way", async () => {
  const { drain, addAll, link } = bench(7);
  addAll(texts(100));
  await drain.turn(never);
  expect(link.most).toBe(7);
});

test("turn(): away from the broker nothing is tried", async () => {
  const { drain, add, link, got, store } = bench();
  add("a");
  for (const state of [{ at: "connecting" }, { at: "waiting", fault: LOST, retryInMs: 1 }, { at: "closed" }] as const) {
    link.state = state;
    expect(await drain.turn(never)).toBe(0);
  }
  expect([got, store.outbox.depth()]).toEqual([[], 1]);
});

test("turn(): the broker goes and comes back: nothing lost, nothing doubled, order kept", async () => {
  const { drain, addAll, link, got, store } = bench(1);
  addAll(texts(300));
  let left = 0;
  link.answer = () => (left-- > 0 ? ok(undefined) : fail(LOST));
  for (let turn = 0; got.length < 300 && turn < 100; turn++) {
    left = 17;
    await drain.turn(never);
  }
  expect(got).toEqual(texts(300));
  expect(store.outbox.depth()).toBe(0);
});

test("turn(): a lost PUBACK means a second sending, in another process too, never a loss", async () => {
  const { drain, start, add, link, got, store } = bench();
  add("a");
  link.answer = (message) => {
    got.push(message.payload.toString());
    return fail(LOST);
  };
  await drain.turn(never);
  expect(store.outbox.depth()).toBe(1);
  link.answer = () => ok(undefined);
  await start().turn(never);
  expect(got).toEqual(["a", "a"]);
});

test("turn(): a row the broker refuses is set aside, told, and tried again later; those behind it go", async () => {
  const { drain, add, link, got, errors, clock, store } = bench();
  for (const text of ["a", "bad", "b"]) add(text);
  link.answer = ({ payload }) => (payload.toString() === "bad" ? fail(REFUSED) : ok(undefined));
  await drain.turn(never);
  expect([got, drain.parked, errors.length]).toEqual([["a", "b"], 1, 1]);
  await drain.turn(never);
  expect(errors).toHaveLength(1);
  link.answer = () => ok(undefined);
  await clock.advance(10 * MINUTE);
  await drain.turn(never);
  expect([got, drain.parked, store.outbox.depth()]).toEqual([["a", "b", "bad"], 0, 0]);
});

test("turn(): of a retained topic the newest goes, also when it is written while the older is on its way", async () => {
  const { drain, add, got, link, store } = bench(1);
  add("first", "state", "device/1");
  link.answer = ({ payload }) => {
    if (payload.toString() === "first") add("second", "state", "device/1");
    return ok(undefined);
  };
  await drain.turn(never);
  await drain.turn(never);
  expect(got.at(-1)).toBe("second");
  expect(store.outbox.depth()).toBe(0);
});

async function ended(clock: ManualClock, turn: Promise<number>): Promise<number> {
  let over = false;
  const done = turn.finally(() => {
    over = true;
  });
  while (!over) await clock.advance(SECOND);
  return done;
}

test("turn(): after an outage people's things go first in their order, then how things stand, the newest first, then health", async () => {
  const { drain, add, addAll, got, clock } = bench();
  addAll(texts(BACKLOG_FROM), "health");
  for (const topic of ["device/1", "device/2", "device/3"]) add(topic, "state", topic);
  for (const kind of ["event", "ticket", "reply", "event"] as const) add(kind, kind);
  expect(await ended(clock, drain.turn(never))).toBe(BACKLOG_FROM + 7);
  expect(got.slice(0, 7)).toEqual(["event", "ticket", "reply", "event", "device/3", "device/2", "device/1"]);
  expect(got.slice(7)).toEqual(texts(BACKLOG_FROM));
});

test("turn(): what happens while a backlog goes does not wait for its end", async () => {
  const { drain, add, addAll, got, clock, link } = bench();
  addAll(texts(BACKLOG_FROM), "health");
  link.answer = ({ payload }) => {
    if (payload.toString() === "m10") add("alarm");
    return ok(undefined);
  };
  await ended(clock, drain.turn(never));
  expect(got.indexOf("alarm")).toBeGreaterThan(0);
  expect(got.indexOf("alarm")).toBeLessThan(BACKLOG_FROM / 2);
});

test("turn(): large messages are held back by their bytes, not only by their number", async () => {
  const { addAll, mqtt, link, store, clock } = bench(50);
  addAll(["a", "b", "c", "d"].map((letter) => letter.repeat(400_000)));
  await new Drain({ outbox: store.outbox, mqtt, clock, log: SILENT }).turn(never);
  expect([store.outbox.depth(), link.most]).toEqual([0, 2]);
});

test("turn(): a backlog goes at a bounded rate", async () => {
  const { store, clock, mqtt, got, addAll } = bench();
  addAll(texts(BACKLOG_FROM));
  const slow = new Drain({ outbox: store.outbox, mqtt, clock, log: SILENT, backlogPerSecond: 100 });
  const stop = new AbortController();
  const turn = slow.turn(stop.signal).catch(() => undefined);
  await clock.advance(3 * SECOND);
  stop.abort();
  await turn;
  expect(got.length).toBeGreaterThan(200);
  expect(got.length).toBeLessThanOrEqual(303);
  expect(store.outbox.depth()).toBe(BACKLOG_FROM - got.length);
});

test("turn(): where others have the whole window it ends, and does not wait for them", async () => {
  const { drain, add, store } = bench(0);
  add("a");
  expect(await drain.turn(never)).toBe(0);
  expect(store.outbox.depth()).toBe(1);
});

test("turn(): an ended signal publishes nothing", async () => {
  const { drain, add, got } = bench();
  add("a");
  expect(await drain.turn(AbortSignal.abort())).toBe(0);
  expect(got).toEqual([]);
});

test("orderOf(): only retained documents, and only after an outage, go newest first", () => {
  const lanes = ["people", "state", "health"] as const;
  expect(lanes.map((lane) => orderOf(lane, true))).toEqual(["oldestFirst", "newestFirst", "oldestFirst"]);
  expect(lanes.map((lane) => orderOf(lane, false))).toEqual(["oldestFirst", "oldestFirst", "oldestFirst"]);
});

test("afterAnswer(): only a refusal is the row's own trouble", () => {
  const busy: Fault = { kind: "busy", via: "mqtt" };
  expect([ok(undefined), fail(REFUSED), fail(LOST), fail(busy)].map(afterAnswer)).toEqual(["sent", "park", "stop", "stop"]);
});
