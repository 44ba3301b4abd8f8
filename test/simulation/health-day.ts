/**
 * The simulated day from outside: broker, portal, and the hand that kills the agent and starts it again on its files.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createPortal, type Portal } from "../../fixtures/portal/portal.ts";
import { seededRandom } from "../../protocols/core/random.ts";
import { type Ms, realElapsedMs, realSleep } from "../../protocols/core/time.ts";
import { type Fleet, makeFleet } from "./fleet.ts";
import { type Day, planDay } from "./fleet-day.ts";
import type { Report } from "./health-day-child.ts";
import { type StandBroker, startStandBroker } from "./stand-broker.ts";

export interface DayRun {
  readonly fleet: Fleet;
  readonly day: Day;
  readonly portal: Portal;
  /** The agent's files, as it left them. */
  readonly folder: string;
  readonly kills: number;
  readonly brokerOutages: number;
  /** What the agent wrote into its log; a warning or an error each. */
  readonly logged: readonly string[];
  readonly realMs: number;
  remove(): Promise<void>;
}

export interface DayOptions {
  readonly seed: number;
  readonly devices: number;
  readonly onHour?: (hour: number, realMs: number) => void;
}

const CHILD = fileURLToPath(new URL("./health-day-child.ts", import.meta.url));
/** A kill takes nothing from memory that is a file, and a day is some hundred thousand syncs; a power cut is tested elsewhere. */
const MEMORY_FOLDER = "/dev/shm";
/** Midnight of the day, UTC; any will do. */
const DAY_MS = Date.UTC(2026, 10, 23);
/** Real milliseconds between a report and the kill: within the minute of the day that follows it. */
const KILL_WITHIN_MS = 12;

/** Lives through the whole day. Throws where the agent ends by itself before its time. */
export async function runDay({ seed, devices, onHour }: DayOptions): Promise<DayRun> {
  const fleet = makeFleet(seed, devices);
  const day = planDay(fleet, DAY_MS);
  const folder = await mkdtemp(join(existsSync(MEMORY_FOLDER) ? MEMORY_FOLDER : tmpdir(), "groundswell-day-"));
  const portal = createPortal();
  const broker = await startStandBroker((topic, payload) => portal.take(topic, payload));
  const began = realElapsedMs();
  const course: Course = { nowMs: DAY_MS, killsLeft: [...day.kills], outages: new Set(), logged: [], done: false, hour: 0 };
  const random = seededRandom(seed ^ 0x6b11);
  try {
    for (let starts = 0; !course.done && starts <= day.kills.length; starts++) {
      const child = startChild({ seed, devices, folder, port: broker.port, nowMs: course.nowMs });
      await accompany(child, { course, broker, day, random, onHour: (hour) => onHour?.(hour, realElapsedMs() - began) });
    }
    if (!course.done) throw new Error(`the agent ended before its day: ${course.logged.slice(-25).join("\n")}`);
  } finally {
    await broker.close();
  }
  return {
    ...{ fleet, day, portal, folder, logged: course.logged },
    kills: day.kills.length - course.killsLeft.length,
    brokerOutages: course.outages.size,
    realMs: realElapsedMs() - began,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

interface Course {
  /** Where the next start begins. */
  nowMs: Ms;
  killsLeft: { readonly atMs: Ms; readonly downMs: Ms }[];
  readonly outages: Set<number>;
  readonly logged: string[];
  done: boolean;
  hour: number;
}

function startChild(what: {
  readonly seed: number;
  readonly devices: number;
  readonly folder: string;
  readonly port: number;
  readonly nowMs: Ms;
}): ChildProcess {
  const { seed, devices, folder, port, nowMs } = what;
  const given = { seed, devices, folder, broker: port, "day-ms": DAY_MS, "now-ms": nowMs };
  const args = Object.entries(given).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return spawn(process.execPath, [CHILD, ...args], { stdio: ["ignore", "inherit", "pipe", "ipc"] });
}

interface Company {
  readonly course: Course;
  readonly broker: StandBroker;
  readonly day: Day;
  readonly random: { next(): number };
  onHour(hour: number): void;
}

/** Answers what the child reports until it has ended, by itself or by our hand. */
async function accompany(child: ChildProcess, { course, broker, day, random, onHour }: Company): Promise<void> {
  child.stderr?.on("data", (piece: Buffer) =>
    course.logged.push(
      ...piece
        .toString()
        .split("\n")
        .filter((line) => line !== ""),
    ),
  );
  const ended = once(child, "exit");
  const answer = (report: Report): void => {
    if (child.connected) child.send(report.number);
  };
  child.on("message", (report: Report) => {
    if (report.kind === "broker") {
      void moveBroker(report.away, { course, broker, day }).then(() => answer(report));
    } else if (report.kind === "done") {
      course.done = true;
      answer(report);
    } else {
      const next = course.killsLeft[0];
      if (next !== undefined && report.atMs >= next.atMs) {
        course.killsLeft.shift();
        course.nowMs = report.atMs + next.downMs;
        void realSleep(random.next() * KILL_WITHIN_MS).then(() => child.kill("SIGKILL"));
      }
      // One that is about to be killed goes on for the minute of its death, and no further.
      answer(report);
      const hour = Math.floor((report.atMs - day.startMs) / 3_600_000);
      if (hour > course.hour) onHour(hour);
      course.hour = hour;
    }
  });
  await ended;
}

async function moveBroker(away: number | undefined, { course, broker, day }: Pick<Company, "course" | "broker" | "day">): Promise<void> {
  if (away !== undefined) {
    course.outages.add(away);
    await broker.goAway();
    return;
  }
  const last = day.brokerAway[Math.max(-1, ...course.outages)];
  await broker.comeBack({ forgets: last?.forgets ?? false });
}
