/**
 * The command line of Group and HDX over telnet, for sites that allow it: nothing is encrypted and nothing proves who answers,
 * so it is used only where a person said so. Source: protocols/video.md 4.2, 4.3 and 5.
 */
import { connect, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { faultOfAbort } from "../core/abort.ts";
import { budgetSignal, overBudget, SSH_BUDGET } from "../core/budget.ts";
import { type Fault, fail, ok, type Result } from "../core/fault.ts";
import { oneAtATimePerKey } from "../core/limit.ts";
import type { Login } from "../core/secret.ts";
import { createAsk, type Shell } from "../shell/shell.ts";
import { createNegotiator } from "./options.ts";

export interface TelnetTarget {
  readonly address: string;
  /** 24 is the interface, 23 a diagnostics shell. */
  readonly port: number;
  /** Real milliseconds before each further command; without it none. */
  readonly paceMs?: number;
}

export interface TelnetClient {
  /**
   * One command line, always left with `exit` and closed; sessions with one address come one after the other.
   *
   * @returns what `run` returns, or `denied` (password), `off` (a diagnostics shell), `garbled` (no question for a password),
   *   `unreachable`, `overBudget`, `cancelled`
   */
  session<T>(
    target: TelnetTarget,
    login: Login,
    run: (shell: Shell, signal: AbortSignal) => Promise<Result<T>>,
    signal: AbortSignal,
  ): Promise<Result<T>>;
  close(): Promise<void>;
}

interface Session {
  readonly target: TelnetTarget;
  readonly login: Login;
  readonly socket: Socket;
  readonly parent: AbortSignal;
  readonly limited: AbortSignal;
}

export function createTelnetClient(): TelnetClient {
  const perAddress = oneAtATimePerKey();
  const open = new Set<Socket>();

  function openSocket(target: TelnetTarget): Socket {
    const socket = connect({ host: target.address, port: target.port });
    socket.setNoDelay(true);
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    return socket;
  }

  return {
    async session(target, login, run, parent) {
      const cancelled = (): Fault => faultOfAbort("telnet", { parent, budget: SSH_BUDGET, heard: false });
      const now = async () => {
        const limited = budgetSignal(SSH_BUDGET, parent);
        if (limited.aborted) return fail(cancelled());
        return oneSession({ target, login, socket: openSocket(target), parent, limited }, run);
      };
      try {
        return await perAddress.run(target.address, now, parent);
      } catch (error) {
        if (!parent.aborted) throw error;
        return fail(cancelled());
      }
    },
    async close() {
      for (const socket of open) socket.destroy();
      open.clear();
    },
  };
}

/** The connection as text in both directions: counted, and without its negotiation. */
function textOf(socket: Socket): { readonly channel: Duplex; readonly received: () => number } {
  const negotiate = createNegotiator();
  let received = 0;
  const channel = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      if (socket.writable) socket.write(chunk);
      done();
    },
  });
  socket.on("data", (chunk: Buffer) => {
    received += chunk.length;
    if (received > SSH_BUDGET.bytes) return void socket.destroy();
    const { text, reply } = negotiate(chunk);
    if (reply.length > 0 && socket.writable) socket.write(reply);
    if (text.length > 0) channel.push(text);
  });
  socket.once("close", () => channel.destroy());
  return { channel, received: () => received };
}

async function oneSession<T>(session: Session, run: (shell: Shell, signal: AbortSignal) => Promise<Result<T>>): Promise<Result<T>> {
  const { socket, parent, limited, target } = session;
  const { channel, received } = textOf(socket);
  const stop = (): void => void socket.destroy();
  limited.addEventListener("abort", stop, { once: true });
  const cutOff = (): Fault | undefined => {
    if (received() > SSH_BUDGET.bytes) return overBudget("telnet", "bytes", SSH_BUDGET.bytes);
    return limited.aborted ? faultOfAbort("telnet", { parent, budget: SSH_BUDGET, heard: received() > 0 }) : undefined;
  };
  try {
    const ready = await logIn(session, channel);
    if (!ready.ok) return fail(cutOff() ?? ready.fault);
    const ask = createAsk(channel, { via: "telnet", parent, limited, paceMs: target.paceMs ?? 0 });
    const result = await run({ ask }, limited);
    // A connection left open lives on and takes one of about 15 places. Source: protocols/video.md 4.2.
    if (socket.writable) socket.write("exit\r\n");
    const cut = result.ok ? undefined : cutOff();
    return cut === undefined ? result : fail(cut);
  } finally {
    limited.removeEventListener("abort", stop);
    socket.destroySoon();
  }
}

/** The diagnostics shell of port 23, which `apiport` may have swapped with the interface. Source: protocols/video.md 4.3. */
const DIAGNOSTICS = /Polycom Command Shell|XCOM host:/;
/** Consoles of other devices on the same networks, left alone. Source: protocols/video.md 6. */
const OTHERS = /Welcome to (?:Polycom RMX|ViewStation)/;
const ASKS_PASSWORD = /Password:\s*$/i;
const ASKS_NAME = /(?:login|user(?:name)?):\s*$/i;
/** The prompt, or the banner that every session begins with. Blanks are bounded: what a unit may send must not cost its square. */
const INSIDE = /(?:^|[\r\n])[ \t]{0,8}(?:->|Hi, my name is)/;
/** More than the longest start banner. */
const GREETING_CHARS = 16 * 1024;

/** Octets that no terminal is sent: neither printable, nor white space, bell, backspace or escape. Names may hold what is beyond ASCII. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const NO_TEXT = /[\x00-\x06\x0e-\x1a\x1c-\x1f\x7f]/;
const NO_GREETING: Fault = { kind: "garbled", via: "telnet", wanted: "a greeting", detail: "closed before the log-in" };
const CLOSED: Fault = { kind: "unreachable", via: "telnet", detail: "closed before the log-in" };

type Step = "inside" | "askedPassword" | "more" | Fault;

function stepOf(text: string): Step {
  if (text.length > GREETING_CHARS) return overBudget("telnet", "bytes", GREETING_CHARS);
  if (DIAGNOSTICS.test(text)) return { kind: "off", via: "telnet", detail: "this port is a diagnostics shell" };
  if (OTHERS.test(text)) return { kind: "off", via: "telnet", detail: "the console of another device" };
  if (INSIDE.test(text)) return "inside";
  if (ASKS_PASSWORD.test(text)) return "askedPassword";
  if (ASKS_NAME.test(text)) return { kind: "garbled", via: "telnet", wanted: "a question for the password alone" };
  return "more";
}

/** The password goes out once, and only where it is asked for; a second question is a refusal. */
function logIn(session: Session, channel: Duplex): Promise<Result<null>> {
  const { login, socket } = session;
  const denied: Fault = { kind: "denied", via: "telnet", credentialId: login.id };
  return new Promise((resolve) => {
    let text = "";
    let sent = false;
    const done = (result: Result<null>): void => {
      channel.off("data", hear);
      resolve(result);
    };
    const hear = (chunk: Buffer): void => {
      text += chunk.toString("latin1");
      const step = stepOf(text);
      if (step === "inside") done(ok(null));
      else if (step === "askedPassword" && sent) done(fail(denied));
      else if (step === "askedPassword") {
        sent = true;
        text = "";
        socket.write(`${login.password.reveal()}\r\n`);
      } else if (step !== "more") done(fail(step));
    };
    channel.on("data", hear);
    socket.on("error", (error: NodeJS.ErrnoException) =>
      done(fail({ kind: "unreachable", via: "telnet", ...(error.code === undefined ? {} : { detail: error.code }) })),
    );
    channel.once("close", () => done(fail(sent ? denied : NO_TEXT.test(text) ? NO_GREETING : CLOSED)));
  });
}
