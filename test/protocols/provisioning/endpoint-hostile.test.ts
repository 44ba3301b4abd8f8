/** Senders that flood, stall, lie or do not speak HTTP. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { openEndpoint } from "../../../protocols/provisioning/endpoint.ts";
import { ENDPOINT_LIMITS } from "../../../protocols/provisioning/limits.ts";
import { openUploads } from "../../../protocols/provisioning/uploads.ts";
import { type Bench, CAPS, MAC, openBench, PART, phone, sendRaw, TOKEN, temporaryFolder } from "./kit.ts";

const IMAGE = `/fw/${TOKEN}/${PART}.sip.ld`;
const reasons = (bench: Bench): readonly string[] => bench.told().flatMap((event) => (event.kind === "refused" ? [event.reason] : []));

/** An open connection that says `text`, and when it was closed. */
async function hold(bench: Bench, text = ""): Promise<{ readonly socket: Socket; readonly closed: Promise<void> }> {
  const socket = connect({ port: bench.endpoint.port, host: "127.0.0.1" });
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => undefined);
  socket.resume();
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.write(text);
  return { socket, closed };
}

test.each([
  ["noise", "\u0000\u0001\u0002\r\n\r\n"],
  ["a TLS hello", "\u0016\u0003\u0001\u0000\u0005hello"],
  ["two lengths", `PUT /${MAC}-app.log HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx`],
  ["a length and chunks", `PUT /${MAC}-app.log HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ["headers longer than any", `GET / HTTP/1.1\r\nHost: x\r\nX: ${"y".repeat(20_000)}\r\n\r\n`],
  ["a bare line feed in a header", "GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n"],
])("endpoint: %s ends the connection and is told once", async (_name, bytes) => {
  const bench = await openBench();
  await sendRaw(bench.endpoint.port, bytes);
  expect([reasons(bench), bench.uploaded()]).toEqual([["not HTTP"], []]);
});

test("endpoint: stays up and unharmed whatever bytes arrive", async () => {
  const bench = await openBench();
  const line = fc.constantFrom(
    "GET /x HTTP/1.1",
    `PUT /${MAC}-app.log HTTP/1.1`,
    "Host: x",
    "Content-Length: 3",
    "Range: bytes=0-",
    "",
    "Expect: 100-continue",
  );
  const text = fc.oneof(
    fc.array(line, { maxLength: 6 }).map((lines) => `${lines.join("\r\n")}\r\n\r\n`),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(text, async (bytes) => {
      const { socket, closed } = await hold(bench, bytes);
      socket.end();
      await closed;
    }),
    { numRuns: 60 },
  );
  expect(bench.events.filter((event) => event.kind === "bug")).toEqual([]);
  expect([200, 429]).toContain((await phone(bench, `/${MAC}.cfg`)).status);
});

test.each([
  ["says nothing", ""],
  ["stops in its headers", "GET /x HTTP/1.1\r\nHost: x\r\nX-"],
])("endpoint: a sender that %s is cut off when its time for headers is over", async (_name, text) => {
  const bench = await openBench({ limits: { headersMs: 40 } });
  await (await hold(bench, text)).closed;
  expect(bench.events.filter((event) => event.kind === "bug")).toEqual([]);
});

test("endpoint: a sender that stops in its body is cut off, and nothing half written stays", async () => {
  const bench = await openBench({ limits: { headersMs: 40, requestMs: 60, idleMs: 60 } });
  const { closed } = await hold(bench, `PUT /${MAC}-app.log HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nhalf`);
  await closed;
  while (reasons(bench).length === 0) await turn();
  expect(bench.uploaded()).toEqual([]);
  expect(bench.told().some((event) => event.kind === "upload")).toBe(false);
});

test("endpoint: one address gets so many connections and no more, and gets new ones when old ones end", async () => {
  const bench = await openBench({ limits: { connectionsPerAddress: 3 } });
  const held = [await hold(bench), await hold(bench), await hold(bench)];
  await (await hold(bench)).closed;
  expect(reasons(bench)).toEqual(["too many connections"]);
  for (const { socket } of held) socket.destroy();
  let status = 0;
  while (status !== 200) status = (await phone(bench, `/${MAC}.cfg`)).status;
  expect(status).toBe(200);
});

test("endpoint: a flood of refused requests is answered 429 and told as a sum", async () => {
  const bench = await openBench();
  const statuses: number[] = [];
  for (let i = 0; i < 85; i++) statuses.push((await phone(bench, "/nothing")).status);
  expect([statuses[0], statuses[79], statuses[84]]).toEqual([404, 404, 429]);
  expect(reasons(bench)).toHaveLength(1);
  await bench.endpoint.close();
  expect(bench.told().at(-1)).toEqual({ kind: "refused", address: "127.0.0.1", reason: "unknown path", count: 84 });
});

test("endpoint: a connection that asks much at once without waiting for answers is cut off", async () => {
  const bench = await openBench();
  bench.endpoint.offer(bench.offer());
  const answers = await sendRaw(bench.endpoint.port, `GET ${IMAGE} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(200));
  expect(answers.toString("latin1").split("HTTP/1.1 200").length).toBeLessThanOrEqual(1 + ENDPOINT_LIMITS.requestsAtOnce);
  expect(reasons(bench)[0]).toBe("too many requests at once");
  expect((await phone(bench, `/${MAC}.cfg`)).status).toBe(200);
});

test("endpoint: an image asked for again and again over one connection leaves nothing behind on it", async () => {
  const bench = await openBench();
  bench.endpoint.offer(bench.offer());
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on("warning", note);
  onTestFinished(() => void process.off("warning", note));
  const { socket } = await hold(bench);
  for (let left = 20; left > 0; left--) {
    socket.write(`GET ${IMAGE} HTTP/1.1\r\nHost: x\r\nRange: bytes=0-9\r\n\r\n`);
    await once(socket, "data");
    while (bench.told().filter(({ kind }) => kind === "imageDelivered").length < 21 - left) await turn();
  }
  await turn();
  expect(warnings).toEqual([]);
});

test("endpoint: the body of a refused request is never taken for the next request", async () => {
  const bench = await openBench({ limits: { headersMs: 300, requestMs: 300, idleMs: 300 } });
  const inner = `PUT /${MAC}-app.log HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx`;
  await sendRaw(bench.endpoint.port, `POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: ${inner.length + 10}\r\n\r\n${inner}`);
  expect(bench.uploaded()).toEqual([]);
});

test("endpoint: our own mistake cuts off one request, is told as a bug, and harms no other", async () => {
  const bench = await openBench({ uploads: { save: () => Promise.reject(new Error("bug")), sizeOf: () => undefined } });
  expect((await phone(bench, `/${MAC}-app.log`, { method: "PUT", body: "x" })).status).toBe(0);
  expect(bench.events.some((event) => event.kind === "bug")).toBe(true);
  expect((await phone(bench, `/${MAC}.cfg`)).status).toBe(200);
});

test("endpoint: close() ends open connections and offers, and is not held up by a phone", async () => {
  const bench = await openBench();
  bench.endpoint.offer(bench.offer());
  const { closed } = await hold(bench, "GET /x HTTP/1.1\r\n");
  await bench.endpoint.close();
  await closed;
  expect(bench.endpoint.offers).toEqual([]);
});

test("openEndpoint(): a port in use rejects: a mistake of the configuration", async () => {
  const bench = await openBench();
  const uploads = await openUploads(temporaryFolder(), CAPS);
  const again = openEndpoint({ host: "127.0.0.1", port: bench.endpoint.port, uploads, clock: bench.clock, onEvent: () => undefined });
  await expect(again).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("openEndpoint(): says where it is", async () => {
  const bench = await openBench();
  expect(bench.endpoint.url).toBe(`http://127.0.0.1:${bench.endpoint.port}`);
});
