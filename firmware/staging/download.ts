/**
 * Brings one file here: in parts if need be, hashed while it streams, never faster than the cap, never for ever.
 */

import { createReadStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { type Fault, fail, ok, type Result } from "../../protocols/core/fault.ts";
import type { Sha256 } from "../../protocols/core/ids.ts";
import type { Random } from "../../protocols/core/random.ts";
import { type Clock, MINUTE, type Ms, SECOND } from "../../protocols/core/time.ts";
import type { Pace } from "../../protocols/provisioning/pace.ts";

import { type Answered, bodyFault, continues, judgeStatus, pageFault, type Try, viaOf } from "./answer.ts";
import { BLOCK_BYTES, writeBlocks } from "./block-writer.ts";
import { overBytes, overTime, TOTAL_BYTES_RATIO, TOTAL_MS, tooSlow } from "./caps.ts";
import { diskFault } from "./disk-fault.ts";
import { openFollowing } from "./follow.ts";
import { nextPiece, paced } from "./incoming.ts";
import { openPartial, type Progress, restart } from "./partial.ts";
import { NO_TRICKLE, stepTrickle } from "./trickle.ts";
import { loadValidator, validatorPath } from "./validator.ts";
import { isWebPage } from "./web-page.ts";

/** Where a source keeps a file. */
export type FileLocation =
  /** `ca` replaces the public authorities: certificates in PEM. */
  { readonly kind: "url"; readonly url: URL; readonly ca?: string } | { readonly kind: "file"; readonly path: string };

export interface DownloadAsk {
  /** For people. */
  readonly name: string;
  readonly from: FileLocation;
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  /** What is on its way; a part of an earlier try is continued. */
  readonly partialPath: string;
}

export interface DownloadIo {
  readonly clock: Clock;
  readonly random: Random;
  readonly pace: Pace;
  /** `waits`: nothing comes now, and why. */
  readonly progress: (doneBytes: number, waits?: DownloadWait) => void;
  /** Around each wait between two tries, where others may use the line meanwhile. */
  readonly aside?: (wait: () => Promise<void>) => Promise<void>;
}

/** Tried again after `fault`, in `forMs`. */
export interface DownloadWait {
  readonly fault: Fault;
  readonly forMs: Ms;
}

/** Tries in a row that bring nothing. 1 s doubling to 5 min gives a lossy uplink about half an hour. Judgement. */
const TRIES_WITHOUT_PROGRESS = 12;
const FIRST_BACKOFF_MS: Ms = SECOND;
const LONGEST_BACKOFF_MS: Ms = 5 * MINUTE;

interface Work {
  readonly progress: Progress;
  readonly io: DownloadIo;
  /** Of all tries together, on the clock. */
  readonly deadlineMs: Ms;
}

/**
 * Downloads until the file at `partialPath` has the wanted size and hash. Not synced: whoever takes it in does that.
 * @returns `mismatch` (file removed) where size or hash differ; `refused` or `denied` for a final answer; `unreachable`
 * after the last try, `overBudget` past the total caps, both with the part kept for the next time. Rejects when aborted, part kept.
 */
export async function download(ask: DownloadAsk, io: DownloadIo, signal: AbortSignal): Promise<Result<{ readonly sizeBytes: number }>> {
  const opened = await openPartial(ask.partialPath, ask.sizeBytes);
  if (!opened.ok) return opened;
  const progress = opened.value;
  let verdict: Result<{ readonly sizeBytes: number }>;
  try {
    verdict = await drive(ask, progress, io, signal);
  } catch (error) {
    signal.throwIfAborted();
    verdict = fail(diskFault(error));
  } finally {
    await progress.file.close();
  }
  if (verdict.ok || verdict.fault.kind === "mismatch") await rm(validatorPath(ask.partialPath), { force: true });
  if (!verdict.ok && verdict.fault.kind === "mismatch") await rm(ask.partialPath, { force: true });
  return verdict;
}

async function drive(ask: DownloadAsk, progress: Progress, io: DownloadIo, signal: AbortSignal): Promise<Result<{ sizeBytes: number }>> {
  const deadlineMs = io.clock.nowMs() + TOTAL_MS;
  let barren = 0;
  for (;;) {
    const before = progress.doneBytes;
    const tried: Try = before === ask.sizeBytes ? { end: "whole" } : await tryOnce(ask, { progress, io, deadlineMs }, signal);
    if (tried.end === "final") return fail(tried.fault);
    if (tried.end === "whole") {
      const verdict = verify(ask, progress);
      // After a power cut the part may hold what never reached the disk, and without a strong ETag two files may have been joined:
      // once more from the start; what one answer brought whole is their fault.
      if (verdict.ok || !progress.spliced) return verdict;
      await restart(progress, undefined);
      continue;
    }
    barren = progress.doneBytes > before && tried.barren !== true ? 1 : barren + 1;
    if (barren > TRIES_WITHOUT_PROGRESS) return fail(tried.fault);
    const longestMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (barren - 1));
    const waitMs = Math.max(longestMs * (0.5 + io.random.next() / 2), tried.waitMs ?? 0);
    const via = ask.from.kind === "file" ? "depot" : viaOf(ask.from.url);
    if (io.clock.nowMs() + waitMs > deadlineMs) return fail(overTime(via));
    io.progress(progress.doneBytes, { fault: tried.fault, forMs: waitMs });
    const wait = (): Promise<void> => io.clock.sleep(waitMs, signal);
    await (io.aside === undefined ? wait() : io.aside(wait));
  }
}

function verify(ask: DownloadAsk, progress: Progress): Result<{ sizeBytes: number }> {
  const found = progress.hash.digest("hex");
  if (found === ask.sha256) return ok({ sizeBytes: progress.doneBytes });
  return fail({ kind: "mismatch", wanted: `"${ask.name}" with sha256 ${ask.sha256}`, found: `sha256 ${found}` });
}

function tryOnce(ask: DownloadAsk, work: Work, signal: AbortSignal): Promise<Try> {
  return ask.from.kind === "file" ? copyOnce(ask, ask.from.path, work, signal) : getOnce(ask, ask.from, work, signal);
}

async function getOnce(ask: DownloadAsk, from: FileLocation & { kind: "url" }, work: Work, signal: AbortSignal): Promise<Try> {
  const { progress } = work;
  const validator = await loadValidator(ask.partialPath);
  const resume = progress.doneBytes > 0;
  const headers = resume
    ? { range: `bytes=${progress.doneBytes}-`, ...(validator === undefined ? {} : { "if-range": validator }) }
    : undefined;
  const { url, ca } = from;
  const got = await openFollowing({ url, ...(headers === undefined ? {} : { headers }), ...(ca === undefined ? {} : { ca }) }, signal);
  if (!got.ok) return { end: "again", fault: got.fault };
  const { status, headers: answered, body } = got.value;
  try {
    // A server that overlooks the condition may still say by the ETag that the file has changed.
    const sameFile = validator === undefined || answered.etag === undefined || answered.etag === validator;
    if (status === 206 && resume && sameFile && continues(answered["content-range"], progress.doneBytes, ask.sizeBytes)) {
      const trouble = bodyFault(got.value, ask.name, ask.sizeBytes - progress.doneBytes);
      if (trouble !== undefined) return { end: "final", fault: trouble };
      progress.spliced = true;
      return await receive(ask, body[Symbol.asyncIterator](), work, { signal, url });
    }
    if (status === 200) return await receiveAnew(ask, got.value, work, signal);
    if (status === 206 || status === 416) {
      // Another file than the part we hold, or no ranges there: from the start.
      await restart(progress, undefined);
      return { end: "again", fault: { kind: "garbled", via: viaOf(url), wanted: "the rest of the file", detail: `status ${status}` } };
    }
    return judgeStatus(got.value);
  } finally {
    body.destroy();
  }
}

/** A whole file from its first byte. What is here already goes only once it is clear that this one is no page and can be the file. */
async function receiveAnew(
  ask: DownloadAsk,
  answer: Answered & { readonly body: AsyncIterable<Buffer> },
  work: Work,
  signal: AbortSignal,
): Promise<Try> {
  const { url, headers } = answer;
  const trouble = bodyFault(answer, ask.name, ask.sizeBytes);
  if (trouble !== undefined) return { end: "final", fault: trouble };
  const pieces = answer.body[Symbol.asyncIterator]();
  const first = await nextPiece(pieces, url);
  signal.throwIfAborted();
  if (!first.ok) return { end: "again", fault: first.fault };
  if (first.value !== undefined && isWebPage(first.value)) return { end: "final", fault: pageFault(url) };
  await restart(work.progress, headers.etag);
  return receive(ask, pieces, work, { signal, url, first: first.value });
}

async function copyOnce(ask: DownloadAsk, path: string, work: Work, signal: AbortSignal): Promise<Try> {
  const facts = await stat(path).catch(() => undefined);
  if (facts?.isFile() !== true)
    return { end: "final", fault: { kind: "refused", via: "depot", reason: `"${ask.name}" is not in the folder` } };
  const body = createReadStream(path, { start: work.progress.doneBytes, highWaterMark: BLOCK_BYTES });
  try {
    const tried = await receive(ask, body[Symbol.asyncIterator](), work, { signal });
    // A file on disk does not grow by waiting.
    return tried.end === "again" ? { end: "final", fault: tried.fault } : tried;
  } finally {
    body.destroy();
  }
}

async function receive(
  ask: DownloadAsk,
  pieces: AsyncIterator<Buffer>,
  { progress, io, deadlineMs }: Work,
  { signal, url, first }: { readonly signal: AbortSignal; readonly url?: URL; readonly first?: Buffer | undefined },
): Promise<Try> {
  const via = url === undefined ? "depot" : viaOf(url);
  const largest = ask.sizeBytes * TOTAL_BYTES_RATIO;
  // A write that fails ends the download, so that the hash never stands for more than the file holds.
  const writer = writeBlocks(progress.file, progress.doneBytes);
  let read = first;
  let trickle = NO_TRICKLE;
  try {
    while (progress.doneBytes < ask.sizeBytes) {
      const askedMs = io.clock.nowMs();
      const next = read === undefined ? await nextPiece(pieces, url) : ok(read);
      read = undefined;
      signal.throwIfAborted();
      if (!next.ok) return { end: "again", fault: next.fault };
      if (next.value === undefined) return { end: "again", fault: { kind: "unreachable", via, detail: "the transfer ended early" } };
      const piece = next.value;
      const nowMs = io.clock.nowMs();
      // A server that trickles is never silent long enough to be given up for that.
      if (nowMs > deadlineMs) return { end: "final", fault: overTime(via) };
      progress.receivedBytes += piece.length;
      if (progress.receivedBytes > largest) return { end: "final", fault: overBytes(via, largest) };
      if (progress.doneBytes + piece.length > ask.sizeBytes) return { end: "final", fault: tooLong(ask) };
      await paced(piece.length, io.pace, signal);
      progress.hash.update(piece);
      await writer.add(piece, nowMs);
      progress.doneBytes += piece.length;
      io.progress(progress.doneBytes);
      const flow = stepTrickle(trickle, nowMs - askedMs, piece.length);
      if (flow === undefined) return { end: "again", fault: tooSlow(via), barren: true };
      trickle = flow;
    }
  } finally {
    await writer.end();
  }
  const more = await nextPiece(pieces, url);
  return more.ok && more.value !== undefined ? { end: "final", fault: tooLong(ask) } : { end: "whole" };
}

function tooLong(ask: DownloadAsk): Fault {
  return { kind: "mismatch", wanted: `"${ask.name}" with ${ask.sizeBytes} bytes`, found: "more bytes" };
}
