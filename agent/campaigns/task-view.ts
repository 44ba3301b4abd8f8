/**
 * A task as people and portals see it: why it waits, since when, until when and who ends it. Pure.
 */
import { endedWords, riskEndedBy } from "../../firmware/waves/ended-words.ts";
import type { Kill } from "../../firmware/waves/kill.ts";
import type { TaskRow } from "../../firmware/waves/ports.ts";
import type { PlannedLeg, PlannedTask } from "../../firmware/waves/shape.ts";
import { attemptsSpent, type Hold, legOf, type TaskState } from "../../firmware/waves/task-state.ts";
import { showFault } from "../../protocols/core/fault.ts";
import { isoOf, type Ms } from "../../protocols/core/time.ts";
import { killedWait, overWait, type PlannedAbout, plannedWait } from "./wave-words.ts";

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
  /** Of one that is held, for programs: what `why` says in words. */
  readonly codes?: readonly Hold["code"][];
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

/** What its campaign and the kill switch say beside its own state. */
export function viewTaskIn(
  task: TaskRow & { readonly sinceMs: Ms },
  planned: PlannedTask,
  about: PlannedAbout,
  kills: readonly Kill[],
): TaskView {
  const view = viewTask(task, planned);
  const over = overWait(task.state, about.state);
  if (over !== undefined) {
    const { until: _, codes: __, ...rest } = view;
    return { ...rest, ...over };
  }
  return { ...view, ...plannedWait(task, planned, about), ...killedWait(task.state, planned, kills) };
}

function legView(state: TaskState, legs: readonly PlannedLeg[]): Pick<TaskView, "leg"> {
  const at = Math.min(legOf(state, legs.length), legs.length - 1);
  const leg = legs[at];
  return legs.length < 2 || leg === undefined ? {} : { leg: { number: at + 1, of: legs.length, to: leg.to } };
}

type Wait = Pick<TaskView, "why" | "since" | "until" | "endedBy" | "codes">;

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
        codes: state.reasons.map(({ code }) => code),
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
      return {
        why: `answers on the new version; its lines come up${againWords(state)}`,
        ...until(state.deadlineMs),
        endedBy: "all lines being back",
      };
    case "soaking":
      return { why: `watched${againWords(state)}`, ...until(state.untilMs), endedBy: "the end of the soak" };
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

const againWords = ({ relapses = 0 }: { readonly relapses?: number }): string =>
  relapses === 0 ? "" : `, anew: ${relapses === 1 ? "once" : `${relapses} times`} it restarted or lost lines or parts while it was watched`;
