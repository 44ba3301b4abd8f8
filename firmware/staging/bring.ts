/**
 * Brings a file whose hash nobody has signed: in parts if need be, bounded, and never a web page in its place. Its hash is known
 * only once it is here.
 */
import { type FileHandle, open, rm, truncate } from "node:fs/promises";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { codeOf } from "../../protocols/core/error-code.ts";
import { Bug, type Fault, fail, ok, type Result } from "../../protocols/core/fault.ts";
import type { Random } from "../../protocols/core/random.ts";
import { type Clock, MINUTE, type Ms, SECOND } from "../../protocols/core/time.ts";
import type { Pace } from "../../protocols/provisioning/pace.ts";
import { judgeStatus, packedFault, retryAfterMs } from "./answer.ts";
import { type BringProgress, createTeller, sizeKnown } from "./bring-progress.ts";
import { paced, viaOf, writeWhole } from "./download.ts";
import { openGet, unreachableBy } from "./get.ts";
import { type Inspected, inspectFile } from "./inspect.ts";
import { loadValidator, saveValidator, validatorPath } from "./validator.ts";
import { isWebPage } from "./web-page.ts";

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
/** All tries together, so that a server that changes its file each time ends, too. */
const TRIES_MAX = 200;

const PAGE_BYTES = 512;

/** How one try ended. `login`: what was shown was turned away, or a page came that asks for it. */
type Try =
  | { readonly end: "whole" }
  | {
      readonly end: "again" | "final" | "login";
      readonly fault: Fault;
      /** What the server asked for. */
      readonly waitMs?: Ms;
    };

/**
 * @returns size and hash of the file now at `partialPath`; `mismatch` where it is not of the listed size, `garbled` where it is a
 * web page, `overBudget` where it is too long (all with the part removed); `denied`, `refused` for a final answer; `unreachable` after the last try, the part kept.
 * Rejects when aborted, the part kept.
 */
export async function bring(ask: BringAsk, io: BringIo, signal: AbortSignal): Promise<Result<Inspected>> {
  const got = await drive(ask, io, signal);
  if (got.ok) {
    await rm(validatorPath(ask.partialPath), { force: true });
    return inspectFile(ask.partialPath, signal);
  }
  if (got.fault.kind === "mismatch" || got.fault.kind === "garbled" || got.fault.kind === "overBudget") await drop(ask);
  return got;
}

async function drop({ partialPath }: BringAsk): Promise<void> {
  await rm(partialPath, { force: true });
  await rm(validatorPath(partialPath), { force: true });
}

async function drive(ask: BringAsk, io: BringIo, signal: AbortSignal): Promise<Result<void>> {
  let barren = 0;
  let renewed = false;
  let renew = false;
  for (let tries = 1; ; tries++) {
    const before = await sizeOf(ask.partialPath);
    const tried = await tryOnce(ask, renew, io, signal);
    if (tried.end === "whole") return ok(undefined);
    const progressed = (await sizeOf(ask.partialPath)) > before;
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

async function tryOnce(ask: BringAsk, renew: boolean, io: BringIo, signal: AbortSignal): Promise<Try> {
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
    return await receive(ask, body, { from: status === 200 ? 0 : from, totalBytes }, io, signal);
  } catch (error) {
    signal.throwIfAborted();
    return { end: "final", fault: diskFault(error) };
  } finally {
    body.destroy();
  }
}

async function byStatus(status: number, headers: IncomingHttpHeaders, ask: BringAsk): Promise<Try> {
  if (status === 416) {
    await drop(ask); // another, shorter file by now
    const fault: Fault = { kind: "garbled", via: viaOf(ask.url), wanted: "the rest of the file", detail: `status ${status}` };
    return { end: "again", fault };
  }
  if (status === 429) {
    const waitMs = retryAfterMs(headers["retry-after"]);
    const fault: Fault = { kind: "unreachable", via: viaOf(ask.url), detail: `${ask.url.host}: status 429: too many requests` };
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
  if (totalBytes !== undefined && totalBytes > bytesMax) return { kind: "overBudget", via: viaOf(url), budget: "bytes", limit: bytesMax };
  if (totalBytes === undefined || sizeBytes === undefined || totalBytes === sizeBytes) return undefined;
  return { kind: "mismatch", wanted: `"${name}" with ${sizeBytes} bytes, as listed`, found: `${totalBytes} bytes` };
}

async function begin({ partialPath }: BringAsk, etag: string | undefined): Promise<void> {
  await using _ = await open(partialPath, "w", 0o600);
  await saveValidator(partialPath, etag);
}

async function receive(
  ask: BringAsk,
  body: IncomingMessage,
  { from, totalBytes }: { readonly from: number; readonly totalBytes: number | undefined },
  io: BringIo,
  signal: AbortSignal,
): Promise<Try> {
  const limit = totalBytes ?? ask.sizeBytes ?? ask.bytesMax;
  await using file = await open(ask.partialPath, "r+");
  const taken = await take(file, body, { from, limit, ask, totalBytes: totalBytes ?? ask.sizeBytes }, io, signal);
  // Before anything else: a page is as long as it likes.
  if (await isPage(file)) {
    await truncate(ask.partialPath, 0);
    return { end: "login", fault: page(ask) };
  }
  if (taken.fault !== undefined) return { end: taken.final ? "final" : "again", fault: taken.fault };
  await file.sync();
  const wanted = totalBytes ?? ask.sizeBytes;
  if (wanted !== undefined && taken.at < wanted)
    return { end: "again", fault: { kind: "unreachable", via: viaOf(ask.url), detail: "the transfer ended early" } };
  return { end: "whole" };
}

async function take(
  file: FileHandle,
  body: IncomingMessage,
  {
    from,
    limit,
    ask,
    totalBytes,
  }: { readonly from: number; readonly limit: number; readonly ask: BringAsk; readonly totalBytes: number | undefined },
  io: BringIo,
  signal: AbortSignal,
): Promise<{ readonly at: number; readonly fault?: Fault; readonly final?: boolean }> {
  let at = from;
  const told = createTeller(ask.progress, totalBytes, io.clock);
  told.at(at);
  const pieces = body[Symbol.asyncIterator]();
  for (;;) {
    let piece: Buffer | undefined;
    try {
      const next = await pieces.next();
      piece = next.done === true ? undefined : (next.value as Buffer);
    } catch (error) {
      signal.throwIfAborted();
      return { at, fault: unreachableBy(ask.url, error) };
    }
    if (piece === undefined) return { at };
    if (at + piece.length > limit) {
      // What is too long may be a page, which its beginning tells.
      await writeWhole(file, piece.subarray(0, limit - at), at);
      return { at: limit, final: true, fault: tooLong(ask, limit) };
    }
    await told.held(() => paced(piece.length, io.pace, signal));
    await writeWhole(file, piece, at);
    at += piece.length;
    told.at(at);
  }
}

/** Longer than it says itself, or, where nobody says anything, than there is room for. */
function tooLong({ name, url, bytesMax, sizeBytes }: BringAsk, limit: number): Fault {
  if (limit === bytesMax && sizeBytes === undefined) return { kind: "overBudget", via: viaOf(url), budget: "bytes", limit };
  return { kind: "mismatch", wanted: `"${name}" with ${limit} bytes`, found: "more bytes" };
}

/** A page that comes with the headers of a file: no image begins so. */
async function isPage(file: FileHandle): Promise<boolean> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(PAGE_BYTES), 0, PAGE_BYTES, 0);
  return isWebPage(buffer.subarray(0, bytesRead));
}

/** Our own disk failed; anything else is a bug and goes on. */
function diskFault(error: unknown): Fault {
  if (codeOf(error) === "") throw error;
  if (codeOf(error) === "ENOSPC")
    return { kind: "refused", via: "depot", reason: "the disk is full; what has come is kept: free space, then fetch it again" };
  return { kind: "unreachable", via: "depot", detail: codeOf(error) };
}
