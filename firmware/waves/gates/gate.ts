/**
 * What a gate is: a pure judge over what is known of a wave. Missing, stale or unreadable input never passes (I10).
 */

import type { DeviceId, TaskId } from "../../../protocols/core/ids.ts";
import type { Reading } from "../../../protocols/core/reading.ts";
import type { Ms } from "../../../protocols/core/time.ts";
import type { PlannedWave } from "../shape.ts";
import { isFinal, type TaskState } from "../task-state.ts";

export const GATE_IDS = ["failureCount", "completion", "health"] as const;

export type GateId = (typeof GATE_IDS)[number];
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

export interface GateInput {
  readonly wave: PlannedWave;
  readonly nowMs: Ms;
  /** Tasks of other waves may be among them. */
  readonly tasks: readonly JudgedTask[];
  /** The wave's devices. */
  readonly health: readonly DeviceHealth[];
  /** Devices the campaign has not touched. */
  readonly untouched: readonly DeviceHealth[];
  /** A sample older than this says nothing about now. */
  readonly staleAfterMs: Ms;
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
  /** Failed or lost. */
  readonly failed: readonly JudgedTask[];
  readonly skipped: readonly JudgedTask[];
  readonly refused: readonly JudgedTask[];
  readonly underWay: readonly JudgedTask[];
  /** Every task is known and at its end. */
  readonly ended: boolean;
}

/** Sorts the tasks of the wave by how they stand at `nowMs`; tasks of other waves are left out. */
export function standingOf(input: GateInput): Standing {
  const wanted = new Set(input.wave.tasks);
  const byId = new Map(input.tasks.filter(({ id }) => wanted.has(id)).map((task) => [task.id, task]));
  const tasks = [...byId.values()];
  const soakOver = ({ state }: JudgedTask): boolean => state.at === "soaking" && state.untilMs <= input.nowMs;
  const soaking = tasks.filter((task) => task.state.at === "soaking" && !soakOver(task));
  const underWay = tasks.filter(({ state }) => !isFinal(state) && state.at !== "soaking");
  const missing = wanted.size - byId.size;
  return {
    all: wanted.size,
    missing,
    updated: tasks.filter((task) => soakOver(task) || (task.state.at === "succeeded" && task.state.how === "updated")),
    already: tasks.filter(({ state }) => state.at === "succeeded" && state.how === "alreadyCurrent"),
    soaking,
    failed: tasks.filter(({ state }) => state.at === "failed" || state.at === "lost"),
    skipped: tasks.filter(({ state }) => state.at === "skipped"),
    refused: tasks.filter(({ state }) => state.at === "refused"),
    underWay,
    ended: wanted.size > 0 && missing + soaking.length + underWay.length === 0,
  };
}

export function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes("fail")) return "fail";
  return verdicts.includes("inconclusive") ? "inconclusive" : "pass";
}
