/** Files in folders that go away with the test, a loopback server with a will of its own, and a clock that passes by itself. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { DownloadIo } from "../../../firmware/staging/download.ts";
import type { Sha256 } from "../../../protocols/core/ids.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import type { Clock, Ms } from "../../../protocols/core/time.ts";
import type { Pace } from "../../../protocols/provisioning/pace.ts";

export const never: AbortSignal = new AbortController().signal;

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "groundswell-staging-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Bytes that repeat nowhere near a piece's length, so that a piece in the wrong place shows. */
export function bytesOf(length: number, seed = 1): Buffer {
  const random = seededRandom(seed);
  return Buffer.from(Uint8Array.from({ length }, () => random.below(256)));
}

export function sha256Of(bytes: Buffer): Sha256 {
  return createHash("sha256").update(bytes).digest("hex") as Sha256;
}

/** A clock on which sleeping takes no time at all, and which notes how long it was asked to wait. */
export function passingClock(): Clock & { readonly waitsMs: Ms[] } {
  let nowMs = Date.UTC(2026, 10, 22, 12);
  const waitsMs: Ms[] = [];
  return {
    waitsMs,
    nowMs: () => nowMs,
    toRealMs: (lengthMs) => lengthMs,
    async sleep(lengthMs, signal) {
      signal?.throwIfAborted();
      waitsMs.push(lengthMs);
      nowMs += lengthMs;
    },
  };
}

/** No cap; notes what it was asked for. */
export function notingPace(pieceBytes = 64 * 1024): Pace & { readonly taken: number[] } {
  const taken: number[] = [];
  return {
    taken,
    pieceBytes,
    async take(bytes, signal) {
      signal.throwIfAborted();
      taken.push(bytes);
    },
  };
}

export function downloadIo(): DownloadIo & { readonly clock: ReturnType<typeof passingClock>; readonly done: number[] } {
  const done: number[] = [];
  return { clock: passingClock(), random: seededRandom(3), pace: notingPace(), progress: (doneBytes) => done.push(doneBytes), done };
}

/** How the server takes one request. The last entry of a script stands for all that follow. */
export type Answer = (response: ServerResponse, asked: IncomingHttpHeaders) => void;

export interface FileServer {
  url(path?: string): URL;
  readonly asked: IncomingHttpHeaders[];
  readonly paths: string[];
  /** Ends every connection as a pulled cable would. */
  cut(): void;
  /** Resolves once so many requests have come. */
  reached(count: number): Promise<void>;
}

export async function fileServer(...script: readonly Answer[]): Promise<FileServer> {
  const asked: IncomingHttpHeaders[] = [];
  const paths: string[] = [];
  const watchers: { count: number; tell: () => void }[] = [];
  const open = new Set<Socket>();
  const server = createServer((request, response) => {
    asked.push(request.headers);
    paths.push(request.url ?? "");
    for (const { tell } of watchers.filter(({ count }) => asked.length >= count)) tell();
    script[Math.min(asked.length, script.length) - 1]?.(response, request.headers);
  });
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: (path = "/a.ld") => new URL(`http://127.0.0.1:${port}${path}`),
    asked,
    paths,
    cut: () => {
      for (const socket of open) socket.destroy();
    },
    reached: (count) =>
      asked.length >= count ? Promise.resolve() : new Promise((resolve) => watchers.push({ count, tell: () => resolve() })),
  };
}

/** The whole file, or the rest of it where a range is asked for and the condition holds. As RFC 9110 14.2 and 13.1.5 say. */
export function serving(file: Buffer, etag?: string): Answer {
  const tag = etag === undefined ? {} : { etag };
  return (response, asked) => {
    const from = Number(/^bytes=(\d+)-$/.exec(asked.range ?? "")?.[1] ?? Number.NaN);
    const same = asked["if-range"] === undefined || asked["if-range"] === etag;
    if (Number.isNaN(from) || !same) return void response.writeHead(200, tag).end(file);
    if (from >= file.length) return void response.writeHead(416, { "content-range": `bytes */${file.length}` }).end();
    const range = `bytes ${from}-${file.length - 1}/${file.length}`;
    response.writeHead(206, { ...tag, "content-range": range }).end(file.subarray(from));
  };
}

export function status(code: number, headers: Record<string, string> = {}): Answer {
  return (response) => void response.writeHead(code, headers).end("no");
}

/** Promises the whole file, sends so many bytes of what is asked for, and then nothing more until the line is cut. */
export function stoppingAfter(bytes: number, file: Buffer, etag?: string): Answer {
  return (response, asked) => {
    const from = Number(/^bytes=(\d+)-$/.exec(asked.range ?? "")?.[1] ?? 0);
    const ranged = from === 0 ? {} : { "content-range": `bytes ${from}-${file.length - 1}/${file.length}` };
    const tag = etag === undefined ? {} : { etag };
    response.writeHead(from === 0 ? 200 : 206, { "content-length": file.length - from, ...ranged, ...tag });
    response.write(file.subarray(from, from + bytes));
  };
}

/** The io, with the line cut as soon as so many bytes are on disk; each mark is used once. */
export function cuttingAt(server: FileServer, io: DownloadIo, ...marks: number[]): DownloadIo {
  return {
    ...io,
    progress: (doneBytes) => {
      io.progress(doneBytes);
      if (marks[0] !== undefined && doneBytes >= marks[0]) {
        marks.shift();
        server.cut();
      }
    },
  };
}
