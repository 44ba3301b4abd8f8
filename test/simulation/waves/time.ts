/**
 * Virtual time: one queue of events, and the agent's clock over it, which may be set wrong. Nothing here waits for a real moment.
 */
import { type Clock, loopTurn, type Ms } from "../../../protocols/core/time.ts";

interface Event {
  readonly atMs: Ms;
  readonly order: number;
  readonly act: () => void;
}

export interface Time {
  /** What a perfect clock would show. */
  nowMs(): Ms;
  /** Does it later, in order of time and then of asking. */
  after(lengthMs: Ms, act: () => void): void;
  at(atMs: Ms, act: () => void): void;
  /** Runs event by event until then, or until `stop`; all code an event woke has had its turn before the next one. */
  run(untilMs: Ms): Promise<void>;
  stop(): void;
  readonly events: number;
  /** The clock of the agent's machine. */
  readonly agent: Clock & { jump(byMs: Ms): void };
}

export function createTime(startMs: Ms): Time {
  const heap: Event[] = [];
  let nowMs = startMs;
  let order = 0;
  let offsetMs = 0;
  let stopped = false;
  let events = 0;
  const at = (atMs: Ms, act: () => void): void => push(heap, { atMs: Math.max(nowMs, Math.round(atMs)), order: order++, act });
  return {
    nowMs: () => nowMs,
    after: (lengthMs, act) => at(nowMs + lengthMs, act),
    at,
    async run(untilMs) {
      while (!stopped) {
        const next = heap[0];
        if (next === undefined || next.atMs > untilMs) break;
        pop(heap);
        nowMs = next.atMs;
        events++;
        next.act();
        await loopTurn();
      }
      if (!stopped) nowMs = untilMs;
    },
    stop: () => {
      stopped = true;
    },
    get events() {
      return events;
    },
    agent: {
      nowMs: () => nowMs + offsetMs,
      toRealMs: (lengthMs) => Math.max(1, lengthMs),
      sleep: (lengthMs, signal) =>
        new Promise((resolve, reject) => {
          if (signal?.aborted === true) return reject(signal.reason);
          signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
          at(nowMs + lengthMs, resolve);
        }),
      jump(byMs) {
        offsetMs += byMs;
      },
    },
  };
}

const before = (a: Event, b: Event): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

function push(heap: Event[], event: Event): void {
  let at = heap.length;
  heap.push(event);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!before(event, heap[parent] as Event)) break;
    heap[at] = heap[parent] as Event;
    at = parent;
  }
  heap[at] = event;
}

function pop(heap: Event[]): void {
  const last = heap.pop() as Event;
  if (heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1] as Event, heap[child] as Event)) child++;
    if (!before(heap[child] as Event, last)) break;
    heap[at] = heap[child] as Event;
    at = child;
  }
  heap[at] = last;
}
