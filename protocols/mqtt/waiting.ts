/**
 * Who waits for an answer, in no order. No Set: one that is filled and emptied without end is laid out anew each few hundred times,
 * and the layout before points to the next and to all that was in it. Once one of them has grown old, the young collector takes
 * all of them for alive, and with them most of what was ever in it.
 */
export interface Waiter<T> {
  /** Its place in the list; -1 where it waits no longer. */
  at: number;
  settle(answer: T): void;
}

export class Waiting<T> {
  readonly #waiters: Waiter<T>[] = [];

  get size(): number {
    return this.#waiters.length;
  }

  add(settle: (answer: T) => void): Waiter<T> {
    const waiter = { at: this.#waiters.length, settle };
    this.#waiters.push(waiter);
    return waiter;
  }

  /** @returns whether it still waited */
  remove(waiter: Waiter<T>): boolean {
    if (waiter.at < 0) return false;
    const last = this.#waiters.pop();
    if (last !== undefined && last !== waiter) {
      this.#waiters[waiter.at] = last;
      last.at = waiter.at;
    }
    waiter.at = -1;
    return true;
  }

  /** All of them get the same answer, and wait no longer. */
  settleAll(answer: T): void {
    for (const waiter of this.#waiters.splice(0)) {
      waiter.at = -1;
      waiter.settle(answer);
    }
  }
}
