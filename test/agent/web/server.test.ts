import { mkdtempSync, rmSync, statSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createLog } from "../../../agent/log.ts";
import { type LocalServerOptions, SocketInUse, startLocalServer } from "../../../agent/web/server.ts";

interface Answer {
  readonly status: number;
  readonly lines: unknown[];
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "groundswell-door-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

async function door(changes: Partial<LocalServerOptions> = {}) {
  const lines: string[] = [];
  const options: LocalServerOptions = {
    socket: join(folder(), "run", "agent.sock"),
    log: createLog({ level: "error", pretty: false, write: (line) => lines.push(line) }),
    handle: async (request, reply) => reply({ request }),
    probes: { live: async () => ({ ok: true, reasons: [] }), ready: () => ({ ok: true, reasons: [] }) },
    ...changes,
  };
  const server = await startLocalServer(options);
  onTestFinished(() => server.close());
  return { socket: options.socket, server, lines, options };
}

function ask(socketPath: string, path: string, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-type": "application/json" };
    const asked = httpRequest({ socketPath, path, method: body === undefined ? "GET" : "POST", headers }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on("end", () => {
        const lines = text.split("\n").filter((line) => line !== "");
        resolve({ status: response.statusCode ?? 0, lines: lines.map((line): unknown => JSON.parse(line)) });
      });
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

const post = (socket: string, body: unknown): Promise<Answer> => ask(socket, "/v1/commands", JSON.stringify(body));

test.skipIf(process.platform === "win32")("startLocalServer(): the socket is for the agent's user and group only", async () => {
  const { socket } = await door();
  expect(statSync(socket).mode & 0o777).toBe(0o660);
});

test("POST /v1/commands: each answer is a line, as they come", async () => {
  const { socket } = await door({
    handle: async (request, reply) => {
      reply({ status: "accepted" });
      reply({ status: "done", request });
    },
  });
  expect(await post(socket, { name: "sync" })).toEqual({
    status: 200,
    lines: [{ status: "accepted" }, { status: "done", request: { name: "sync", args: {} } }],
  });
  expect((await post(socket, { jws: "a.b.c" })).lines[1]).toMatchObject({ request: { jws: "a.b.c" } });
});

test.each([{}, { name: "" }, { name: "sync", extra: 1 }, { name: "sync", args: [] }, "text"])(
  "POST /v1/commands: %j is refused before anybody handles it",
  async (body) => {
    let handled = 0;
    const { socket } = await door({
      handle: async () => {
        handled++;
      },
    });
    const { status, lines } = await post(socket, body);
    expect(status).toBe(400);
    expect(lines).toMatchObject([typeof body === "string" ? {} : { status: "rejected", code: "malformed" }]);
    expect(handled).toBe(0);
  },
);

test("POST /v1/commands: a body without end is cut off", async () => {
  const { socket } = await door();
  const { status } = await ask(socket, "/v1/commands", JSON.stringify({ name: "sync", args: { text: "x".repeat(11 * 1024 * 1024) } }));
  expect(status).toBe(413);
});

test("POST /v1/commands: a handler that throws is written down, and the asker learns no more than that", async () => {
  const { socket, lines } = await door({
    handle: async () => {
      throw new Error("inner secret");
    },
  });
  const answer = await post(socket, { name: "sync" });
  expect(answer.lines).toMatchObject([{ status: "failed", code: "internal" }]);
  expect(JSON.stringify(answer)).not.toContain("inner secret");
  expect(lines).toHaveLength(1);
});

test("GET /healthz, /readyz: the socket answers as the port of the metrics does", async () => {
  const { socket } = await door({
    probes: { live: async () => ({ ok: true, reasons: [] }), ready: () => ({ ok: false, reasons: ['thread "field" is not up'] }) },
  });
  expect(await ask(socket, "/healthz")).toEqual({ status: 200, lines: [{ status: "ok", reasons: [] }] });
  expect(await ask(socket, "/readyz")).toEqual({ status: 503, lines: [{ status: "notReady", reasons: ['thread "field" is not up'] }] });
});

test("startLocalServer(): a socket that somebody answers on is left to him, one left by a killed agent is taken", async () => {
  const { socket, options, server } = await door();
  await expect(startLocalServer(options)).rejects.toBeInstanceOf(SocketInUse);
  expect((await ask(socket, "/healthz")).status).toBe(200);
  await server.close();
  await leaveBehind(socket);
  const again = await startLocalServer(options);
  onTestFinished(() => again.close());
  expect((await ask(socket, "/healthz")).status).toBe(200);
});

/** A socket file with nobody behind it, as after SIGKILL. */
async function leaveBehind(path: string): Promise<void> {
  const aside = `${path}.aside`;
  const { linkSync } = await import("node:fs");
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(aside, resolve));
  linkSync(aside, path);
  await new Promise<void>((resolve) => holder.close(() => resolve()));
}
