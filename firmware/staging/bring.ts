/**
 * Brings a file whose hash nobody has signed: in parts if need be, bounded, and never a web page in its place. Its hash is known
 * only once it is here.
 */
import { type FileHandle, open, rm, truncate } from "node:fs/promises";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { Bug, type Fault, fail, ok, type Result } from "../../protocols/core/fault.ts";
import type { Random } from "../../protocols/core/random.ts";
import { type Clock, MINUTE, type Ms, SECOND } from "../../protocols/core/time.ts";
import type { Pace } from "../../protocols/provisioning/pace.ts";
import { judgeStatus, packedFault, retryAfterMs, viaOf } from "./answer.ts";
import { writeBlocks } from "./block-writer.ts";
import { type BringProgress, createTeller, sizeKnown, type Teller } from "./bring-progress.ts";
import { overBytes, overTime, TOTAL_BYTES_RATIO, TOTAL_MS, tooSlow } from "./caps.ts";
import { diskFault } from "./disk-fault.ts";
import { openGet } from "./get.ts";
import { nextPiece, paced } from "./incoming.ts";
import { type Inspected, inspectFile } from "./inspect.ts";
import { NO_TRICKLE, stepTrickle } from "./trickle.ts";
import { loadValidator, saveValidator, validatorPath } from "./validator.ts";
import { isWebPage, PAGE_HEAD_BYTES } from "./web-page.ts";

export interface BringAsk {
  /** For people. */
  readonly name: string;
  readonly url: URL;
  readonly ca?: string;
  /** As the list states it; another size is another file. */
  readonly sizeBytes?: number;
  readonly bytesMax: number;
  readonly partialPath: string;
  /** What shows that we may have it. `renew`: what was shown last was turned away. */
  authorize?(renew: boolean, signal: AbortSignal): Promise<Result<Readonly<Record<string, string>>>>;
  readonly progress?: ((now: BringProgress) => void) | undefined;
}

export interface BringIo {
  readonly clock: Clock;
  /** Real time, or that of a test: sockets do not run faster than the wall. */
  readonly wall: Clock;
  readonly random: Random;
  readonly pace: Pace;
}

/** Tries in a row that bring nothing; a person waits for this one, so it ends within minutes. A guess. */
const TRIES_WITHOUT_PROGRESS = 5;
const FIRST_BACKOFF_MS: Ms = SECOND;
const LONGEST_BACKOFF_MS: Ms = MINUTE;
/** A server that wants more is asked again by the person, later. Judgement. */
const LONGEST_WAIT_MS: Ms = 5 * MINUTE;
/** Judgement: each may bring a little, so that they are counted as well. */
const TRIES_MAX = 200;

/** All tries for one file. */
interface Run {
  readonly ask: BringAsk;
  readonly io: BringIo;
  /** On the wall. */
  readonly deadlineMs: Ms;
  receivedBytes: number;
}

/** How one try ended. `login`: what was shown was turned away, or a page came that asks for it. */
type Try =
  | { readonly end: "whole" }
  | {
      readonly end: "again" | "final" | "login";
      readonly fault: Fault;
      /** Whatever came, it is counted as nothing. */
      readonly barren?: boolean;
      /** What the server asked for. */
      readonly waitMs?: Ms;
    };

/**
 * @returns size and hash of the file now at `partialPath`; `mismatch` where it is not of the listed size, `garbled` where it is a
 * web page, `overBudget` of bytes where it is too long (all with the part removed); `denied`, `refused` for a final answer; `unreachable`
 * after the last try, `overBudget` of time, the part kept. Rejects when aborted, the part kept.
 */
export async function bring(ask: BringAsk, io: BringIo, signal: AbortSignal): Promise<Result<Inspected>> {
  const got = await drive({ ask, io, deadlineMs: io.wall.nowMs() + TOTAL_MS, receivedBytes: 0 }, signal);
  if (got.ok) {
    await rm(validatorPath(ask.partialPath), { force: true });
    return inspectFile(ask.partialPath, signal);
  }
  const { fault } = got;
  if (fault.kind === "mismatch" || fault.kind === "garbled" || (fault.kind === "overBudget" && fault.budget === "bytes")) await drop(ask);
  return got;
}

async function drop({ partialPath }: BringAsk): Promise<void> {
  await rm(partialPath, { force: true });
  await rm(validatorPath(partialPath), { force: true });
}

async function drive(run: Run, signal: AbortSignal): Promise<Result<void>> {
  const { ask, io } = run;
  let barren = 0;
  let renewed = false;
  let renew = false;
  for (let tries = 1; ; tries++) {
    const before = await sizeOf(ask.partialPath);
    const tried = await tryOnce(run, renew, signal);
    if (tried.end === "whole") return ok(undefined);
    const progressed = tried.barren !== true && (await sizeOf(ask.partialPath)) > before;
    renew = tried.end === "login";
    // Turned away with a new log-in as well: that is the answer.
    if (tried.end === "final" || (renew && (renewed || ask.authorize === undefined))) return fail(tried.fault);
    renewed = renew;
    barren = progressed ? 1 : barren + 1;
    if (barren > TRIES_WITHOUT_PROGRESS || tries >= TRIES_MAX) return fail(tried.fault);
    if (renew) continue;
    const longestMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (barren - 1));
    const forMs = Math.max(longestMs * (0.5 + io.random.next() / 2), tried.waitMs ?? 0);
    if (forMs > LONGEST_WAIT_MS) return fail(tried.fault);
    const doneBytes = await sizeOf(ask.partialPath);
    ask.progress?.({ doneBytes, ...sizeKnown(ask.sizeBytes), waits: { for: "again", fault: tried.fault, forMs } });
    await io.clock.sleep(forMs, signal);
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    await using file = await open(path, "r");
    return (await file.stat()).size;
  } catch {
    return 0; // not begun
  }
}

async function tryOnce(run: Run, renew: boolean, signal: AbortSignal): Promise<Try> {
  const { ask } = run;
  const shown = ask.authorize === undefined ? ok({}) : await ask.authorize(renew, signal);
  if (!shown.ok) return { end: shown.fault.kind === "unreachable" ? "again" : "final", fault: shown.fault };
  const validator = await loadValidator(ask.partialPath);
  const have = await sizeOf(ask.partialPath);
  // Without the name of the file the rest may be another one's.
  const from = validator === undefined ? 0 : have;
  const resume = validator === undefined || from === 0 ? {} : { range: `bytes=${from}-`, "if-range": validator };
  const headers = { ...shown.value, ...resume };
  const got = await openGet({ url: ask.url, headers, ...(ask.ca === undefined ? {} : { ca: ask.ca }) }, signal);
  if (!got.ok) return { end: "again", fault: got.fault };
  const { status, headers: said, body } = got.value;
  try {
    if (status !== 200 && status !== 206) return await byStatus(status, said, ask);
    if (/\bhtml\b/i.test(said["content-type"] ?? "")) return { end: "login", fault: page(ask) };
    const packed = packedFault({ headers: said, url: ask.url }, ask.name);
    if (packed !== undefined) return { end: "final", fault: packed };
    const part = status === 206 && from > 0 && (said.etag === undefined || said.etag === validator) ? partOf(said, from) : undefined;
    if (status === 206 && part === undefined) {
      await drop(ask);
      return { end: "again", fault: { kind: "garbled", via: viaOf(ask.url), wanted: "the rest of the file" } };
    }
    const totalBytes = part ?? wholeLength(said);
    const wrong = wrongSize(ask, totalBytes);
    if (wrong !== undefined) return { end: "final", fault: wrong };
    if (status === 200) await begin(ask, said.etag);
    return await receive(run, body, { from: status === 200 ? 0 : from, totalBytes }, signal);
  } catch (error) {
    signal.throwIfAborted();
    return { end: "final", fault: diskFault(error) };
  } finally {
    body.destroy();
  }
}

async function byStatus(status: number, headers: IncomingHttpHeaders, ask: BringAsk): Promise<Try> {
  const via = viaOf(ask.url);
  if (status === 416) {
    await drop(ask); // another, shorter file by now
    return { end: "again", fault: { kind: "garbled", via, wanted: "the rest of the file", detail: `status ${status}` } };
  }
  if (status === 429) {
    const waitMs = retryAfterMs(headers["retry-after"]);
    const fault: Fault = { kind: "unreachable", via, detail: `${ask.url.host}: status 429: too many requests` };
    return { end: "again", fault, ...(waitMs === undefined ? {} : { waitMs }) };
  }
  const judged = judgeStatus({ status, headers, url: ask.url });
  if (judged.end === "whole") throw new Bug("an answer without a file is no file");
  return status === 401 ? { end: "login", fault: judged.fault } : judged;
}

const page = ({ url, name }: BringAsk): Fault => ({ kind: "garbled", via: viaOf(url), wanted: `the file "${name}"`, detail: "a web page" });

function partOf(headers: IncomingHttpHeaders, from: number): number | undefined {
  const match = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15})$/.exec(headers["content-range"] ?? "");
  return match !== null && Number(match[1]) === from ? Number(match[2]) : undefined;
}

function wholeLength(headers: IncomingHttpHeaders): number | undefined {
  const length = headers["content-length"];
  return length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

function wrongSize(ask: BringAsk, totalBytes: number | undefined): Fault | undefined {
  const { sizeBytes, bytesMax, name, url } = ask;
  if (totalBytes !== undefined && totalBytes > bytesMax) return overBytes(viaOf(url), bytesMax);
  if (totalBytes === undefined || sizeBytes === undefined || totalBytes === sizeBytes) return undefined;
  return { kind: "mismatch", wanted: `"${name}" with ${sizeBytes} bytes, as listed`, found: `${totalBytes} bytes` };
}

async function begin({ partialPath }: BringAsk, etag: string | undefined): Promise<void> {
  await using _ = await open(partialPath, "w", 0o600);
  await saveValidator(partialPath, etag);
}

async function receive(
  run: Run,
  body: IncomingMessage,
  { from, totalBytes }: { readonly from: number; readonly totalBytes: number | undefined },
  signal: AbortSignal,
): Promise<Try> {
  const { ask } = run;
  const limit = totalBytes ?? ask.sizeBytes ?? ask.bytesMax;
  await using file = await open(ask.partialPath, "r+");
  const told = createTeller(ask.progress, totalBytes ?? ask.sizeBytes, run.io.clock);
  const taken = await take(run, body, { file, from, limit, told }, signal);
  // Before anything else: a page is as long as it likes.
  if (await isPage(file)) {
    await truncate(ask.partialPath, 0);
    return { end: "login", fault: page(ask) };
  }
  if ("fault" in taken) return taken;
  await file.sync();
  const wanted = totalBytes ?? ask.sizeBytes;
  if (wanted !== undefined && taken.at < wanted)
    return { end: "again", fault: { kind: "unreachable", via: viaOf(ask.url), detail: "the transfer ended early" } };
  return { end: "whole" };
}

async function take(
  run: Run,
  body: IncomingMessage,
  { file, from, limit, told }: { readonly file: FileHandle; readonly from: number; readonly limit: number; readonly told: Teller },
  signal: AbortSignal,
): Promise<{ readonly at: number } | Exclude<Try, { end: "whole" }>> {
  const { ask, io } = run;
  const via = viaOf(ask.url);
  const largest = (ask.sizeBytes ?? ask.bytesMax) * TOTAL_BYTES_RATIO;
  const pieces = body[Symbol.asyncIterator]();
  const writer = writeBlocks(file, from);
  let at = from;
  told.at(at);
  let trickle = NO_TRICKLE;
  try {
    for (;;) {
      const askedMs = io.wall.nowMs();
      const next = await nextPiece(pieces, ask.url);
      signal.throwIfAborted();
      if (!next.ok) return { end: "again", fault: next.fault };
      const piece = next.value;
      if (piece === undefined) return { at };
      const nowMs = io.wall.nowMs();
      run.receivedBytes += piece.length;
      if (nowMs > run.deadlineMs) return { end: "final", fault: overTime(via) };
      if (at + piece.length > limit) {
        // What is too long may be a page, which its beginning tells.
        await writer.add(piece.subarray(0, limit - at), nowMs);
        return { end: "final", fault: tooLong(ask, limit) };
      }
      if (run.receivedBytes > largest) return { end: "final", fault: overBytes(via, largest) };
      await told.held(() => paced(piece.length, io.pace, signal));
      await writer.add(piece, nowMs);
      at += piece.length;
      told.at(at);
      const flow = stepTrickle(trickle, nowMs - askedMs, piece.length);
      if (flow === undefined) return { end: "again", fault: tooSlow(via), barren: true };
      trickle = flow;
    }
  } finally {
    await writer.end();
  }
}

/** Longer than it says itself, or, where nobody says anything, than there is room for. */
function tooLong({ name, url, bytesMax, sizeBytes }: BringAsk, limit: number): Fault {
  if (limit === bytesMax && sizeBytes === undefined) return overBytes(viaOf(url), limit);
  return { kind: "mismatch", wanted: `"${name}" with ${limit} bytes`, found: "more bytes" };
}

/** A page that comes with the headers of a file: no image begins so. */
async function isPage(file: FileHandle): Promise<boolean> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(PAGE_HEAD_BYTES), 0, PAGE_HEAD_BYTES, 0);
  return isWebPage(buffer.subarray(0, bytesRead));
}
