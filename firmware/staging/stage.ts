/**
 * Staging: an image is fetched, checked and kept here, once, however many campaigns wait for it.
 */

import { type Fault, fail, ok, type Result } from "../../protocols/core/fault.ts";
import type { Sha256 } from "../../protocols/core/ids.ts";
import { type Limit, limit } from "../../protocols/core/limit.ts";
import type { Random } from "../../protocols/core/random.ts";
import { type Clock, type Ms, SECOND } from "../../protocols/core/time.ts";
import type { Pace } from "../../protocols/provisioning/pace.ts";
import type { ImageRef } from "../release.ts";
import type { Depot, StoredImage } from "./depot.ts";

import { type DownloadWait, download, type FileLocation } from "./download.ts";
import { type Lane, laneIn } from "./lane.ts";

/** One download as it stands. */
export interface Staging {
  readonly sha256: Sha256;
  readonly name: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** Who waits for it; the last to leave stops it. */
  readonly waiters: number;
  /** Why nothing comes for a while. */
  readonly waits?: DownloadWait;
}

export interface StagerIo {
  readonly depot: Depot;
  readonly clock: Clock;
  readonly random: Random;
  /** The cap on the uplink. */
  readonly pace: Pace;
  /** Images that may not be evicted now. */
  readonly pinned: () => ReadonlySet<Sha256>;
  /** Told at the first bytes, now and then, at each wait, and when all have come. */
  readonly progress?: (staging: Staging) => void;
}

export interface Stager {
  /** The image, once it is whole and checked here. Faults as `download` and `makeRoom`; rejects when aborted. */
  stage(image: ImageRef, from: FileLocation, signal: AbortSignal): Promise<Result<StoredImage>>;
  readonly running: readonly Staging[];
  /** Stops every download; parts are kept. */
  close(): Promise<void>;
}

interface Job {
  readonly image: ImageRef;
  readonly stop: AbortController;
  readonly done: Promise<Result<StoredImage>>;
  doneBytes: number;
  waits: DownloadWait | undefined;
  /** Of the last progress that was told. */
  toldMs: Ms;
  waiters: number;
}

/** What all downloads share. */
interface Yard {
  readonly io: StagerIo;
  readonly lanes: Limit;
  readonly rooms: Limit;
  /** Bytes given to downloads under way: they are not in the depot yet, and yet not free. */
  readonly promised: Map<Job, number>;
}

/** Two at once keep the uplink busy while one waits for its server. Between two tries nobody holds a lane. */
const DOWNLOADS_AT_ONCE = 2;
/** A fast line brings thousands of pieces a second, and each that is told is a message to another thread. Judgement: what a person sees. */
const PROGRESS_EVERY_MS: Ms = SECOND / 4;

export function createStager(io: StagerIo): Stager {
  const jobs = new Map<Sha256, Job>();
  const yard: Yard = { io, lanes: limit(DOWNLOADS_AT_ONCE), rooms: limit(1), promised: new Map() };
  const begin = (image: ImageRef, from: FileLocation, before: Job | undefined): Job => {
    const stop = new AbortController();
    const { promise: done, resolve, reject } = Promise.withResolvers<Result<StoredImage>>();
    const job: Job = { image, stop, done, doneBytes: 0, waits: undefined, toldMs: Number.NEGATIVE_INFINITY, waiters: 0 };
    jobs.set(image.sha256, job);
    done.catch(() => undefined); // whoever still waits has been told; the last one has left
    // One writer per part: an aborted download of the same image ends first.
    Promise.allSettled([before?.done])
      .then(() => bring(job, from, yard))
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

function show(job: Job): Staging {
  const { sha256, target, sizeBytes } = job.image;
  return { sha256, name: target, doneBytes: job.doneBytes, totalBytes: sizeBytes, waiters: job.waiters, ...waitsOf(job) };
}

const waitsOf = ({ waits }: Job): { waits?: DownloadWait } => (waits === undefined ? {} : { waits });

async function bring(job: Job, from: FileLocation, yard: Yard): Promise<Result<StoredImage>> {
  const lane = laneIn(yard.lanes, job.stop.signal);
  await lane.take();
  try {
    const room = await makeRoom(job, yard);
    return room.ok ? await fetchInto(job, from, { ...yard.io, lane }) : room;
  } finally {
    yard.promised.delete(job);
    lane.leave();
  }
}

/** One after the other: two downloads may not be given the same room. */
function makeRoom(job: Job, { io, rooms, promised }: Yard): Promise<Result<readonly Sha256[]>> {
  const { target: name, sizeBytes: bytes } = job.image;
  return rooms.run(async () => {
    const promisedBytes = (): number => promised.values().reduce((sum, one) => sum + one, 0);
    const room = await io.depot.makeRoom({ name, bytes, promisedBytes }, io.pinned());
    if (room.ok) promised.set(job, bytes);
    return room;
  });
}

async function fetchInto(job: Job, from: FileLocation, io: StagerIo & { readonly lane: Lane }): Promise<Result<StoredImage>> {
  const { sha256, sizeBytes, target: name } = job.image;
  const ask = { name, from, sha256, sizeBytes, partialPath: io.depot.partialPath(sha256) };
  const progress = (doneBytes: number, waits?: DownloadWait): void => {
    job.doneBytes = doneBytes;
    job.waits = waits;
    const nowMs = io.clock.nowMs();
    // A clock that went back is no reason to be silent.
    if (waits === undefined && doneBytes < sizeBytes && Math.abs(nowMs - job.toldMs) < PROGRESS_EVERY_MS) return;
    job.toldMs = nowMs;
    io.progress?.(show(job));
  };
  const { clock, random, pace, lane } = io;
  const got = await download(ask, { clock, random, pace, progress, aside: lane.aside }, job.stop.signal);
  if (got.ok) return io.depot.accept(sha256);
  if (got.fault.kind === "mismatch") await io.depot.remove(sha256);
  return fail<Fault>(got.fault);
}

/** The promise, or the signal's rejection if that comes first. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
