/** OpenSSH with a ControlMaster: one connection, a client started for every ask, as scripts do it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nowMs, run } from "../child.ts";

const ASKS = 100;

export interface SshMaster {
  /** File of the server's host key, made here. */
  readonly hostKey: string;
  perSecond(port: number): Promise<number>;
  stop(): void;
}

export function prepareSshMaster(): SshMaster {
  const folder = mkdtempSync(join(tmpdir(), "groundswell-bench-"));
  const hostKey = join(folder, "host");
  const userKey = join(folder, "user");
  for (const file of [hostKey, userKey]) spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file], { stdio: "ignore" });
  const control = join(folder, "control");
  const options = [
    "-F",
    "none",
    "-i",
    userKey,
    "-o",
    "StrictHostKeyChecking=no",
    "-o",
    "UserKnownHostsFile=/dev/null",
    "-o",
    "LogLevel=ERROR",
  ];
  const mux = (port: number): string[] => [...options, "-o", `ControlPath=${control}`, "-p", String(port), "admin@127.0.0.1"];
  return {
    hostKey,
    async perSecond(port) {
      await run(["ssh", "-M", "-f", "-N", ...mux(port)]);
      try {
        await run(["ssh", ...mux(port), "version"]);
        const startedMs = nowMs();
        for (let i = 0; i < ASKS; i++) await run(["ssh", ...mux(port), "version"]);
        return (ASKS * 1_000) / (nowMs() - startedMs);
      } finally {
        await run(["ssh", "-O", "exit", ...mux(port)]);
      }
    },
    stop: () => rmSync(folder, { recursive: true, force: true }),
  };
}
