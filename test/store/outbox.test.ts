import fc from "fast-check";
import { expect, test } from "vitest";
import { Bug } from "../../protocols/core/fault.ts";
import type { OutboxKind, OutboxMessage } from "../../store/outbox.ts";
import type { Store } from "../../store/store.ts";
import { storeIn, T0, temporaryFolder, temporaryStore, waitingIn } from "./temporary.ts";

let numbers = 0;
function message(topic: string, changes: Partial<OutboxMessage> = {}): OutboxMessage {
  return { topic, payload: Buffer.from(topic), retain: false, qos: 1, kind: "event", atMs: T0, number: ++numbers, ...changes };
}

const ALL = { limit: 100, bytesMax: 1_000_000 };
const topics = (store: Store): string[] => waitingIn(store).map(({ topic }) => topic);

test("next(): what waits in a lane comes in the order it was written, byte for byte", () => {
  const { outbox } = temporaryStore();
  const payload = Buffer.from([0, 255, 10]);
  const given = [
    message("b", { payload, retain: true, qos: 2, kind: "ticket" }),
    message("a"),
    { topic: "c", payload, retain: false, qos: 1, kind: "reply", atMs: T0 } as const,
    { topic: "f", payload, retain: false, qos: 1, kind: "reply", atMs: T0, correlation: Buffer.from([0, 255]) } as const,
  ];
  for (const one of given) outbox.add(one);
  outbox.add(message("d", { kind: "state" }));
  outbox.add(message("e", { kind: "health" }));
  expect(outbox.next("people", ALL).map(({ seq: _seq, ...row }) => row)).toEqual(given);
  expect([outbox.next("state", ALL), outbox.next("health", ALL)].map(([row]) => row?.topic)).toEqual(["d", "e"]);
});

test("add(): only a reply has correlation data", () => {
  expect(() => temporaryStore().outbox.add(message("a", { correlation: Buffer.from("c") }))).toThrow(Bug);
});

test("next(): a page is bounded by rows and by bytes, begins behind the last one, and goes both ways", () => {
  const store = temporaryStore();
  const payload = Buffer.alloc(100);
  const seqs = ["a", "b", "c", "d"].map((topic) => store.outbox.add(message(topic, { payload })));
  const page = (ask: object): string =>
    store.outbox
      .next("people", { ...ALL, ...ask })
      .map(({ topic }) => topic)
      .join("");
  expect(page({ limit: 3 })).toBe("abc");
  expect(page({ bytesMax: 250 })).toBe("ab");
  expect(page({ bytesMax: 10 })).toBe("a");
  expect(page({ beyond: seqs[1] })).toBe("cd");
  expect(page({ newestFirst: true, limit: 2 })).toBe("dc");
  expect(page({ newestFirst: true, beyond: seqs[2], bytesMax: 150 })).toBe("b");
  expect(page({ beyond: seqs[3] })).toBe("");
});

test("markPublished(): marked once, gone from what waits, and numbers that are gone are passed over", () => {
  const store = temporaryStore();
  const seqs = ["a", "b"].map((topic) => store.outbox.add(message(topic)));
  store.outbox.markPublished([seqs[0] as number, 999]);
  store.outbox.markPublished([seqs[0] as number]);
  expect([topics(store), store.outbox.depth()]).toEqual([["b"], 1]);
});

test("add(): numbers are never given twice, not even after all rows went", () => {
  const { outbox } = temporaryStore();
  const first = outbox.add(message("a", { kind: "state" }));
  outbox.markPublished([first]);
  expect(outbox.add(message("b"))).toBeGreaterThan(first);
});

test("add(): of a state topic only the newest waits, and at its own place in the order", () => {
  const store = temporaryStore();
  store.outbox.add(message("state/1", { kind: "state", payload: Buffer.from("old") }));
  store.outbox.add(message("event/1"));
  store.outbox.add(message("state/2", { kind: "state" }));
  store.outbox.add(message("state/1", { kind: "state", payload: Buffer.from("new") }));
  expect(topics(store)).toEqual(["event/1", "state/2", "state/1"]);
  expect(waitingIn(store).at(-1)?.payload.toString()).toBe("new");
});

test("add(): events of one topic are all kept", () => {
  const store = temporaryStore();
  for (let i = 0; i < 3; i++) store.outbox.add(message("same"));
  expect(store.outbox.depth()).toBe(3);
});

test("oldestMs(): the oldest of all lanes; an empty outbox has none", () => {
  const { outbox } = temporaryStore();
  expect([outbox.depth(), outbox.bytes(), outbox.oldestMs()]).toEqual([0, 0, undefined]);
  outbox.add(message("a", { atMs: T0 + 9 }));
  outbox.add(message("b", { atMs: T0 + 5, kind: "health" }));
  outbox.add(message("c", { atMs: T0 + 7, kind: "state" }));
  expect(outbox.oldestMs()).toBe(T0 + 5);
});

test("depth(), bytes(): what is kept beside the rows is what the rows say, whatever happens", () => {
  const kinds = ["event", "ticket", "state", "health", "reply"] as const satisfies readonly OutboxKind[];
  const step = fc.oneof(
    fc.record({ do: fc.constant("add" as const), kind: fc.constantFrom(...kinds), size: fc.nat(50), topic: fc.constantFrom("a", "b") }),
    fc.record({ do: fc.constant("publish" as const), count: fc.nat(4) }),
    fc.record({ do: fc.constant("prune" as const), bytes: fc.nat(100) }),
    fc.record({ do: fc.constant("resend" as const), after: fc.nat(30) }),
    fc.record({ do: fc.constant("undone" as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const store = temporaryStore();
      const { outbox } = store;
      let number = 0;
      for (const [at, one] of steps.entries()) {
        const nowMs = T0 + at;
        if (one.do === "add")
          outbox.add(message(one.topic, { kind: one.kind, payload: Buffer.alloc(one.size), number: ++number, atMs: nowMs }));
        else if (one.do === "publish")
          outbox.markPublished(
            waitingIn(store)
              .slice(0, one.count)
              .map(({ seq }) => seq),
          );
        else if (one.do === "prune")
          outbox.prune({ keptBeforeMs: nowMs - 9, keptMax: 5, healthBeforeMs: nowMs - 15, healthBytesMax: one.bytes });
        else if (one.do === "resend") outbox.resend({ after: one.after, limit: 2 });
        else
          expect(() =>
            store.transaction(() => {
              outbox.add(message("undone"));
              throw new Error("stop");
            }),
          ).toThrow("stop");
        const rows = waitingIn(store);
        for (const kind of kinds) {
          const these = rows.filter((row) => row.kind === kind);
          expect([outbox.depth(kind), outbox.bytes(kind)]).toEqual([
            these.length,
            these.reduce((sum, { payload }) => sum + payload.length, 0),
          ]);
        }
        expect(outbox.depth()).toBe(rows.length);
      }
      store.close();
    }),
    { numRuns: 25 },
  );
});

test("resend(): published events and tickets wait again, as they were and in their order, each at most once for one asking", () => {
  const store = temporaryStore();
  const kinds = ["event", "ticket", "state", "health", "reply", "event"] as const;
  const given = kinds.map((kind, at) => message(`${at}`, { kind, number: at + 1 }));
  const seqs = given.map((one) => store.outbox.add(one));
  store.outbox.markPublished(seqs);
  expect(store.outbox.depth()).toBe(0);
  expect([
    store.outbox.resend({ after: 1, limit: 1 }),
    store.outbox.resend({ after: 2, limit: 9 }),
    store.outbox.resend({ after: 6, limit: 9 }),
  ]).toEqual([
    { rows: 1, last: 2 },
    { rows: 1, last: 6 },
    { rows: 0, last: undefined },
  ]);
  expect(waitingIn(store).map(({ seq: _seq, ...row }) => row)).toEqual([given[1], given[5]]);
  expect(store.outbox.resend({ after: 0, limit: 9 })).toEqual({ rows: 1, last: 6 });
});

test("nextSequence(): 1, 2, 3 over restarts, without a gap where a transaction was undone; batches have a count of their own", () => {
  const directory = temporaryFolder();
  const first = storeIn(directory);
  expect([first.outbox.nextSequence(), first.outbox.nextSequence("health")]).toEqual([1, 1]);
  const undone = (): void =>
    first.transaction(() => {
      first.outbox.nextSequence();
      throw new Error("stop");
    });
  expect(undone).toThrow("stop");
  first.close();
  expect(storeIn(directory).outbox.nextSequence()).toBe(2);
});

test("add(): a kind the table does not know is a bug, and so is a batch without a number", () => {
  const { outbox } = temporaryStore();
  expect(() => outbox.add(message("a", { kind: "other" as never }))).toThrow(Bug);
  expect(() => outbox.add({ topic: "t", payload: Buffer.alloc(1), retain: false, qos: 1, kind: "health", atMs: T0 })).toThrow(Bug);
});
