/** A real Mosquitto on loopback, with the settings a test gives it, and its own clients. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export const MOSQUITTO = "/usr/sbin/mosquitto";
export const MOSQUITTO_SUB = "/usr/bin/mosquitto_sub";
export const MOSQUITTO_PUB = "/usr/bin/mosquitto_pub";
export const MOSQUITTO_PASSWD = "/usr/bin/mosquitto_passwd";

export function brokerFolder(): string {
  const made = mkdtempSync(join(tmpdir(), "groundswell-mosquitto-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Runs until the test is over, as whoever runs the test: the files it reads are theirs. @returns ends it without a goodbye to anybody */
export async function runMosquitto(folder: string, settings: string): Promise<() => Promise<void>> {
  const config = join(folder, "mosquitto.conf");
  writeFileSync(config, `${settings}\nuser ${userInfo().username}\n`);
  const child: ChildProcess = spawn(MOSQUITTO, ["-c", config, "-v"], { stdio: ["ignore", "ignore", "pipe"] });
  const over = once(child, "exit");
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await over;
  };
  onTestFinished(kill);
  await new Promise<void>((resolve, reject) => {
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (/ running\b/.test(said)) resolve();
    });
    child.once("exit", () => reject(new Error(`mosquitto ended: ${said}`)));
  });
  return kill;
}

/** Runs one of its clients to its end. */
export async function runClient(
  path: string,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const child = spawn(path, args, { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  onTestFinished(() => void child.kill());
  const [code] = (await once(child, "close")) as [number | null];
  return { code, out, err };
}

/** What a subscriber prints, line by line. */
export interface Listener {
  readonly lines: readonly string[];
  /** Resolves when a look over all lines so far says yes. */
  until(isSo: (lines: readonly string[]) => boolean): Promise<void>;
}

/** Resolves when the broker has granted its subscriptions: `args` must hold `-d`, and its own format lines must begin with `> `. */
export async function listen(args: readonly string[]): Promise<Listener> {
  // It holds back what it says with -d where nobody but a pipe reads it.
  const child = spawn("stdbuf", ["-oL", MOSQUITTO_SUB, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill());
  const lines: string[] = [];
  const looks = new Set<() => void>();
  const granted = Promise.withResolvers<void>();
  let rest = "";
  child.stdout.on("data", (chunk: Buffer) => {
    const pieces = (rest + chunk.toString()).split("\n");
    rest = pieces.pop() ?? "";
    if (pieces.some((line) => line.startsWith("Subscribed (mid"))) granted.resolve();
    lines.push(...pieces.filter((line) => line.startsWith("> ")).map((line) => line.slice(2)));
    for (const look of looks) look();
  });
  let err = "";
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  child.once("exit", () => granted.reject(new Error(`mosquitto_sub ended: ${err}`)));
  await granted.promise;
  return {
    lines,
    until: (isSo) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!isSo(lines)) return;
          looks.delete(look);
          resolve();
        };
        looks.add(look);
        look();
      }),
  };
}
