/**
 * The real daemon, killed by SIGKILL at random moments while waves run over real sockets at the simulated site, with tickets
 * open and samples flowing (G1). Stories of one campaign each, one after another, until enough were killed. Devices, desk and
 * portal count.
 */
import { seededRandom } from "../../protocols/core/random.ts";
import { realSleep } from "../../protocols/core/time.ts";
import { type Ground, layGround } from "./kills/ground.ts";
import { judgeEnd } from "./kills/judge.ts";
import { type Lives, live } from "./kills/lives.ts";
import { readRows } from "./kills/rows.ts";

export interface RandomKills {
  /** Of the first story; the next has the next one. */
  readonly seed: number;
  readonly kills: number;
  readonly devices: number;
  say(text: string): void;
}

export interface KillFigures {
  /** Each with the seed of its story. */
  readonly broken: readonly string[];
  /** All of them while a campaign ran. */
  readonly kills: number;
  /** Of them before the daemon was ready. */
  readonly starting: number;
  readonly campaigns: number;
  readonly tasks: number;
  readonly commands: number;
  readonly flashes: number;
  readonly tickets: number;
  readonly events: number;
  /** From the start of the process to its ready line, real milliseconds, sorted. */
  readonly readyMs: readonly number[];
}

const REPORT_EVERY = 25;
/** Real milliseconds in which all that is on its way at the end arrives, on whatever machine. */
const SETTLES_MS = 60_000;
const LOOK_EVERY_MS = 500;
const NOTHING: KillFigures = {
  ...{ broken: [], kills: 0, starting: 0, campaigns: 0, tasks: 0, commands: 0, flashes: 0, tickets: 0, events: 0, readyMs: [] },
};

/** Ends early at a story with a broken promise. */
export async function killAtRandom({ seed, kills, devices, say }: RandomKills): Promise<KillFigures> {
  let all = NOTHING;
  for (let n = seed; all.kills < kills && all.broken.length === 0; n++) {
    const before = all.kills;
    const one = await tellStory(n, {
      devices,
      killsMax: kills - before,
      onKill: (count) => (before + count) % REPORT_EVERY === 0 && say(`${before + count} kills`),
    });
    all = added(all, one);
    const { tasks, commands, flashes, readyMs } = one;
    say(
      `seed ${n}: ${one.kills} kills over a campaign of ${tasks}; ${commands} commands, ${flashes} updates; ready again p50 ${percentile(readyMs, 50)} ms`,
    );
  }
  return all;
}

async function tellStory(
  seed: number,
  how: { readonly devices: number; readonly killsMax: number; onKill(kills: number): void },
): Promise<KillFigures> {
  const ground = await layGround({ seed, devices: how.devices });
  const { crash, plan } = ground;
  try {
    const lives: Lives = await live(ground, { ...how, random: seededRandom(seed) });
    const { broken, journal, desk, events } = await judged(ground);
    const count = (what: string): number => journal.filter((entry) => entry.what === what).length;
    return {
      broken: [...lives.broken, ...broken].map((promise) => `seed ${seed}: ${promise}`),
      ...{ kills: lives.kills, starting: lives.starting, campaigns: 1, tasks: plan.tasks.length },
      ...{ commands: count("command"), flashes: count("flash"), tickets: desk.length, events: events.length },
      readyMs: sorted(lives.readyMs),
    };
  } finally {
    await crash.close();
  }
}

/** The agent goes on meanwhile: what is on its way when all is read arrives a little later; what is lost or doubled stays so. */
async function judged({ crash, plan, fates }: Ground) {
  const { site, folder } = crash.stage;
  const limit = AbortSignal.timeout(SETTLES_MS);
  for (;;) {
    const [truth, journal, desk] = [await site.devices(), await site.journal(), await site.deskTickets()];
    const rows = readRows(folder);
    const { events } = crash.portal;
    const portal = { lastEvent: Math.max(0, ...events.map(({ sequence }) => sequence)), faults: crash.portal.faults() };
    const tickets = desk.map(({ id, key, state }) => ({ id: String(id), key: String(key), state: String(state) }));
    const broken = judgeEnd({ plan, fates, rows, truth, journal, desk: tickets, portal });
    if (broken.length === 0 || limit.aborted) return { broken, journal, desk, events };
    await realSleep(LOOK_EVERY_MS);
  }
}

function added(a: KillFigures, b: KillFigures): KillFigures {
  return {
    ...{ broken: [...a.broken, ...b.broken], kills: a.kills + b.kills, starting: a.starting + b.starting },
    ...{ campaigns: a.campaigns + b.campaigns, tasks: a.tasks + b.tasks },
    ...{ commands: a.commands + b.commands, flashes: a.flashes + b.flashes },
    ...{ tickets: a.tickets + b.tickets, events: a.events + b.events },
    readyMs: sorted([...a.readyMs, ...b.readyMs]),
  };
}

const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);

/** With figures for people; every broken promise in words. How long a start took is told and decides nothing: the machine may be busy. */
export async function proveRandomKills(how: RandomKills): Promise<readonly string[]> {
  const { broken, readyMs, ...seen } = await killAtRandom(how);
  how.say(
    `${seen.kills} kills, ${seen.starting} of them before it was ready, over ${seen.campaigns} campaigns of ${seen.tasks} devices in all; ` +
      `${seen.commands} commands, ${seen.flashes} updates, ${seen.tickets} tickets, ${seen.events} events`,
  );
  const figures = [50, 90, 99, 100].map((of) => `p${of} ${percentile(readyMs, of)}`).join(", ");
  how.say(`ready again after, ms: ${figures}`);
  return broken;
}

/** The value at or below which so many of a hundred lie. */
export function percentile(values: readonly number[], of: number): number {
  return values[Math.min(values.length - 1, Math.floor((values.length * of) / 100))] ?? 0;
}
