/**
 * An office of 400 phones, 30 rooms and 12 switches in one /22, and the real agent at its default pace: how long until all is
 * known, and what a second pass costs. Meant for a network namespace of its own, where the kernel's counters count nothing else.
 * Prints one line of JSON.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { nowMs, run, serveScript } from "../child.ts";
import { knownSchema } from "./known-plan.ts";

const DEVICES = 462;
/** Far above the goal: what is not known by then is missing. */
const GIVE_UP_MS = 180_000;
const LOOK_MS = 500;
const AGENT = new URL("../../agent/main.ts", import.meta.url);

const siteSchema = z.looseObject({
  control: z.url(),
  ports: z.record(z.string(), z.number()),
  networks: z.array(z.string()),
  switch: z.string(),
  credentials: z.record(z.string(), z.unknown()),
});
const truthSchema = z.array(
  z.looseObject({ mac: z.string(), kind: z.string(), model: z.string(), running: z.string(), port: z.unknown().optional() }),
);
const listSchema = z.object({
  devices: z.array(
    z.looseObject({
      mac: z.string().nullish(),
      model: z.string().nullish(),
      running: z.string().nullish(),
      switchPort: z.string().nullish(),
    }),
  ),
});

const folder = mkdtempSync(join(tmpdir(), "groundswell-known-"));
const site = await serveScript(
  new URL("../../fixtures/site/main.ts", import.meta.url),
  ["--mix", "office", "--devices", String(DEVICES)],
  siteSchema,
);
try {
  process.stdout.write(`${JSON.stringify(knownSchema.parse(await measure()))}\n`);
} finally {
  await site.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function measure(): Promise<z.infer<typeof knownSchema>> {
  const config = writeSettings();
  const before = packets();
  const startMs = nowMs();
  const agent = await serveAgent(config);
  try {
    const truth = truthSchema.parse(await (await fetch(new URL("/devices", site.ready.control))).json());
    let missing = await unknown(truth);
    while (missing.length > 0 && nowMs() - startMs < GIVE_UP_MS) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      missing = await unknown(truth);
    }
    const knownMs = nowMs() - startMs;
    await passOver(startMs);
    const first = packets() - before;
    const again = packets();
    await groundswell("discover", "--json");
    return { devices: truth.length, knownMs, missing: missing.slice(0, 20), firstPackets: first, secondPackets: packets() - again };
  } finally {
    await agent.stop();
  }
}

/** Datagrams and segments sent by anybody here: what the agent sends, and what the site answers. */
function packets(): number {
  const rows = readFileSync("/proc/net/snmp", "utf8")
    .split("\n")
    .map((line) => line.split(" "));
  const value = (name: string, field: string): number => {
    const [titles = [], values = []] = rows.filter(([first]) => first === `${name}:`);
    return Number(values[titles.indexOf(field)]);
  };
  return value("Tcp", "OutSegs") + value("Udp", "OutDatagrams");
}

function secret(name: string, value: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, String(value), { mode: 0o600 });
  return path;
}

function writeSettings(): string {
  const { ready } = site;
  const keys = ready.credentials;
  const passwords = [
    { id: "phones", user: keys["phoneUser"], passwordFile: secret("phones", keys["phonePassword"]), families: ["uc-phone"] },
    { id: "rooms", user: keys["roomUser"], passwordFile: secret("rooms", keys["roomPassword"]), families: ["video-os"] },
    { id: "groups", user: keys["groupUser"], passwordFile: secret("groups", keys["groupPassword"]), families: ["group"] },
  ].map((entry) => ({ kind: "password", ...entry }));
  const settings = {
    site: { id: "bench-office", name: "Office" },
    dataDirectory: join(folder, "data"),
    socket: join(folder, "agent.sock"),
    networks: ready.networks,
    ports: ready.ports,
    credentials: [...passwords, { kind: "community", id: "snmp", communityFile: secret("community", keys["community"]) }],
    adopt: "all",
    // Polls are another matter, and would be counted.
    health: { phones: "1d", rooms: "1d", switches: "1d" },
    log: { level: "warn" },
  };
  const path = join(folder, "config.yaml");
  writeFileSync(path, JSON.stringify(settings));
  return path;
}

async function serveAgent(config: string): Promise<{ stop(): Promise<void> }> {
  const { startChild } = await import("../../agent/demo/child.ts");
  const child = await startChild({ name: "the agent", argv: [AGENT.pathname, "run", "--config", config], readyWithinMs: 60_000 });
  return { stop: () => child.end() };
}

async function groundswell(...args: readonly string[]): Promise<unknown> {
  return JSON.parse(await run([process.execPath, AGENT.pathname, ...args, "--socket", join(folder, "agent.sock")]));
}

/** What is not known of whom: identity, model, version, and the port where the site plugged it in. */
async function unknown(truth: z.infer<typeof truthSchema>): Promise<readonly string[]> {
  const { devices } = listSchema.parse(await groundswell("device", "list", "--json"));
  const known = new Map(devices.map((device) => [device.mac, device]));
  return truth.flatMap(({ mac, kind, model, port }) => {
    const device = known.get(mac);
    if (device === undefined) return [`${kind} ${mac}: not found`];
    const lacks = [
      ...(device.model ? [] : [`model ${model}`]),
      ...(device.running ? [] : ["version"]),
      ...(port === undefined || device.switchPort ? [] : [`port ${String(port)}`]),
    ];
    return lacks.length === 0 ? [] : [`${kind} ${mac}: ${lacks.join(", ")}`];
  });
}

/** The agent's own first pass, and so the packets of all of it. */
async function passOver(startMs: number): Promise<void> {
  const schema = z.looseObject({ discovery: z.looseObject({ phase: z.string() }).nullish() });
  while (nowMs() - startMs < GIVE_UP_MS) {
    const { discovery } = schema.parse(await groundswell("status", "--json"));
    if (discovery?.phase === "done") return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  throw new Error("Cannot measure: the first pass did not end");
}
