/**
 * SSH to devices: the host key is checked before the password is sent, always. The only user of ssh2.
 */

import { createHash } from "node:crypto";
import { connect, type Socket } from "node:net";
import { type Algorithms, type AuthenticationType, type AuthHandlerMiddleware, Client, type ClientChannel } from "ssh2";
import { faultOfAbort } from "../core/abort.ts";
import { budgetSignal, overBudget, SSH_BUDGET } from "../core/budget.ts";
import { type Fault, fail, ok, type Result } from "../core/fault.ts";
import { oneAtATimePerKey } from "../core/limit.ts";
import type { Login } from "../core/secret.ts";
import { createAsk, type Shell } from "../shell/shell.ts";
import { PROFILES, type SshProfile } from "./algorithms.ts";
import { readOffer, type SshOffer } from "./offer.ts";

const algorithmsOf = (profile: SshProfile): Algorithms => {
  const { kex, hostKey, cipher, mac } = PROFILES[profile];
  return { kex: [...kex], serverHostKey: [...hostKey], cipher: [...cipher], hmac: [...mac], compress: ["none"] };
};

/** RFC 4253 4.2: 255 characters with the line end; a server may send other lines first. */
const BANNER_BYTES = 8 * 1024;

export interface SshTarget {
  readonly address: string;
  readonly port: number;
  /** `pin`: the host key must have `hostFingerprint`; `any`: whatever is shown is taken. */
  readonly trust: "any" | "pin";
  /** As OpenSSH prints it: `SHA256:…`. */
  readonly hostFingerprint?: string;
  /** `legacyRsaSha1` adds SHA-1 and CBC after everything better: for units of 2015. */
  readonly profile: SshProfile;
  /** Real milliseconds before each further command; without it none. */
  readonly paceMs?: number;
}

export interface SshClient {
  /** The identification line alone; nothing is sent. */
  banner(target: { readonly address: string; readonly port: number }, signal: AbortSignal): Promise<Result<{ readonly banner: string }>>;
  /**
   * One shell session, always closed; sessions with one address come one after the other.
   *
   * @returns what `run` returns, or `impostor` (host key), `denied` (password), `garbled` (no common algorithm), `off` (no shell),
   *   `unreachable`, `overBudget`, `cancelled`
   */
  session<T>(
    target: SshTarget,
    login: Login,
    run: (shell: Shell, signal: AbortSignal) => Promise<Result<T>>,
    signal: AbortSignal,
  ): Promise<Result<T>>;
  /** What the device's side of a handshake can do. It is broken off before any key is agreed on, so no credential is sent. */
  offer(target: { readonly address: string; readonly port: number }, signal: AbortSignal): Promise<Result<SshOffer>>;
  close(): Promise<void>;
}

/** One log-in on its way. */
interface Session {
  readonly target: SshTarget;
  readonly login: Login;
  readonly socket: Socket;
  readonly parent: AbortSignal;
  readonly limited: AbortSignal;
}

export function createSshClient(): SshClient {
  const perAddress = oneAtATimePerKey();
  const open = new Set<Socket>();

  function openSocket(target: { address: string; port: number }): Socket {
    const socket = connect({ host: target.address, port: target.port });
    // Commands are short: without this every one waits for the acknowledgement of the last.
    socket.setNoDelay(true);
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    return socket;
  }

  return {
    async banner(target, parent) {
      const limited = budgetSignal(SSH_BUDGET, parent);
      if (limited.aborted) return fail(faultOfAbort("ssh", { parent, budget: SSH_BUDGET, heard: false }));
      const socket = openSocket(target);
      try {
        return await readBanner(socket, { parent, limited });
      } finally {
        socket.destroy();
      }
    },
    async offer(target, parent) {
      const limited = budgetSignal(SSH_BUDGET, parent);
      if (limited.aborted) return fail(faultOfAbort("ssh", { parent, budget: SSH_BUDGET, heard: false }));
      const socket = openSocket(target);
      try {
        return await readOffer(socket, { parent, limited });
      } finally {
        socket.destroy();
      }
    },
    async session(target, login, run, parent) {
      const fault = pinMissing(target);
      if (fault !== undefined) return fail(fault);
      try {
        return await perAddress.run(target.address, async () => {
          const limited = budgetSignal(SSH_BUDGET, parent);
          return limited.aborted
            ? fail(faultOfAbort("ssh", { parent, budget: SSH_BUDGET, heard: false }))
            : oneSession({ target, login, socket: openSocket(target), parent, limited }, run);
        });
      } catch (error) {
        if (!parent.aborted) throw error;
        return fail(faultOfAbort("ssh", { parent, budget: SSH_BUDGET, heard: false }));
      }
    },
    async close() {
      for (const socket of open) socket.destroy();
      open.clear();
    },
  };
}

function pinMissing(target: SshTarget): Fault | undefined {
  if (target.trust !== "pin" || target.hostFingerprint !== undefined) return undefined;
  return { kind: "impostor", via: "ssh", wanted: "a pinned host key", found: "no pin on record" };
}

/** A device on its way down or up takes connections and lets them go. */
const WORDLESS: Fault = { kind: "unreachable", via: "ssh", detail: "closed without a word" };

/** SHA-256 of a host key as OpenSSH prints it. */
export function hostFingerprintOf(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

function readBanner(socket: Socket, cut: { parent: AbortSignal; limited: AbortSignal }): Promise<Result<{ readonly banner: string }>> {
  return new Promise((resolve) => {
    let text = "";
    const end = (fault: Fault): void => resolve(fail(fault));
    cut.limited.addEventListener("abort", () => end(faultOfAbort("ssh", { parent: cut.parent, budget: SSH_BUDGET, heard: text !== "" })), {
      once: true,
    });
    socket.on("error", (error: NodeJS.ErrnoException) =>
      end({ kind: "unreachable", via: "ssh", ...(error.code === undefined ? {} : { detail: error.code }) }),
    );
    socket.on("close", () => end(text === "" ? WORDLESS : { kind: "garbled", via: "ssh", wanted: "an SSH identification" }));
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      const line = /^(SSH-[\x20-\x7e]{1,250})\r?\n/m.exec(text)?.[1];
      if (line !== undefined) resolve(ok({ banner: line }));
      else if (text.length > BANNER_BYTES) end(overBudget("ssh", "bytes", BANNER_BYTES));
    });
  });
}

async function oneSession<T>(session: Session, run: (shell: Shell, signal: AbortSignal) => Promise<Result<T>>): Promise<Result<T>> {
  const client = new Client();
  let received = 0;
  // Bytes are counted before the library sees them: an endless greeting is cut off like an endless answer.
  session.socket.on("data", (chunk) => {
    received += chunk.length;
    if (received > SSH_BUDGET.bytes) session.socket.destroy();
  });
  const cutOff = (): Fault | undefined => {
    if (received > SSH_BUDGET.bytes) return overBudget("ssh", "bytes", SSH_BUDGET.bytes);
    return session.limited.aborted ? faultOfAbort("ssh", { parent: session.parent, budget: SSH_BUDGET, heard: received > 0 }) : undefined;
  };
  const stop = (): void => void session.socket.destroy();
  session.limited.addEventListener("abort", stop, { once: true });
  try {
    const ready = await logIn(client, session);
    if (!ready.ok) return fail(cutOff() ?? (received === 0 && ready.fault.kind === "garbled" ? WORDLESS : ready.fault));
    const channel = await openShell(client, session.socket);
    if (!channel.ok) return fail(cutOff() ?? channel.fault);
    const { parent, limited, target } = session;
    const ask = createAsk(channel.value, { via: "ssh", parent, limited, paceMs: target.paceMs ?? 0 });
    const result = await run({ ask, hostFingerprint: ready.value }, limited);
    if (!channel.value.destroyed) channel.value.write("exit\r\n");
    const cut = result.ok ? undefined : cutOff();
    return cut === undefined ? result : fail(cut);
  } finally {
    session.limited.removeEventListener("abort", stop);
    // The device frees a session when its connection ends; a polite end first, so that `exit` still arrives.
    client.end();
    session.socket.destroySoon();
  }
}

/** Resolves with the host's fingerprint. The password goes out only after the host key was accepted. */
function logIn(client: Client, session: Session): Promise<Result<string>> {
  const { target, login } = session;
  let fingerprint = "";
  let impostor: Fault | undefined;
  return new Promise((resolve) => {
    client.on("ready", () => resolve(ok(fingerprint)));
    client.on("error", (error) => resolve(fail(impostor ?? loginFault(error, login))));
    client.on("close", () => resolve(fail(impostor ?? { kind: "unreachable", via: "ssh", detail: "closed during log-in" })));
    client.on("keyboard-interactive", (_name, _instructions, _lang, prompts, finish) =>
      // Only the one question that is a password is answered.
      finish(prompts.length === 1 && prompts[0]?.echo !== true ? [login.password.reveal()] : []),
    );
    client.connect({
      sock: session.socket,
      username: login.user,
      password: login.password.reveal(),
      algorithms: algorithmsOf(target.profile),
      readyTimeout: SSH_BUDGET.timeMs,
      // Without it the library passes over keyboard-interactive, whatever `authHandler` says.
      tryKeyboard: true,
      authHandler: authOnce(),
      hostVerifier: (key: Buffer) => {
        fingerprint = hostFingerprintOf(key);
        if (target.trust === "any" || fingerprint === target.hostFingerprint) return true;
        impostor = { kind: "impostor", via: "ssh", wanted: target.hostFingerprint ?? "a pinned host key", found: fingerprint };
        return false;
      },
    });
  });
}

/** Asks which methods there are, then tries the password once: two methods with one wrong password would be two refusals. */
function authOnce(): AuthHandlerMiddleware {
  let sent = false;
  return (methods: readonly AuthenticationType[] | null, _partial, next) => {
    if (methods === null) return next("none");
    const wanted = sent ? undefined : (["password", "keyboard-interactive"] as const).find((method) => methods.includes(method));
    sent = true;
    // `false` ends the log-in; the type package does not know it.
    next(wanted ?? (false as unknown as AuthenticationType));
  };
}

const NO_HANDSHAKE: Fault = { kind: "garbled", via: "ssh", wanted: "an SSH handshake with algorithms we accept" };

function loginFault(error: Error & { level?: string; code?: string | number }, login: Login): Fault {
  switch (error.level) {
    case "client-authentication":
      return { kind: "denied", via: "ssh", credentialId: login.id };
    case "protocol":
    case "handshake":
      return NO_HANDSHAKE;
    default:
      // What the library's reader throws (an endless greeting, a broken packet) has neither level nor code.
      if (error.level === undefined && error.code === undefined) return NO_HANDSHAKE;
      return { kind: "unreachable", via: "ssh", ...(typeof error.code === "string" ? { detail: error.code } : {}) };
  }
}

function openShell(client: Client, socket: Socket): Promise<Result<ClientChannel>> {
  return new Promise((resolve) => {
    const closed = (): void => resolve(fail({ kind: "unreachable", via: "ssh", detail: "closed before the shell opened" }));
    // What came with the news of the log-in may have ended the connection; the library would throw.
    if (!socket.writable) return closed();
    client.once("close", closed);
    client.shell({ term: "dumb" }, (error, channel) =>
      resolve(error === undefined || error === null ? ok(channel) : fail({ kind: "off", via: "ssh", detail: "no shell" })),
    );
  });
}
