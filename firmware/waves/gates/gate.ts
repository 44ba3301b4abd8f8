/**
 * What a gate is: a pure judge over what is known of a wave. Missing, stale or unreadable input never passes (I10).
 */

import type { DeviceId, TaskId } from "../../../protocols/core/ids.ts";
import type { Reading } from "../../../protocols/core/reading.ts";
import type { Ms } from "../../../protocols/core/time.ts";
import type { ReleaseStanding } from "../freshness.ts";
import type { WavePolicy } from "../policy.ts";
import type { PlannedWave } from "../shape.ts";
import { isFinal, type TaskState } from "../task-state.ts";
import type { GateId } from "./ids.ts";
import type { HealthMedian } from "./medians.ts";

export type Verdict = "pass" | "fail" | "inconclusive";

/** One line of what a verdict rests on. Numbers are absent where nothing was measured. */
export interface GateEvidence {
  readonly device?: DeviceId;
  readonly what: string;
  readonly before?: number;
  readonly after?: number;
  /** What devices of the same model that nobody touched changed by in the same time. */
  readonly untouchedChange?: number;
  readonly limit?: number;
  readonly verdict: Verdict;
}

export interface GateVerdict {
  readonly verdict: Verdict;
  readonly why: string;
  readonly evidence: readonly GateEvidence[];
  /** Devices that speak against the wave at this gate: what a person accepts who resumes. */
  readonly failures: number;
  /** What an inconclusive verdict leads to, where it is not the usual: a longer soak or two, then a person. */
  readonly unclear?: Unclear;
  /** Of the gate that compares health: the middle of each value before and after. */
  readonly medians?: readonly HealthMedian[];
}

/** `asks`: a person at once. `waits`: longer soaks until that moment, then a person. */
export type Unclear = { readonly do: "asks" } | { readonly do: "waits"; readonly untilMs: Ms };

/** One gate's verdict as it is kept. */
export interface GateJudgement {
  readonly gate: GateId;
  readonly judgement: GateVerdict;
  readonly acceptedBy?: string;
  /** Policy lets it report and not decide. */
  readonly reportsOnly?: true;
}

/** A person took responsibility for a gate with this many failures; one more holds again. */
export interface Accepted {
  readonly gate: GateId;
  readonly by: string;
  readonly failures: number;
  readonly atMs: Ms;
}

/** A task as the gates see it. */
export interface JudgedTask {
  readonly id: TaskId;
  readonly device: DeviceId;
  readonly name: string;
  readonly model: string;
  readonly state: TaskState;
}

/** The values of one device at one moment. */
export interface HealthSample {
  readonly atMs: Ms;
  readonly reading: Reading;
}

/** A device before and after. For an untouched device `landedAtMs` is absent, and the two samples frame the same time. */
export interface DeviceHealth {
  readonly device: DeviceId;
  readonly model: string;
  readonly before?: HealthSample;
  readonly after?: HealthSample;
  /** When it first answered on the new version. */
  readonly landedAtMs?: Ms;
}

/** How an updated device was used, from its readings. */
export interface DeviceUse {
  readonly device: DeviceId;
  /** When it first answered on the new version. */
  readonly landedAtMs: Ms;
  /** Calls or meetings seen since. */
  readonly calls: number;
  /** Different days of the four weeks before on which it was seen in a call. */
  readonly daysInUse: number;
}

/** Something of the site is not as it should be. */
export interface SiteIncident {
  readonly id: number;
  readonly title: string;
  readonly sinceMs: Ms;
  /** `site`: a network, a power supply, a server, a service. `build`: a version that is bad wherever it runs. */
  readonly about: "site" | "build" | "device";
  /** Devices of the wave among those concerned. */
  readonly touches: readonly DeviceId[];
}

/** The site around the wave. */
export interface SiteNow {
  readonly incidents: readonly SiteIncident[];
  /** The site's uplink as far as we load it, in bytes a second. */
  readonly uplink: { readonly used: number; readonly cap: number };
  /** When the first device of the wave was touched; what began before is in its baseline. */
  readonly waveSinceMs: Ms;
}

export interface GateInput {
  readonly wave: PlannedWave;
  /** No wave comes after it. */
  readonly isLast: boolean;
  readonly policy: Pick<WavePolicy, "realUse" | "personAfter" | "gatesOnlyReport">;
  readonly nowMs: Ms;
  /** Tasks of other waves may be among them. */
  readonly tasks: readonly JudgedTask[];
  /** The wave's devices. */
  readonly health: readonly DeviceHealth[];
  /** Devices the campaign has not touched. */
  readonly untouched: readonly DeviceHealth[];
  /** A sample older than this says nothing about now. */
  readonly staleAfterMs: Ms;
  /** The wave's updated devices; absent where nobody could look. */
  readonly use?: readonly DeviceUse[];
  /** Absent where nobody could look. */
  readonly site?: SiteNow;
  /** Every release the plan installs. */
  readonly catalogue: readonly ReleaseStanding[];
}

export interface Gate {
  readonly id: GateId;
  /** Pure: the same input always gets the same verdict. */
  judge(input: GateInput): GateVerdict;
}

/** How the tasks of a wave stand. Tasks whose state nobody handed over are `missing`. */
export interface Standing {
  readonly all: number;
  readonly missing: number;
  /** On the new version through us, soak over. */
  readonly updated: readonly JudgedTask[];
  /** On the new version without us. */
  readonly already: readonly JudgedTask[];
  readonly soaking: readonly JudgedTask[];
  /** They did not answer when they had their turn: neither a success nor a failure of the wave. */
  readonly armed: readonly JudgedTask[];
  /** Failed or lost. */
  readonly failed: readonly JudgedTask[];
  /** Of earlier waves: failed, lost or no longer well since this wave is under way. */
  readonly fallen: readonly JudgedTask[];
  readonly skipped: readonly JudgedTask[];
  readonly refused: readonly JudgedTask[];
  readonly underWay: readonly JudgedTask[];
  /** Every task is known, and at its end or armed. */
  readonly ended: boolean;
}

/** All gates of one judgement ask the same. */
const sorted = new WeakMap<GateInput, Standing>();

/** Sorts the tasks of the wave by how they stand at `nowMs`; of other waves only who fell back while this one is under way. */
export function standingOf(input: GateInput): Standing {
  const known = sorted.get(input) ?? sortTasks(input);
  sorted.set(input, known);
  return known;
}

function sortTasks({ wave, tasks, nowMs }: GateInput): Standing {
  const wanted = new Set(wave.tasks);
  const mine = new Map<TaskId, JudgedTask>();
  const groups: { readonly [group in Group]: JudgedTask[] } = {
    ...{ updated: [], already: [], soaking: [], armed: [], failed: [], fallen: [], skipped: [], refused: [], underWay: [], over: [] },
  };
  for (const task of tasks) {
    if (wanted.has(task.id)) mine.set(task.id, task);
    else if (isBad(task.state) && task.state.duringWave === wave.index) groups.fallen.push(task);
  }
  for (const task of mine.values()) groups[groupOf(task.state, nowMs)].push(task);
  const missing = wanted.size - mine.size;
  const ended = wanted.size > 0 && missing + groups.soaking.length + groups.underWay.length === 0;
  return { ...groups, all: wanted.size, missing, ended };
}

type Group = "updated" | "already" | "soaking" | "armed" | "failed" | "fallen" | "skipped" | "refused" | "underWay" | "over";

function groupOf(state: TaskState, nowMs: Ms): Group {
  switch (state.at) {
    case "soaking":
      return state.untilMs <= nowMs ? "updated" : "soaking";
    case "succeeded":
      return state.how === "updated" ? "updated" : "already";
    case "lost":
      return "failed";
    case "armed":
    case "failed":
    case "skipped":
    case "refused":
      return state.at;
    default:
      // Replaced, or taken back: at its end, and nothing of the wave's.
      return isFinal(state) ? "over" : "underWay";
  }
}

/** Failed or lost. */
export const isBad = (state: TaskState): state is TaskState & { at: "failed" | "lost" } => state.at === "failed" || state.at === "lost";

export function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes("fail")) return "fail";
  return verdicts.includes("inconclusive") ? "inconclusive" : "pass";
}
