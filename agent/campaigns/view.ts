/**
 * A campaign as people and portals see it: every waiting task says why, since when, until when and who ends it. Pure.
 */
import { type CampaignState, stopWords } from "../../firmware/waves/campaign-state.ts";
import type { GateEvidence, Verdict } from "../../firmware/waves/gates/gate.ts";
import type { Kill } from "../../firmware/waves/kill.ts";
import type { TaskRow, WaveRow } from "../../firmware/waves/ports.ts";
import type { Plan, PlanRollback } from "../../firmware/waves/shape.ts";
import { isAtRisk, isFinal, type TaskState } from "../../firmware/waves/task-state.ts";
import { isoOf, type Ms } from "../../protocols/core/time.ts";
import type { JudgementRow } from "../../store/judgements.ts";
import type { ImagesNow } from "./images.ts";
import { type TaskView, viewTask, viewTaskIn } from "./task-view.ts";
import { whyOfWave } from "./wave-words.ts";

export interface CampaignView {
  readonly schema: "groundswell.campaign/1";
  readonly campaign: string;
  readonly state: CampaignState["at"];
  readonly why?: string;
  readonly planHash: string;
  readonly release: { readonly id: string; readonly title: string; readonly version: string };
  /** It takes that campaign back: devices leave the release. */
  readonly rollback?: PlanRollback;
  readonly planned: number;
  /** Add up to `planned`. */
  readonly counts: Readonly<Record<string, number>>;
  readonly atRisk: number;
  readonly waves: readonly {
    readonly index: number;
    readonly state: WaveRow["state"]["at"];
    readonly devices: number;
    readonly done: number;
    readonly why?: string;
    /** What the gates said when it last moved by their word. */
    readonly judged?: JudgedView;
  }[];
  readonly tasks: readonly TaskView[];
  readonly heldBack: Plan["heldBack"];
  /** So many more are not in the lists: an answer has its bounds. */
  readonly tasksLeft?: number;
  readonly heldBackLeft?: number;
  readonly forecast: Plan["forecast"];
}

export interface JudgedView {
  readonly at: string;
  readonly verdict: Verdict;
  /** The gate that decided. */
  readonly gate: string;
  readonly gates: readonly {
    readonly gate: string;
    readonly verdict: Verdict;
    readonly why: string;
    readonly acceptedBy?: string;
    /** Its verdict decides nothing. */
    readonly reportsOnly?: true;
    readonly evidence: readonly GateEvidence[];
  }[];
}

interface CampaignRows {
  readonly id: string;
  readonly state: CampaignState;
  readonly planHash: string;
  readonly plan: Plan;
  readonly waves: readonly WaveRow[];
  readonly tasks: readonly (TaskRow & { readonly sinceMs: Ms })[];
  /** Wherever the kill switch is on. */
  readonly kills: readonly Kill[];
  /** How images stand, where that is to be said. */
  readonly images?: ImagesNow | undefined;
  readonly nowMs?: Ms;
  /** The newest of each wave, where they are wanted. */
  readonly judgements?: readonly JudgementRow[];
}

export function viewCampaign({
  id,
  state,
  planHash,
  plan,
  waves,
  tasks,
  kills,
  judgements = [],
  images,
  nowMs = 0,
}: CampaignRows): CampaignView {
  const planned = new Map(plan.tasks.map((task) => [task.id, task]));
  const moment = { state, plan, waves, images, nowMs };
  const counts: Record<string, number> = {};
  for (const { state: task } of tasks) counts[task.at] = (counts[task.at] ?? 0) + 1;
  const why = whyOf(state, plan) ?? (state.at === "running" ? awaited(tasks.map((task) => task.state)) : undefined);
  return {
    schema: "groundswell.campaign/1",
    campaign: id,
    state: state.at,
    ...(why === undefined ? {} : { why }),
    planHash,
    release: { id: plan.release.id, title: plan.release.title, version: plan.release.version },
    ...(plan.rollback === undefined ? {} : { rollback: plan.rollback }),
    planned: plan.tasks.length,
    counts,
    atRisk: tasks.filter((task) => isAtRisk(task.state)).length,
    waves: waves.map((wave) => {
      const mine = tasks.filter((task) => task.wave === wave.index);
      return {
        index: wave.index,
        state: wave.state.at,
        devices: mine.length,
        done: mine.filter((task) => isFinal(task.state)).length,
        ...whyOfWave(wave, { ...moment, planned, tasks: mine }),
        ...judgedView(judgements.find(({ wave: index }) => index === wave.index)),
      };
    }),
    tasks: tasks.map((task) => {
      const about = planned.get(task.id);
      if (about === undefined) return viewTask(task, { name: task.device, model: "" });
      return viewTaskIn(task, about, moment, kills);
    }),
    heldBack: plan.heldBack,
    forecast: plan.forecast,
  };
}

function judgedView(row: JudgementRow | undefined): { readonly judged?: JudgedView } {
  if (row === undefined) return {};
  const { atMs, verdict, gate, judgements } = row;
  const gates = judgements.map(({ gate: id, judgement, acceptedBy, reportsOnly }) => ({
    gate: id,
    verdict: judgement.verdict,
    why: judgement.why,
    ...(acceptedBy === undefined ? {} : { acceptedBy }),
    ...(reportsOnly === undefined ? {} : { reportsOnly }),
    evidence: judgement.evidence,
  }));
  return { judged: { at: isoOf(atMs), verdict, gate, gates } };
}

/** Why a campaign stands where it does; `undefined` where its state says it all. */
export function whyOf(state: CampaignState, { rollback }: Pick<Plan, "rollback"> = {}): string | undefined {
  switch (state.at) {
    case "running":
      return state.supersededBy === undefined ? undefined : successorWords(state.supersededBy);
    case "paused":
      return [stopWords(state), ...(state.supersededBy === undefined ? [] : [successorWords(state.supersededBy)])].join("; ");
    case "awaitingApproval":
      return rollback === undefined
        ? "waits for another person's approval"
        : `waits for the approval of two people: ${state.approvals.length} of 2`;
    case "armed":
      return "approved; waits to be started";
    case "rollingBack":
      return `its devices go back with campaign ${state.rollback}`;
    case "rolledBack":
      return `all that could go back are back, with campaign ${state.rollback}`;
    default:
      return stopWords(state);
  }
}

const successorWords = (by: string): string => `campaign ${by} has taken its place; what was commanded here is watched to its end`;

/** A campaign that has nobody else left says whom it waits for, and until when. */
function awaited(states: readonly TaskState[]): string | undefined {
  const open = states.filter((state) => !isFinal(state));
  const away = open.filter((state) => state.at === "armed");
  if (away.length === 0 || away.length < open.length) return undefined;
  const lastMs = Math.max(...away.map(({ deadlineMs }) => deadlineMs));
  return `waits only for ${away.length === 1 ? "a device that does" : `${away.length} devices that do`} not answer, until ${isoOf(lastMs)}`;
}
