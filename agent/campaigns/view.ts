/**
 * A campaign as people and portals see it: every waiting task says why, since when, until when and who ends it. Pure.
 */
import { type CampaignState, pauseWords } from "../../firmware/waves/campaign-state.ts";
import { endedWords, riskEndedBy } from "../../firmware/waves/ended-words.ts";
import type { GateEvidence, Verdict } from "../../firmware/waves/gates/gate.ts";
import type { Kill } from "../../firmware/waves/kill.ts";
import type { TaskRow, WaveRow } from "../../firmware/waves/ports.ts";
import type { Plan, PlannedLeg, PlannedTask, PlanRollback } from "../../firmware/waves/shape.ts";
import { attemptsSpent, isAtRisk, isFinal, legOf, type TaskState } from "../../firmware/waves/task-state.ts";
import { showFault } from "../../protocols/core/fault.ts";
import { isoOf, type Ms } from "../../protocols/core/time.ts";
import type { JudgementRow } from "../../store/judgements.ts";
import type { ImagesNow } from "./images.ts";
import { killedWait, plannedWait, whyOfWave } from "./wave-words.ts";

export interface TaskView {
  readonly task: string;
  readonly device: string;
  readonly name: string;
  readonly model: string;
  readonly wave: number;
  readonly at: TaskState["at"];
  readonly attempts: number;
  /** Of a task with stepping stones: the leg it is at or ended at. */
  readonly leg?: { readonly number: number; readonly of: number; readonly to: string };
  /** Why it waits or how it ended. */
  readonly why?: string;
  readonly since?: string;
  /** Earliest end of the wait, or the deadline. */
  readonly until?: string;
  readonly endedBy?: string;
}

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
      return { ...viewTask(task, about), ...plannedWait(task, about, moment), ...killedWait(task.state, about, kills) };
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
      return [pauseWords(state.cause), ...(state.supersededBy === undefined ? [] : [successorWords(state.supersededBy)])].join("; ");
    case "halted":
      return `halted by ${state.cause.by}: ${state.cause.why}`;
    case "awaitingApproval":
      return rollback === undefined
        ? "waits for another person's approval"
        : `waits for the approval of two people: ${state.approvals.length} of 2`;
    case "armed":
      return "approved; waits to be started";
    case "superseded":
      return `superseded by ${state.by}`;
    case "rollingBack":
      return `its devices go back with campaign ${state.rollback}`;
    case "rolledBack":
      return `all that could go back are back, with campaign ${state.rollback}`;
    case "closed":
      return `closed by ${state.by}: ${state.why}`;
    default:
      return undefined;
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

type About = Pick<PlannedTask, "name" | "model"> & Partial<Pick<PlannedTask, "legs">>;

export function viewTask(task: TaskRow & { readonly sinceMs: Ms }, about: About): TaskView {
  return {
    task: task.id,
    device: task.device,
    name: about.name,
    model: about.model,
    wave: task.wave,
    at: task.state.at,
    attempts: attemptsSpent(task.state),
    ...legView(task.state, about.legs ?? []),
    since: isoOf(task.sinceMs),
    ...waitOf(task.state),
  };
}

function legView(state: TaskState, legs: readonly PlannedLeg[]): Pick<TaskView, "leg"> {
  const at = Math.min(legOf(state, legs.length), legs.length - 1);
  const leg = legs[at];
  return legs.length < 2 || leg === undefined ? {} : { leg: { number: at + 1, of: legs.length, to: leg.to } };
}

type Wait = Pick<TaskView, "why" | "since" | "until" | "endedBy">;

function waitOf(state: TaskState): Wait {
  const until = (atMs: Ms | undefined): { until?: string } => (atMs === undefined ? {} : { until: isoOf(atMs) });
  switch (state.at) {
    case "planned":
      return { why: "it has not begun", endedBy: "its wave and its image" };
    case "staged":
      return { why: "ready", endedBy: "its turn" };
    case "held": {
      const earliest = state.reasons.map((hold) => hold.untilMs).filter((atMs) => atMs !== undefined);
      return {
        why: state.reasons.map((hold) => hold.why).join("; "),
        ...until(earliest.length === 0 ? undefined : Math.max(...earliest)),
        endedBy: state.reasons.map((hold) => hold.endedBy).join("; "),
      };
    }
    case "deferred":
      return {
        why: state.inUse.state === "idle" ? "in use" : state.inUse.reason,
        ...until(state.nextLookMs),
        endedBy: "the device becoming idle, or the end of its deferral",
      };
    case "armed":
      return { why: `it does not answer: ${state.why}`, ...until(state.deadlineMs), endedBy: "the device coming back, or its deadline" };
    case "reserved":
      return { why: "about to be commanded", ...until(state.deadlineMs) };
    case "commanded":
      return {
        why:
          state.waitsFor === undefined || state.waitsFor.state === "idle"
            ? "told to update; fetches the image next"
            : `told to update; waits by itself: ${state.waitsFor.reason}`,
        ...until(state.deadlineMs),
        endedBy: "the device fetching the image",
      };
    case "applying":
      return { why: "fetches the image", ...until(state.deadlineMs), endedBy: "the last byte" };
    case "rebooting":
      return { why: "flashes and restarts", ...until(state.deadlineMs), endedBy: "the device answering again" };
    case "verifying":
      return { why: "answers on the new version; its lines come up", ...until(state.deadlineMs), endedBy: "all lines being back" };
    case "soaking":
      return { why: "watched", ...until(state.untilMs), endedBy: "the end of the soak" };
    case "unknown":
      return {
        why: `the agent restarted while it was ${state.was}; it is looked at first`,
        ...until(state.deadlineMs),
        endedBy: "a look at the device",
      };
    case "failedRetryable":
      return { why: showFault(state.fault), ...until(state.nextAtMs), endedBy: "the next attempt" };
    case "succeeded":
      return { why: state.how === "alreadyCurrent" ? "was on the new version already" : "updated and healthy" };
    case "skipped":
      return { why: `skipped by ${state.by}: ${state.why}` };
    case "refused":
      return { why: state.why };
    case "replaced":
      return { why: `campaign ${state.by} has taken it over` };
    case "failed":
    case "lost":
      return { why: endedWords(state), ...riskEndedBy(state) };
    case "reverting":
      return { why: `goes back with campaign ${state.rollback}`, endedBy: `campaign ${state.rollback}` };
    case "reverted":
      return { why: `back on what it ran before, with campaign ${state.rollback}` };
    case "revertFailed":
      return {
        why: `campaign ${state.rollback} could not take it back: ${state.why}`,
        ...(state.unproven ? { endedBy: "a person who repairs it or writes it off" } : {}),
      };
  }
}
