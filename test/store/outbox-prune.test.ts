import fc from "fast-check";
import { expect, test } from "vitest";
import type { OutboxKind } from "../../store/outbox.ts";
import { OUTBOX_PRUNE_MAX, type OutboxLimits, type Thinned } from "../../store/outbox-prune.ts";
import type { Store } from "../../store/store.ts";
import { storeIn, T0, temporaryFolder, temporaryStore, waitingIn } from "./temporary.ts";

const KEEP: OutboxLimits = { keptBeforeMs: 0, keptMax: 1_000_000, healthBeforeMs: 0, healthBytesMax: 1e9 };
const SIZE = 10;

function add(store: Store, kind: OutboxKind, number: number, atMs = T0): number {
  return store.outbox.add({ topic: `${kind}/${number}`, payload: Buffer.alloc(SIZE), retain: false, qos: 1, kind, atMs, number });
}

function fill(store: Store, first: number, last: number): void {
  store.transaction(() => {
    for (let number = first; number <= last; number++) add(store, "health", number, T0 + number);
  });
}

const batchesIn = (store: Store): number[] =>
  waitingIn(store).flatMap(({ kind, number }) => (kind === "health" && number !== undefined ? [number] : []));

/** Prunes until nothing goes. */
function pruneAll(store: Store, limits: Partial<OutboxLimits>): readonly Thinned[] {
  const all: Thinned[] = [];
  for (;;) {
    const { rows, thinned } = store.outbox.prune({ ...KEEP, ...limits });
    if (rows === 0) return all;
    all.push(...thinned);
  }
}

/** What a portal may believe of a number that does not come. */
const toldGone = (all: readonly Thinned[], number: number): boolean =>
  all.some(({ first, last, keptEvery }) => number >= first && number <= last && (keptEvery === 0 || number % keptEvery !== 0));

test("prune(): only waiting health batches may go unpublished; events, tickets, states and answers never", () => {
  const store = temporaryStore();
  for (const [at, kind] of (["event", "ticket", "state", "health", "reply"] as const).entries()) add(store, kind, at + 1, 0);
  expect(store.outbox.prune({ ...KEEP, keptBeforeMs: T0, healthBeforeMs: T0, healthBytesMax: 0 })).toEqual({
    rows: 1,
    thinned: [{ first: 4, last: 4, keptEvery: 0, batches: 1 }],
  });
  expect(waitingIn(store).map(({ kind }) => kind)).toEqual(["event", "ticket", "state", "reply"]);
});

test("prune(): every second batch, the oldest first and no more than needed; then every second of those left", () => {
  const store = temporaryStore();
  fill(store, 1, 8);
  expect(store.outbox.prune({ ...KEEP, healthBytesMax: 6 * SIZE }).thinned).toEqual([{ first: 1, last: 3, keptEvery: 2, batches: 2 }]);
  expect(batchesIn(store)).toEqual([2, 4, 5, 6, 7, 8]);
  pruneAll(store, { healthBytesMax: 4 * SIZE });
  expect(batchesIn(store)).toEqual([2, 4, 6, 8]);
  pruneAll(store, { healthBytesMax: 3 * SIZE });
  expect(batchesIn(store)).toEqual([4, 6, 8]);
});

test("prune(): the step goes on after a restart, and begins anew when the backlog is gone", () => {
  const directory = temporaryFolder();
  const store = storeIn(directory);
  fill(store, 1, 8);
  pruneAll(store, { healthBytesMax: 3 * SIZE });
  expect(batchesIn(store)).toEqual([4, 6, 8]);
  store.close();
  const again = storeIn(directory);
  fill(again, 9, 10);
  pruneAll(again, { healthBytesMax: 3 * SIZE });
  expect(batchesIn(again)).toEqual([4, 8, 10]);
  again.outbox.markPublished(waitingIn(again).map(({ seq }) => seq));
  again.outbox.prune(KEEP);
  fill(again, 11, 14);
  pruneAll(again, { healthBytesMax: 2 * SIZE });
  expect(batchesIn(again)).toEqual([12, 14]);
});

test("prune(): over any course of an outage it stays below its bytes, and whatever is missing was told, and nothing else", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 3, max: 20 })), { minLength: 1, maxLength: 8 }),
      (course) => {
        const store = temporaryStore();
        const told: Thinned[] = [];
        let last = 0;
        for (const [more, keep] of course) {
          fill(store, last + 1, last + more);
          last += more;
          told.push(...pruneAll(store, { healthBytesMax: keep * SIZE }));
          expect(store.outbox.bytes("health")).toBeLessThanOrEqual(keep * SIZE);
          const there = new Set(batchesIn(store));
          for (let number = 1; number <= last; number++) expect([number, toldGone(told, number)]).toEqual([number, !there.has(number)]);
        }
        store.close();
      },
    ),
    { numRuns: 40 },
  );
});

test("prune(): batches of more than two weeks go whatever the space, and are told", () => {
  const store = temporaryStore();
  fill(store, 1, 5);
  expect(pruneAll(store, { healthBeforeMs: T0 + 4 })).toEqual([{ first: 1, last: 3, keptEvery: 0, batches: 3 }]);
  expect(batchesIn(store)).toEqual([4, 5]);
});

test("prune(): one call takes a bounded number of each sort", () => {
  const store = temporaryStore();
  const many = OUTBOX_PRUNE_MAX + 1;
  store.transaction(() => {
    const seqs = Array.from({ length: many }, (_, at) => add(store, "event", at + 1));
    store.outbox.markPublished(seqs);
  });
  const gone = (limits: Partial<OutboxLimits>): number => store.outbox.prune({ ...KEEP, ...limits }).rows;
  expect([1, 2, 3].map(() => gone({ keptBeforeMs: T0 + 1 }))).toEqual([OUTBOX_PRUNE_MAX, 1, 0]);
  fill(store, 1, 2 * many);
  expect(gone({ healthBytesMax: 0 })).toBeLessThanOrEqual(OUTBOX_PRUNE_MAX);
  expect(gone({ healthBeforeMs: Number.MAX_SAFE_INTEGER })).toBe(OUTBOX_PRUNE_MAX);
});

test("prune(): of published events only so many of the newest stay", () => {
  const store = temporaryStore();
  const seqs = Array.from({ length: 10 }, () => add(store, "event", store.outbox.nextSequence()));
  store.outbox.markPublished(seqs);
  expect(store.outbox.prune({ ...KEEP, keptMax: 4 }).rows).toBe(6);
  expect(store.outbox.resend({ after: 0, limit: 100 })).toEqual({ rows: 4, last: 10 });
  expect(waitingIn(store).map(({ number }) => number)).toEqual([7, 8, 9, 10]);
});

test("prune(): what still waits stays, and so does everything told after it, however old", () => {
  const store = temporaryStore();
  const seqs = [1, 2, 3].map(() => add(store, "event", store.outbox.nextSequence(), 0));
  store.outbox.markPublished([seqs[0] as number, seqs[2] as number]);
  expect(store.outbox.prune({ ...KEEP, keptBeforeMs: T0 }).rows).toBe(1);
  store.outbox.markPublished(seqs);
  expect(store.outbox.prune({ ...KEEP, keptBeforeMs: T0 }).rows).toBe(2);
});
