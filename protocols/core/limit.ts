import PQueue from "p-queue";

/** Runs at most `concurrency` jobs at once, in order of arrival. The rest wait; `waiting` says how many. */
export interface Limit {
  /** An abort while the job waits rejects with the signal's reason; once it runs, it keeps its place until it has ended. */
  run<T>(job: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  readonly waiting: number;
  /** Resolves when nothing runs or waits. */
  idle(): Promise<void>;
}

export function limit(concurrency: number): Limit {
  const queue = new PQueue({ concurrency });
  return {
    run: (job, signal) => (signal === undefined ? queue.add(job) : runUnlessAborted(queue, job, signal)),
    get waiting() {
      return queue.size;
    },
    idle: () => queue.onIdle(),
  };
}

/** p-queue gives away the place of a running job whose signal aborts, so it is told of aborts only while the job waits. */
async function runUnlessAborted<T>(queue: PQueue, job: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const waiting = new AbortController();
  const giveUp = (): void => waiting.abort(signal.reason);
  signal.addEventListener("abort", giveUp, { once: true });
  const run = (): Promise<T> => {
    signal.removeEventListener("abort", giveUp);
    return job();
  };
  return queue.add(run, { signal: waiting.signal });
}

/** One job at a time per key: devices answer 403 or lock up when asked twice at once (protocols/uc-phones.md 3). */
export interface KeyedLimit {
  run<T>(key: string, job: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

export function oneAtATimePerKey(): KeyedLimit {
  const queues = new Map<string, { limit: Limit; users: number }>();
  return {
    async run(key, job, signal) {
      const entry = queues.get(key) ?? { limit: limit(1), users: 0 };
      queues.set(key, entry);
      entry.users++;
      try {
        return await entry.limit.run(job, signal);
      } finally {
        if (--entry.users === 0) queues.delete(key);
      }
    },
  };
}
