/**
 * Programs of a bench that are no script of ours: looked for, installed, compiled, served.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import * as z from "zod";

export function isThere(program: string): boolean {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Installs Debian packages where that is ours to do. @returns why not, in words; `undefined` where they are installed now */
export function install(packages: readonly string[], say: (text: string) => void): string | undefined {
  const command = `apt-get install ${packages.join(" ")}`;
  if (process.getuid?.() !== 0 || !isThere("apt-get")) return `peers are missing. Install them with: ${command}`;
  say(`installing ${packages.join(", ")}`);
  try {
    execFileSync("apt-get", ["update"], { stdio: "ignore" });
    execFileSync("apt-get", ["install", "-y", "--no-install-recommends", ...packages], {
      stdio: "ignore",
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  } catch {
    return `peers could not be installed. Try it by hand: ${command}`;
  }
  return undefined;
}

/** Compiles a file in C beside the benches. @returns `out` */
export function compile(source: URL, out: string, libraries: readonly string[] = []): string {
  execFileSync("gcc", ["-O2", "-o", out, source.pathname, ...libraries]);
  return out;
}

const readySchema = z.object({ port: z.number() });

/** The hosts: one program that answers from every address of 127.0.0.0/8, for as long as `work` takes. */
export async function withResponder<T>(program: string, args: readonly string[], work: (port: number) => Promise<T>): Promise<T> {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "ignore"] });
  const ended = once(child, "close");
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    ended.then(() => Promise.reject(new Error("Cannot measure: the responder ended before it was ready"))),
  ])) as [string];
  try {
    return await work(readySchema.parse(JSON.parse(line)).port);
  } finally {
    child.stdin.end();
    await ended;
  }
}

/** What the start script gives Node, so that a bench measures the agent as it is started. */
export function startFlags(): readonly string[] {
  const script = readFileSync(new URL("../bin/groundswell", import.meta.url), "utf8");
  const flags = /^exec "\$node" (.*)"\$root\/agent\/main\.ts" "\$@"$/m.exec(script)?.[1];
  if (flags === undefined) throw new Error('Cannot measure: "bin/groundswell" does not say how Node is started');
  return flags.split(" ").filter((flag) => flag !== "");
}
