/**
 * Makes a plan. Pure: the same input and seed give the same plan, and the plan says everything that will be done.
 */

import type { CampaignId, DeviceId, Sha256, TaskId } from "../../protocols/core/ids.ts";
import { taskIdOf } from "../../protocols/core/ids.ts";
import { seededRandom } from "../../protocols/core/random.ts";
import type { Ms } from "../../protocols/core/time.ts";

import { canonicalHash } from "../canonical.ts";
import { chainsOver } from "../chain.ts";
import { eligibilityOf } from "../eligibility.ts";
import type { HeldBack } from "../held.ts";
import type { Release } from "../release.ts";

import { type DomainIndex, type DomainOptions, domainsOf, indexDomains } from "./domains.ts";
import { forecastOf } from "./forecast.ts";
import { orderForWaves, type Ready, shapeWaves } from "./order.ts";
import type { Calendar, WavePolicy } from "./policy.ts";
import type { Candidate, Plan, PlannedTask, PlannedWave } from "./shape.ts";

/** Whom a person means. Without any field: every device the release is for. Fields narrow one another. */
export interface Selection {
  readonly models?: readonly string[];
  /** Named devices are always answered for: one the release is not for is held back, not left out silently. */
  readonly devices?: readonly DeviceId[];
  readonly floors?: readonly string[];
  readonly rooms?: readonly string[];
}

export interface PlanInput {
  readonly site: string;
  readonly campaign: CampaignId;
  readonly author: Plan["author"];
  readonly nowMs: Ms;
  readonly seed: number;
  readonly release: Release;
  readonly catalogueVersion: number;
  readonly policy: WavePolicy;
  readonly calendar: Calendar;
  /** Every device of the site, meant or not: failure domains are made of all of them. */
  readonly candidates: readonly Candidate[];
  readonly selection?: Selection;
  /** Devices with an unfinished task in another campaign. */
  readonly busyElsewhere?: ReadonlySet<DeviceId>;
  /** All releases at hand: those held back are told which of them has to come first. */
  readonly releases?: readonly Release[];
  /** Stepping stones become legs of the task; otherwise who needs one is held back with its name. */
  readonly chains?: boolean;
  /** Images that are on the site already. */
  readonly staged?: ReadonlySet<Sha256>;
  readonly domainOptions?: DomainOptions;
}

/** The plan for a selection: every selected device is in one wave or held back with a reason. */
export function makePlan(input: PlanInput): Plan {
  const { release, policy } = input;
  const domains = domainsOf(input.candidates, input.domainOptions);
  const index = indexDomains(domains);
  const { ready, heldBack } = sortOut(input, index);
  const ordered = orderForWaves(ready, input.policy.canaryCount, seededRandom(input.seed));
  const waves = wavesOf(shapeWaves(ordered), policy);
  const tasks = [...ordered.canary, ...ordered.first, ...ordered.rest, ...ordered.last].map(({ task }) => task);
  const staged = input.staged ?? new Set<Sha256>();
  return {
    schema: "groundswell.plan/1",
    site: input.site,
    campaign: input.campaign,
    author: input.author,
    createdAtMs: Math.round(input.nowMs),
    release,
    catalogueVersion: input.catalogueVersion,
    policy,
    calendar: input.calendar,
    domains,
    tasks,
    waves,
    heldBack,
    forecast: forecastOf({ tasks, waves, domains, policy, calendar: input.calendar, nowMs: input.nowMs, staged }),
  };
}

/** What an approval names: SHA-256 over the canonical JSON of the whole plan. */
export function planHash(plan: Plan): Sha256 {
  return canonicalHash(plan);
}

/** Is this device meant? A device outside the selection is neither planned nor held back. */
export function isSelected(candidate: Candidate, selection: Selection, release: Release): boolean {
  const named = selection.devices !== undefined;
  if (named && !selection.devices.includes(candidate.device)) return false;
  if (selection.models !== undefined && (candidate.model === undefined || !selection.models.includes(candidate.model))) return false;
  if (selection.floors !== undefined && !selection.floors.some((floor) => floor === candidate.place.floor)) return false;
  if (selection.rooms !== undefined && !selection.rooms.some((room) => room === candidate.place.room)) return false;
  return named || (candidate.family === release.family && candidate.model !== undefined && release.models.includes(candidate.model));
}

function sortOut(input: PlanInput, index: DomainIndex): { ready: Ready[]; heldBack: HeldBack[] } {
  const ready: Ready[] = [];
  const heldBack: HeldBack[] = [];
  const chains = chainsOver(input.releases ?? []);
  // By id, so that the order in which the inventory lists devices changes nothing.
  const candidates = input.candidates.toSorted((a, b) => (a.device < b.device ? -1 : a.device > b.device ? 1 : 0));
  for (const candidate of candidates) {
    if (!isSelected(candidate, input.selection ?? {}, input.release)) continue;
    const eligible = eligibilityOf(candidate, input.release, {
      busyElsewhere: input.busyElsewhere?.has(candidate.device) ?? false,
      chains,
      walksChains: input.chains ?? false,
    });
    if (!eligible.ok) {
      heldBack.push(eligible.held);
      continue;
    }
    const joined = index.of(candidate.device).map(({ domain }) => domain);
    const task: PlannedTask = {
      id: taskIdOf(input.campaign, candidate.device),
      device: candidate.device,
      name: candidate.name,
      mac: eligible.mac,
      family: input.release.family,
      model: eligible.model,
      ...(eligible.partNumber === undefined ? {} : { partNumber: eligible.partNumber }),
      legs: eligible.legs,
      domains: joined.map(({ id }) => id),
      ...(candidate.registeredLines === undefined ? {} : { registeredLines: candidate.registeredLines }),
    };
    const room = joined.find(({ kind }) => kind === "room");
    ready.push({ task, candidate, ...(room === undefined ? {} : { roomSize: room.members.length }) });
  }
  return { ready, heldBack };
}

/** Waves from this size on tolerate a share, below it only a count: a percentage of a few devices says nothing. */
const SHARE_COUNTS_FROM = 30;
const SHARE_TOLERATED = 0.02;

function wavesOf(shapes: readonly (readonly Ready[])[], policy: WavePolicy): PlannedWave[] {
  return shapes.map((members, at) => ({
    index: at + 1,
    tasks: members.map(({ task }): TaskId => task.id),
    failuresAllowed: failuresAllowed(at + 1, members.length, policy),
    soakMs: policy.soak,
  }));
}

/** Failed or lost devices a wave tolerates: none in the canary, the policy's count up to 29 devices, at least 2 % above. */
export function failuresAllowed(index: number, devices: number, policy: WavePolicy): number {
  if (index === 1) return 0;
  if (devices < SHARE_COUNTS_FROM) return policy.failuresAllowed;
  return Math.max(policy.failuresAllowed, Math.floor(devices * SHARE_TOLERATED));
}
