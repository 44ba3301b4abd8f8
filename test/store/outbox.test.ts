import fc from "fast-check";
import { expect, test } from "vitest";
import { Bug } from "../../protocols/core/fault.ts";
import { OUTBOX_PRUNE_MAX, type OutboxMessage } from "../../store/outbox.ts";
import type { Store } from "../../store/store.ts";
import { storeIn, T0, temporaryFolder, temporaryStore } from "./temporary.ts";

function message(topic: string, changes: Partial<OutboxMessage> = {}): OutboxMessage {
  return { topic, payload: Buffer.from(topic), retain: false, qos: 1, kind: "event", atMs: T0, ...changes };
}

const topics = ({ outbox }: Store): string[] => outbox.next(100).map(({ topic }) => topic);
const KEEP = { publishedBeforeMs: 0, healthBeforeMs: 0, healthMax: 1_000_000 };

test("next(): what waits comes in the order it was written, byte for byte", () => {
  const { outbox } = temporaryStore();
  const payload = Buffer.from([0, 255, 10]);
  outbox.add(message("b", { payload, retain: true, qos: 2, kind: "ticket" }));
  outbox.add(message("a"));
  expect(outbox.next(10).map(({ seq: _seq, ...row }) => row)).toEqual([
    message("b", { payload, retain: true, qos: 2, kind: "ticket" }),
    message("a"),
  ]);
});

test("next(): what is already on its way is skipped, and a page is bounded", () => {
  const store = temporaryStore();
  const seqs = ["a", "b", "c"].map((topic) => store.outbox.add(message(topic)));
  expect(store.outbox.next(1, seqs[0]).map(({ topic }) => topic)).toEqual(["b"]);
});

test("markPublished(): marked once, gone from what waits, and numbers that are gone are passed over", () => {
  const store = temporaryStore();
  const seqs = ["a", "b"].map((topic) => store.outbox.add(message(topic)));
  store.outbox.markPublished([seqs[0] as number, 999], T0 + 1);
  store.outbox.markPublished([seqs[0] as number], T0 + 900);
  expect([topics(store), store.outbox.depth()]).toEqual([["b"], 1]);
  expect(store.outbox.prune({ ...KEEP, publishedBeforeMs: T0 + 2 })).toBe(1);
});

test("add(): numbers are never given twice, not even after all rows went", () => {
  const { outbox } = temporaryStore();
  const first = outbox.add(message("a"));
  outbox.markPublished([first], T0);
  outbox.prune({ ...KEEP, publishedBeforeMs: T0 + 1 });
  expect(outbox.add(message("b"))).toBeGreaterThan(first);
});

test("add(): of a state topic only the newest waits, and at its own place in the order", () => {
  const store = temporaryStore();
  store.outbox.add(message("state/1", { kind: "state", payload: Buffer.from("old") }));
  store.outbox.add(message("event/1"));
  store.outbox.add(message("state/2", { kind: "state" }));
  store.outbox.add(message("state/1", { kind: "state", payload: Buffer.from("new") }));
  expect(topics(store)).toEqual(["event/1", "state/2", "state/1"]);
  expect(store.outbox.next(9).at(-1)?.payload.toString()).toBe("new");
});

test("add(): events of one topic are all kept", () => {
  const store = temporaryStore();
  for (let i = 0; i < 3; i++) store.outbox.add(message("same"));
  expect(store.outbox.depth()).toBe(3);
});

test("depth(), oldestMs(): an empty outbox has neither", () => {
  const { outbox } = temporaryStore();
  expect([outbox.depth(), outbox.oldestMs(), outbox.next(10)]).toEqual([0, undefined, []]);
  outbox.add(message("a", { atMs: T0 + 5 }));
  outbox.add(message("b", { atMs: T0 + 9 }));
  expect(outbox.oldestMs()).toBe(T0 + 5);
});

test("prune(): only waiting health batches may go unpublished; events, tickets, states and answers never", () => {
  const store = temporaryStore();
  for (const kind of ["event", "ticket", "state", "health", "reply"] as const) store.outbox.add(message(kind, { kind, atMs: 0 }));
  expect(store.outbox.prune({ publishedBeforeMs: T0, healthBeforeMs: T0, healthMax: 0 })).toBe(1);
  expect(topics(store)).toEqual(["event", "ticket", "state", "reply"]);
});

test("prune(): too many waiting health batches lose every second one, the oldest first", () => {
  const store = temporaryStore();
  for (let i = 0; i < 6; i++) store.outbox.add(message(`h${i}`, { kind: "health" }));
  store.outbox.add(message("event"));
  expect(store.outbox.prune({ ...KEEP, healthMax: 4 })).toBe(2);
  expect(topics(store)).toEqual(["h1", "h3", "h4", "h5", "event"]);
  expect(store.outbox.prune({ ...KEEP, healthMax: 4 })).toBe(0);
});

test("prune(): called again while rows go, it ends at the limit whatever the backlog", () => {
  const store = temporaryStore();
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 20 }), (waiting, healthMax) => {
      store.outbox.prune({ ...KEEP, healthBeforeMs: T0 + 1 });
      store.transaction(() => {
        for (let i = 0; i < waiting; i++) store.outbox.add(message("h", { kind: "health" }));
      });
      let gone = 0;
      for (let went = 1; went > 0; gone += went) went = store.outbox.prune({ ...KEEP, healthMax });
      expect([gone, store.outbox.depth()]).toEqual([Math.max(0, waiting - healthMax), Math.min(waiting, healthMax)]);
    }),
    { numRuns: 30 },
  );
});

test("prune(): one call takes a bounded number of published rows", () => {
  const store = temporaryStore();
  store.transaction(() => {
    const seqs = Array.from({ length: OUTBOX_PRUNE_MAX + 1 }, () => store.outbox.add(message("a")));
    store.outbox.markPublished(seqs, T0);
  });
  const limits = { ...KEEP, publishedBeforeMs: T0 + 1 };
  expect([store.outbox.prune(limits), store.outbox.prune(limits), store.outbox.prune(limits)]).toEqual([OUTBOX_PRUNE_MAX, 1, 0]);
});

test("nextSequence(): 1, 2, 3 over restarts, without a gap where a transaction was undone", () => {
  const directory = temporaryFolder();
  const first = storeIn(directory);
  expect(first.outbox.nextSequence()).toBe(1);
  const undone = (): void =>
    first.transaction(() => {
      first.outbox.nextSequence();
      throw new Error("stop");
    });
  expect(undone).toThrow("stop");
  first.close();
  expect(storeIn(directory).outbox.nextSequence()).toBe(2);
});

test("add(): a kind the table does not know is a bug", () => {
  expect(() => temporaryStore().outbox.add(message("a", { kind: "other" as never }))).toThrow(Bug);
});
