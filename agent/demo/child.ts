/**
 * A child process with an owner: its first line of standard output says it is ready, its standard error is kept for
 * when something goes wrong, and it ends with us.
 */
import { type ChildProcess, spawn } from "node:child_process";

export interface Child {
  /** The JSON of the first line on standard output. */
  readonly ready: unknown;
  readonly process: ChildProcess;
  /** The newest lines of standard error. */
  talk(): string;
  /** Asks it to end and waits; after the grace time it is killed. */
  end(): Promise<void>;
  /** Kills it at once, as a power cut would. */
  kill(): Promise<void>;
  readonly ended: Promise<number | null>;
}

const KEEP_TALK_BYTES = 64 * 1024;
const END_GRACE_MS = 20_000;

export class ChildFailed extends Error {
  override readonly name = "ChildFailed";
  /** How it was ended before it was ready, where it was. */
  readonly signal: string | undefined;
  constructor(message: string, signal?: string) {
    super(message);
    this.signal = signal;
  }
}

export interface ChildOptions {
  readonly name: string;
  readonly argv: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Real milliseconds until the ready line. */
  readonly readyWithinMs: number;
  /** Kills it at once, while it starts or later. */
  readonly stop?: AbortSignal;
}

/** Starts `node argv…` on this very runtime and waits for its ready line. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const child = spawn(process.execPath, options.argv, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { PATH: "/usr/bin:/bin", ...options.environment },
  });
  let talk = "";
  let out = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    talk = (talk + text).slice(-KEEP_TALK_BYTES);
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  const firstLine = new Promise<string>((resolve, reject) => {
    const timer = AbortSignal.timeout(options.readyWithinMs);
    timer.addEventListener("abort", () =>
      reject(new ChildFailed(`${options.name} was not ready within ${options.readyWithinMs / 1000} s\n${talk.slice(-2_000)}`)),
    );
    child.once("error", reject);
    child.once("exit", (code, signal) =>
      reject(new ChildFailed(`${options.name} ended with code ${code} before it was ready\n${talk.slice(-2_000)}`, signal ?? undefined)),
    );
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (out.includes("\n")) return; // only the first line is for us
      out += text;
      const end = out.indexOf("\n");
      if (end >= 0) resolve(out.slice(0, end));
    });
  });
  const kill = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await ended;
  };
  options.stop?.addEventListener("abort", () => void kill(), { once: true });
  if (options.stop?.aborted === true) await kill();
  let ready: unknown;
  try {
    ready = JSON.parse(await firstLine);
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    ready,
    process: child,
    talk: () => talk,
    ended,
    kill,
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      const late = AbortSignal.timeout(END_GRACE_MS);
      late.addEventListener("abort", () => child.kill("SIGKILL"));
      await ended;
    },
  };
}
