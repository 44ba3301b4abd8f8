/** Five hundred phones at once on real sockets, each with an address of its own, and the clock moved by hand. */
import { connect, type Socket } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Mac } from "../../../protocols/core/ids.ts";
import { loopTurn } from "../../../protocols/core/time.ts";
import { type Bench, openBench, PART } from "./kit.ts";

interface Phone {
  readonly socket: Socket;
  /** Bytes of the answer, its head included. */
  had: number;
  isClosed: boolean;
  readonly paused: boolean;
}

const tokenOf = (at: number): string => `attempt-${String(at).padStart(4, "0")}`;

/** `subnet`: the third number of the phone's address. */
function call(bench: Bench, at: number, { subnet = 1 + (at % 4), paused = false } = {}): Phone {
  const mac = `64167f${at.toString(16).padStart(6, "0")}` as Mac;
  expect(bench.endpoint.offer(bench.offer({ token: tokenOf(at), mac })).ok).toBe(true);
  const localAddress = `127.83.${subnet}.${1 + (at % 250)}`;
  const socket = connect({ port: bench.endpoint.port, host: "127.0.0.1", localAddress });
  const phone: Phone = { socket, had: 0, isClosed: false, paused };
  socket
    .on("error", () => undefined)
    .once("close", () => {
      phone.isClosed = true;
    });
  if (paused) socket.pause();
  else socket.on("data", (piece: Buffer) => (phone.had += piece.length));
  socket.write(`GET /fw/${tokenOf(at)}/${PART}.sip.ld HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  onTestFinished(() => void socket.destroy());
  return phone;
}

const sentBy = (bench: Bench): ReadonlyMap<string, number> =>
  new Map(bench.events.flatMap((event) => (event.kind === "imageProgress" ? [[event.token, event.sentBytes] as const] : [])));
const started = (bench: Bench): number => bench.events.filter(({ kind }) => kind === "imageStarted").length;
const whole = (bench: Bench): number => bench.events.filter((event) => event.kind === "imageDelivered" && event.complete).length;
const sumOf = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

/** Real sockets may lag behind the clock; far more than any needs. */
const STEPS_MAX = 200_000;

/** Between two steps, so that sockets keep up with the clock where other programs have the processor. */
const TURNS = 12;

/** Steps of a piece's time, each with turns for what the sockets and files bring, until `done`. */
async function advance(bench: Bench, done: () => boolean, stepsMax: number): Promise<number> {
  let steps = 0;
  for (; steps < stepsMax && !done(); steps++) {
    for (let turn = 0; turn < TURNS; turn++) await loopTurn();
    await bench.clock.advance(50);
  }
  return steps;
}

test("500 phones at once: all advance together, none is left behind, the cap holds, and all get the whole image", async () => {
  const imageBytes = 20_000;
  const bench = await openBench({ limits: { totalBytesPerSecond: 100_000 } }, imageBytes);
  const beganMs = bench.clock.nowMs();
  const phones = Array.from({ length: 500 }, (_, at) => call(bench, at));
  await vi.waitFor(() => expect(started(bench)).toBe(500), { timeout: 8_000 });
  const half = 500 * imageBytes * 0.5;
  await advance(bench, () => sumOf(sentBy(bench).values()) >= half, STEPS_MAX);
  const sent = sentBy(bench);
  expect(sent.size).toBe(500);
  // Pieces are 4,900 bytes: at half way everybody has had two, and nobody four.
  expect(Math.min(...sent.values())).toBeGreaterThanOrEqual(4_900);
  expect(Math.max(...sent.values())).toBeLessThanOrEqual(4 * 4_900);
  expect(sumOf(sent.values())).toBeLessThanOrEqual(((bench.clock.nowMs() - beganMs) / 1_000 + 10) * 100_000);
  await advance(bench, () => whole(bench) === 500, STEPS_MAX);
  await vi.waitFor(() => expect(phones.every(({ isClosed }) => isClosed)).toBe(true), { timeout: 8_000 });
  expect(phones.every(({ had }) => had > imageBytes)).toBe(true);
  expect(bench.clock.nowMs() - beganMs).toBeGreaterThanOrEqual(((500 * imageBytes) / 100_000 - 10) * 1_000);
});

test("phones that take nothing hold no others: what they do not take is the others'", async () => {
  const bench = await openBench({ limits: { totalBytesPerSecond: 5_000_000 } }, 12_000_000);
  for (let at = 0; at < 8; at++) call(bench, at, { paused: true });
  const quick = call(bench, 9);
  await vi.waitFor(() => expect(started(bench)).toBe(9));
  await advance(bench, () => bench.events.some((event) => event.kind === "imageDelivered" && event.token === tokenOf(9)), STEPS_MAX);
  await vi.waitFor(() => expect(quick.isClosed).toBe(true));
  expect(quick.had).toBeGreaterThan(12_000_000);
  expect(whole(bench)).toBe(1);
});

test("a subnet's cap holds for its phones together, and those of others go on", async () => {
  const bench = await openBench({ limits: { totalBytesPerSecond: 1_000_000, subnetBytesPerSecond: 50_000 } }, 100_000);
  const beganMs = bench.clock.nowMs();
  for (let at = 0; at < 10; at++) call(bench, at, { subnet: 1 });
  call(bench, 10, { subnet: 2 });
  await vi.waitFor(() => expect(started(bench)).toBe(11));
  await advance(bench, () => whole(bench) >= 1, STEPS_MAX);
  const delivered = bench.events.flatMap((event) => (event.kind === "imageDelivered" ? [event.token] : []));
  expect(delivered).toEqual([tokenOf(10)]);
  await advance(bench, () => whole(bench) === 11, STEPS_MAX);
  expect(whole(bench)).toBe(11);
  expect(bench.clock.nowMs() - beganMs).toBeGreaterThanOrEqual((1_000_000 / 50_000 - 1) * 1_000);
});

test("the kill switch ends every transfer at once: those that send, those that wait their turn, those whose phone takes nothing", async () => {
  const bench = await openBench({ limits: { totalBytesPerSecond: 2_000_000, subnetBytesPerSecond: 1_000_000 } }, 8_000_000);
  const phones = Array.from({ length: 60 }, (_, at) => call(bench, at, { paused: at % 5 === 0 }));
  await vi.waitFor(() => expect(started(bench)).toBe(60));
  await advance(bench, () => sumOf(sentBy(bench).values()) > 10_000_000, 400);
  expect(bench.endpoint.withdrawAll()).toBe(60);
  for (const { socket, paused } of phones) if (paused) socket.resume();
  await vi.waitFor(() => expect(phones.every(({ isClosed }) => isClosed)).toBe(true), { timeout: 8_000 });
  await vi.waitFor(() => expect(bench.events.filter(({ kind }) => kind === "imageDelivered")).toHaveLength(60));
  const sent = sumOf(sentBy(bench).values());
  await bench.clock.advance(60_000);
  expect([whole(bench), sumOf(sentBy(bench).values())]).toEqual([0, sent]);
  // What nobody is owed any more goes to whoever comes next, at once.
  const next = call(bench, 99);
  await vi.waitFor(() => expect(started(bench)).toBe(61));
  await advance(bench, () => whole(bench) === 1, STEPS_MAX);
  await vi.waitFor(() => expect(next.isClosed).toBe(true));
  expect(bench.events.filter(({ kind }) => kind === "bug")).toEqual([]);
});
