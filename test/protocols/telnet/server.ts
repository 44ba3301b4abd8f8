/** A telnet server for tests on 127.0.0.1, from protocols/video.md 4.2: asks for a password, shows a prompt, echoes. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { Secret } from "../../../protocols/core/secret.ts";

export const LOGIN = { id: "remote", user: "admin", password: new Secret("remote-pass") };

export interface TelnetScript {
  /** Sent at once, before any question. */
  readonly greeting?: Buffer | string;
  readonly asks?: string;
  /** After a right password. */
  readonly welcome?: string;
  /** After a wrong one. */
  readonly refusal?: string | "close";
  readonly answer?: (command: string, socket: Socket) => void;
}

export interface TelnetServer {
  readonly port: number;
  /** Every line received, the password first. */
  readonly lines: string[];
  readonly bytes: () => Buffer;
  readonly connections: Socket[];
  /** Resolves when the first connection has ended. */
  readonly ended: Promise<void>;
}

const plain = (bytes: Buffer): string => bytes.toString("latin1").replaceAll(/\xff[\xfb-\xfe]./gs, "");

export async function startTelnet(script: TelnetScript = {}): Promise<TelnetServer> {
  const lines: string[] = [];
  const connections: Socket[] = [];
  let received: Buffer = Buffer.alloc(0);
  const end = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    connections.push(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => end.resolve());
    socket.write(Buffer.concat([Buffer.from(script.greeting ?? ""), Buffer.from(script.asks ?? "Password: ")]));
    let inside = false;
    let rest = "";
    const enter = (line: string): void => {
      inside = line === "remote-pass";
      if (inside) return void socket.write(script.welcome ?? "\r\n-> ");
      if (script.refusal === "close") return void socket.end();
      socket.write(script.refusal ?? "\r\nPassword: ");
    };
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const pieces = (rest + plain(chunk)).split("\r\n");
      rest = pieces.pop() ?? "";
      for (const line of pieces) {
        lines.push(line);
        if (!inside) enter(line);
        else if (line === "exit") socket.end();
        else script.answer?.(line, socket);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of connections) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { port: (server.address() as AddressInfo).port, lines, bytes: () => received, connections, ended: end.promise };
}
