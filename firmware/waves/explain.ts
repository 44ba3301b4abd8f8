/**
 * Why a device has not been updated yet. Pure over the rows: every reason there is now, what stands in front of all others first.
 */
import type { Ms } from "../../protocols/core/time.ts";
import { type CampaignState, isFinalCampaign, pauseWords } from "./campaign-state.ts";
import { endedWords, riskEndedBy } from "./ended-words.ts";
import type { ImageReason } from "./image-words.ts";
import { type Kill, killHold, killsOf } from "./kill.ts";
import type { Plan, PlannedTask } from "./shape.ts";
import { type Hold, isAtRisk, isFinal, type TaskState } from "./task-state.ts";
import type { WaveState } from "./wave.ts";

export interface Reason {
  readonly code: Hold["code"] | "heldBack" | "notPlanned" | "campaign" | "gate" | "busy" | "retry" | "underWay" | "ended";
  readonly why: string;
  readonly sinceMs?: Ms;
  readonly untilMs?: Ms;
  /** Who or what ends it; absent where nothing has to. */
  readonly endedBy?: string;
}

export interface ExplainInput {
  readonly plan: Pick<Plan, "heldBack" | "tasks">;
  readonly device: string;
  readonly campaign: CampaignState;
  readonly kills: readonly Kill[];
  /** Absent where the plan has no task for it. */
  readonly task?: { readonly state: TaskState; readonly wave: number; readonly sinceMs: Ms };
  readonly waves: readonly { readonly index: number; readonly state: WaveState }[];
  /** Of the images it needs, where one is missing. */
  readonly image?: ImageReason;
}

export function explain(input: ExplainInput): readonly Reason[] {
  const { plan, device, task, campaign } = input;
  const planned = plan.tasks.find((one) => one.device === device);
  const held = plan.heldBack.find((one) => one.device === device);
  if (held !== undefined) return [{ code: "heldBack", why: held.why, endedBy: held.lifts }];
  if (planned === undefined || task === undefined) {
    const why = "the plan does not name it: it was not meant, or joined the site later";
    return [{ code: "notPlanned", why, endedBy: "the next plan" }];
  }
  const { state, sinceMs } = task;
  if (isFinal(state)) return [{ code: "ended", why: endWords(state), sinceMs, ...endedByOf(state) }];
  if (isAtRisk(state)) return [{ code: "underWay", why: `it is under way: ${state.at}`, sinceMs, ...deadlineOf(state) }];
  // It tries nothing any more: what would have ended a wait does so no longer.
  if (isFinalCampaign(campaign)) return campaignReasons(campaign);
  const kills = killsOf(input.kills, planned).map((kill): Reason => ({ ...killHold(kill), sinceMs: kill.sinceMs }));
  const missing: Reason[] = input.image === undefined ? [] : [{ code: "image", ...input.image }];
  const reasons = [...kills, ...campaignReasons(campaign), ...missing, ...waveReasons(task.wave, input), ...ownReasons(state, sinceMs)];
  return reasons.length > 0 ? reasons : [{ code: "wave", why: "nothing stands in its way: it has its turn next", endedBy: "its turn" }];
}

/** Why no device of the campaign may begin now. */
export function campaignReasons(state: CampaignState): readonly Reason[] {
  switch (state.at) {
    case "planned":
    case "awaitingApproval":
      return [{ code: "campaign", why: "the plan is not approved", endedBy: "an approver" }];
    case "armed":
      return [{ code: "campaign", why: "the plan is approved and not started", endedBy: "a technician who starts it" }];
    case "paused":
      return state.cause.kind === "gate"
        ? [
            {
              code: "gate",
              why: pauseWords(state.cause),
              sinceMs: state.sinceMs,
              endedBy: "a person who resumes the campaign and names the gate",
            },
          ]
        : [{ code: "paused", why: pauseWords(state.cause), sinceMs: state.sinceMs, endedBy: "a person who resumes the campaign" }];
    default:
      return isFinalCampaign(state) ? [{ code: "campaign", why: `the campaign is ${state.at}`, endedBy: "a new plan" }] : [];
  }
}

/** Whether its wave has yet to begin. */
export function waveReasons(wave: number, { campaign, waves }: Pick<ExplainInput, "campaign" | "waves">): readonly Reason[] {
  const now = "wave" in campaign ? (campaign.wave ?? 0) : 0;
  if (wave <= now) return [];
  const before = waves.find(({ index }) => index === now);
  const stands = before === undefined ? "none has begun" : `wave ${now} is ${before.state.at}`;
  const endedBy = wave === 1 ? "the start of the campaign" : "the waves before it";
  return [{ code: "wave", why: `it is in wave ${wave}, and ${stands}`, endedBy }];
}

/** Those of the task itself; what is said anew above is left out. */
function ownReasons(state: TaskState, sinceMs: Ms): readonly Reason[] {
  switch (state.at) {
    case "held":
      return state.reasons
        .filter(({ code }) => code !== "killed" && code !== "paused")
        .map((hold) => ({ ...hold, sinceMs: state.sinceMs }));
    case "deferred":
      return [
        {
          code: "busy",
          why: state.inUse.state === "idle" ? "in use" : state.inUse.reason,
          sinceMs: state.sinceMs,
          untilMs: state.deadlineMs,
          endedBy: "the device becoming idle, or its deadline",
        },
      ];
    case "armed":
      return [
        {
          ...{ code: "offline", why: `it does not answer, and its wave goes on without it: ${state.why}`, sinceMs },
          ...{ untilMs: state.deadlineMs, endedBy: "the device coming back in an open window, or its deadline" },
        },
      ];
    case "failedRetryable":
      return [
        { code: "retry", why: "its last attempt failed without harm", sinceMs, untilMs: state.nextAtMs, endedBy: "the next attempt" },
      ];
    default:
      return [];
  }
}

const deadlineOf = (state: TaskState): { untilMs?: Ms } =>
  "deadlineMs" in state ? { untilMs: state.deadlineMs } : "untilMs" in state ? { untilMs: state.untilMs } : {};

const endedByOf = (state: TaskState): { endedBy?: string } => (state.at === "failed" || state.at === "lost" ? riskEndedBy(state) : {});

function endWords(state: TaskState): string {
  switch (state.at) {
    case "succeeded":
      return state.how === "updated" ? "it is updated and healthy" : "it was on the new version already";
    case "skipped":
      return `left out by ${state.by}: ${state.why}`;
    case "replaced":
      return `campaign ${state.by} has taken it over`;
    case "refused":
      return `refused: ${state.why}`;
    case "failed":
      return `failed: ${state.cause}${state.seenHealthy ? "" : "; it counts as at risk"}`;
    case "lost":
      return `lost: ${endedWords(state)}${state.seenWell === undefined ? "; it counts as at risk" : ""}`;
    case "reverting":
      return `campaign ${state.rollback} takes it back`;
    case "reverted":
      return `taken back by campaign ${state.rollback}`;
    case "revertFailed":
      return `campaign ${state.rollback} could not take it back: ${state.why}`;
    default:
      return state.at;
  }
}

/** Whom it concerns, for callers that look for the campaign of a device. */
export function concerns(plan: Pick<Plan, "tasks" | "heldBack">, device: string): PlannedTask | "heldBack" | undefined {
  return plan.tasks.find((task) => task.device === device) ?? (plan.heldBack.some((one) => one.device === device) ? "heldBack" : undefined);
}
