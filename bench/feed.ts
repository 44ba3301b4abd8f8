/**
 * The way to the portal: the outbox drained to Mosquitto beside the mqtt client's own loop and the Paho library for C, killed in
 * between, and a day of 10,000 devices that nobody heard. Goals: docs/benchmarks.md.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { run, runScript } from "./child.ts";
import { type BenchBroker, startMosquitto } from "./feed/broker.ts";
import { eventOf, ROWS, SITE, WINDOW } from "./feed/plan.ts";
import { listen } from "./feed/portal.ts";
import { drainedSchema } from "./feed/watch.ts";
import { absoluteRow, type Row, ratioRow } from "./figure.ts";
import { compile, install, isThere, startFlags } from "./programs.ts";

/** Medians of this many rounds, all contenders in turn. */
const ROUNDS = 5;
const DEVICES = 10_000;
/** Backlog that is drained before memory is looked at: what it takes is the program's, not the backlog's. */
export const WARM_ROWS = 10_000;
const DAY_S = 86_400;
/** The day takes a minute to be made, and its backlog is drained at the agent's own pace. */
const DAY_WITHIN_MS = 600_000;

type Say = (text: string) => void;
const at = (name: string): string => new URL(`./feed/${name}.ts`, import.meta.url).pathname;
const filledSchema = z.object({ rows: z.number() });
const rateSchema = z.object({ rows: z.number(), wallMs: z.number() });
const daySchema = z.object({ readings: z.number(), rows: z.number(), events: z.number(), healthBytes: z.number(), eventBytes: z.number() });

/** As `bin/groundswell` starts it. */
const AGENT = [process.execPath, "--expose-gc", ...startFlags()];

const perSecond = ({ rows, wallMs }: { readonly rows: number; readonly wallMs: number }): number => (rows * 1_000) / wallMs;
const cpuUs = ({ rows, cpuMs }: { readonly rows: number; readonly cpuMs: number }): number => (cpuMs * 1_000) / rows;
const scriptAt = (name: string): URL => new URL(`./feed/${name}.ts`, import.meta.url);

/** The library for C, installed and compiled; `undefined`, with a word, where that cannot be. */
function providePaho(folder: string, say: Say): string | undefined {
  const build = (): string => compile(new URL("./feed/paho.c", import.meta.url), join(folder, "paho"), ["-lpaho-mqtt3a"]);
  try {
    if (isThere("gcc")) return build();
  } catch {
    // Its headers are missing: installed below.
  }
  const why = install(["gcc", "libc6-dev", "libpaho-mqtt-dev"], say);
  if (why === undefined) return build();
  say(`without the Paho library for C: ${why}`);
  return undefined;
}

async function drained(folder: string, broker: BenchBroker, say: Say): Promise<readonly Row[]> {
  const paho = providePaho(folder, say);
  const bytes = eventOf(1).payload.length;
  const rounds = [];
  for (let round = 1; round <= ROUNDS; round++) {
    say(`drain of ${ROWS} events: round ${round} of ${ROUNDS}`);
    const [warm, full] = [join(folder, `warm-${round}`), join(folder, `full-${round}`)];
    await runScript(scriptAt("fill"), [warm, String(WARM_ROWS)], filledSchema);
    await runScript(scriptAt("fill"), [full, String(ROWS)], filledSchema);
    const ours = drainedSchema.parse(JSON.parse(await run([...AGENT, at("ours"), String(broker.port), warm, full])));
    const bare = [process.execPath, "--expose-gc", at("library"), String(broker.port), String(ROWS)];
    const library = drainedSchema.parse(JSON.parse(await run(bare)));
    const c =
      paho === undefined
        ? undefined
        : rateSchema.parse(JSON.parse(await run([paho, ...[broker.port, ROWS, WINDOW, bytes].map(String), eventOf(1).topic])));
    rmSync(full, { recursive: true, force: true });
    rounds.push({ ours, library, c });
  }
  const cRounds = rounds.flatMap(({ ours, c }) => (c === undefined ? [] : [{ ours: perSecond(ours), peer: perSecond(c) }]));
  return [
    ratioRow(
      { figure: "outbox drain, messages/s, mqtt client without a database", atLeast: 0.7 },
      rounds.map(({ ours, library }) => ({ ours: perSecond(ours), peer: perSecond(library) })),
    ),
    ratioRow(
      { figure: "outbox drain, processor time a message, µs, the same", atMost: 1.43 },
      rounds.map(({ ours, library }) => ({ ours: cpuUs(ours), peer: cpuUs(library) })),
    ),
    ...(cRounds.length === 0 ? [] : [ratioRow({ figure: "outbox drain, messages/s, Paho for C", atLeast: 0.8 }, cRounds)]),
    absoluteRow(
      { figure: "outbox drain: not published", atMost: 0 },
      rounds.map(({ ours }) => ROWS - ours.rows),
    ),
    absoluteRow(
      { figure: "outbox drain: longest stall of the loop, ms", atMost: 25 },
      rounds.map(({ ours }) => ours.stallMs),
    ),
    absoluteRow(
      { figure: `outbox drain: rise of memory over a backlog of ${WARM_ROWS}, MB`, atMost: 40 },
      rounds.map(({ ours }) => ours.rssMb),
      rounds.map(({ library }) => library.rssMb),
    ),
  ];
}

/** Killed three times on the way: what a portal has afterwards. */
async function killed(folder: string, broker: BenchBroker, say: Say): Promise<readonly Row[]> {
  say(`${ROWS} events with three kills on the way`);
  const [none, directory] = [join(folder, "none"), join(folder, "killed")];
  await runScript(scriptAt("fill"), [none, "0"], filledSchema);
  await runScript(scriptAt("fill"), [directory, String(ROWS)], filledSchema);
  const { portal, stop } = await listen(broker.port);
  const has = (): number => portal.site(SITE)?.events.events.length ?? 0;
  for (const part of [0.2, 0.4, 0.7]) {
    const child = spawn(process.execPath, [...startFlags(), at("ours"), String(broker.port), none, directory], { stdio: "ignore" });
    const ended = once(child, "close");
    while (has() < part * ROWS && child.exitCode === null) await new Promise((resolve) => setImmediate(resolve));
    child.kill("SIGKILL");
    await ended;
  }
  await run([...AGENT, at("ours"), String(broker.port), none, directory]);
  for (let waited = 0; has() < ROWS && waited < 100; waited++) await new Promise((resolve) => setTimeout(resolve, 100));
  await stop();
  for (const fault of portal.faults()) say(`portal: ${fault}`);
  say(`${portal.repeated} came twice and were known by their id`);
  return [
    absoluteRow({ figure: "three kills: events lost", atMost: 0 }, [ROWS - has()]),
    absoluteRow({ figure: "three kills: faults the portal finds", atMost: 0 }, [portal.faults().length]),
  ];
}

/** security.md 5, G7 at full size; and what a device costs in a day. */
async function unheardDay(folder: string, broker: BenchBroker, say: Say): Promise<readonly Row[]> {
  say(`a day of ${DEVICES} devices that nobody hears`);
  const directory = join(folder, "day");
  const day = daySchema.parse(JSON.parse(await run([process.execPath, at("outage"), directory, String(DEVICES)], "", DAY_WITHIN_MS)));
  say(`${day.readings} readings, ${day.events} events; ${day.rows} messages wait`);
  const { portal, topics, stop } = await listen(broker.port);
  const argv = [...AGENT, at("ours"), String(broker.port), join(folder, "none"), directory, "paced"];
  const drain = drainedSchema.parse(JSON.parse(await run(argv, "", DAY_WITHIN_MS)));
  for (let waited = 0; topics.length < drain.rows && waited < 100; waited++) await new Promise((resolve) => setTimeout(resolve, 100));
  await stop();
  for (const fault of portal.faults()) say(`portal: ${fault}`);
  const lanes = topics.map((topic) => (/\/event\//.test(topic) ? 1 : /\/feed\//.test(topic) ? 3 : 2));
  const early = lanes.filter((lane, place) => lane < (lanes[place - 1] ?? 0)).length;
  const healthPerDay = day.healthBytes / DEVICES;
  return [
    absoluteRow({ figure: "a day unheard: events lost", atMost: 0 }, [day.events - (portal.site(SITE)?.events.events.length ?? 0)]),
    absoluteRow({ figure: "a day unheard: faults the portal finds, order included", atMost: 0 }, [portal.faults().length]),
    absoluteRow({ figure: "a day unheard: messages before an event or ticket", atMost: 0 }, [early]),
    ratioRow({ figure: "a day unheard: drain, messages/s, as they came", atLeast: 10 }, [
      { ours: perSecond(drain), peer: day.rows / DAY_S },
    ]),
    absoluteRow({ figure: "a day unheard: rise of memory, MB", atMost: 64 }, [drain.rssMb]),
    absoluteRow({ figure: "health: bytes per device and day", atMost: HEALTH_BYTES }, [healthPerDay]),
    absoluteRow({ figure: "events: bytes per device and day", atMost: HEALTH_BYTES }, [day.eventBytes / DEVICES]),
  ];
}

/** Published: with this, 14 days of some 5,000 devices fit into what waiting samples may take of the disk. */
const HEALTH_BYTES = 4_000;

export async function bench(say: Say): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "groundswell-bench-feed-"));
  const broker = await startMosquitto();
  try {
    const rows = await drained(folder, broker, say);
    return [...rows, ...(await killed(folder, broker, say)), ...(await unheardDay(folder, broker, say))];
  } finally {
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
