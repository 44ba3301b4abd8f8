/**
 * The real agent, killed in the middle of a sweep and started again: it goes on, loses no sighting, and repeats only what was
 * under way. Every packet is counted by those who receive it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { askLocal } from "../../agent/cli/ask-local.ts";
import { MAIN_FILE, openForReading } from "../../store/open.ts";
import { shutPort } from "../support/family-io.ts";

const NET = "127.73.1";
const HOSTS = 126;
/** Every ninth host is a phone that says by SIP who it is. */
const PHONES = Array.from({ length: 14 }, (_, i) => 9 * (i + 1));
const TRIES = 2;
const MAIN = new URL("../../agent/main.ts", import.meta.url).pathname;

interface Heard {
  readonly host: number;
  /** By the second agent. */
  readonly again: boolean;
}

interface Site {
  readonly ports: Readonly<Record<string, number>>;
  readonly snmp: Heard[];
  /** Set when the first agent is gone. */
  killed: boolean;
}

const macOf = (host: number): string => `64167f0000${host.toString(16).padStart(2, "0")}`;

async function bound(address: string, port: number): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.bind(port, address);
  await once(socket, "listening");
  onTestFinished(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  return socket;
}

async function site(): Promise<Site> {
  const snmp: Heard[] = [];
  const made = { ports: {}, snmp, killed: false };
  const doors = createServer((socket) => void socket.on("error", () => undefined).resetAndDestroy());
  await new Promise<void>((resolve) => doors.listen(0, "0.0.0.0", resolve));
  onTestFinished(() => new Promise<void>((resolve) => doors.close(() => resolve())));
  const ports = { snmp: 0, sip: 0 };
  for (let host = 1; host <= HOSTS; host++) {
    const address = `${NET}.${host}`;
    const asked = await bound(address, ports.snmp);
    asked.on("message", () => void snmp.push({ host, again: made.killed }));
    const sip = await bound(address, ports.sip);
    sip.on("message", (packet, from) => {
      if (!PHONES.includes(host)) return;
      const lines = /^(Via|Call-ID|CSeq): .*$/gm;
      const kept = packet.toString().match(lines)?.join("\r\n") ?? "";
      const agent = `User-Agent: PolycomVVX-VVX_411-UA/6.4.6.2327_${macOf(host)}`;
      sip.send(`SIP/2.0 200 OK\r\n${kept}\r\n${agent}\r\n\r\n`, from.port, from.address);
    });
    Object.assign(ports, { snmp: asked.address().port, sip: sip.address().port });
  }
  const tcp = (doors.address() as AddressInfo).port;
  const [http, ssh, telnet] = await Promise.all([shutPort(), shutPort(), shutPort()]);
  return Object.assign(made, { ports: { https: tcp, http, ssh, telnet, ...ports } });
}

async function startAgent(config: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [MAIN, "run", "--config", config], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  await Promise.race([once(lines, "line"), once(child, "exit").then(() => Promise.reject(new Error("the agent ended at once")))]);
  return child;
}

/** How far the killed agent was, as it wrote it down. */
function markIn(directory: string): { readonly position: number; readonly waiting: number } {
  const sql = openForReading(join(directory, MAIN_FILE));
  try {
    const row = sql.one("select position, waiting from sweeps") ?? {};
    return { position: Number(row["position"]), waiting: (JSON.parse(String(row["waiting"])) as unknown[]).length };
  } finally {
    sql.close();
  }
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}

test("agent: killed in the middle of a sweep it goes on, asks nobody again who was done, and knows every phone once", async () => {
  const there = await site();
  const { ports, snmp } = there;
  const folder = mkdtempSync(join(tmpdir(), "groundswell-sweep-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "community"), "groundswell", { mode: 0o600 });
  const socket = join(folder, "agent.sock");
  const config = join(folder, "config.yaml");
  const settings = {
    ...{ site: { id: "crash-sweep", name: "Crash" }, dataDirectory: join(folder, "data"), socket, ports, adopt: "ask" },
    networks: [`${NET}.0/25`],
    // Some eleven seconds for the whole network.
    sweep: { ratePerSecond: 100, every: "7d" },
    credentials: [{ id: "snmp", kind: "community", communityFile: join(folder, "community") }],
    log: { level: "warn" },
  };
  writeFileSync(config, JSON.stringify(settings));
  const ask = async (name: string): Promise<Record<string, unknown>> =>
    (await askLocal(socket, { name, args: {} }, new AbortController().signal)).result as Record<string, unknown>;

  const first = await startAgent(config);
  await until(() => new Set(snmp.map(({ host }) => host)).size > 0.7 * HOSTS);
  first.kill("SIGKILL");
  await once(first, "exit");
  there.killed = true;
  const { position, waiting } = markIn(join(folder, "data"));
  const askedBefore = new Set(snmp.map(({ host }) => host));

  const second = await startAgent(config);
  onTestFinished(() => void second.kill("SIGKILL"));
  await until(async () => (await ask("agent.status"))["discovery"] !== null);
  await until(async () => ((await ask("agent.status"))["discovery"] as { phase: string }).phase === "done");
  const devices = (await ask("device.list"))["devices"] as { mac: string; running: string }[];
  second.kill("SIGTERM");
  await once(second, "exit");

  expect(devices.map(({ mac }) => mac.replaceAll(":", "")).sort()).toEqual(PHONES.map(macOf).sort());
  expect(new Set(snmp.map(({ host }) => host)).size).toBe(HOSTS);
  const again = new Set(snmp.filter((one) => one.again && askedBefore.has(one.host)).map(({ host }) => host));
  // Whoever stands before the kept position was done, but for those who had answered and were not read yet.
  expect(position).toBeGreaterThan(HOSTS / 8);
  expect(askedBefore.size - again.size).toBeGreaterThanOrEqual(position - waiting);
  for (let host = 1; host <= HOSTS; host++) {
    const packets = snmp.filter((one) => one.host === host).length;
    expect(packets, `${NET}.${host}`).toBeLessThanOrEqual(again.has(host) ? 2 * TRIES : TRIES);
  }
});
