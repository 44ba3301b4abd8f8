import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type BringAsk, bring } from "../../../firmware/staging/bring.ts";
import { fail, ok } from "../../../protocols/core/fault.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { systemClock } from "../../../protocols/core/time.ts";
import { bytesOf, fileServer, never, notingPace, passingClock, serving, sha256Of, status, stoppingAfter, temporaryFolder } from "./kit.ts";

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
  const pace = { ...notingPace(), take: async () => void (readSize(ask.partialPath) > 60_000 && stop.abort(new Error("stop"))) };
  await expect(bring(ask, { ...io(), pace }, stop.signal)).rejects.toThrow("stop");
  const held = readSize(ask.partialPath);
  expect(held).toBeGreaterThan(60_000);
  expect(await bring(ask, io(), never)).toMatchObject(whole);
  expect(server.asked.at(-1)).toMatchObject({ range: `bytes=${held}-`, "if-range": '"v1"' });
});

const readSize = (path: string): number => (existsSync(path) ? readFileSync(path).length : 0);

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
