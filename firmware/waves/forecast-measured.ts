/**
 * How long a step takes, from what was measured here. Pure. Until enough devices took it, what the release states stands.
 */
import type { Ms } from "../../protocols/core/time.ts";
import { orderOf, type Version } from "../../protocols/core/version.ts";
import type { Edge } from "../release.ts";
import type { PlannedLeg } from "./shape.ts";

/** One device that took one step here: from the command to all its lines being back. */
export interface MeasuredStep {
  readonly model: string;
  readonly from: Version;
  readonly to: Version;
  readonly lengthMs: Ms;
}

/** Fewer say little of the middle and nothing of the slowest tenth. Judgement. */
const ENOUGH = 10;

/** The leg with the times that were measured for this model, version and range, or as it is where too few were. */
export type Measure = (model: string, leg: PlannedLeg) => PlannedLeg;

export function measureOver(steps: readonly MeasuredStep[]): Measure {
  const byWay = Map.groupBy(steps, ({ model, to }) => JSON.stringify([model, to]));
  return (model, leg) => {
    const mine = (byWay.get(JSON.stringify([model, leg.to])) ?? []).filter(({ from }) => within(from, leg.edge));
    if (mine.length < ENOUGH) return leg;
    const lengths = mine.map(({ lengthMs }) => Math.ceil(lengthMs)).toSorted((a, b) => a - b);
    const at = (share: number): Ms => lengths[Math.ceil(share * lengths.length) - 1] as Ms;
    // What must fit a window is never less than what is stated: the slowest of a hundred was hardly seen yet.
    const p99 = Math.max(leg.edge.durationMs.p99, at(0.99));
    return { ...leg, durationMs: { p50: at(0.5), p90: at(0.9), p99 }, measuredOn: mine.length };
  };
}

function within(version: Version, { fromMin, fromMax }: Edge): boolean {
  const [low, high] = [orderOf(version, fromMin), orderOf(version, fromMax)];
  return (low === "newer" || low === "same") && (high === "older" || high === "same");
}
