/**
 * The clients that talk to devices, beside `net-snmp`, `curl -Z` and OpenSSH. Goals: docs/benchmarks.md.
 */
import * as z from "zod";
import { run, runScript, serveScript } from "./child.ts";
import { absoluteRow, type Row, ratioRow } from "./figure.ts";
import { curlPerSecond } from "./wire/https-curl.ts";
import { startWebServer } from "./wire/https-server.ts";
import { prepareSshMaster } from "./wire/ssh-master.ts";

/** Medians of this many rounds, ours and the peer's in turn. */
const ROUNDS = 5;
const ENGINES = 500;
const WARM_ENGINES = 200;
/** Later asks of each engine in a round. */
const REPEATS = 20;

const readySchema = z.object({ port: z.number() });
const snmpSchema = z.object({ firstUs: z.number(), laterUs: z.number(), stallMs: z.number() });
const rateSchema = z.object({ perSecond: z.number() });
type Say = (text: string) => void;

const at = (name: string): URL => new URL(`./wire/${name}.ts`, import.meta.url);

async function rounds<T>(say: Say, what: string, once: () => Promise<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for (let i = 1; i <= ROUNDS; i++) {
    say(`${what}: round ${i} of ${ROUNDS}`);
    all.push(await once());
  }
  return all;
}

async function snmp(say: Say): Promise<readonly Row[]> {
  const server = await serveScript(at("snmp-engines"), [String(WARM_ENGINES + ENGINES)], readySchema);
  try {
    const args = [server.ready.port, WARM_ENGINES, ENGINES, REPEATS].map(String);
    const seen = await rounds(say, "SNMPv3", async () => ({
      ours: await runScript(at("snmp-ours"), args, snmpSchema),
      peer: await runScript(at("snmp-library"), args, snmpSchema),
    }));
    const pairs = (name: "firstUs" | "laterUs") => seen.map(({ ours, peer }) => ({ ours: ours[name], peer: peer[name] }));
    return [
      ratioRow({ figure: "SNMPv3 first contact, CPU µs, net-snmp", atMost: 0.05 }, pairs("firstUs")),
      ratioRow({ figure: "SNMPv3 later asks, CPU µs, net-snmp", atMost: 0.3 }, pairs("laterUs")),
      absoluteRow(
        { figure: "SNMPv3 longest stall of the loop, ms", atMost: 20 },
        seen.map(({ ours }) => ours.stallMs),
      ),
    ];
  } finally {
    await server.stop();
  }
}

async function https(say: Say): Promise<readonly Row[]> {
  const server = await startWebServer();
  try {
    const ours = async (how: string): Promise<number> =>
      (await runScript(at("https-ours"), [String(server.port), how], rateSchema)).perSecond;
    const seen = await rounds(say, "HTTPS", async () => ({
      kept: await ours("kept"),
      curl: await curlPerSecond(server.port),
      fresh: await ours("new"),
    }));
    return [
      ratioRow(
        { figure: "HTTPS asks/s, kept connections, curl -Z", atLeast: 4 },
        seen.map(({ kept, curl }) => ({ ours: kept, peer: curl })),
      ),
      ratioRow(
        { figure: "HTTPS asks/s, new connections, curl -Z", atLeast: 0.85 },
        seen.map(({ fresh, curl }) => ({ ours: fresh, peer: curl })),
      ),
    ];
  } finally {
    await server.stop();
  }
}

async function ssh(say: Say): Promise<readonly Row[]> {
  const master = prepareSshMaster();
  try {
    const server = await serveScript(at("ssh-server"), [master.hostKey], readySchema);
    try {
      const seen = await rounds(say, "SSH", async () => ({
        ours: (await runScript(at("ssh-ours"), [String(server.ready.port)], rateSchema)).perSecond,
        peer: await master.perSecond(server.ready.port),
      }));
      return [ratioRow({ figure: "SSH asks/s on one connection, ControlMaster", atLeast: 2.5 }, seen)];
    } finally {
      await server.stop();
    }
  } finally {
    master.stop();
  }
}

/** Refused where a peer is not installed: a figure without its peer says nothing. */
async function checkPeers(): Promise<void> {
  for (const [program, ...args] of [
    ["curl", "--version"],
    ["/usr/sbin/nginx", "-v"],
    ["ssh", "-V"],
  ]) {
    await run([program ?? "", ...args]).catch(() => {
      throw new Error(`Cannot measure: "${program}" is not installed. Install it with: apt-get install curl nginx-light openssh-client`);
    });
  }
}

export async function bench(say: Say): Promise<readonly Row[]> {
  await checkPeers();
  return [...(await snmp(say)), ...(await https(say)), ...(await ssh(say))];
}
