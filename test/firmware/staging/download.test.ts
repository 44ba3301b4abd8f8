import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type DownloadAsk, download } from "../../../firmware/staging/download.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { HOUR } from "../../../protocols/core/time.ts";
import {
  type Answer,
  bytesOf,
  cuttingAt,
  downloadIo,
  type FileServer,
  fileServer,
  never,
  notingPace,
  serving,
  sha256Of,
  status,
  stoppingAfter,
  temporaryFolder,
} from "./kit.ts";

const FILE = bytesOf(300_000);
const HALF = 150_000;

function askFor(server: FileServer, changes: Partial<DownloadAsk> = {}): DownloadAsk {
  const partialPath = join(temporaryFolder(), "part");
  const from = { kind: "url", url: server.url() } as const;
  return { name: "ucs/a.ld", from, sha256: sha256Of(FILE), sizeBytes: FILE.length, partialPath, ...changes };
}

/** A part that an earlier run left, with the ETag it came under. */
function leftBy(ask: DownloadAsk, part: Buffer, etag?: string): DownloadAsk {
  writeFileSync(ask.partialPath, part);
  if (etag !== undefined) writeFileSync(`${ask.partialPath}.etag`, etag);
  return ask;
}

const held = (ask: DownloadAsk): Buffer => readFileSync(ask.partialPath);

test("download(): the whole file is on disk, byte for byte, and nothing else is left", async () => {
  const server = await fileServer(serving(FILE, '"v1"'));
  const ask = askFor(server);
  const io = downloadIo();
  expect(await download(ask, io, never)).toEqual({ ok: true, value: { sizeBytes: FILE.length } });
  expect(held(ask).equals(FILE)).toBe(true);
  expect(existsSync(`${ask.partialPath}.etag`)).toBe(false);
  expect(io.done.at(-1)).toBe(FILE.length);
});

test("download(): the first request asks for the whole file, unpacked", async () => {
  const server = await fileServer(serving(FILE));
  await download(askFor(server), downloadIo(), never);
  expect(server.asked[0]).toMatchObject({ "accept-encoding": "identity" });
  expect(server.asked[0]?.range).toBeUndefined();
});

test("download(): after a broken line only the rest is asked for, on the condition that the file is the same", async () => {
  const server = await fileServer(stoppingAfter(HALF, FILE, '"v1"'), serving(FILE, '"v1"'));
  const ask = askFor(server);
  const answer = await download(ask, cuttingAt(server, downloadIo(), HALF), never);
  expect(answer.ok).toBe(true);
  expect(server.asked[1]).toMatchObject({ range: `bytes=${HALF}-`, "if-range": '"v1"' });
  expect(held(ask).equals(FILE)).toBe(true);
});

test("download(): what an earlier run left is continued under its ETag", async () => {
  const server = await fileServer(serving(FILE, '"v1"'));
  const ask = leftBy(askFor(server), FILE.subarray(0, HALF), '"v1"');
  const io = downloadIo();
  expect((await download(ask, io, never)).ok).toBe(true);
  expect(server.asked).toHaveLength(1);
  expect(server.asked[0]).toMatchObject({ range: `bytes=${HALF}-`, "if-range": '"v1"' });
  expect(io.done[0]).toBeGreaterThan(HALF);
});

test("download(): a weak ETag says nothing about bytes and is no condition", async () => {
  const server = await fileServer(stoppingAfter(HALF, FILE, 'W/"v1"'), serving(FILE, 'W/"v1"'));
  expect((await download(askFor(server), cuttingAt(server, downloadIo(), HALF), never)).ok).toBe(true);
  expect(server.asked[1]?.range).toBe(`bytes=${HALF}-`);
  expect(server.asked[1]?.["if-range"]).toBeUndefined();
});

test("download(): a changed ETag starts again, and the old part is not mixed in", async () => {
  const old = bytesOf(FILE.length, 9);
  const server = await fileServer(stoppingAfter(HALF, old, '"v1"'), serving(FILE, '"v2"'));
  const ask = askFor(server);
  expect((await download(ask, cuttingAt(server, downloadIo(), HALF), never)).ok).toBe(true);
  expect(server.asked).toHaveLength(2);
  expect(held(ask).equals(FILE)).toBe(true);
});

test("download(): the rest of another file, sent in spite of the condition, starts again", async () => {
  const headers = { etag: '"v2"', "content-range": `bytes ${HALF}-${FILE.length - 1}/${FILE.length}` };
  const careless: Answer = (response) => void response.writeHead(206, headers).end(FILE.subarray(HALF));
  const old = bytesOf(FILE.length, 9);
  const server = await fileServer(stoppingAfter(HALF, old, '"v1"'), careless, serving(FILE, '"v2"'));
  const ask = askFor(server);
  expect((await download(ask, cuttingAt(server, downloadIo(), HALF), never)).ok).toBe(true);
  expect(server.asked.map(({ range }) => range)).toEqual([undefined, `bytes=${HALF}-`, undefined]);
});

test.each<[string, Record<string, string>]>([
  ["another place", { "content-range": `bytes 0-${FILE.length - 1}/${FILE.length}` }],
  ["a file of another size", { "content-range": `bytes ${HALF}-${FILE.length}/${FILE.length + 1}` }],
  ["no place at all", {}],
  ["a unit nobody asked for", { "content-range": `items ${HALF}-${FILE.length - 1}/${FILE.length}` }],
])("download(): a part that claims to be from %s is not taken; it starts again", async (_what, headers) => {
  const wrong: Answer = (response) => void response.writeHead(206, headers).end(FILE);
  const server = await fileServer(wrong, serving(FILE));
  const ask = leftBy(askFor(server), FILE.subarray(0, HALF));
  expect((await download(ask, downloadIo(), never)).ok).toBe(true);
  expect(server.asked[1]?.range).toBeUndefined();
  expect(held(ask).equals(FILE)).toBe(true);
});

test.each([
  ["knows no such range", status(416)],
  ["knows no ranges at all", serving(FILE)],
])("download(): a server that %s is taken from the start", async (_what, first) => {
  const unranged: Answer = (response) => void response.writeHead(200).end(FILE);
  const server = await fileServer((response, asked) => first(response, { ...asked, "if-range": '"other"' }), unranged);
  const ask = leftBy(askFor(server), bytesOf(HALF, 4), '"gone"');
  expect((await download(ask, downloadIo(), never)).ok).toBe(true);
  expect(held(ask).equals(FILE)).toBe(true);
});

test("download(): a part of the right size but with wrong bytes is fetched once more, from the start", async () => {
  const server = await fileServer(serving(FILE));
  const ask = leftBy(askFor(server), bytesOf(FILE.length, 5));
  expect((await download(ask, downloadIo(), never)).ok).toBe(true);
  expect(server.asked.map(({ range }) => range)).toEqual([undefined]);
});

test("download(): an earlier part that proves damaged at the end is not blamed on the server", async () => {
  const server = await fileServer(serving(FILE));
  const ask = leftBy(askFor(server), bytesOf(HALF, 5));
  expect((await download(ask, downloadIo(), never)).ok).toBe(true);
  expect(server.asked.map(({ range }) => range)).toEqual([`bytes=${HALF}-`, undefined]);
});

test("download(): a part that is whole and right needs nobody", async () => {
  const server = await fileServer(status(500));
  const ask = leftBy(askFor(server), FILE, '"v1"');
  expect((await download(ask, downloadIo(), never)).ok).toBe(true);
  expect(server.asked).toEqual([]);
});

test("download(): a part larger than the file is thrown away", async () => {
  const server = await fileServer(serving(FILE));
  const ask = leftBy(askFor(server), Buffer.concat([FILE, FILE]));
  expect((await download(ask, downloadIo(), never)).ok).toBe(true);
  expect(server.asked.map(({ range }) => range)).toEqual([undefined]);
  expect(held(ask).equals(FILE)).toBe(true);
});

test("download(): whatever breaks on the way, what arrives is the file", async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = seededRandom(seed);
    const marks = Array.from({ length: 4 }, () => 1 + random.below(FILE.length - 1)).toSorted((a, b) => a - b);
    const troubles = marks.map((mark) => (random.next() < 0.3 ? status(503) : stoppingAfter(mark, FILE, '"v1"')));
    const server = await fileServer(...troubles, serving(FILE, '"v1"'));
    const ask = askFor(server);
    // A line that says nothing more is cut by us: the silence of a real one lasts real seconds.
    const answer = await download(ask, cuttingAt(server, downloadIo(), ...marks.map(() => 1)), never);
    expect([seed, answer.ok, held(ask).equals(FILE)]).toEqual([seed, true, true]);
  }
});

test("download(): what was left is kept when a run ends at its time limit, and the limit is named", async () => {
  const server = await fileServer(stoppingAfter(HALF, FILE), status(503));
  const ask = askFor(server);
  const io = downloadIo();
  const slow = { ...io.clock, sleep: (_lengthMs: number, signal?: AbortSignal) => io.clock.sleep(13 * HOUR, signal) };
  const answer = await download(ask, cuttingAt(server, { ...io, clock: slow }, HALF), never);
  expect(answer).toEqual({ ok: false, fault: { kind: "overBudget", via: "http", budget: "time", limit: 24 * HOUR } });
  expect(held(ask).length).toBe(HALF);
});

test("download(): a server that trickles for ever is given up at the time limit, in the middle of its answer", async () => {
  let more: (() => void) | undefined;
  const server = await fileServer((response) => {
    response.writeHead(200, { "content-length": FILE.length });
    let at = 0;
    more = () => void response.write(FILE.subarray(at, ++at));
    more();
  });
  const ask = askFor(server);
  const io = downloadIo();
  const trickling = {
    ...io,
    progress: () => {
      void io.clock.sleep(7 * HOUR);
      more?.();
    },
  };
  const answer = await download(ask, trickling, never);
  expect(answer).toEqual({ ok: false, fault: { kind: "overBudget", via: "http", budget: "time", limit: 24 * HOUR } });
  expect([held(ask).length, server.asked.length]).toEqual([4, 1]);
});

test("download(): every byte waits for the pace, in pieces no larger than it allows", async () => {
  const server = await fileServer(serving(FILE));
  const pace = notingPace(7_000);
  await download(askFor(server), { ...downloadIo(), pace }, never);
  expect(Math.max(...pace.taken)).toBe(7_000);
  expect(pace.taken.reduce((sum, bytes) => sum + bytes, 0)).toBe(FILE.length);
});

test("download(): no byte is kept before the pace has let it go", async () => {
  const server = await fileServer(serving(FILE));
  const ask = askFor(server);
  let letGo = 0;
  const early: number[] = [];
  const pace = {
    pieceBytes: 10_000,
    take: async (bytes: number) => {
      if (held(ask).length > letGo) early.push(held(ask).length);
      letGo += bytes;
    },
  };
  await download(ask, { ...downloadIo(), pace }, never);
  expect(early).toEqual([]);
});
