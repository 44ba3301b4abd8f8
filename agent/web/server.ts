/**
 * The local door: the same commands as over MQTT, on a Unix socket that only the agent's user may open.
 */
import { chmod, mkdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { dirname } from "node:path";
import Fastify from "fastify";
import * as z from "zod";
import type { Log } from "../log.ts";
import { addProbes, type Probes } from "./probes.ts";

/** A list of entitlements travels in a command; whoever may open the socket may give one. How much each command takes is for it to say. */
const BODY_BYTES_MAX = 10 * 1024 * 1024;

/** An unsigned request may only read and stop; a signed one may what its signer may. How long a token may be is for the commands to say. */
const bodySchema = z.union([
  z.strictObject({ jws: z.string().min(1) }),
  z.strictObject({ name: z.string().min(1).max(64), args: z.record(z.string(), z.unknown()).default({}) }),
]);
export type LocalRequest = z.infer<typeof bodySchema>;

export interface LocalServer {
  close(): Promise<void>;
}

export interface LocalServerOptions {
  readonly socket: string;
  readonly log: Log;
  /** Answers one request; `reply` may be called several times (accepted, then done). */
  handle(request: LocalRequest, reply: (answer: unknown) => void): Promise<void>;
  readonly probes: Probes;
}

/** Another agent answers on the socket. */
export class SocketInUse extends Error {
  override readonly name = "SocketInUse";
}

/** Starts the door. A socket file left by a killed agent is removed; one that somebody answers on is an error. */
export async function startLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  await mkdir(dirname(options.socket), { recursive: true, mode: 0o750 });
  if (await answers(options.socket)) throw new SocketInUse(`Cannot open socket "${options.socket}": another agent answers on it`);
  await rm(options.socket, { force: true });
  const app = Fastify({ logger: false, bodyLimit: BODY_BYTES_MAX, requestTimeout: 120_000, forceCloseConnections: true });
  addProbes(app, options.probes);
  app.post("/v1/commands", async (request, response) => {
    const body = bodySchema.safeParse(request.body);
    if (!body.success) return response.code(400).send({ status: "rejected", code: "malformed", message: z.prettifyError(body.error) });
    response.raw.writeHead(200, { "content-type": "application/x-ndjson" });
    try {
      await options.handle(body.data, (answer) => response.raw.write(`${JSON.stringify(answer)}\n`));
    } catch (error) {
      options.log.error("a local command failed", { error });
      response.raw.write(
        `${JSON.stringify({ status: "failed", code: "internal", message: "the agent failed on this command; its log says how" })}\n`,
      );
    }
    response.raw.end();
    return response.hijack();
  });
  await app.listen({ path: options.socket });
  await chmod(options.socket, 0o660);
  return {
    async close() {
      await app.close();
      await rm(options.socket, { force: true });
    },
  };
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
