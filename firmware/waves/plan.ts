/**
 * Makes a plan. Pure: the same input and seed give the same plan, and the plan says everything that will be done.
 */

import type { Sha256 } from "../../protocols/core/ids.ts";
import { seededRandom } from "../../protocols/core/random.ts";
import type { Ms } from "../../protocols/core/time.ts";

import { canonicalHash } from "../canonical.ts";

import { type DomainIndex, domainsOf, indexDomains } from "./domains.ts";
import { forecastOf } from "./forecast.ts";
import { layoutOf } from "./forecast-layout.ts";
import { type Ready, type ShapedWave, shapeWaves, stratumOf } from "./order.ts";
import { isSelected, type PlanInput } from "./plan-input.ts";
import { sortOut } from "./plan-sort.ts";
import type { WavePolicy } from "./policy.ts";
import { proofWords, ruledOutPerMille } from "./proof.ts";
import type { Plan, PlannedTask, PlannedWave, Proof } from "./shape.ts";
import { unitsOf } from "./units.ts";
import { longestOpenMs } from "./window.ts";

/** The plan for a selection: every selected device is in one wave, alone or along with its unit, or held back with a reason. */
export function makePlan(input: PlanInput): Plan {
  const { release, policy, calendar, selection = {} } = input;
  const groups = input.groups ?? [];
  const units = unitsOf(input.candidates, groups);
  const domains = domainsOf(input.candidates, policy, groups, units);
  const index = indexDomains({ domains, units });
  const selected = input.candidates.filter((candidate) => isSelected(candidate, selection, release));
  const { ready, heldBack } = sortOut(input, selected, index);
  const windowMs = longestOpenMs(calendar);
  const rules = {
    canaryCount: policy.canaryCount,
    rings: policy.rings,
    spares: sparesOf(policy),
    fitting: (members: readonly Ready[]) => inOneWindow(members, index, policy, windowMs),
  };
  const shapes = shapeWaves(ready, rules, seededRandom(input.seed));
  const waves = shapes.map((shape, at) => waveOf(shape, at + 1, policy));
  const tasks = shapes.flatMap(({ members }) => members.flatMap(({ task, also }) => [task, ...also]));
  const staged = input.staged ?? new Set<Sha256>();
  return {
    schema: "groundswell.plan/1",
    site: input.site,
    campaign: input.campaign,
    author: input.author,
    createdAtMs: Math.round(input.nowMs),
    ...(input.parent === undefined ? {} : { parent: input.parent }),
    ...(input.rollback === undefined ? {} : { rollback: input.rollback.of }),
    selection,
    release,
    catalogueVersion: input.catalogueVersion,
    policy,
    calendar,
    domains,
    units,
    tasks,
    waves,
    heldBack,
    forecast: forecastOf({ tasks, waves, domains, units, policy, calendar, nowMs: input.nowMs, staged }, index),
  };
}

/** What an approval names: SHA-256 over the canonical JSON of the whole plan. */
export function planHash(plan: Plan): Sha256 {
  return canonicalHash(plan);
}

/** Waves from this size on tolerate a share, below it only a count: a percentage of a few devices says nothing. */
const SHARE_COUNTS_FROM = 30;
const SHARE_TOLERATED = 0.02;

function waveOf({ members, isCanary, gone }: ShapedWave, index: number, policy: WavePolicy): PlannedWave {
  const tasks = members.flatMap(({ task, also }) => [task, ...also]);
  return {
    index,
    tasks: tasks.map(({ id }) => id),
    failuresAllowed: isCanary ? 0 : failuresAllowed(index, tasks.length, policy),
    soakMs: policy.soak,
    proof: [...gone].map(([key, clean]) => proofOf(tasks.find((task) => stratumOf(task) === key) as PlannedTask, clean)),
  };
}

function proofOf({ model, legs }: PlannedTask, clean: number): Proof {
  const [{ edge }] = legs;
  return {
    ...{ model, to: legs.map(({ to }) => to), fromMin: edge.fromMin, fromMax: edge.fromMax },
    ...{ clean, ruledOutPerMille: ruledOutPerMille(clean), words: proofWords(clean) },
  };
}

/** Failed or lost devices a wave tolerates: none in the canary, the policy's count up to 29 devices, at least 2 % above. */
export function failuresAllowed(index: number, devices: number, policy: WavePolicy): number {
  if (index === 1) return 0;
  if (devices < SHARE_COUNTS_FROM) return policy.failuresAllowed;
  return Math.max(policy.failuresAllowed, Math.floor(devices * SHARE_TOLERATED));
}

const sparesOf = ({ spares }: WavePolicy): Map<string, number> => new Map(spares.map(({ model, count }) => [model, count]));

/** Those of a wave that begin, and could go back, while one window of ordinary length lasts; the first where it holds none. */
function inOneWindow(members: readonly Ready[], index: DomainIndex, policy: WavePolicy, windowMs: Ms): readonly Ready[] {
  const { atRiskMax, soak: soakMs } = policy;
  const layout = layoutOf(index, { beginMs: 0, quantile: "p90", soakMs, atRiskMax, openFrom: (atMs) => atMs });
  const fit = members.filter(({ task, also }) => {
    const laid = layout.lay(task);
    if (laid.lastNeedsUntilMs > windowMs) return false;
    layout.take(task, laid);
    for (const other of also) layout.take(other, layout.lay(other));
    return true;
  });
  return fit.length > 0 ? fit : members.slice(0, 1);
}
