/**
 * Staging: an image is fetched, checked and kept here, once, however many campaigns wait for it.
 */
import {             fail, ok,             } from "../../protocols/core/fault.ts";

import {             limit } from "../../protocols/core/limit.ts";

import { download,                   } from "./download.ts";

/** One download as it stands. */

/** Two at once keep the uplink busy while one waits for its server. */
const DOWNLOADS_AT_ONCE = 2;

export function createStager(io          )         {
  const jobs = new Map             ();
  const lanes = limit(DOWNLOADS_AT_ONCE);
  const begin = (image          , from              , before                 )      => {
    const stop = new AbortController();
    const { promise: done, resolve, reject } = Promise.withResolvers                     ();
    const job      = { image, stop, done, doneBytes: 0, waiters: 0 };
    jobs.set(image.sha256, job);
    done.catch(() => undefined); // whoever still waits has been told; the last one has left
    // One writer per part: an aborted download of the same image ends first.
    Promise.allSettled([before?.done])
      .then(() => bring(job, from, { io, lanes }))
      .finally(() => jobs.get(image.sha256) === job && jobs.delete(image.sha256))
      .then(resolve, reject);
    return job;
  };
  return {
    async stage(image, from, signal) {
      signal.throwIfAborted();
      const stored = io.depot.find(image.sha256);
      if (stored !== undefined) return ok(stored);
      const running = jobs.get(image.sha256);
      const job = running === undefined || running.stop.signal.aborted ? begin(image, from, running) : running;
      job.waiters++;
      try {
        return await orAborted(job.done, signal);
      } finally {
        if (--job.waiters === 0) job.stop.abort(signal.reason);
      }
    },
    get running() {
      return [...jobs.values()].map(show);
    },
    async close() {
      const ending = [...jobs.values()];
      for (const job of ending) job.stop.abort(new DOMException("the stager closes", "AbortError"));
      await Promise.allSettled(ending.map((job) => job.done));
    },
  };
}

function show(job     )          {
  const { sha256, target, sizeBytes } = job.image;
  return { sha256, name: target, doneBytes: job.doneBytes, totalBytes: sizeBytes, waiters: job.waiters };
}

function bring(job     , from              , { io, lanes }                                )                               {
  const { signal } = job.stop;
  return lanes.run(async () => {
    const { image } = job;
    const room = await io.depot.makeRoom({ name: image.target, bytes: image.sizeBytes }, io.pinned());
    if (!room.ok) return room;
    const ask = {
      name: image.target,
      from,
      sha256: image.sha256,
      sizeBytes: image.sizeBytes,
      partialPath: io.depot.partialPath(image.sha256),
    };
    const progress = (doneBytes        )       => {
      job.doneBytes = doneBytes;
      io.progress?.(show(job));
    };
    const got = await download(ask, { clock: io.clock, random: io.random, pace: io.pace, progress }, signal);
    if (got.ok) return io.depot.accept(image.sha256);
    if (got.fault.kind === "mismatch") await io.depot.remove(image.sha256);
    return fail       (got.fault);
  }, signal);
}

/** The promise, or the signal's rejection if that comes first. */
async function orAborted   (promise            , signal             )             {
  const { promise: aborted, reject } = Promise.withResolvers       ();
  const onAbort = ()       => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

