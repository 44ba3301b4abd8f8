/** Rehearses a plan: plays it with every device behaving and with each misbehaviour, several times, and puts the plays together. */
import { planHash } from "../../firmware/waves/plan.ts";
import type { Plan } from "../../firmware/waves/shape.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { RehearsalDocument } from "./document.ts";
import type { Rate } from "./misbehaviours.ts";
import { play } from "./play.ts";
import type { Played } from "./played.ts";
import { reportOf } from "./report.ts";
import { storeShelf } from "./shelf.ts";
import type { SiteFacts } from "./twin.ts";

export interface RehearsalInput {
  readonly plan: Plan;
  readonly facts: SiteFacts;
  readonly rates: readonly Rate[];
  readonly seed: number;
  /** Plays of each. */
  readonly runs: number;
}

export interface Progress {
  /** Plays that are over, of all. */
  readonly plays: number;
  readonly ofPlays: number;
  readonly rate: Rate | undefined;
  readonly nowMs: Ms;
  readonly done: number;
  readonly of: number;
}

export async function rehearse(
  { plan, facts, rates, seed, runs }: RehearsalInput,
  io: { readonly signal: AbortSignal; readonly onProgress: (progress: Progress) => void },
): Promise<RehearsalDocument> {
  const shelf = storeShelf();
  const asked = [undefined, ...rates];
  const of = plan.tasks.length;
  let plays = 0;
  try {
    const scenarios: { rate: Rate | undefined; plays: Played[] }[] = [];
    for (const rate of asked) {
      const mine: Played[] = [];
      for (let run = 0; run < runs; run++) {
        const onTurn = ({ nowMs, done }: { nowMs: Ms; done: number }): void =>
          io.onProgress({ plays, ofPlays: asked.length * runs, rate, nowMs, done, of });
        // The same draws for each misbehaviour: what differs is its own doing.
        mine.push(await play({ plan, facts, rate, seed: seed + run }, { shelf, signal: io.signal, onTurn }));
        plays++;
      }
      scenarios.push({ rate, plays: mine });
    }
    const devices = plan.tasks.map(({ device }) => device);
    const usage = devices.filter((device) => facts.usage(device) !== undefined).length;
    const offline = devices.filter((device) => facts.devices.get(device)?.isOffline === true).length;
    const known = { usage, offline };
    return reportOf({ plan, planHash: planHash(plan), nowMs: facts.nowMs, seed, runs, known, scenarios });
  } finally {
    shelf.close();
  }
}
