/**
 * A provider goes away, and its phones find out one after another over three hours, each at its own next registration; and come
 * back the same way. The agent of the simulated day lives through it, with a real broker and a portal, in one process.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "../../agent/log.ts";
import { createPortal, type Portal } from "../../fixtures/portal/portal.ts";
import { HOUR, MINUTE, type Ms, manualClock, SECOND } from "../../protocols/core/time.ts";
import { type Fleet, makeFleet, PROVIDER } from "./fleet.ts";
import type { Day, Span } from "./fleet-day.ts";
import { siteTruth } from "./fleet-read.ts";
import { openDayAgent } from "./health-day-agent.ts";
import { startStandBroker } from "./stand-broker.ts";

export interface TrickleRun {
  readonly fleet: Fleet;
  readonly outage: Day["outage"];
  readonly portal: Portal;
  /** How the portal's events stood when all had lost it and none was back. */
  readonly eventsInIt: number;
  readonly logged: readonly string[];
}

/** Registrations last so long: each device finds the beginning and the end of the outage within it. */
export const SPREAD_MS: Ms = 3 * HOUR;
const OUTAGE_MS: Ms = SPREAD_MS + 90 * MINUTE;
/** Midnight of the day, UTC; any will do. */
const DAY_MS = Date.UTC(2026, 10, 23);
/** As the child of the simulated day moves its clock. */
const STEP_MS: Ms = 5 * SECOND;
/** After it what waits is told; who has not heard it after so many steps never will. */
const LAST_STEPS = 20_000;

/** A day on which nothing else happens. */
export function planTrickle(fleet: Fleet, startMs: Ms): Day {
  const fromMs = startMs + HOUR;
  const outage = { fromMs, toMs: fromMs + OUTAGE_MS };
  const endMs = outage.toMs + SPREAD_MS + HOUR;
  const never: Span = { fromMs: endMs, toMs: endMs };
  const [device] = fleet.devices;
  if (device === undefined) throw new Error("an empty fleet");
  return {
    ...{ startMs, endMs, hiccup: never, dead: [], brokerAway: [], kills: [] },
    switchLoss: { ...never, device: fleet.lostSwitch, phones: [], backMs: new Map() },
    outage: {
      ...{ ...outage, service: PROVIDER, spreadMs: SPREAD_MS },
      devices: fleet.devices.filter(({ registrar }) => registrar === PROVIDER),
    },
    flaps: { device, away: [] },
    wear: { device, away: [] },
  };
}

export async function runTrickle({ seed, devices }: { readonly seed: number; readonly devices: number }): Promise<TrickleRun> {
  const fleet = makeFleet(seed, devices);
  const day = planTrickle(fleet, DAY_MS);
  const folder = await mkdtemp(join(tmpdir(), "groundswell-trickle-"));
  const portal = createPortal();
  const broker = await startStandBroker((topic, payload) => portal.take(topic, payload));
  const clock = manualClock(day.startMs);
  const logged: string[] = [];
  const log = createLog({ level: "warn", pretty: false, write: (line) => void logged.push(line) });
  try {
    const agent = await openDayAgent({ ...{ fleet, folder, brokerPort: broker.port, clock, log }, truth: siteTruth(fleet, day) });
    const told = async (): Promise<number> => {
      for (let steps = 0; agent.waiting() > 0 && steps < LAST_STEPS; steps++) await clock.advance(STEP_MS);
      return portal.sites[0]?.events.events.length ?? 0;
    };
    while (clock.nowMs() < day.outage.toMs - MINUTE) await clock.advance(STEP_MS);
    const eventsInIt = await told();
    while (clock.nowMs() < day.endMs) await clock.advance(STEP_MS);
    // Loops that end wait for the time: it has to go on.
    let stopped = false;
    void agent.stopAsking().then(() => {
      stopped = true;
    });
    for (let steps = 0; !stopped && steps < LAST_STEPS; steps++) await clock.advance(STEP_MS);
    await told();
    await agent.close();
    return { fleet, outage: day.outage, portal, eventsInIt, logged };
  } finally {
    await broker.close();
    await rm(folder, { recursive: true, force: true });
  }
}
