/**
 * Contenders and servers run as processes of their own, so that each one's processor time is its own.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type * as z from "zod";

/** Longest a contender may take for one round; a guess, ten times what the slowest took. */
const ROUND_MS = 120_000;

/** Runs a script of ours, or a program, to its end and gives what it printed. */
export async function run(command: readonly string[], input = "", withinMs = ROUND_MS): Promise<string> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], timeout: withinMs });
  let out = "";
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-2_000);
  });
  child.stdin.on("error", () => undefined).end(input);
  const code = await new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  if (code !== 0) throw new Error(`Cannot measure "${program} ${args[0] ?? ""}": it ended with ${code}: ${said.trim()}`);
  return out;
}

/** A script of ours under this very Node, which prints one line of JSON. */
export async function runScript<T>(script: URL, args: readonly string[], schema: z.ZodType<T>): Promise<T> {
  return schema.parse(JSON.parse(await run([process.execPath, script.pathname, ...args])));
}

export interface Served<T> {
  readonly ready: T;
  stop(): Promise<void>;
}

/** A server of ours: prints one line of JSON when it is ready and ends when its standard input closes. */
export async function serveScript<T>(script: URL, args: readonly string[], schema: z.ZodType<T>): Promise<Served<T>> {
  const child: ChildProcess = spawn(process.execPath, [script.pathname, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const lines = createInterface({ input: child.stdout! });
  const first = await Promise.race([
    new Promise<string>((resolve) => lines.once("line", resolve)),
    ended.then(() => {
      throw new Error(`Cannot measure: "${script.pathname}" ended before it was ready`);
    }),
  ]);
  return {
    ready: schema.parse(JSON.parse(first)),
    async stop() {
      child.stdin?.end();
      await ended;
    },
  };
}

/** Ends this process when whoever started it closes our standard input. */
export function endWithStdin(): void {
  process.stdin
    .once("end", () => process.exit(0))
    .once("close", () => process.exit(0))
    .resume();
}

/** Real milliseconds since an arbitrary moment. */
export const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;
