import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { askDesk } from "../../../agent/tickets/ask.ts";
import { never } from "./kit.ts";

async function desk(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const get = (url: string, signal = never) => askDesk({ method: "GET", url, headers: {} }, signal);

test("askDesk(): sends method, headers and body with its length in bytes, and gives back the answer", async () => {
  let seen: Partial<IncomingMessage> & { text?: string } = {};
  const url = await desk((request: IncomingMessage, response: ServerResponse) => {
    request.setEncoding("utf8");
    let text = "";
    request.on("data", (piece: string) => {
      text += piece;
    });
    request.on("end", () => {
      seen = { method: request.method ?? "", headers: request.headers, text };
      response.writeHead(201, { "Retry-After": "5" }).end("done");
    });
  });
  const answer = await askDesk({ method: "POST", url, headers: { "webhook-id": "1" }, body: "Zürich" }, never);
  expect(seen).toMatchObject({ method: "POST", headers: { "webhook-id": "1", "content-length": "7" }, text: "Zürich" });
  expect(answer).toMatchObject({ ok: true, value: { status: 201, body: Buffer.from("done") } });
  expect(answer.ok && answer.value.headers.get("retry-after")).toBe("5");
});

test("askDesk(): a redirect is an answer, and is not followed", async () => {
  let asked = 0;
  const url = await desk((_request, response) => {
    asked++;
    response.writeHead(302, { location: "/elsewhere" }).end();
  });
  expect(await get(url)).toMatchObject({ ok: true, value: { status: 302 } });
  expect(asked).toBe(1);
});

test("askDesk(): an answer that breaks off, or grows past 2 MB, is none", async () => {
  const broken = await desk((_request, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("half", () => response.destroy());
  });
  expect(await get(broken)).toMatchObject({ ok: false, fault: { kind: "unreachable" } });
  const endless = await desk((_request, response) => {
    const more = (): boolean => response.destroyed || (response.write(Buffer.alloc(64 * 1024)) && more());
    response.on("drain", more);
    more();
  });
  expect(await get(endless)).toMatchObject({ ok: false, fault: { kind: "unreachable" } });
});

test("askDesk(): nobody there, a connection without an answer, and an end by the caller are faults", async () => {
  const url = await desk((request) => request.socket.destroy());
  expect(await get(url)).toMatchObject({ ok: false, fault: { kind: "unreachable" } });
  expect(await get("http://127.0.0.1:1")).toMatchObject({ ok: false, fault: { kind: "unreachable", detail: "ECONNREFUSED" } });
  const stop = new AbortController();
  const silent = await desk(() => stop.abort());
  expect(await get(silent, stop.signal)).toMatchObject({ ok: false });
  expect(await get(url, AbortSignal.abort())).toMatchObject({ ok: false });
});
