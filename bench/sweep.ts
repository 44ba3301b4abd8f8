/**
 * Finding devices: an SNMP sweep of a /16 in which everybody answers, beside onesixtyone, nmap, a session of `net-snmp` per
 * address and a loop in C; and a whole office known by the real agent. Goals: docs/benchmarks.md.
 */
import { run, runScript } from "./child.ts";
import { absoluteRow, type Row, ratioRow } from "./figure.ts";
import { withResponder } from "./programs.ts";
import { knownSchema } from "./sweep/known-plan.ts";
import { type Measured, measuredSchema } from "./sweep/measure.ts";
import { HOSTS } from "./sweep/plan.ts";
import { openTools, type Ran, type Tools } from "./sweep/tools.ts";

/** Medians of this many rounds, all contenders in turn. */
const ROUNDS = 5;
const RATE = 20_000;
const IDEAL_MS = (2 * HOSTS * 1_000) / RATE + 2_000;
const BASE = 77;

type Say = (text: string) => void;
const at = (name: string): URL => new URL(`./sweep/${name}.ts`, import.meta.url);

async function rounds<T>(say: Say, what: string, once: () => Promise<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for (let i = 1; i <= ROUNDS; i++) {
    say(`${what}: round ${i} of ${ROUNDS}`);
    all.push(await once());
  }
  return all;
}

const ours = (port: number, rate: number, tries: number): Promise<Measured> =>
  runScript(at("snmp-ours"), [port, BASE, rate, tries].map(String), measuredSchema);
const library = (port: number, rate: number): Promise<Measured> =>
  runScript(at("snmp-library"), [port, BASE, rate].map(String), measuredSchema);

async function paced(say: Say, port: number): Promise<readonly Row[]> {
  const seen = await rounds(say, `a /16 at ${RATE} packets a second`, async () => ({
    ours: await ours(port, RATE, 2),
    peer: await library(port, RATE),
  }));
  const pairs = (name: "cpuMs" | "rssMb") => seen.map(({ ours, peer }) => ({ ours: ours[name], peer: peer[name] }));
  const missed = seen.map(({ ours }) => HOSTS - ours.answered);
  const walls = seen.map(({ ours }) => ours.wallMs / IDEAL_MS);
  return [
    absoluteRow({ figure: `sweep of ${HOSTS}, paced: not found`, atMost: 0 }, missed),
    absoluteRow({ figure: "sweep, paced: wall / ideal (2·N/rate + 2 s)", atMost: 1.1 }, walls),
    ratioRow({ figure: "sweep, paced: CPU ms, net-snmp and p-queue", atMost: 0.25 }, pairs("cpuMs")),
    ratioRow({ figure: "sweep, paced: RSS rise MB, net-snmp and p-queue", atMost: 0.1 }, pairs("rssMb")),
  ];
}

/** onesixtyone at equal recall: without a wait where that hears as many as we do, else with its shortest, which is run once. */
function slowOnce(say: Say, tools: Tools, port: number): (fast: Ran, recall: number) => Promise<Ran> {
  let slow: Promise<Ran> | undefined;
  return (fast, recall) => {
    if (fast.answered >= recall) return Promise.resolve(fast);
    if (slow === undefined)
      say(`onesixtyone without a wait found ${fast.answered} in ${(fast.wallMs / 1e3).toFixed(1)} s: once with a wait of 1 ms`);
    slow ??= tools.onesixtyone(port, BASE, 1);
    return slow;
  };
}

async function unpaced(say: Say, tools: Tools, port: number): Promise<readonly Row[]> {
  const atEqualRecall = slowOnce(say, tools, port);
  const seen = await rounds(say, "a /16 without a pace, one try", async () => {
    const mine = await ours(port, 0, 1);
    const loop = await tools.loop(port, BASE);
    const onesixtyone = await atEqualRecall(await tools.onesixtyone(port, BASE, 0), mine.answered);
    return { mine, loop, onesixtyone };
  });
  say("nmap, once");
  const nmap = await tools.nmap(port, BASE).catch(() => undefined);
  const nmapText = nmap === undefined ? "nmap not done in two minutes" : `nmap ${(nmap.wallMs / 1e3).toFixed(1)} s, ${nmap.answered} found`;
  say("net-snmp without a pace, once");
  const peer = await library(port, 0);
  say(`beside them, once: ${nmapText}; net-snmp ${(peer.wallMs / 1e3).toFixed(1)} s, ${peer.answered} found`);
  const recalls = seen.map(({ mine, loop, onesixtyone }) => `${mine.answered}/${loop.answered}/${onesixtyone.answered}`);
  say(`found by us/C/onesixtyone: ${recalls.join(", ")}`);
  const walls = (peer: "loop" | "onesixtyone") => seen.map((one) => ({ ours: one.mine.wallMs, peer: one[peer].wallMs }));
  return [
    absoluteRow(
      { figure: "sweep, unpaced, one try: not found", atMost: 0 },
      seen.map(({ mine }) => HOSTS - mine.answered),
    ),
    ratioRow({ figure: "sweep, unpaced: wall ms, onesixtyone", atMost: 0.3 }, walls("onesixtyone")),
    ratioRow({ figure: "sweep, unpaced: wall ms, sendmmsg loop in C", atMost: 1.2 }, walls("loop")),
  ];
}

async function known(say: Say): Promise<readonly Row[]> {
  say("an office of 400 phones, 30 rooms and 12 switches in one /22, by the real agent");
  const script = at("known").pathname;
  // In a network of its own the kernel's counters count this alone; only root may make one.
  const own = process.getuid?.() === 0 ? ["unshare", "-n", "sh", "-c", `ip link set lo up && exec "$0" "$1"`] : [];
  if (own.length === 0) say("not root: packets of other programs are counted as well");
  const seen = knownSchema.parse(JSON.parse(await run([...own, process.execPath, script])));
  if (seen.missing.length > 0) say(`not known: ${seen.missing.join("; ")}`);
  return [
    absoluteRow({ figure: "office of a /22: devices not wholly known", atMost: 0 }, [seen.missing.length]),
    absoluteRow({ figure: "office of a /22: all known after, s", atMost: 60 }, [seen.knownMs / 1e3]),
    ratioRow({ figure: "office: packets of the second pass, of the first", atMost: 0.2 }, [
      { ours: seen.secondPackets, peer: seen.firstPackets },
    ]),
  ];
}

export async function bench(say: Say): Promise<readonly Row[]> {
  if (process.platform !== "linux") throw new Error("Cannot measure: only Linux has all of 127.0.0.0/8 on its loopback");
  const tools = openTools(say);
  try {
    const snmp = await withResponder(tools.responder, [], async (port) => [
      ...(await paced(say, port)),
      ...(await unpaced(say, tools, port)),
    ]);
    return [...snmp, ...(await known(say))];
  } finally {
    tools.close();
  }
}
