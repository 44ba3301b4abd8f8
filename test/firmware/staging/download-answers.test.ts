/** What servers, proxies and disks do to a download: a clear fault, nothing lost, nothing taken for the file. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type DownloadAsk, download } from "../../../firmware/staging/download.ts";
import { MINUTE, SECOND } from "../../../protocols/core/time.ts";
import {
  type Answer,
  bytesOf,
  cuttingAt,
  downloadIo,
  type FileServer,
  fileServer,
  never,
  serving,
  sha256Of,
  status,
  stoppingAfter,
  temporaryFolder,
} from "./kit.ts";

const FILE = bytesOf(60_000);
const HALF = 30_000;

function askFrom(server: FileServer, changes: Partial<DownloadAsk> = {}): DownloadAsk {
  const url = { kind: "url", url: server.url() } as const;
  const part = join(temporaryFolder(), "part");
  return { name: "ucs/a.ld", from: url, sha256: sha256Of(FILE), sizeBytes: FILE.length, partialPath: part, ...changes };
}

/** With half of the file here already, from a server with these answers. */
async function outcome(...script: readonly Answer[]) {
  const server = await fileServer(...script);
  const ask = askFrom(server);
  writeFileSync(ask.partialPath, FILE.subarray(0, HALF));
  const io = downloadIo();
  const answer = await download(ask, io, never);
  const left = existsSync(ask.partialPath) ? readFileSync(ask.partialPath) : undefined;
  return { answer, asked: server.asked, waitsMs: io.clock.waitsMs, left };
}

const PAGE = Buffer.from("<!DOCTYPE html><html><title>Sign in</title></html>");
const body =
  (bytes: Buffer, headers: Record<string, string> = {}, code = 200): Answer =>
  (response) =>
    void response.writeHead(code, headers).end(bytes);

test.each([
  ["a page with its length", body(PAGE, { "content-type": "text/html", "content-length": String(PAGE.length) }), "denied"],
  ["a page without a length or type", body(PAGE), "denied"],
  ["a redirect to a log-in page", status(302, { location: "/login" }), "denied"],
  ["a redirect to a log-in elsewhere", status(302, { location: "http://127.0.0.9:9/sso" }), "refused"],
  ["an expired log-in", status(401, { "www-authenticate": "Basic" }), "denied"],
  ["a file that is gone", status(410), "refused"],
  ["gzip that nobody asked for", body(gzipSync(FILE), { "content-encoding": "gzip" }), "refused"],
])("download(): %s: a fault that says what to do, after no wait, and the part is kept", async (_what, first, kind) => {
  const { answer, waitsMs, left } = await outcome(first, body(PAGE, { "content-type": "text/html" }));
  expect(answer).toMatchObject({ ok: false, fault: { kind } });
  expect(JSON.stringify(answer)).toMatch(/account|address|no longer|switch that off/);
  expect([waitsMs, left?.equals(FILE.subarray(0, HALF))]).toEqual([[], true]);
});

test.each([
  ["shorter", 59_999],
  ["longer", 60_001],
])("download(): a file whose stated length is %s is another file, and not a byte of it is taken", async (_what, length) => {
  const io = downloadIo();
  const server = await fileServer(body(bytesOf(length), { "content-length": String(length) }));
  const fault = { kind: "mismatch", wanted: '"ucs/a.ld" with 60000 bytes to come', found: `${length} bytes stated` };
  expect(await download(askFrom(server), io, never)).toEqual({ ok: false, fault });
  expect(io.done).toEqual([]);
});

test("download(): 429 and 503 that say when are asked again then, and not sooner", async () => {
  const later = (code: number) => status(code, { "retry-after": "90" });
  const { answer, waitsMs, asked } = await outcome(later(429), later(503), serving(FILE));
  expect([answer.ok, asked.length]).toEqual([true, 3]);
  expect(waitsMs).toEqual([90 * SECOND, 90 * SECOND]);
});

test("download(): 416 for what we hold: from the start, and whole", async () => {
  const { answer, asked } = await outcome(status(416), serving(FILE));
  expect([answer.ok, asked.map(({ range }) => range)]).toEqual([true, [`bytes=${HALF}-`, undefined]]);
});

test.each([
  ["another place", `bytes ${HALF - 1}-${FILE.length - 1}/${FILE.length}`],
  ["another size", `bytes ${HALF}-${FILE.length - 1}/${FILE.length + 5}`],
  ["an end before the last byte", `bytes ${HALF}-${FILE.length - 2}/${FILE.length}`],
  ["nonsense", "bytes -/-"],
])("download(): a part with %s in its Content-Range is not joined to ours", async (_what, range) => {
  const { answer, left } = await outcome(body(FILE.subarray(HALF), { "content-range": range }, 206), serving(FILE));
  expect([answer.ok, left?.equals(FILE)]).toEqual([true, true]);
});

test("download(): a part that nobody asked for is not taken for the file", async () => {
  const server = await fileServer(
    body(FILE.subarray(0, HALF), { "content-range": `bytes 0-${HALF - 1}/${FILE.length}` }, 206),
    serving(FILE),
  );
  expect((await download(askFrom(server), downloadIo(), never)).ok).toBe(true);
});

test("download(): without ranges there, every try brings the whole file", async () => {
  const { answer, asked } = await outcome(body(FILE));
  expect([answer.ok, asked.length]).toEqual([true, 1]);
});

test("download(): a changed ETag begins anew, a file joined of two under a weak one as well", async () => {
  const old = bytesOf(FILE.length, 7);
  for (const tags of [
    ['"v1"', '"v2"'],
    ['W/"v1"', 'W/"v2"'],
    [undefined, undefined],
  ] as const) {
    const server = await fileServer(stoppingAfter(HALF, old, tags[0]), serving(FILE, tags[1]));
    const ask = askFrom(server);
    const answer = await download(ask, cuttingAt(server, downloadIo(), HALF), never);
    expect([tags[0], answer.ok, readFileSync(ask.partialPath).equals(FILE)]).toEqual([tags[0], true, true]);
  }
});

test("download(): cut at any bytes, it is whole in the end, and only what was missing was asked for", async () => {
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: FILE.length - 1 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(cuts, fc.constantFrom('"v1"', undefined), async (unsorted, etag) => {
      const marks = unsorted.toSorted((a, b) => a - b);
      const pieces = marks.map((mark, at) => stoppingAfter(mark - (marks[at - 1] ?? 0), FILE, etag));
      const server = await fileServer(...pieces, serving(FILE, etag));
      const ask = askFrom(server);
      expect((await download(ask, cuttingAt(server, downloadIo(), ...marks), never)).ok).toBe(true);
      expect(readFileSync(ask.partialPath).equals(FILE)).toBe(true);
      expect(server.asked.map(({ range }) => range)).toEqual([undefined, ...marks.map((mark) => `bytes=${mark}-`)]);
    }),
    { numRuns: 25 },
  );
});

test("download(): a server that sends a byte now and then is left after a minute each, and for good after the last try", async () => {
  let more = (): void => undefined;
  const trickling: Answer = (response, asked) => {
    const from = Number(/^bytes=(\d+)-$/.exec(asked.range ?? "")?.[1] ?? 0);
    const ranged = from === 0 ? {} : { "content-range": `bytes ${from}-${FILE.length - 1}/${FILE.length}` };
    response.writeHead(from === 0 ? 200 : 206, { "content-length": FILE.length - from, ...ranged });
    let at = from;
    more = () => void (response.destroyed || response.write(FILE.subarray(at, ++at)));
    more();
  };
  const server = await fileServer(trickling);
  const io = downloadIo();
  // Between two looks at the clock a second passes: a second of waiting for each byte.
  let passedMs = 0;
  const nowMs = (): number => {
    passedMs += SECOND;
    return io.clock.nowMs() + passedMs;
  };
  const progress = (): void => more();
  const ask = askFrom(server);
  const answer = await download(ask, { ...io, clock: { ...io.clock, nowMs }, progress }, never);
  expect(answer).toMatchObject({ ok: false, fault: { kind: "unreachable", detail: "less than 60000 bytes came in 60 s" } });
  expect([server.asked.length, io.clock.waitsMs.length]).toEqual([13, 12]);
  expect(passedMs).toBeLessThan(40 * MINUTE);
  const kept = readFileSync(ask.partialPath);
  expect(kept.equals(FILE.subarray(0, kept.length))).toBe(true);
});

const mounts = spawnSync("unshare", ["-m", "true"]).status === 0;

test.skipIf(!mounts)(
  "download(): a disk that is full at any write: said, the part is a true beginning, and it goes on once there is room",
  () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "a.ld"), FILE);
    const source = (path: string): string => JSON.stringify(new URL(`../../../${path}`, import.meta.url).href);
    const script = `
    import { readFileSync, rmSync, writeFileSync } from "node:fs";
    import { download } from ${source("firmware/staging/download.ts")};
    import { seededRandom } from ${source("protocols/core/random.ts")};
    const [folder, disk, sha256] = process.argv.slice(1);
    const file = readFileSync(folder + "/a.ld");
    const pace = { pieceBytes: 65536, take: async () => undefined };
    const clock = { nowMs: () => 0, sleep: async () => undefined, toRealMs: (ms) => ms };
    const io = { clock, random: seededRandom(1), pace, progress: () => undefined };
    const seen = [];
    for (const freeKb of [0, 4, 8, 20, 40, 56]) {
      const partialPath = disk + "/part";
      const ask = { name: "a.ld", from: { kind: "file", path: folder + "/a.ld" }, sha256, sizeBytes: file.length, partialPath };
      writeFileSync(disk + "/filler", Buffer.alloc((64 - freeKb) * 1024));
      const full = await download(ask, io, new AbortController().signal);
      const kept = readFileSync(partialPath);
      const true_ = kept.equals(file.subarray(0, kept.length));
      rmSync(disk + "/filler");
      const after = await download(ask, io, new AbortController().signal);
      seen.push([full.ok ? "ok" : full.fault.reason, true_, after.ok]);
      rmSync(partialPath);
    }
    console.log(JSON.stringify(seen));`;
    const inside =
      'mkdir "$1/disk" && mount -t tmpfs -o size=64k none "$1/disk" && exec "$0" --input-type=module -e "$2" "$1" "$1/disk" "$3"';
    const argv = ["-m", "sh", "-c", inside, process.execPath, folder, script, sha256Of(FILE)];
    const ended = spawnSync("unshare", argv, { encoding: "utf8", timeout: 60_000 });
    expect(ended.stderr).toBe("");
    expect(JSON.parse(ended.stdout)).toEqual(Array(6).fill([expect.stringContaining("the disk is full"), true, true]));
  },
);
