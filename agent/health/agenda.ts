/**
 * Who is due when: a heap, so that a turn costs what is due and not what there is. An entry that was moved or taken off stays behind in
 * the heap until its time and is then passed over.
 */
import type { Ms } from "../../protocols/core/time.ts";

export interface Agenda<K> {
  readonly size: number;
  /** Puts it there, or moves it. */
  set(key: K, dueMs: Ms): void;
  dueMs(key: K): Ms | undefined;
  drop(key: K): void;
  /** Takes off all that are due, earliest first. */
  take(nowMs: Ms): readonly { readonly key: K; readonly dueMs: Ms }[];
}

interface Entry<K> {
  readonly key: K;
  readonly dueMs: Ms;
}

/** What stays behind may be so many times what is there before the heap is made anew. */
const STALE_FACTOR = 4;
const STALE_MIN = 64;

export function createAgenda<K>(): Agenda<K> {
  const dues = new Map<K, Ms>();
  let heap: Entry<K>[] = [];

  const rebuild = (): void => {
    heap = [...dues].map(([key, dueMs]) => ({ key, dueMs })).sort((a, b) => a.dueMs - b.dueMs);
  };

  return {
    get size() {
      return dues.size;
    },
    set(key, dueMs) {
      if (dues.get(key) === dueMs) return;
      dues.set(key, dueMs);
      push(heap, { key, dueMs });
      if (heap.length > STALE_MIN + STALE_FACTOR * dues.size) rebuild();
    },
    dueMs: (key) => dues.get(key),
    drop: (key) => void dues.delete(key),
    take(nowMs) {
      const taken: Entry<K>[] = [];
      for (let first = heap[0]; first !== undefined && first.dueMs <= nowMs; first = heap[0]) {
        pop(heap);
        if (dues.get(first.key) !== first.dueMs) continue;
        dues.delete(first.key);
        taken.push(first);
      }
      return taken;
    },
  };
}

function push<K>(heap: Entry<K>[], entry: Entry<K>): void {
  let at = heap.length;
  heap.push(entry);
  while (at > 0) {
    const up = (at - 1) >> 1;
    const above = heap[up];
    if (above === undefined || above.dueMs <= entry.dueMs) break;
    heap[at] = above;
    at = up;
  }
  heap[at] = entry;
}

function pop<K>(heap: Entry<K>[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
    if (left === undefined) break;
    const isRight = right !== undefined && right.dueMs < left.dueMs;
    const least = isRight ? right : left;
    if (least.dueMs >= last.dueMs) break;
    heap[at] = least;
    at = 2 * at + (isRight ? 2 : 1);
  }
  heap[at] = last;
}
