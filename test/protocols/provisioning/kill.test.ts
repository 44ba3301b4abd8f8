/** The kill switch while images are on their way: every mode, in clear and over TLS, whatever a phone is doing with its connection. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import type { EndpointMode } from "../../../protocols/provisioning/endpoint.ts";
import type { EndpointEvent } from "../../../protocols/provisioning/exchange.ts";
import { openCustomerServer } from "./customer-server.ts";
import { MAC, openFiles, PART, readAnswer, TOKEN } from "./kit.ts";
import { text } from "./overlay-kit.ts";
import { connectTls, openSecureBench, readAll, type SecureBench } from "./secure-kit.ts";

const IMAGE = `/fw/${TOKEN}/${PART}.sip.ld`;
/** More than the kernel takes for a phone that does not read. */
const LARGE = 24 * 1024 * 1024;

const MODES: Readonly<Record<EndpointMode["kind"], () => Promise<EndpointMode>>> = {
  own: async () => ({ kind: "own" }),
  "image-only": async () => ({ kind: "image-only" }),
  overlay: async () => ({ kind: "overlay", upstream: { url: (await openCustomerServer(text("", 404))).url } }),
};
const WAYS = ["in clear", "over TLS"] as const;
const CASES = (Object.keys(MODES) as EndpointMode["kind"][]).flatMap((mode) => WAYS.map((way) => [mode, way] as const));

async function openConnection(bench: SecureBench, way: (typeof WAYS)[number]): Promise<Socket> {
  if (way === "over TLS") return connectTls(bench.securePort);
  const socket = connect({ port: bench.endpoint.port, host: "127.0.0.1" });
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

interface Fetching {
  readonly socket: Socket;
  readonly gotBytes: () => number;
  readonly ended: Promise<string>;
}

/** A phone that has begun to fetch the image. */
async function fetching(bench: SecureBench, way: (typeof WAYS)[number], target = IMAGE): Promise<Fetching> {
  const socket = await openConnection(bench, way);
  let bytes = 0;
  socket.on("data", (piece: Buffer) => {
    bytes += piece.length;
  });
  const ended = new Promise<string>((resolve) => {
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
    socket.once("end", () => resolve("orderly end"));
  });
  socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`);
  while (bytes < 500) await once(socket, "data");
  return { socket, gotBytes: () => bytes, ended };
}

async function ask(bench: SecureBench, way: (typeof WAYS)[number], method: string): Promise<number> {
  const socket = await openConnection(bench, way);
  const answer = readAll(socket);
  socket.write(`${method} ${IMAGE} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  return readAnswer(await answer).status;
}

test.each(CASES)("kill switch, mode %s, %s: a phone that does not read is reset at once, and gets nothing any more", async (mode, way) => {
  const bench = await openSecureBench({}, {}, { mode: await MODES[mode]() }, LARGE);
  const offer = bench.offer();
  bench.endpoint.offer(offer);
  const phone = await fetching(bench, way);
  phone.socket.pause();
  // Until its window and our side of the connection are full.
  let before = -1;
  const sentBytes = () =>
    bench.told().reduce((most, event) => (event.kind === "imageProgress" ? Math.max(most, event.sentBytes) : most), 0);
  for (let quiet = 0; quiet < 200; quiet = sentBytes() === before ? quiet + 1 : 0) {
    before = sentBytes();
    await turn();
  }
  expect(before).toBeLessThan(LARGE);
  expect(bench.endpoint.withdrawAll()).toBe(1);
  while (bench.told().at(-1)?.kind !== "imageDelivered") await turn();
  expect(bench.told().at(-1)).toEqual({ kind: "imageDelivered", token: TOKEN, complete: false });
  const had = phone.gotBytes();
  phone.socket.resume();
  expect(await phone.ended).toBe("ECONNRESET");
  expect(phone.gotBytes()).toBeLessThan(LARGE);
  expect([had > 0, await ask(bench, way, "HEAD"), await ask(bench, way, "GET")]).toEqual([true, 404, 404]);
  await vi.waitFor(() => expect(openFiles(offer.imagePath)).toBe(0));
});

test.each(CASES)("kill switch, mode %s, %s: an image that a phone stays on is cut off too, and held", async (mode, way) => {
  const bench = await openSecureBench({}, {}, { mode: await MODES[mode]() }, LARGE);
  bench.endpoint.stand(MAC, bench.offer());
  const phone = await fetching(bench, way);
  phone.socket.pause();
  await turn();
  bench.endpoint.withdrawAll();
  phone.socket.resume();
  expect(await phone.ended).toBe("ECONNRESET");
  expect([phone.gotBytes() < LARGE, await ask(bench, way, "HEAD"), await ask(bench, way, "GET")]).toEqual([true, 404, 404]);
});

test.each(CASES)(
  "kill switch, mode %s, %s: at the very end of a transfer the connection is let go, and another may come",
  async (mode, way) => {
    let bench: SecureBench | undefined;
    let ended = 0;
    const more = {
      mode: await MODES[mode](),
      limits: { connectionsPerAddress: 1 },
      onEvent({ kind }: EndpointEvent) {
        if (kind === "bug") throw new Error("bug");
        // Its last byte has gone, and its orderly end is under way.
        if (kind === "imageDelivered") ended += bench?.endpoint.withdrawAll() ?? 0;
      },
    };
    bench = await openSecureBench({}, {}, more);
    for (let round = 1; round <= 3; round++) {
      bench.endpoint.offer(bench.offer());
      const socket = await openConnection(bench, way);
      const gone = once(socket.on("error", () => undefined).resume(), "close");
      socket.write(`GET ${IMAGE} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      await gone;
      expect(ended).toBe(round);
    }
  },
);
