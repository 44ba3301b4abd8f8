/**
 * Why a wave stands where it does: what its devices wait for, most of them first. Pure.
 */
import { type CampaignState, isFinalCampaign } from "../../firmware/waves/campaign-state.ts";
import { campaignReasons, type Reason, waveReasons } from "../../firmware/waves/explain.ts";
import { type ImageReason, imageReason } from "../../firmware/waves/image-words.ts";
import { imagesOfTasks } from "../../firmware/waves/images.ts";
import { type Kill, killHold, killsOf } from "../../firmware/waves/kill.ts";
import type { TaskRow, WaveRow } from "../../firmware/waves/ports.ts";
import type { Plan, PlannedTask } from "../../firmware/waves/shape.ts";
import { type Hold, isAtRisk, isFinal, type TaskState } from "../../firmware/waves/task-state.ts";
import { unreachable } from "../../protocols/core/fault.ts";
import { isoOf, type Ms } from "../../protocols/core/time.ts";
import type { ImagesNow } from "./images.ts";

export interface ImageAbout {
  readonly state: CampaignState;
  readonly plan: Pick<Plan, "calendar">;
  /** Absent where how images stand is not to be said. */
  readonly images: ImagesNow | undefined;
  readonly nowMs: Ms;
}

export interface WaveAbout extends ImageAbout {
  /** By task. */
  readonly planned: ReadonlyMap<string, PlannedTask>;
  /** Of this wave. */
  readonly tasks: readonly Pick<TaskRow, "id" | "state">[];
}

/** What is missing of the images of these tasks. */
export function imageReasonOf(tasks: readonly PlannedTask[], { state, plan, images, nowMs }: ImageAbout): ImageReason | undefined {
  if (images === undefined || isFinalCampaign(state)) return undefined;
  return imageReason(imagesOfTasks(tasks).map(images), { campaign: state, zone: plan.calendar.zone, nowMs });
}

/** What a device waits for, beside what its own state says. */
interface Waits {
  readonly why?: string;
  readonly since?: string;
  readonly endedBy?: string;
  readonly until?: string;
  readonly codes?: readonly Hold["code"][];
}

export interface PlannedAbout extends ImageAbout {
  /** All of the campaign. */
  readonly waves: readonly Pick<WaveRow, "index" | "state">[];
}

const NEXT: Reason = { code: "wave", why: "it has its turn next", endedBy: "its turn" };
const NEXT_WITH_IMAGE: Reason = { code: "image", why: "it has its turn next, once its image is here", endedBy: "its image, then its turn" };

/** Of a device that waits in a campaign that is over, and tries nothing any more. */
export function overWait(state: TaskState, campaign: CampaignState): Waits | undefined {
  return isFinal(state) || isAtRisk(state) || !isFinalCampaign(campaign) ? undefined : waitsOf(campaignReasons(campaign));
}

/** Of a device that has not begun: its wave, its image, or both; what is not known is not said. */
export function plannedWait({ state, wave }: Pick<TaskRow, "state" | "wave">, planned: PlannedTask, about: PlannedAbout): Waits {
  if (state.at !== "planned") return {};
  const { state: campaign, waves, images } = about;
  const [stopped] = campaignReasons(campaign);
  const image = imageReasonOf([planned], about);
  const own: readonly Omit<Reason, "code">[] = [...waveReasons(wave, { campaign, waves }), ...(image === undefined ? [] : [image])];
  return waitsOf(own.length > 0 ? own : [stopped ?? (images === undefined ? NEXT_WITH_IMAGE : NEXT)]);
}

function waitsOf(reasons: readonly Omit<Reason, "code">[]): Waits {
  const untilMs = reasons.flatMap((reason) => reason.untilMs ?? []);
  return {
    why: reasons.map(({ why }) => why).join("; "),
    endedBy: [...new Set(reasons.flatMap(({ endedBy }) => endedBy ?? []))].join("; "),
    ...(untilMs.length === 0 ? {} : { until: isoOf(Math.max(...untilMs)) }),
  };
}

/** What the kill switch holds, the turn of the drive that writes so or not. */
export function killedWait(state: TaskState, planned: PlannedTask, kills: readonly Kill[]): Waits {
  if (isFinal(state) || isAtRisk(state)) return {};
  const [kill] = killsOf(kills, planned);
  if (kill === undefined) return {};
  const { code, why, endedBy } = killHold(kill);
  return { why, since: isoOf(kill.sinceMs), endedBy, codes: [code] };
}

/** Nothing where its state says it all. */
export function whyOfWave(wave: Pick<WaveRow, "index" | "state">, about: WaveAbout): { readonly why?: string } {
  const why = wordsOf(wave, about);
  return why === undefined || why === "" ? {} : { why };
}

function wordsOf({ index, state }: Pick<WaveRow, "index" | "state">, about: WaveAbout): string | undefined {
  switch (state.at) {
    case "held":
    case "failed":
      return state.why;
    case "passed":
      return undefined;
    case "soaking":
      return `watched until ${isoOf(state.untilMs)}`;
    case "pending":
      return pendingWords(index, about);
    case "active":
      return activeWords(about);
    default:
      return unreachable(state);
  }
}

/** A campaign that does not run says so itself. */
function pendingWords(index: number, about: WaveAbout): string | undefined {
  if (about.state.at !== "running") return undefined;
  const image = imageReasonOf(waitingForImages(about), about)?.why;
  const before = index > 1 ? `after wave ${index - 1}` : "about to begin";
  return image === undefined ? before : `${before}; ${image}`;
}

function waitingForImages({ planned, tasks }: WaveAbout): readonly PlannedTask[] {
  return tasks.flatMap(({ id, state }) => (state.at === "planned" ? (planned.get(id) ?? []) : []));
}

function activeWords(about: WaveAbout): string | undefined {
  const open = about.tasks.filter(({ state }) => !isFinal(state));
  const underWay = open.filter(({ state }) => isAtRisk(state)).length;
  const image = imageReasonOf(waitingForImages(about), about)?.why;
  const waiting = open.filter(({ state }) => !isAtRisk(state));
  const groups = [...Map.groupBy(waiting, ({ state }) => waitWords(state, image))].toSorted(([, a], [, b]) => b.length - a.length);
  const [most, ...rest] = groups;
  if (most === undefined) return underWay === 0 ? undefined : `${underWay} under way`;
  const [words, { length }] = most;
  const others = rest.reduce((sum, [, tasks]) => sum + tasks.length, 0);
  const alone = underWay === 0 && others === 0;
  return [
    ...(underWay === 0 ? [] : [`${underWay} under way`]),
    alone ? words : `${length} ${length === 1 ? "waits" : "wait"}: ${words}`,
    ...(others === 0 ? [] : [`${others} for something else`]),
  ].join("; ");
}

function waitWords(state: TaskState, image: string | undefined): string {
  switch (state.at) {
    case "planned":
      return image ?? "about to begin";
    case "held":
      return state.reasons.map(({ why }) => why).join("; ");
    case "deferred":
      return `in use until it is idle${state.inUse.state === "idle" ? "" : `: ${state.inUse.reason}`}`;
    case "armed":
      return "no answer; each is updated when it comes back";
    case "failedRetryable":
      return "the next attempt after one that failed without harm";
    default:
      return "next in turn";
  }
}
