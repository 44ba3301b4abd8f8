import { once } from "node:events";
import { symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { readRange } from "../../../protocols/provisioning/send-image.ts";
import { openBench, openFiles, PART, phone, TOKEN } from "./kit.ts";

const IMAGE = `/fw/${TOKEN}/${PART}.sip.ld`;
const ETAG = `"${"0f".repeat(32)}"`;

test.each([
  [undefined, undefined],
  ["bytes=0-", { first: 0, last: 99 }],
  ["bytes=10-19", { first: 10, last: 19 }],
  [" bytes=10-19 ", { first: 10, last: 19 }],
  ["bytes=99-", { first: 99, last: 99 }],
  ["bytes=90-5000", { first: 90, last: 99 }],
  ["bytes=-10", { first: 90, last: 99 }],
  ["bytes=-5000", { first: 0, last: 99 }],
  ["bytes=100-", "unsatisfiable"],
  ["bytes=500-600", "unsatisfiable"],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=20-10", undefined],
  ["bytes=-", undefined],
  ["bytes=0-1,5-6", undefined],
  ["lines=0-1", undefined],
  ["bytes=a-b", undefined],
  ["bytes=0x1-2", undefined],
  ["bytes=99999999999999999999-", undefined],
] as const)("readRange(): %j of 100 bytes", (header, range) => {
  expect(readRange(header, 100)).toEqual(range);
});

test("readRange(): of an empty file nothing can be had", () => {
  expect(["bytes=0-", "bytes=-5"].map((header) => readRange(header, 0))).toEqual(["unsatisfiable", "unsatisfiable"]);
});

test("readRange(): never throws, and what it gives lies inside the file", () => {
  const header = fc.oneof(
    fc.string(),
    fc.tuple(fc.option(fc.nat(), { nil: "" }), fc.option(fc.nat(), { nil: "" })).map(([a, b]) => `bytes=${a}-${b}`),
  );
  fc.assert(
    fc.property(header, fc.nat(1_000_000), (text, size) => {
      const range = readRange(text, size);
      if (range === undefined || range === "unsatisfiable") return;
      expect(0 <= range.first && range.first <= range.last && range.last < size).toBe(true);
    }),
  );
});

test("sendImage(): the whole file, with what a phone may check it by", async () => {
  const bench = await openBench();
  bench.endpoint.offer(bench.offer());
  const answer = await phone(bench, IMAGE);
  expect([answer.status, answer.body.equals(bench.image)]).toEqual([200, true]);
  expect(Object.fromEntries(answer.headers)).toMatchObject({ "content-length": "1000", "accept-ranges": "bytes", etag: ETAG });
  expect(bench.told().at(-1)).toEqual({ kind: "imageDelivered", token: TOKEN, complete: true });
});

test.each([
  ["bytes=100-199", 206, 100, 200, "bytes 100-199/1000"],
  ["bytes=900-", 206, 900, 1_000, "bytes 900-999/1000"],
  ["bytes=-100", 206, 900, 1_000, "bytes 900-999/1000"],
  ["bytes=1000-", 416, 0, 0, "bytes */1000"],
  ["bytes=0-1,5-6", 200, 0, 1_000, undefined],
] as const)("sendImage(): Range %s is answered %d", async (range, status, from, to, contentRange) => {
  const bench = await openBench();
  bench.endpoint.offer(bench.offer());
  const answer = await phone(bench, IMAGE, { headers: [`Range: ${range}`] });
  expect([answer.status, answer.headers.get("content-range")]).toEqual([status, contentRange]);
  expect(answer.body.equals(bench.image.subarray(from, to))).toBe(true);
});

test.each([
  [ETAG, 206],
  ['"another"', 200],
  [`W/${ETAG}`, 200],
] as const)("sendImage(): a part is sent only of the file the phone knows (If-Range %s)", async (ifRange, status) => {
  const bench = await openBench();
  bench.endpoint.offer(bench.offer());
  const answer = await phone(bench, IMAGE, { headers: ["Range: bytes=100-", `If-Range: ${ifRange}`] });
  expect([answer.status, answer.body.length]).toEqual([status, status === 206 ? 900 : 1_000]);
});

test("sendImage(): HEAD says the size and is no transfer", async () => {
  const bench = await openBench();
  bench.endpoint.offer(bench.offer());
  const answer = await phone(bench, IMAGE, { method: "HEAD" });
  expect([answer.status, answer.headers.get("content-length"), answer.body.length]).toEqual([200, "1000", 0]);
  expect(bench.told()).toEqual([]);
});

test("sendImage(): the parts of several transfers make a whole only without a gap", async () => {
  const bench = await openBench();
  bench.endpoint.offer(bench.offer());
  const complete = async (range: string): Promise<boolean | undefined> => {
    await phone(bench, IMAGE, { headers: [`Range: ${range}`] });
    const last = bench.told().at(-1);
    return last?.kind === "imageDelivered" ? last.complete : undefined;
  };
  expect(await complete("bytes=500-")).toBe(false);
  expect(await complete("bytes=0-399")).toBe(false);
  expect(await complete("bytes=450-")).toBe(false);
  expect(await complete("bytes=400-999")).toBe(true);
});

/** Bytes of each transfer that took any. */
const sentIn = ({ told }: Pick<Awaited<ReturnType<typeof openBench>>, "told">): number[] =>
  told().flatMap((event) => (event.kind === "imageSent" ? [event.bytes] : []));

test("sendImage(): each transfer tells once what it took of the file, a part as well as the whole; a look at it takes nothing", async () => {
  const bench = await openBench();
  bench.endpoint.offer(bench.offer());
  await phone(bench, IMAGE, { method: "HEAD" });
  await phone(bench, IMAGE, { headers: ["Range: bytes=2000-"] });
  expect(sentIn(bench)).toEqual([]);
  for (const range of ["bytes=500-", "bytes=0-399", "bytes=7-7"]) await phone(bench, IMAGE, { headers: [`Range: ${range}`] });
  await phone(bench, IMAGE);
  expect(sentIn(bench)).toEqual([500, 400, 1, 1_000]);
});

test("sendImage(): progress rises to the size, in a bounded number of steps", async () => {
  const bench = await openBench({ limits: { totalBytesPerSecond: 1_000_000_000 } }, 400_000);
  bench.endpoint.offer(bench.offer());
  await phone(bench, IMAGE);
  const progress = bench.told().flatMap((event) => (event.kind === "imageProgress" ? [event.sentBytes] : []));
  expect(progress.at(-1)).toBe(400_000);
  expect(progress.length).toBeLessThanOrEqual(51);
  expect(progress.toSorted((a, b) => a - b)).toEqual(progress);
});

test("sendImage(): a file of another size than offered is not served at all", async () => {
  const bench = await openBench();
  const offer = bench.offer();
  bench.endpoint.offer(offer);
  writeFileSync(offer.imagePath, "something else");
  expect((await phone(bench, IMAGE)).status).toBe(404);
  expect(bench.told()).toMatchObject([{ kind: "refused", reason: "image not in the depot" }]);
});

test.each([
  ["that is missing", "/nonexistent/image"],
  ["that is a folder", "/"],
  ["with a zero byte in its path", "a\u0000b"],
])("sendImage(): a file %s is missing, not our bug", async (_name, imagePath) => {
  const bench = await openBench();
  bench.endpoint.offer(bench.offer({ imagePath }));
  expect((await phone(bench, IMAGE)).status).toBe(404);
  expect(bench.events.filter((event) => event.kind === "bug")).toEqual([]);
});

test("sendImage(): a link in place of the file is not followed", async () => {
  const bench = await openBench();
  const offer = bench.offer();
  const link = `${offer.imagePath}-link`;
  symlinkSync(offer.imagePath, link);
  bench.endpoint.offer({ ...offer, imagePath: link });
  expect((await phone(bench, IMAGE)).status).toBe(404);
});

test("sendImage(): a file that shrinks under us ends as a broken transfer, never as a shorter whole", async () => {
  // What is in memory when it shrinks, two pieces of 128 KB, is still the image; what is not yet is missing.
  const bench = await openBench({ limits: { totalBytesPerSecond: 100_000 } }, 600_000);
  const offer = bench.offer();
  bench.endpoint.offer(offer);
  const answer = phone(bench, IMAGE);
  while (!bench.told().some((event) => event.kind === "imageProgress")) await bench.clock.advance(50);
  truncateSync(offer.imagePath, 300_000);
  // Sockets are as slow as the machine is busy, and the transfer waits for this clock: so it goes on as long as that takes.
  for (let i = 0; i < 50_000 && bench.told().at(-1)?.kind !== "imageDelivered"; i++) await bench.clock.advance(50);
  const { body } = await answer;
  expect(body.length).toBeLessThanOrEqual(300_000);
  expect(body.equals(bench.image.subarray(0, body.length))).toBe(true);
  expect(bench.told().at(-1)).toEqual({ kind: "imageDelivered", token: TOKEN, complete: false });
});

test("sendImage(): withdrawing an offer cuts its transfer off with a reset, and it is gone", async () => {
  const bench = await openBench({ limits: { totalBytesPerSecond: 1_000 } });
  bench.endpoint.offer(bench.offer());
  const socket = connect({ port: bench.endpoint.port, host: "127.0.0.1" }, () => socket.write(`GET ${IMAGE} HTTP/1.1\r\nHost: x\r\n\r\n`));
  const ended = new Promise<string>((resolve) => {
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
    socket.once("end", () => resolve("orderly end"));
  });
  socket.resume();
  while (!bench.told().some((event) => event.kind === "imageProgress")) await bench.clock.advance(50);
  expect(bench.endpoint.withdraw(TOKEN)).toBe(true);
  expect(await ended).toBe("ECONNRESET");
  while (bench.told().at(-1)?.kind !== "imageDelivered") await bench.clock.advance(1);
  expect(bench.told().at(-1)).toEqual({ kind: "imageDelivered", token: TOKEN, complete: false });
  const [cutOff = 0, ...more] = sentIn(bench);
  expect([cutOff > 0, cutOff < 1_000, more]).toEqual([true, true, []]);
  expect((await phone(bench, IMAGE)).status).toBe(404);
});

test("sendImage(): no more than the cap leaves in a second of the clock", async () => {
  const bench = await openBench({ limits: { totalBytesPerSecond: 1_000 } }, 5_000);
  bench.endpoint.offer(bench.offer());
  const answer = phone(bench, IMAGE);
  const sent = (): number =>
    bench.told().reduce((most, event) => (event.kind === "imageProgress" ? Math.max(most, event.sentBytes) : most), 0);
  while (sent() === 0) await bench.clock.advance(50);
  const startMs = bench.clock.nowMs();
  const before = sent();
  for (let i = 0; i < 20; i++) await bench.clock.advance(50);
  expect(sent() - before).toBeLessThanOrEqual(1_000 + 2 * 100);
  expect(bench.clock.nowMs() - startMs).toBe(1_000);
  while (bench.told().at(-1)?.kind !== "imageDelivered") await bench.clock.advance(50);
  expect((await answer).body.equals(bench.image)).toBe(true);
});

test("sendImage(): whoever goes away between asking and being answered leaves nothing open", async () => {
  const bench = await openBench({}, 1_000_000);
  const offer = bench.offer();
  bench.endpoint.offer(offer);
  for (let left = 50; left > 0; left--) {
    const socket = connect({ port: bench.endpoint.port, host: "127.0.0.1" }).on("error", () => undefined);
    await once(socket, "connect");
    socket.write(`GET ${IMAGE} HTTP/1.1\r\nHost: x\r\n\r\n`);
    for (let turns = left % 5; turns > 0; turns--) await turn();
    const closed = once(socket, "close");
    socket.resetAndDestroy();
    await closed;
  }
  await vi.waitFor(() => expect(openFiles(offer.imagePath)).toBe(0));
  expect((await phone(bench, IMAGE)).body.equals(bench.image)).toBe(true);
});

test("sendImage(): a device that waits for its turn under a cap is not taken for gone, however long that is", async () => {
  const bench = await openBench({ limits: { idleMs: 40, headersMs: 40, totalBytesPerSecond: 1_000 } });
  bench.endpoint.offer(bench.offer());
  const answer = phone(bench, IMAGE);
  while (!bench.told().some(({ kind }) => kind === "imageProgress")) await bench.clock.advance(50);
  // Others that say nothing are cut off meanwhile, one after the other.
  for (let left = 4; left > 0; left--) {
    const silent = connect({ port: bench.endpoint.port, host: "127.0.0.1" }).on("error", () => undefined);
    await once(silent.resume(), "close");
  }
  expect(bench.told().some(({ kind }) => kind === "imageDelivered")).toBe(false);
  while (bench.told().at(-1)?.kind !== "imageDelivered") await bench.clock.advance(50);
  expect((await answer).body.equals(bench.image)).toBe(true);
});

test("sendImage(): a device that takes nothing is cut off when it has been silent for too long", async () => {
  const bench = await openBench({ limits: { idleMs: 60, headersMs: 60 } }, 24_000_000);
  bench.endpoint.offer(bench.offer());
  const socket = connect({ port: bench.endpoint.port, host: "127.0.0.1" }, () => socket.write(`GET ${IMAGE} HTTP/1.1\r\nHost: x\r\n\r\n`));
  socket.on("error", () => undefined).pause();
  while (bench.told().at(-1)?.kind !== "imageDelivered") await turn();
  expect(bench.told().at(-1)).toEqual({ kind: "imageDelivered", token: TOKEN, complete: false });
  socket.destroy();
});
