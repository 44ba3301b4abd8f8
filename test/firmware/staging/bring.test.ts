import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type BringAsk, bring } from "../../../firmware/staging/bring.ts";
import { fail, ok } from "../../../protocols/core/fault.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { HOUR, SECOND, systemClock } from "../../../protocols/core/time.ts";
import {
  type Answer,
  bytesOf,
  fileServer,
  never,
  notingPace,
  passingClock,
  serving,
  sha256Of,
  status,
  stoppingAfter,
  temporaryFolder,
} from "./kit.ts";

const FILE = bytesOf(200_000);
const io = () => ({ clock: passingClock(), wall: systemClock(), random: seededRandom(3), pace: notingPace() });
const order = (url: URL, changes: Partial<BringAsk> = {}): BringAsk => ({
  ...{ name: "a.ld", url, bytesMax: 1e7, partialPath: join(temporaryFolder(), "part") },
  ...changes,
});
const whole = { ok: true, value: { sizeBytes: FILE.length, sha256: sha256Of(FILE) } };

test("bring(): the whole file, with its hash; nothing else is left beside it", async () => {
  const server = await fileServer(serving(FILE, '"v1"'));
  const ask = order(server.url());
  expect(await bring(ask, io(), never)).toMatchObject(whole);
  expect(readFileSync(ask.partialPath).equals(FILE)).toBe(true);
  expect(existsSync(`${ask.partialPath}.etag`)).toBe(false);
});

test("bring(): aborted, and gone on with after a restart from where it was", async () => {
  const server = await fileServer(stoppingAfter(120_000, FILE, '"v1"'), serving(FILE, '"v1"'));
  const ask = order(server.url());
  const stop = new AbortController();
  let taken = 0;
  const take = async (bytes: number): Promise<void> => {
    taken += bytes;
    if (taken === 120_000) stop.abort(new Error("stop"));
  };
  await expect(bring(ask, { ...io(), pace: { pieceBytes: 64 * 1024, take } }, stop.signal)).rejects.toThrow("stop");
  const held = readSize(ask.partialPath);
  expect(held).toBeGreaterThan(60_000);
  expect(await bring(ask, io(), never)).toMatchObject(whole);
  expect(server.asked.at(-1)).toMatchObject({ range: `bytes=${held}-`, "if-range": '"v1"' });
});

const readSize = (path: string): number => (existsSync(path) ? readFileSync(path).length : 0);

test("bring(): a server that sends a byte now and then is left after a minute each, and for good after the last try", async () => {
  let more = (): void => undefined;
  const trickling: Answer = (response, asked) => {
    const from = Number(/^bytes=(\d+)-$/.exec(asked.range ?? "")?.[1] ?? 0);
    const ranged = from === 0 ? {} : { "content-range": `bytes ${from}-${FILE.length - 1}/${FILE.length}` };
    response.writeHead(from === 0 ? 200 : 206, { etag: '"v1"', "content-length": FILE.length - from, ...ranged });
    let at = from;
    more = () => void (response.destroyed || response.write(FILE.subarray(at, ++at)));
    more();
  };
  const server = await fileServer(trickling);
  // Between two looks at the wall a second passes, and each byte brings the next.
  let wallMs = 0;
  const wall = { ...passingClock(), nowMs: () => (wallMs += SECOND) };
  const pace = { pieceBytes: 64 * 1024, take: async () => more() };
  const ask = order(server.url());
  const got = await bring(ask, { ...io(), wall, pace }, never);
  expect(got).toMatchObject({ ok: false, fault: { kind: "unreachable", detail: "less than 60000 bytes came in 60 s" } });
  expect(server.asked).toHaveLength(6);
  const kept = readFileSync(ask.partialPath);
  expect(kept.length).toBeGreaterThan(100);
  expect(kept.equals(FILE.subarray(0, kept.length))).toBe(true);
});

test("bring(): in the middle of an answer a day is over; what came is kept", async () => {
  const server = await fileServer(serving(FILE, '"v1"'));
  const ask = order(server.url());
  writeFileSync(ask.partialPath, FILE.subarray(0, 1_000));
  writeFileSync(`${ask.partialPath}.etag`, '"v1"');
  let looks = 0;
  const wall = { ...passingClock(), nowMs: () => looks++ * 13 * HOUR };
  const fault = { kind: "overBudget", via: "http", budget: "time", limit: 24 * HOUR };
  expect(await bring(ask, { ...io(), wall }, never)).toEqual({ ok: false, fault });
  expect(readSize(ask.partialPath)).toBe(1_000);
});

test("bring(): a server that names another file each time is left after four times the size of it", async () => {
  let turn = 0;
  const moody: Answer = (response) => {
    response.writeHead(200, { etag: `"v${++turn}"`, "content-length": FILE.length });
    response.write(FILE.subarray(0, 150_000), () => response.destroy());
  };
  const server = await fileServer(moody);
  const ask = order(server.url(), { sizeBytes: FILE.length });
  const fault = { kind: "overBudget", via: "http", budget: "bytes", limit: 4 * FILE.length };
  expect(await bring(ask, io(), never)).toEqual({ ok: false, fault });
  expect(server.asked).toHaveLength(6);
  expect(existsSync(ask.partialPath)).toBe(false);
});

test("bring(): a page behind a declaration and a comment is a page", async () => {
  const page = '<?xml version="1.0"?>\n<!-- portal --><html><body>sign in</body></html>';
  const server = await fileServer((response) => void response.writeHead(200, { "content-type": "application/zip" }).end(page));
  expect(await bring(order(server.url()), io(), never)).toMatchObject({ ok: false, fault: { kind: "garbled", detail: "a web page" } });
});

test("bring(): without an ETag a broken transfer begins anew", async () => {
  const server = await fileServer(
    (response) => void response.writeHead(200, { "content-length": FILE.length }).write(FILE.subarray(0, 50_000), () => response.destroy()),
    serving(FILE),
  );
  expect(await bring(order(server.url()), io(), never)).toMatchObject(whole);
  expect(server.asked[1]?.range).toBeUndefined();
});

test("bring(): a page is never a file, by its type or by its bytes", async () => {
  const page = "<!DOCTYPE html><html><body>sign in</body></html>";
  for (const type of ["text/html", "application/octet-stream"]) {
    const server = await fileServer((response) => void response.writeHead(200, { "content-type": type }).end(page));
    const ask = order(server.url());
    expect(await bring(ask, io(), never)).toMatchObject({ ok: false, fault: { kind: "garbled", detail: "a web page" } });
    expect(existsSync(ask.partialPath)).toBe(false);
  }
});

test("bring(): what is shown is renewed once, then the answer stands", async () => {
  const server = await fileServer(status(401), serving(FILE));
  const renewals: boolean[] = [];
  const authorize: NonNullable<BringAsk["authorize"]> = async (renew) => {
    renewals.push(renew);
    return ok({ authorization: `Bearer ${renewals.length}` });
  };
  expect(await bring(order(server.url(), { authorize }), io(), never)).toMatchObject(whole);
  expect([renewals, server.asked.map((headers) => headers.authorization)]).toEqual([
    [false, true],
    ["Bearer 1", "Bearer 2"],
  ]);
  const closed = await fileServer(status(401));
  expect(await bring(order(closed.url(), { authorize }), io(), never)).toMatchObject({ ok: false, fault: { kind: "denied" } });
  expect(closed.asked).toHaveLength(2);
});

test("bring(): without leave to ask nothing is asked", async () => {
  const server = await fileServer(serving(FILE));
  const authorize = async () => fail({ kind: "denied", via: "https" } as const);
  expect(await bring(order(server.url(), { authorize }), io(), never)).toMatchObject({ ok: false, fault: { kind: "denied" } });
  expect(server.asked).toHaveLength(0);
});

test.each([
  [404, "refused", 1],
  [403, "denied", 1],
  [301, "refused", 1],
  [500, "unreachable", 6],
  [429, "unreachable", 6],
] as const)("bring(): status %i ends as %s after %i tries", async (code, kind, tries) => {
  const server = await fileServer(status(code, code === 301 ? { location: "http://127.0.0.9/" } : {}));
  expect(await bring(order(server.url()), io(), never)).toMatchObject({ ok: false, fault: { kind } });
  expect(server.asked).toHaveLength(tries);
});

test("bring(): more bytes than stated, or than there is room for, are not kept", async () => {
  const endless = await fileServer((response) => void response.writeHead(200).end(FILE));
  expect(await bring(order(endless.url(), { sizeBytes: 1_000 }), io(), never)).toMatchObject({ ok: false, fault: { kind: "mismatch" } });
  expect(await bring(order(endless.url(), { bytesMax: 1_000 }), io(), never)).toMatchObject({ ok: false, fault: { kind: "overBudget" } });
  const stated = await fileServer((response) => void response.writeHead(200, { "content-length": FILE.length }).end(FILE));
  expect(await bring(order(stated.url(), { bytesMax: 1_000 }), io(), never)).toMatchObject({ ok: false, fault: { kind: "overBudget" } });
});

test("bring(): another file in the middle is begun anew, never put together", async () => {
  const other = bytesOf(200_000, 9);
  const server = await fileServer(
    (response) =>
      void response
        .writeHead(200, { "content-length": FILE.length, etag: '"v1"' })
        .write(FILE.subarray(0, 50_000), () => response.destroy()),
    serving(other, '"v2"'),
  );
  expect(await bring(order(server.url()), io(), never)).toMatchObject({ ok: true, value: { sha256: sha256Of(other) } });
});
