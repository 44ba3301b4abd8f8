/**
 * An SSH server for tests on 127.0.0.1: counts what was shown to it, answers a shell's commands from a function.
 */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import ssh2, { type AuthContext, type Connection, type ServerChannel } from "ssh2";
import { onTestFinished } from "vitest";
import { type Login, Secret } from "../../../protocols/core/secret.ts";
import { hostFingerprintOf, type SshTarget } from "../../../protocols/ssh/client.ts";
import { makeSshKey } from "../../support/ssh-key.ts";

export const PASSWORD = "right-password";
export const LOGIN: Login = { id: "cred-1", user: "admin", password: new Secret(PASSWORD) };

/** One key for all servers but those that say otherwise: making them takes a moment. */
const KEY = makeSshKey();
export const OTHER_KEY = makeSshKey();

export interface ServerScript {
  readonly hostKey?: string;
  /** Answers one command; without it nothing is said. */
  readonly answer?: (command: string, channel: ServerChannel) => void;
  /** Printed when the shell opens. */
  readonly greeting?: string;
  /** Methods offered; without it `password`. */
  readonly methods?: readonly ("password" | "keyboard-interactive" | "publickey")[];
  /** Questions of a keyboard-interactive log-in; without it one, without echo. */
  readonly questions?: readonly { readonly prompt: string; readonly echo: boolean }[];
  readonly algorithms?: ssh2.ServerConfig["algorithms"];
  readonly refuseShell?: boolean;
  /** Sent in one piece with the news that the log-in was accepted. */
  readonly noise?: Buffer;
}

export interface TestServer {
  readonly target: SshTarget;
  readonly fingerprint: string;
  /** Every log-in attempt: method and what was shown. */
  readonly attempts: string[];
  readonly commands: string[];
  readonly connections: Connection[];
}

function judge(context: AuthContext, script: ServerScript, attempts: string[]): void {
  const methods = [...(script.methods ?? ["password"])];
  if (context.method === "password" && methods.includes("password")) {
    attempts.push(`password ${context.password}`);
    if (context.password === PASSWORD) context.accept();
    else context.reject(methods);
  } else if (context.method === "keyboard-interactive" && methods.includes("keyboard-interactive")) {
    context.prompt([...(script.questions ?? [{ prompt: "Password:", echo: false }])], (answers) => {
      attempts.push(`keyboard-interactive ${answers.join(" ")}`);
      if (answers.length === 1 && answers[0] === PASSWORD) context.accept();
      else context.reject(methods);
    });
  } else {
    attempts.push(context.method);
    context.reject(methods);
  }
}

function serveShell(channel: ServerChannel, script: ServerScript, commands: string[]): void {
  if (script.greeting !== undefined) channel.write(script.greeting);
  let rest = "";
  channel.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split("\r\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      commands.push(line);
      if (line === "exit") channel.close();
      else script.answer?.(line, channel);
    }
  });
}

export async function startSsh(script: ServerScript = {}): Promise<TestServer> {
  const hostKey = script.hostKey ?? KEY;
  const attempts: string[] = [];
  const commands: string[] = [];
  const connections: Connection[] = [];
  const server = new ssh2.Server({ hostKeys: [hostKey], ...(script.algorithms === undefined ? {} : { algorithms: script.algorithms }) });
  server.on("connection", (connection) => {
    connections.push(connection);
    connection.on("error", () => undefined);
    // Without it each answer waits for the acknowledgement of the last; the type package does not know it.
    (connection as unknown as { setNoDelay(on: boolean): void }).setNoDelay(true);
    connection.on("authentication", (context) => {
      const { _sock: socket } = connection as unknown as { readonly _sock: Socket };
      socket.cork();
      judge(context, script, attempts);
      if (script.noise !== undefined && context.method === "password") socket.write(script.noise);
      socket.uncork();
    });
    connection.on("session", (accept) => {
      const session = accept();
      session.on("pty", (yes) => yes?.());
      session.on("shell", (yes, no) => {
        if (script.refuseShell === true) no?.();
        else serveShell(yes(), script, commands);
      });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    for (const connection of connections) connection.end();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const { port } = server.address() as { port: number };
  const key = ssh2.utils.parseKey(hostKey);
  if (key instanceof Error) throw key;
  const fingerprint = hostFingerprintOf((Array.isArray(key) ? key[0] : key).getPublicSSH());
  const target: SshTarget = { address: "127.0.0.1", port, trust: "pin", hostFingerprint: fingerprint, profile: "modern" };
  return { target, fingerprint, attempts, commands, connections };
}

/** A port of 127.0.0.1 where `serve` has each connection; `received` is what clients sent. */
export async function startTcp(serve: (socket: Socket) => void): Promise<{ readonly port: number; readonly received: Buffer[] }> {
  const received: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => received.push(chunk));
    serve(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { port: (server.address() as { port: number }).port, received };
}
