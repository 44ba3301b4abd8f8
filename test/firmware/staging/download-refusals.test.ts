import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type DownloadAsk, download, type FileLocation } from "../../../firmware/staging/download.ts";
import { MINUTE, SECOND } from "../../../protocols/core/time.ts";
import { shutPort } from "../../support/family-io.ts";
import {
  type Answer,
  bytesOf,
  cuttingAt,
  downloadIo,
  fileServer,
  never,
  notingPace,
  serving,
  sha256Of,
  status,
  stoppingAfter,
  temporaryFolder,
} from "./kit.ts";

const FILE = bytesOf(200_000);
const HALF = 100_000;

function askFrom(from: FileLocation, changes: Partial<DownloadAsk> = {}): DownloadAsk {
  return {
    name: "ucs/a.ld",
    from,
    sha256: sha256Of(FILE),
    sizeBytes: FILE.length,
    partialPath: join(temporaryFolder(), "part"),
    ...changes,
  };
}
const at = (url: URL): FileLocation => ({ kind: "url", url });
const held = (ask: DownloadAsk): Buffer => readFileSync(ask.partialPath);

test.each([
  [400, "refused"],
  [401, "denied"],
  [403, "denied"],
  [404, "refused"],
  [410, "refused"],
  [429, "refused"],
])("download(): status %i is final: %s after one request, and what is held stays", async (code, kind) => {
  const server = await fileServer(status(code));
  const ask = askFrom(at(server.url()));
  writeFileSync(ask.partialPath, FILE.subarray(0, HALF));
  const io = downloadIo();
  expect(await download(ask, io, never)).toMatchObject({ ok: false, fault: { kind, via: "http" } });
  expect([server.asked.length, io.clock.waitsMs, held(ask).length]).toEqual([1, [], HALF]);
});

test("download(): a redirect is not followed", async () => {
  const elsewhere = await fileServer(serving(FILE));
  const server = await fileServer(status(302, { location: elsewhere.url().href }));
  expect(await download(askFrom(at(server.url())), downloadIo(), never)).toMatchObject({ ok: false, fault: { kind: "refused" } });
  expect(elsewhere.asked).toEqual([]);
});

test("download(): status 5xx is asked again after waits that double, each half by chance", async () => {
  const server = await fileServer(status(500), status(502), status(503), status(504), serving(FILE));
  const io = downloadIo();
  expect((await download(askFrom(at(server.url())), io, never)).ok).toBe(true);
  expect(io.clock.waitsMs).toHaveLength(4);
  for (const [tries, waitMs] of io.clock.waitsMs.entries()) {
    expect(waitMs).toBeGreaterThanOrEqual((SECOND * 2 ** tries) / 2);
    expect(waitMs).toBeLessThanOrEqual(SECOND * 2 ** tries);
  }
});

test("download(): a server that only fails is given up for now, waits never pass five minutes, and the part is kept", async () => {
  const server = await fileServer(status(503));
  const ask = askFrom(at(server.url()));
  writeFileSync(ask.partialPath, FILE.subarray(0, HALF));
  const io = downloadIo();
  const answer = await download(ask, io, never);
  expect(answer).toEqual({ ok: false, fault: { kind: "unreachable", via: "http", detail: `${server.url().host}: status 503` } });
  expect(io.clock.waitsMs).toHaveLength(12);
  expect(Math.max(...io.clock.waitsMs)).toBeLessThanOrEqual(5 * MINUTE);
  expect(held(ask).length).toBe(HALF);
});

test("download(): a try that brought bytes lets the waits begin anew", async () => {
  const failures = [status(503), status(503), status(503), status(503)];
  const server = await fileServer(...failures, stoppingAfter(HALF, FILE), serving(FILE));
  const io = downloadIo();
  expect((await download(askFrom(at(server.url())), cuttingAt(server, io, HALF), never)).ok).toBe(true);
  expect(io.clock.waitsMs[3]).toBeGreaterThanOrEqual(4 * SECOND);
  expect(io.clock.waitsMs[4]).toBeLessThanOrEqual(SECOND);
});

test("download(): nobody at the port is no answer, tried again", async () => {
  const io = downloadIo();
  const answer = await download(askFrom(at(new URL(`http://127.0.0.1:${await shutPort()}/a.ld`))), io, never);
  expect(answer).toMatchObject({ ok: false, fault: { kind: "unreachable", via: "http", detail: expect.stringContaining("ECONNREFUSED") } });
  expect(io.clock.waitsMs).toHaveLength(12);
});

test("download(): a corrupted image is refused and named, and nothing of it is kept", async () => {
  const corrupted = Buffer.from(FILE);
  corrupted[77_777] = (corrupted[77_777] ?? 0) ^ 1;
  const server = await fileServer(serving(corrupted, '"v1"'));
  const ask = askFrom(at(server.url()));
  const wanted = `"ucs/a.ld" with sha256 ${sha256Of(FILE)}`;
  const fault = { kind: "mismatch", wanted, found: `sha256 ${sha256Of(corrupted)}` };
  expect(await download(ask, downloadIo(), never)).toEqual({ ok: false, fault });
  expect([server.asked.length, existsSync(ask.partialPath), existsSync(`${ask.partialPath}.etag`)]).toEqual([1, false, false]);
});

test("download(): an earlier part and then a corrupted file: fetched whole once more, then refused", async () => {
  const server = await fileServer(serving(bytesOf(FILE.length, 8)));
  const ask = askFrom(at(server.url()));
  writeFileSync(ask.partialPath, FILE.subarray(0, HALF));
  expect(await download(ask, downloadIo(), never)).toMatchObject({ ok: false, fault: { kind: "mismatch" } });
  expect(server.asked.map(({ range }) => range)).toEqual([`bytes=${HALF}-`, undefined]);
});

test("download(): one byte too many is a mismatch, however right the first ones are", async () => {
  const server = await fileServer(serving(Buffer.concat([FILE, Buffer.from([0])])));
  const ask = askFrom(at(server.url()));
  const fault = { kind: "mismatch", wanted: `"ucs/a.ld" with ${FILE.length} bytes`, found: "more bytes" };
  expect(await download(ask, downloadIo(), never)).toEqual({ ok: false, fault });
  expect(existsSync(ask.partialPath)).toBe(false);
});

test("download(): a body without an end never takes more room than the image", async () => {
  const endless: Answer = (response) => {
    response.writeHead(200);
    const pour = (): void => {
      while (!response.destroyed && response.write(FILE));
    };
    response.on("drain", pour);
    pour();
  };
  const server = await fileServer(endless);
  const io = downloadIo();
  const answer = await download(askFrom(at(server.url()), { sizeBytes: FILE.length * 3 + 1 }), io, never);
  expect(answer).toMatchObject({ ok: false, fault: { kind: "mismatch" } });
  expect(Math.max(...io.done)).toBeLessThanOrEqual(FILE.length * 3 + 1);
});

test("download(): a server that keeps sending from the start is stopped at four times the file", async () => {
  const neverWhole: Answer = (response) => void response.writeHead(200).end(FILE.subarray(0, FILE.length - 1));
  const server = await fileServer(neverWhole);
  const ask = askFrom(at(server.url()));
  const limit = 4 * FILE.length;
  expect(await download(ask, downloadIo(), never)).toEqual({
    ok: false,
    fault: { kind: "overBudget", via: "http", budget: "bytes", limit },
  });
  expect(server.asked.length).toBeLessThanOrEqual(6);
});

test("download(): aborted in the middle it rejects with the reason, and the part is kept", async () => {
  const server = await fileServer(stoppingAfter(HALF, FILE, '"v1"'));
  const ask = askFrom(at(server.url()));
  const stop = new AbortController();
  const reason = new Error("stop");
  const progress = (doneBytes: number): void => {
    if (doneBytes === HALF) stop.abort(reason);
  };
  await expect(download(ask, { ...downloadIo(), progress }, stop.signal)).rejects.toBe(reason);
  expect(held(ask).equals(FILE.subarray(0, HALF))).toBe(true);
  expect(readFileSync(`${ask.partialPath}.etag`, "utf8")).toBe('"v1"');
});

test("download(): aborted while it waits for its next try it rejects with the reason", async () => {
  const server = await fileServer(status(503));
  const stop = new AbortController();
  const reason = new Error("stop");
  const io = downloadIo();
  const clock = { ...io.clock, sleep: async () => stop.abort(reason) };
  await expect(download(askFrom(at(server.url())), { ...io, clock }, stop.signal)).rejects.toBe(reason);
  expect(server.asked.length).toBeLessThanOrEqual(1);
});

test("download(): aborted while the pace holds it back it rejects, and the held byte is not kept", async () => {
  const server = await fileServer(serving(FILE));
  const ask = askFrom(at(server.url()));
  const stop = new AbortController();
  const pace = notingPace();
  const take = (bytes: number, signal: AbortSignal): Promise<void> => {
    stop.abort(new Error("stop"));
    return pace.take(bytes, signal);
  };
  await expect(download(ask, { ...downloadIo(), pace: { ...pace, take } }, stop.signal)).rejects.toThrow("stop");
  expect(held(ask).length).toBe(0);
});

test("download(): from a folder the file is copied, and a part is continued", async () => {
  const path = join(temporaryFolder(), "a.ld");
  writeFileSync(path, FILE);
  const ask = askFrom({ kind: "file", path });
  writeFileSync(ask.partialPath, FILE.subarray(0, HALF));
  const pace = notingPace();
  expect(await download(ask, { ...downloadIo(), pace }, never)).toEqual({ ok: true, value: { sizeBytes: FILE.length } });
  expect(held(ask).equals(FILE)).toBe(true);
  expect(pace.taken.reduce((sum, bytes) => sum + bytes, 0)).toBe(FILE.length - HALF);
});

test("download(): from a folder nothing is waited for: a file that is absent, a folder, short or long is final", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "folder"));
  writeFileSync(join(folder, "short"), FILE.subarray(0, HALF));
  writeFileSync(join(folder, "long"), Buffer.concat([FILE, FILE]));
  const kinds = ["absent", "folder", "short", "long"].map(async (name) => {
    const io = downloadIo();
    const answer = await download(askFrom({ kind: "file", path: join(folder, name) }), io, never);
    return [answer.ok || answer.fault.kind, io.clock.waitsMs.length];
  });
  expect(await Promise.all(kinds)).toEqual([
    ["refused", 0],
    ["refused", 0],
    ["unreachable", 0],
    ["mismatch", 0],
  ]);
});

test("download(): where nothing can be written is said before anybody is asked", async () => {
  const server = await fileServer(serving(FILE));
  const partialPath = join(temporaryFolder(), "absent", "part");
  const answer = await download(askFrom(at(server.url()), { partialPath }), downloadIo(), never);
  expect(answer).toMatchObject({ ok: false, fault: { kind: "unreachable", via: "depot" } });
  expect(server.asked).toEqual([]);
});

test.skipIf(process.platform === "win32")("download(): a disk that takes only a part of the last write leaves no image with a hole", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "a.ld"), FILE);
  const ask = askFrom({ kind: "file", path: join(folder, "a.ld") });
  const source = (path: string): string => JSON.stringify(new URL(`../../../${path}`, import.meta.url).href);
  const script = `
    import { download } from ${source("firmware/staging/download.ts")};
    import { seededRandom } from ${source("protocols/core/random.ts")};
    const pace = { pieceBytes: 65536, take: async () => undefined };
    const clock = { nowMs: () => 0, sleep: async () => undefined, toRealMs: (ms) => ms };
    const io = { clock, random: seededRandom(1), pace, progress: () => undefined };
    const answer = await download(${JSON.stringify(ask)}, io, new AbortController().signal);
    console.log(JSON.stringify(answer));`;
  // 390 blocks of 512 bytes: the limit falls into the last piece.
  const limited = ["-c", 'ulimit -f 390; exec "$0" --input-type=module -e "$1"', process.execPath, script];
  const ended = spawnSync("sh", limited, { encoding: "utf8", timeout: 30_000 });
  expect(JSON.parse(ended.stdout)).toMatchObject({ ok: false, fault: { kind: "unreachable", via: "depot", detail: "write: EFBIG" } });
});
