/**
 * Many short waits at once: of thousands a second nearly none is ever cut off or due, and a timer and a listener each cost as much
 * as the packet that is waited for. They share one timer, and those under one signal one listener.
 */
import { realAlarm, realElapsedMs } from "./time.ts";

export interface Waiter {
  readonly parent: AbortSignal;
  /** Of `realElapsedMs`; may be set anew at any time. */
  dueAtMs: number;
  /** The crowd's own. */
  place: number;
}

/** `place` of one that does not wait. */
export const NOWHERE = -1;

export interface Crowd<T extends Waiter> {
  /** Until it is removed, or its signal aborts. Its signal must not be over yet. */
  add(one: T): void;
  remove(one: T): void;
  all(): readonly T[];
}

/** Both are called with one that still waits; `due` again and again, at most a tick late, while its time is over. */
export interface CrowdIo<T> {
  /** Real milliseconds between two looks at those that wait. */
  readonly tickMs: number;
  due(one: T): void;
  cut(one: T): void;
}

interface Listener {
  count: number;
  readonly onAbort: () => void;
}

export function createCrowd<T extends Waiter>(io: CrowdIo<T>): Crowd<T> {
  const waiting: T[] = [];
  const listeners = new Map<AbortSignal, Listener>();
  let ticking = false;
  const each = (which: (one: T) => boolean, tell: (one: T) => void): void => {
    // What one is told may remove others.
    for (const one of waiting.filter(which)) if (one.place !== NOWHERE) tell(one);
  };
  const tick = (): void => {
    ticking = false;
    const nowMs = realElapsedMs();
    each(({ dueAtMs }) => dueAtMs <= nowMs, io.due);
    if (waiting.length > 0) begin();
  };
  const begin = (): void => {
    if (ticking) return;
    ticking = true;
    realAlarm(io.tickMs, tick);
  };
  const listen = (signal: AbortSignal): Listener => {
    const listener = { count: 0, onAbort: (): void => each(({ parent }) => parent === signal, io.cut) };
    listeners.set(signal, listener);
    signal.addEventListener("abort", listener.onAbort);
    return listener;
  };
  return {
    add(one) {
      one.place = waiting.push(one) - 1;
      (listeners.get(one.parent) ?? listen(one.parent)).count++;
      begin();
    },
    remove(one) {
      if (one.place === NOWHERE) return;
      const last = waiting.pop() as T;
      if (last !== one) {
        waiting[one.place] = last;
        last.place = one.place;
      }
      one.place = NOWHERE;
      const listener = listeners.get(one.parent);
      if (listener === undefined || --listener.count > 0) return;
      // A listener left behind would keep a composed signal alive for ever.
      listeners.delete(one.parent);
      one.parent.removeEventListener("abort", listener.onAbort);
    },
    all: () => [...waiting],
  };
}
