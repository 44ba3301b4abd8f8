/**
 * The real daemon, killed by SIGKILL at random moments while waves run over real sockets at the simulated site, with tickets
 * open and samples flowing. Devices, desk and portal count.
 */
import { join } from "node:path";
import Database from "better-sqlite3";
import { ChildFailed } from "../../agent/demo/child.ts";
import type { Plan } from "../../firmware/waves/shape.ts";
import { seededRandom } from "../../protocols/core/random.ts";
import { realElapsedMs, realSleep } from "../../protocols/core/time.ts";
import { type CrashStage, setCrashStage } from "./story.ts";

export interface RandomKills {
  readonly seed: number;
  readonly kills: number;
  readonly devices: number;
  say(text: string): void;
}

export interface KillFigures {
  readonly broken: readonly string[];
  readonly kills: number;
  /** Of them while a campaign ran. */
  readonly duringWaves: number;
  readonly commands: number;
  readonly flashes: number;
  readonly tickets: number;
  readonly events: number;
  /** From the start of the process to its ready line, real milliseconds, sorted. */
  readonly readyMs: readonly number[];
}

const RELEASE = "uc-software-6.4.8.1190";
const ORIGIN_MS = Temporal.Instant.from("2026-11-22T00:05:00Z").epochMilliseconds;
const SETTINGS = {
  sweep: { every: "7d" },
  health: { phones: "5m", rooms: "30m", switches: "30m" },
  policy: {
    ...{ soak: "1m", lostAfter: "10m", deferral: "12h", lookAgain: "20s", retryAfter: "30s", attemptsMax: 5 },
    ...{ failuresAllowed: 10, atRiskMax: 20 },
  },
  calendar: {
    zone: "Europe/Zurich",
    windows: [{ days: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"], from: "00:00", to: "00:00" }],
    blackout: [],
  },
};
/** A phone that looks by itself late at night takes its image without any command; the campaign is to be over by then. Source: protocols/provisioning.md 9. */
const POLLS_LATE = {
  "prov.polling.enabled": "1",
  "prov.polling.mode": "abs",
  "prov.polling.period": "86400",
  "prov.polling.time": "23:30",
};
/** At 60 the two dozen minutes of a wave are as many seconds: some dozen kills each. */
const FACTOR = 60;
const REPORT_EVERY = 50;
/** On a machine that is busy with other things a start may take longer than anybody waits. */
const STARTS_MAX = 5;
const READY_P99_MS = 5_000;

export async function killAtRandom({ seed, kills, devices, say }: RandomKills): Promise<KillFigures> {
  const random = seededRandom(seed);
  const crash = await setCrashStage({ devices, factor: FACTOR, originMs: ORIGIN_MS, settings: SETTINGS });
  try {
    const plan = await startCampaign(crash);
    say(`${plan.tasks.length} devices in ${plan.waves.length} waves`);
    const broken: string[] = [];
    const readyMs: number[] = [];
    let duringWaves = 0;
    for (let n = 1; n <= kills; n++) {
      const at = await crash.campaign(plan.campaign);
      if (at.state === "running") duringWaves++;
      else if (at.state === "paused") await goOn(crash, plan, at.why);
      await realSleep(random.below(2_500));
      await crash.stage.agent().kill();
      readyMs.push(await startAgain(crash));
      const { result } = await crash.ask("audit.verify");
      if ((result as { ok: boolean }).ok !== true) broken.push(`the audit chain does not hold after kill ${n}`);
      if (n % REPORT_EVERY === 0) say(`${n} kills, the campaign is ${at.state}`);
    }
    await untilOver(crash, plan);
    broken.push(...(await judge(crash, plan)));
    const journal = await crash.stage.site.journal();
    const count = (what: string): number => journal.filter((entry) => entry.what === what).length;
    return {
      ...{ broken, kills, duringWaves, commands: count("command"), flashes: count("flash") },
      ...{ tickets: (await crash.stage.site.deskTickets()).length, events: crash.portal.events.length },
      readyMs: readyMs.toSorted((a, b) => a - b),
    };
  } finally {
    await crash.close();
  }
}

/** @returns real milliseconds until it was ready; one that took too long for its patience was killed for it, and counts with all of its time */
async function startAgain(crash: CrashStage): Promise<number> {
  const beganMs = realElapsedMs();
  for (let left = STARTS_MAX; ; left--) {
    try {
      await crash.stage.startAgent(["--kill-file", crash.killFile]);
      return Math.round(realElapsedMs() - beganMs);
    } catch (error) {
      if (!(error instanceof ChildFailed) || left <= 1) throw error;
    }
  }
}

/** Every phone that may have the release, three of them in ways that end with tickets. */
async function startCampaign(crash: CrashStage): Promise<Plan> {
  const { stage } = crash;
  await crash.until("the sweep", async () => {
    const { result } = await crash.ask("device.list");
    const online = (result as { devices: readonly { availability: string }[] }).devices.filter(
      ({ availability }) => availability === "online",
    );
    return online.length >= stage.site.ready.places.length * 0.5 ? true : undefined;
  });
  await crash.until("the catalogue", async () => {
    const { result } = await crash.ask("firmware.list");
    return (result as { releases: readonly unknown[] }).releases.length >= 2 ? true : undefined;
  });
  const done = async (person: Parameters<CrashStage["command"]>[0], name: string, args: Readonly<Record<string, unknown>>) => {
    const answer = await crash.command(person, name, args);
    if (answer.status !== "done") throw new Error(`${name}: ${answer.message}`);
    return answer.result;
  };
  await done(stage.technician, "firmware.stage", { release: RELEASE });
  const { plan, planHash } = (await done(stage.technician, "campaign.plan", { release: RELEASE, policy: {} })) as {
    plan: Plan;
    planHash: string;
  };
  await done(stage.approver, "campaign.approve", { campaign: plan.campaign, planHash });
  for (const { mac } of plan.tasks) await stage.site.control("POST", `/devices/${mac}/vars`, { params: POLLS_LATE });
  const later = plan.waves.slice(1).flatMap(({ tasks }) => tasks.map((id) => plan.tasks.find((task) => task.id === id)?.mac ?? ""));
  for (const [i, kind] of (["neverReturns", "acceptsAndIgnores", "neverReturns"] as const).entries()) {
    const mac = later[2 * i];
    if (mac !== undefined) await stage.site.misbehave(mac, kind);
  }
  await done(stage.technician, "campaign.start", { campaign: plan.campaign, planHash });
  return plan;
}

/** A gate holds: a person has looked, and goes on. */
async function goOn(crash: CrashStage, { campaign }: Plan, why: string | undefined): Promise<void> {
  const gate = /gate "(\w+)"/.exec(why ?? "")?.[1];
  await crash.command(crash.stage.technician, "campaign.resume", { campaign, ...(gate === undefined ? {} : { gate }) });
}

async function untilOver(crash: CrashStage, plan: Plan): Promise<void> {
  await crash.until("the end of the campaign", async () => {
    const view = await crash.campaign(plan.campaign);
    if (view.state === "paused") await goOn(crash, plan, view.why);
    return view.state.startsWith("completed") ? view : undefined;
  });
  await crash.until("an empty outbox", async () => {
    const { result } = await crash.ask("agent.status");
    return (result as { outbox: { waiting: number } }).outbox.waiting === 0 ? true : undefined;
  });
  await crash.until("a feed without gaps", async () => (crash.portal.missing === 0 ? true : undefined));
}

async function judge(crash: CrashStage, plan: Plan): Promise<string[]> {
  const broken: string[] = [];
  const { site, folder } = crash.stage;
  const journal = await site.journal();
  const db = new Database(join(folder, "data", "groundswell.db"), { readonly: true });
  try {
    const intents = db
      .prepare<[string], number>("select intended_at_ms from attempts where task = ? and intended_at_ms is not null order by number")
      .pluck();
    for (const { id, mac, name } of plan.tasks) {
      const mine = journal.filter((entry) => entry.mac === mac);
      const flashed = mine.filter(({ what }) => what === "flash").map(({ detail }) => detail);
      if (new Set(flashed).size < flashed.length) broken.push(`${name} was updated twice: ${flashed.join(" ")}`);
      // A command belongs to the last attempt whose intent was on disk before it came.
      const intendedMs = intents.all(id);
      const perAttempt = new Map<number, number>();
      for (const { atMs } of mine.filter(({ what }) => what === "command")) {
        const attempt = intendedMs.findLastIndex((at) => at <= atMs);
        perAttempt.set(attempt, (perAttempt.get(attempt) ?? 0) + 1);
      }
      if (perAttempt.has(-1)) broken.push(`${name} was commanded without an intent on disk`);
      if (Math.max(0, ...perAttempt.values()) > 1) broken.push(`${name} was commanded twice in one attempt`);
    }
    const reserved = db.prepare<[], string>("select device from reservations order by device").pluck().all();
    const risky = db.prepare<[], string>("select distinct device from tasks where at_risk = 1 order by device").pluck().all();
    if (reserved.join() !== risky.join()) broken.push(`slots are held by ${reserved.join(" ")}, at risk are ${risky.join(" ")}`);
    const failed = db.prepare<[], number>("select count(*) from tasks where at in ('failed', 'lost')").pluck().get() ?? 0;
    const tickets = await crash.stage.site.deskTickets();
    const keys = tickets.map(({ key }) => key);
    if (new Set(keys).size < keys.length) broken.push(`tickets were doubled: ${keys.join(" ")}`);
    if (failed > 0 && tickets.length === 0) broken.push(`${failed} failures and no ticket`);
  } finally {
    db.close();
  }
  if (crash.portal.missing > 0) broken.push(`${crash.portal.missing} events never came to the portal`);
  broken.push(...crash.portal.faults());
  return broken;
}

/** With figures for people; every broken promise in words. */
export async function proveRandomKills(how: RandomKills): Promise<readonly string[]> {
  const { broken, readyMs, ...seen } = await killAtRandom(how);
  const { kills, duringWaves, commands, flashes, tickets, events } = seen;
  how.say(
    `${kills} kills, ${duringWaves} of them during waves; ${commands} commands, ${flashes} updates, ${tickets} tickets, ${events} events`,
  );
  how.say(`ready again: p50 ${percentile(readyMs, 50)} ms, p99 ${percentile(readyMs, 99)} ms`);
  return percentile(readyMs, 99) <= READY_P99_MS ? broken : [...broken, `ready again after ${percentile(readyMs, 99)} ms at p99`];
}

/** The value below which so many of a hundred lie. */
export function percentile(sorted: readonly number[], of: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * of) / 100))] ?? 0;
}
