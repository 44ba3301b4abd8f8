/** A TCP peer on loopback that says its messages as the story of the moment wants them. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { createServer as createTlsServer, TLSSocket } from "node:tls";
import { realSleep } from "../../../protocols/core/time.ts";
import type { MadeCertificate } from "../../support/certificate.ts";
import type { Act, Story } from "./spoil.ts";

/** One connection. */
export interface Line {
  readonly socket: Socket;
  readonly story: Story;
  /** Says a message, spoiled where the story wants it; one after the other. */
  say(message: Buffer | string): void;
  /** Says it as it is: what lies under another protocol that is spoiled. */
  perform(acts: readonly Act[]): void;
}

export interface TcpPeer {
  readonly port: number;
  /** Without one, connections are closed at once. */
  story: Story | undefined;
  /** What the peer is saying just now has been said, and heard. */
  spoken(): Promise<void>;
  /** Ends the story. Rejects where the client left more than `kept` connections open; those are closed, and seen to be by both sides. */
  hangUp(kept: number): Promise<void>;
  close(): Promise<void>;
}

/** Turns in which the other side of a loopback connection sees that it has ended. */
const TURNS_TO_SEE = 4;
/** A client lets go of a connection within so many turns, or within this time on a busy machine. */
const TURNS_TO_END = 50;
const END_MS = 5_000;

async function letGo(open: ReadonlySet<Socket>, kept: number): Promise<void> {
  for (let left = TURNS_TO_END; left > 0 && open.size > kept; left--) await turn();
  for (let waitedMs = 0; waitedMs < END_MS && open.size > kept; waitedMs += 5) await realSleep(5);
  if (open.size > kept) throw new Error(`${open.size} connections were left open`);
}

function letFall(socket: Socket): void {
  // What runs over TLS knows no reset.
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}

export async function perform(socket: Socket, acts: readonly Act[]): Promise<void> {
  for (const act of acts) {
    if (socket.destroyed) return;
    if (act.act === "end") socket.end();
    else if (act.act === "reset") letFall(socket);
    else if (act.act === "wait") for (let left = act.turns; left > 0; left--) await turn();
    else if (socket.writable) socket.write(act.bytes);
  }
}

/** @param where.certificate  says everything over TLS */
export async function openTcp(
  serve: (line: Line) => void,
  { certificate, host = "127.0.0.1" }: { readonly certificate?: MadeCertificate; readonly host?: string } = {},
): Promise<TcpPeer> {
  const open = new Set<Socket>();
  let speaking = Promise.resolve();
  const onLine = (socket: Socket): void => {
    socket.on("error", () => undefined);
    const { story } = peer;
    if (story === undefined) return void socket.destroy();
    let own = Promise.resolve();
    const line: Line = {
      socket,
      story,
      say: (message) => line.perform(story.pass(Buffer.from(message))),
      perform(acts) {
        own = own.then(() => perform(socket, acts));
        speaking = Promise.all([speaking, own]).then(() => undefined);
      },
    };
    serve(line);
  };
  const server =
    certificate === undefined
      ? createServer({ noDelay: true }, onLine)
      : createTlsServer({ cert: certificate.cert, key: certificate.key, noDelay: true }, onLine);
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => open.delete(socket));
  });
  server.on("tlsClientError", () => undefined);
  server.listen(0, host);
  await once(server, "listening");
  const peer: TcpPeer = {
    port: (server.address() as AddressInfo).port,
    story: undefined,
    async spoken() {
      await speaking;
      for (let left = TURNS_TO_SEE; left > 0; left--) await turn();
    },
    async hangUp(kept) {
      peer.story = undefined;
      try {
        await letGo(open, kept);
      } finally {
        for (const socket of open) socket.destroy();
      }
      for (let left = TURNS_TO_SEE; left > 0; left--) await turn();
    },
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return peer;
}
