/**
 * Sends one image file, or the part of it that was asked for, at the pace allowed, until the offer ends.
 */
import { once } from "node:events";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { cutOff } from "./cut-off.ts";
import type { ImageFile, ImagePieces } from "./image-pieces.ts";
import type { LiveOffer } from "./offers.ts";
import type { Pace } from "./pace.ts";
import type { SendTurns } from "./send-turns.ts";

/** First and last byte, both inclusive. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** Events of one transfer: at most about this many. */
const PROGRESS_STEPS = 50;

/** How fast, and who is told. */
export interface SendIo {
  readonly pace: Pace;
  readonly pieces: ImagePieces;
  readonly turns: SendTurns;
  /** Before the first byte of the file. */
  started(): void;
  /** `sentBytes`: position in the file. */
  progress(sentBytes: number): void;
  /** The transfer ended: bytes of the file that it took, whether they arrived or not. */
  sent(bytes: number): void;
  /** Told after `sent`; `complete` when the whole file has been covered. */
  delivered(complete: boolean): void;
}

/**
 * Reads a Range header (RFC 9110 14.2). Several ranges or another unit are ignored, as the standard allows.
 * @returns `undefined` for "send it whole", `unsatisfiable` for an answer 416
 */
export function readRange(header: string | undefined, sizeBytes: number): ByteRange | "unsatisfiable" | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? "");
  if (match === null) return undefined;
  const [, from = "", to = ""] = match;
  if (from === "" && to === "") return undefined;
  if (from === "") {
    const tail = Math.min(Number(to), sizeBytes);
    return tail === 0 ? "unsatisfiable" : { first: sizeBytes - tail, last: sizeBytes - 1 };
  }
  const first = Number(from);
  const last = to === "" ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
  if (to !== "" && Number(to) < first) return undefined;
  return first >= sizeBytes ? "unsatisfiable" : { first, last };
}

/** Answers a GET or HEAD of an offered image. `missing`: the depot's file is not what the offer says; nothing was sent. */
export async function sendImage(
  live: LiveOffer,
  exchange: { readonly request: IncomingMessage; readonly response: ServerResponse },
  io: SendIo,
): Promise<"done" | "missing"> {
  const { offer } = live;
  const { request, response } = exchange;
  const file = await openExact(offer.imagePath, offer.sizeBytes);
  if (file === undefined) return "missing";
  try {
    if (live.ended.aborted) return "missing";
    // Its end has been told already, and would never be told to us.
    if (response.destroyed) return "done";
    const range = writeHead(offer, request, response);
    if (range === undefined || request.method === "HEAD") {
      response.end();
      return "done";
    }
    io.started();
    const image = { file, key: `${offer.imagePath} ${offer.sha256}`, sizeBytes: offer.sizeBytes };
    let sentBytes = 0;
    const onSome = (bytes: number): void => {
      sentBytes += bytes;
    };
    const whole = await sendRange(image, range, live, { response, socket: request.socket, io, onSome });
    if (sentBytes > 0) io.sent(sentBytes);
    if (whole && range.first <= live.coveredBytes) live.coveredBytes = Math.max(live.coveredBytes, range.last + 1);
    io.delivered(live.coveredBytes >= offer.sizeBytes);
    return "done";
  } finally {
    await file.close();
  }
}

async function openExact(path: string, sizeBytes: number): Promise<FileHandle | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch {
    return undefined;
  }
  const facts = await file.stat().catch(() => undefined);
  if (facts?.isFile() === true && facts.size === sizeBytes) return file;
  await file.close();
  return undefined;
}

/** Writes status and headers; `undefined` where no body follows. */
function writeHead(offer: LiveOffer["offer"], request: IncomingMessage, response: ServerResponse): ByteRange | undefined {
  const etag = `"${offer.sha256}"`;
  const ifRange = request.headers["if-range"];
  const asked = ifRange === undefined || ifRange === etag ? readRange(request.headers.range, offer.sizeBytes) : undefined;
  const common = { "content-type": "application/octet-stream", "accept-ranges": "bytes", "cache-control": "no-store", etag };
  if (asked === "unsatisfiable") {
    response.writeHead(416, { "content-range": `bytes */${offer.sizeBytes}`, "content-length": 0 });
    return undefined;
  }
  const range = asked ?? { first: 0, last: offer.sizeBytes - 1 };
  response.writeHead(asked === undefined ? 200 : 206, {
    ...common,
    "content-length": range.last - range.first + 1,
    ...(asked === undefined ? {} : { "content-range": `bytes ${range.first}-${range.last}/${offer.sizeBytes}` }),
  });
  return range;
}

/** Ends a connection with the offer, once for all transfers it carries. */
function cutWith({ ended, carriers }: LiveOffer, socket: Socket): void {
  if (carriers.has(socket)) return;
  // For as long as the connection lives: what was handed to the kernel may be on its way for long.
  const cut = (): void => cutOff(socket);
  carriers.add(socket);
  ended.addEventListener("abort", cut, { once: true });
  socket.once("close", () => {
    carriers.delete(socket);
    ended.removeEventListener("abort", cut);
  });
}

/** True when the last byte was handed to the system; false when the device went away or the offer ended. */
async function sendRange(
  image: ImageFile,
  range: ByteRange,
  live: LiveOffer,
  out: { readonly response: ServerResponse; readonly socket: Socket; readonly io: SendIo; readonly onSome: (bytes: number) => void },
): Promise<boolean> {
  const { response, socket, io, onSome } = out;
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const stop = AbortSignal.any([live.ended, gone.signal]);
  cutWith(live, socket);
  if (!(await hasTurn(response, socket, live.ended))) return false;
  const step = Math.ceil(live.offer.sizeBytes / PROGRESS_STEPS);
  const write = writerTo(response, stop);
  let toldBytes = range.first;
  // Silence until the pace lets the next bytes go is ours, and no reason to take the device for gone.
  let isOurs = false;
  response.on("timeout", () => void (isOurs || socket.destroy()));
  io.pieces.enter();
  try {
    for (let at = range.first; at <= range.last; ) {
      const most = Math.min(io.pace.pieceBytes, range.last + 1 - at);
      isOurs = true;
      await io.pace.take(most, stop);
      isOurs = false;
      const sentBytes = await sendSome(image, { at, most }, { pieces: io.pieces, turns: io.turns, write }, stop);
      // The file shrank under us: end without the promised length, so that the device sees a broken transfer.
      if (sentBytes === 0) return cutShort(response);
      onSome(sentBytes);
      at += sentBytes;
      if (at - toldBytes < step && at <= range.last) continue;
      toldBytes = at;
      io.progress(at);
    }
    const finished = once(response, "finish", { signal: stop });
    response.end();
    await finished;
    return true;
  } catch (error) {
    if (stop.aborted || response.destroyed) return false;
    throw error;
  } finally {
    io.pieces.leave();
  }
}

/**
 * What is written for a later answer of a connection stays here until those before it are over, and would then leave at once,
 * whatever the pace: nothing is taken for it before. False where the connection or the offer ended meanwhile.
 */
async function hasTurn(response: ServerResponse, socket: Socket, ended: AbortSignal): Promise<boolean> {
  if (response.socket !== null) return true;
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  socket.once("close", leave);
  try {
    if (socket.destroyed) return false;
    await once(response, "socket", { signal: AbortSignal.any([ended, gone.signal]) });
    return true;
  } catch (error) {
    if (ended.aborted || gone.signal.aborted) return false;
    throw error;
  } finally {
    socket.off("close", leave);
  }
}

type Write = (bytes: Uint8Array) => Promise<void>;

/** `most` bytes from `at`, of as many pieces as they lie in; fewer only where the file ends. */
async function sendSome(
  image: ImageFile,
  { at, most }: { readonly at: number; readonly most: number },
  { pieces, turns, write }: Pick<SendIo, "pieces" | "turns"> & { readonly write: Write },
  stop: AbortSignal,
): Promise<number> {
  let sentBytes = 0;
  while (sentBytes < most) {
    const piece = await pieces.take(image, at + sentBytes);
    try {
      stop.throwIfAborted();
      if (piece.bytes.length === 0) break;
      pieces.ahead(image, at + sentBytes);
      const part = piece.bytes.subarray(0, most - sentBytes);
      // What is in memory and taken at once would go on without end, and all who waited for one piece have it at once.
      await turns.next(part.length);
      stop.throwIfAborted();
      sentBytes += part.length;
      // Until they are with the system, nobody else may write over them.
      await write(part);
    } finally {
      piece.release();
    }
  }
  return sentBytes;
}

/** Writes one piece after the other, each until the system has it; rejects when `stop` does. */
function writerTo(response: ServerResponse, stop: AbortSignal): Write {
  let wake = (): void => undefined;
  stop.addEventListener("abort", () => wake(), { once: true });
  return async (bytes) => {
    await new Promise<void>((resolve) => {
      wake = resolve;
      response.write(bytes, () => resolve());
    });
    stop.throwIfAborted();
  };
}

function cutShort(response: ServerResponse): false {
  response.destroy();
  return false;
}
