/**
 * The broker of the demonstration: the embedded one, a Mosquitto started here, or one that runs already.
 */
import { spawn } from "node:child_process";
import { access, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { systemClock } from "../../protocols/core/time.ts";
import { startBroker } from "../../protocols/mqtt/broker.ts";
import { ChildFailed } from "./child.ts";
import { freePort } from "./free-port.ts";

export interface BrokerProcess {
  readonly name: string;
  readonly port: number;
  close(): Promise<void>;
}

const MOSQUITTO = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"];
const READY_TRIES = 100;
const READY_PAUSE_MS = 50;

/** `embedded`, `mosquitto`, or `mqtt://127.0.0.1:PORT`. */
export async function startBrokerOf(kind: string, folder: string): Promise<BrokerProcess> {
  if (kind === "embedded") {
    const broker = await startBroker({ host: "127.0.0.1", port: 0 });
    return { name: "embedded broker", port: broker.port, close: () => broker.close() };
  }
  if (kind === "mosquitto") return startMosquitto(folder);
  const url = URL.canParse(kind) ? new URL(kind) : undefined;
  if (url?.protocol !== "mqtt:" || !/^(127(\.\d+){3}|localhost)$/.test(url.hostname)) {
    throw new ChildFailed(`--broker takes "embedded", "mosquitto" or mqtt://127.0.0.1:PORT, not "${kind}"`);
  }
  return { name: kind, port: Number(url.port || 1883), close: async () => undefined };
}

async function startMosquitto(folder: string): Promise<BrokerProcess> {
  const path = await firstThere(MOSQUITTO);
  if (path === undefined) throw new ChildFailed("Mosquitto is not installed: apt-get install mosquitto");
  const port = await freePort();
  const config = join(folder, "mosquitto.conf");
  await writeFile(config, `listener ${port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 100000\n`);
  const child = spawn(path, ["-c", config], { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const clock = systemClock();
  for (let i = 0; i < READY_TRIES && !(await answers(port)); i++) await clock.sleep(READY_PAUSE_MS);
  if (!(await answers(port))) {
    child.kill("SIGKILL");
    throw new ChildFailed(`Mosquitto did not open port ${port}`);
  }
  return {
    name: "Mosquitto",
    port,
    async close() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function firstThere(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (there) return path;
  }
  return undefined;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
