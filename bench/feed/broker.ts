/** Mosquitto in a process of its own, on a free port of loopback. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../agent/demo/free-port.ts";
import { WINDOW } from "./plan.ts";

const PROGRAM = "/usr/sbin/mosquitto";

export interface BenchBroker {
  readonly port: number;
  stop(): Promise<void>;
}

export async function startMosquitto(): Promise<BenchBroker> {
  if (!existsSync(PROGRAM)) throw new Error(`Cannot measure: "${PROGRAM}" is not installed. Install it with: apt-get install mosquitto`);
  const folder = mkdtempSync(join(tmpdir(), "groundswell-bench-broker-"));
  const port = await freePort();
  const config = [
    ...[`listener ${port} 127.0.0.1`, "allow_anonymous true", "persistence false", "set_tcp_nodelay true"],
    // It tells MQTT 5 clients how many may be under way, and keeps what a subscriber has not taken yet.
    ...[`max_inflight_messages ${WINDOW}`, "max_queued_messages 0"],
  ];
  writeFileSync(join(folder, "mosquitto.conf"), `${config.join("\n")}\n`);
  const child = spawn(PROGRAM, ["-c", join(folder, "mosquitto.conf")], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(child, "close");
  await new Promise<void>((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      if (said.length < 10_000) said += chunk.toString();
      if (/ running\b/.test(said)) resolve();
    });
    child.once("close", () => reject(new Error(`Cannot measure: mosquitto ended: ${said}`)));
  });
  return {
    port,
    async stop() {
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
