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

/** One key. A queue only while somebody waits, because most keys never see two at once. */
interface Turns {
  users: number;
  /** Of the job that found nobody there. */
  first: Promise<unknown> | undefined;
  waiting: Limit | undefined;
}

/**
 * Idle keys kept: all devices of the largest site, twice over. A key that came and went with every job would leave its last
 * table of the map pointing to the next, and the collector would carry the jobs of an hour along.
 */
const MAX_IDLE_KEYS = 20_000;

export function oneAtATimePerKey(): KeyedLimit {
  const keys = new Map<string, Turns>();
  const turnsOf = (key: string): Turns => {
    const known = keys.get(key);
    if (known !== undefined) return known;
    if (keys.size >= MAX_IDLE_KEYS) for (const [name, turns] of keys) if (turns.users === 0) keys.delete(name);
    const turns: Turns = { users: 0, first: undefined, waiting: undefined };
    keys.set(key, turns);
    return turns;
  };
  return {
    run(key, job, signal) {
      if (signal?.aborted === true) return Promise.reject(signal.reason);
      const turns = turnsOf(key);
      turns.users++;
      const leave = (): void => {
        if (--turns.users > 0) return;
        turns.first = undefined;
        turns.waiting = undefined;
      };
      const running = turns.first === undefined ? begun(job) : waitingFor(turns, turns.first).run(job, signal);
      turns.first ??= running;
      // Before whoever asked hears of it: what he asks next finds nobody there.
      running.then(leave, leave);
      return running;
    },
  };
}

/** One that throws before it gives a promise has ended too. */
function begun<T>(job: () => Promise<T>): Promise<T> {
  try {
    return job();
  } catch (error) {
    return Promise.reject(error);
  }
}

function waitingFor(turns: Turns, first: Promise<unknown>): Limit {
  turns.waiting ??= behind(first);
  return turns.waiting;
}

/** A queue whose first place is taken until `first` has ended, well or not. */
function behind(first: Promise<unknown>): Limit {
  const queue = limit(1);
  void queue.run(() =>
    first.then(
      () => undefined,
      () => undefined,
    ),
  );
  return queue;
}
