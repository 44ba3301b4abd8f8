/**
 * What a plan comes to, as an answer tells it: bounded, however many devices it has. Whoever needs all of it fetches the whole plan
 * in pieces, by its hash. Pure.
 */
import type { PlanDifference } from "../../firmware/waves/diff.ts";
import { outagesIn, type PlannedOutage } from "../../firmware/waves/outages.ts";
import type { Plan } from "../../firmware/waves/shape.ts";
import type { Sha256 } from "../../protocols/core/ids.ts";
import { isoOf } from "../../protocols/core/time.ts";
import { MAX_REPLY_BYTES } from "../commands/jws.ts";
import { fitting, goalsOf, heldSummary, type WaveSummary, waveSummaries } from "./plan-summary.ts";

/** A plan that was made just now, whole. */
export interface PlanMade {
  readonly plan: Plan;
  readonly planHash: Sha256;
  readonly kept: boolean;
  /** Against the plan it was made from. */
  readonly difference?: PlanDifference;
}

/** Of an answer that sums a plan up, as JSON: signed and in base64 it is well within what a desk reads. The parts below come to less. */
export const SUMMARY_BYTES_MAX = MAX_REPLY_BYTES / 2;
/** More than a hundred waves; those that follow are had in pieces. */
const WAVES_BYTES_MAX = 144 * 1024;
const HELD_BYTES_MAX = 32 * 1024;
/** Of each kind of difference; the rest is counted. */
const CHANGES_MAX = 20;
const CHANGES_BYTES_MAX = 8 * 1024;

export function planAnswer({ plan, planHash, kept, difference }: PlanMade) {
  return {
    schema: "groundswell.plan-answer/2",
    ...planHead(plan, planHash),
    kept,
    ...(plan.parent === undefined ? {} : { parent: { planHash: plan.parent } }),
    ...(difference === undefined ? {} : { difference: differenceSummary(difference) }),
    ...firstWaves(waveSummaries(plan)),
  };
}

/** All of a plan's summary but its waves. */
export function planHead(plan: Plan, planHash: string) {
  const { campaign, author, createdAtMs, policy, release, rollback, calendar, tasks, heldBack, forecast } = plan;
  const { waves: _waves, ...whole } = forecast;
  const held = heldSummary(heldBack);
  return {
    campaign,
    planHash,
    author: author.person,
    created: isoOf(createdAtMs),
    ...(policy.reason === undefined || policy.reason === "" ? {} : { reason: policy.reason }),
    release: { id: release.id, title: release.title, version: release.version },
    ...(rollback === undefined ? {} : { rollback }),
    zone: calendar.zone,
    planned: tasks.length,
    goals: goalsOf(tasks),
    ...outagesOf(plan),
    heldBack: { ...held, first: fitting(held.first, HELD_BYTES_MAX) },
    forecast: whole,
  };
}

/** Absent where there are none. */
function outagesOf(plan: Plan): { readonly outages?: { readonly count: number; readonly first: readonly PlannedOutage[] } } {
  const all = outagesIn(plan);
  return all.length === 0 ? {} : { outages: { count: all.length, first: fitting(all.slice(0, CHANGES_MAX), CHANGES_BYTES_MAX) } };
}

/** `waveCount`: of all of them. */
export function firstWaves<T extends WaveSummary>(waves: readonly T[]): { readonly waveCount: number; readonly waves: readonly T[] } {
  return { waveCount: waves.length, waves: fitting(waves, WAVES_BYTES_MAX) };
}

/** The first of each kind, and how many there are. */
export function differenceSummary({ parent, ...lists }: PlanDifference) {
  const first = <T>(list: readonly T[]): readonly T[] => fitting(list.slice(0, CHANGES_MAX), CHANGES_BYTES_MAX);
  const { added, gone, moved, reasons, ways, settings } = lists;
  return {
    parent,
    counts: Object.fromEntries(Object.entries(lists).map(([kind, list]) => [kind, list.length])),
    ...{ added: first(added), gone: first(gone), moved: first(moved) },
    ...{ reasons: first(reasons), ways: first(ways), settings: first(settings) },
  };
}
