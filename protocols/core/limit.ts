import PQueue from "p-queue";

/** Runs at most `concurrency` jobs at once, in order of arrival. The rest wait; `size` says how many. */

export function limit(concurrency        )        {
  const queue = new PQueue({ concurrency });
  return {
    run: (job, signal) => queue.add(job, signal === undefined ? {} : { signal }),
    get waiting() {
      return queue.size;
    },
    idle: () => queue.onIdle(),
  };
}

/** One job at a time per key: devices answer 403 or lock up when asked twice at once (protocols/uc-phones.md 3). */

export function oneAtATimePerKey()             {
  const queues = new Map                                         ();
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

//# sourceURL=file:///work/main/protocols/core/limit.ts