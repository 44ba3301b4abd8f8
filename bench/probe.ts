/**
 * `groundswell probe` as a technician runs it, its start included: one device of each kind of the simulated site, and an address
 * where packets vanish. Goals: docs/benchmarks.md.
 */
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DeviceKind, SimDevice, SitePorts } from "../fixtures/site/device.ts";
import { startSite } from "../fixtures/site/site.ts";
import { systemClock } from "../protocols/core/time.ts";
import { nowMs } from "./child.ts";
import { absoluteRow, type Row } from "./figure.ts";

const ROUNDS = 5;
const LIVE_MS = 2_000;
/** `--timeout` of the probe, and the start of a process. */
const DEAD_MS = 31_000;
const KINDS = [
  "vvx",
  "trio",
  "ccx",
  "edge",
  "soundpoint",
  "studio",
  "group",
  "hdx",
  "switch",
  "mcu",
] as const satisfies readonly DeviceKind[];

const ENTRY = new URL("../agent/main.ts", import.meta.url).pathname;

interface Asked {
  readonly address: string;
  readonly ports: Partial<SitePorts>;
  readonly options: readonly string[];
}

/** Milliseconds from start to end; throws where the answer is no document. */
async function probe({ address, ports, options }: Asked): Promise<number> {
  const where = Object.entries(ports).flatMap(([name, port]) => [`--${name}-port`, String(port)]);
  const begunMs = nowMs();
  const child = spawn(process.execPath, [ENTRY, "probe", address, ...where, ...options, "--json"], { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  await new Promise<void>((resolve) => child.once("close", () => resolve()));
  const tookMs = nowMs() - begunMs;
  const { schema } = JSON.parse(out) as { readonly schema?: unknown };
  if (schema !== "groundswell.probe/1") throw new Error(`Cannot measure: probe of ${address} answered ${out.slice(0, 200)}`);
  return tookMs;
}

/** Takes connections and datagrams, and says nothing: what a filter that drops looks like, but for the first packet. */
async function openVoid(): Promise<Asked & { close(): Promise<void> }> {
  const address = "127.99.0.1";
  const sockets = new Set<Socket>();
  const tcp = createServer((socket) => void sockets.add(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => tcp.listen(0, address, resolve));
  const udp = createSocket("udp4");
  await new Promise<void>((resolve) => udp.bind(0, address, resolve));
  const bound = tcp.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : 0;
  return {
    address,
    ports: { https: port, http: port, ssh: port, telnet: port, sip: udp.address().port, snmp: udp.address().port },
    options: [],
    async close() {
      for (const socket of sockets) socket.destroy();
      udp.close();
      await new Promise((resolve) => tcp.close(resolve));
    },
  };
}

export async function bench(say: (text: string) => void): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "groundswell-bench-"));
  const running = await startSite({
    seed: 9,
    devices: 0,
    mix: "every",
    provisioning: undefined,
    channelFolder: undefined,
    clock: systemClock(),
  });
  const { site } = running;
  const { secrets } = site;
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const login = (user: string, password: string): string[] => [
    "--user",
    user,
    "--password-file",
    file(`${user}-${password.length}`, password),
  ];
  const optionsFor = ({ kind }: SimDevice): string[] => {
    const community = ["--community-file", file("community", secrets.community)];
    if (kind === "switch" || kind === "mcu") return community;
    if (kind === "studio") return login(secrets.roomUser, secrets.roomPassword);
    if (kind === "group" || kind === "hdx") return login(secrets.groupUser, secrets.groupPassword);
    return login(secrets.phoneUser, secrets.phonePassword);
  };
  try {
    const rows: Row[] = [];
    for (const kind of KINDS) {
      const device = site.devices.find((one) => one.kind === kind);
      if (device === undefined) throw new Error(`Cannot measure: no ${kind}`);
      say(`probe of a ${kind}, ${ROUNDS} times`);
      const took: number[] = [];
      for (let i = 0; i < ROUNDS; i++) took.push(await probe({ address: device.address, ports: site.ports, options: optionsFor(device) }));
      rows.push(absoluteRow({ figure: `probe of a live ${kind}, slowest, ms`, atMost: LIVE_MS }, took));
    }
    say("probe of an address where packets vanish");
    const nobody = await openVoid();
    rows.push(absoluteRow({ figure: "probe of a silent address, ms", atMost: DEAD_MS }, [await probe(nobody)]));
    await nobody.close();
    return rows;
  } finally {
    await running.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
