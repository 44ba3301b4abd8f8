/**
 * I26: the way back. What a device ran before its first attempt is noted here from what it showed, and from no row.
 */
import { isFinalCampaign } from "../../../../firmware/waves/campaign-state.ts";
import { isFinal } from "../../../../firmware/waves/task-state.ts";
import { type CampaignId, type DeviceId, taskIdOf } from "../../../../protocols/core/ids.ts";
import type { StoredCampaign } from "../../../../store/campaigns.ts";
import type { TaskRow } from "../../../../store/tasks.ts";
import type { Step } from "../steps.ts";
import type { Invariant, Sight } from "./invariant.ts";

/** So many of the newest audit rows are looked through: those of one transaction. */
const NEWEST = 12;

const I26: Invariant = {
  id: "I26",
  says: "a rollback takes only devices its campaign had in hand, each to the version it ran before; what it takes back says so, and counts add up",
  watch(sight) {
    const { store, story } = sight;
    const before = recorder();
    const told = new Set<string>();
    const versionOf = (sha256: string) => story.releases.find(({ images }) => images.some((image) => image.sha256 === sha256))?.version;
    return (step) => {
      before.note(step);
      if (step.kind === "planned" || (step.kind === "campaign" && step.event.kind === "started")) {
        const stored = store.campaigns.load(step.campaign);
        const wrong = stored === undefined ? undefined : planTrouble(stored, before.of);
        if (wrong !== undefined) return wrong;
      }
      if (step.kind === "bytes") {
        const attempt = store.attempts.byToken(step.token);
        const task = attempt === undefined ? undefined : store.tasks.load(attempt.task);
        const of = task === undefined ? undefined : store.campaigns.load(task.campaign)?.plan.rollback?.campaign;
        const [given, was] = [versionOf(step.sha256), of === undefined ? undefined : before.of(of, step.device)];
        const isLast = task === undefined || before.isLastLeg(step.token);
        if (of !== undefined && !isLast && !before.stops(of, step.device).includes(given ?? ""))
          return `${step.device} never ran ${given} under ${of}, and is given it on its way back`;
        if (of !== undefined && isLast && given !== was)
          return `${step.device} ran ${was} before ${of}, and is given ${given} on its way back`;
      }
      if (step.kind !== "task" && step.kind !== "campaign") return undefined;
      const touched = step.kind === "task" ? step.change.row.campaign : step.campaign;
      const all = store.campaigns.list().map(({ id }) => store.campaigns.load(id) as StoredCampaign);
      const backs = all.filter(({ plan: { rollback } }) => rollback !== undefined);
      const own = backs.find(({ id }) => id === touched);
      if (own?.plan.rollback !== undefined && step.kind === "task") {
        const wrong = backTrouble(step, own.plan.rollback.campaign, before);
        if (wrong !== undefined) return wrong;
      }
      for (const back of backs) {
        if (back.id !== touched && back.plan.rollback?.campaign !== touched) continue;
        const wrong = standTrouble(back, { sight, backs, told });
        if (wrong !== undefined) return wrong;
      }
      return undefined;
    };
  },
};

interface Recorder {
  note(step: Step): void;
  /** What it ran right before the first attempt of that campaign; `undefined` where there was none. */
  of(campaign: CampaignId, device: DeviceId): string | undefined;
  /** What it ran right before each of its attempts. */
  stops(campaign: CampaignId, device: DeviceId): readonly string[];
  /** Does the attempt end the task? */
  isLastLeg(token: string): boolean;
  /** What the last look that brought something showed. */
  runs(device: DeviceId): string | undefined;
}

function recorder(): Recorder {
  const shown = new Map<DeviceId, string>();
  const ran = new Map<string, readonly string[]>();
  const last = new Set<string>();
  return {
    note(step) {
      if (step.kind === "look" && step.answer !== undefined) shown.set(step.device, step.answer.running);
      if (step.kind !== "task" || step.change.event.kind !== "reserved") return;
      const { campaign, device } = step.change.row;
      const key = taskIdOf(campaign, device);
      const version = shown.get(device);
      if (version !== undefined) ran.set(key, [...(ran.get(key) ?? []), version]);
      const { next, planned } = step.change;
      if (next.at === "reserved" && next.attempt.leg === planned.legs.length - 1) last.add(next.attempt.token);
    },
    of: (campaign, device) => ran.get(taskIdOf(campaign, device))?.[0],
    stops: (campaign, device) => ran.get(taskIdOf(campaign, device)) ?? [],
    isLastLeg: (token) => last.has(token),
    runs: (device) => shown.get(device),
  };
}

function planTrouble({ id, plan }: StoredCampaign, of: Recorder["of"]): string | undefined {
  const { rollback } = plan;
  if (rollback === undefined) return undefined;
  for (const { device, legs } of plan.tasks) {
    const was = of(rollback.campaign, device);
    const to = legs.at(-1)?.to;
    if (was === undefined) return `${id} takes ${device} back, which ${rollback.campaign} never had in hand`;
    if (to !== was) return `${id} takes ${device} back to ${to}, and it ran ${was} before ${rollback.campaign}`;
  }
  return undefined;
}

function backTrouble({ change }: Step & { kind: "task" }, of: CampaignId, before: Recorder): string | undefined {
  if (change.next.at !== "succeeded") return undefined;
  const { device } = change.row;
  const [was, runs] = [before.of(of, device), before.runs(device)];
  return runs === was ? undefined : `${device} counts as back, and runs ${runs} where it ran ${was} before ${of}`;
}

interface Around {
  readonly sight: Sight;
  readonly backs: readonly StoredCampaign[];
  /** Ends that were looked at: what a device does later changes none of them. */
  readonly told: Set<string>;
}

/** What the campaign and its tasks say of themselves, beside how far their rollback is. */
function standTrouble(back: StoredCampaign, { sight: { store }, backs, told }: Around): string | undefined {
  const of = back.plan.rollback?.campaign as CampaignId;
  const undone = store.campaigns.load(of);
  if (undone === undefined) return `${back.id} takes back what is gone`;
  const { state } = undone;
  const sum = [...store.tasks.counts(of).values()].reduce((total, count) => total + count, 0);
  if (sum !== undone.plan.tasks.length) return `${of} counts ${sum} of ${undone.plan.tasks.length} tasks on its way back`;
  const isIts = ("rollback" in state && state.rollback === back.id) || (state.at === "closed" && state.by === back.id);
  if (back.startedAtMs === undefined) return isIts ? `${of} is ${state.at} by ${back.id}, which never started` : undefined;
  const rows = store.tasks.ofCampaign(back.id);
  const wrong = taskTrouble(back.id, new Map(rows.map((row) => [row.device, row])), store.tasks.ofCampaign(of));
  if (wrong !== undefined) return wrong;
  const moves = rows.some(({ state: task }) => !isFinal(task) && "attempt" in task && task.at !== "failedRetryable");
  if (!isFinalCampaign(back.state) || moves)
    return state.at === "rollingBack" && isIts ? undefined : `${back.id} is under way, and ${of} is ${state.at}`;
  if (told.has(back.id)) return undefined;
  told.add(back.id);
  const isLater = backs.some((other) => other.plan.rollback?.campaign === of && (other.startedAtMs ?? 0) > (back.startedAtMs ?? 0));
  if (isLater) return undefined;
  const missing = rows.filter((row) => row.state.at !== "succeeded").length;
  const want = missing === 0 ? "rolledBack" : "closed";
  if (!isIts || state.at !== want) return `${back.id} has ended, ${missing} of ${rows.length} are not back, and ${of} is ${state.at}`;
  const isWritten = store.audit
    .list({ limit: NEWEST })
    .some(({ action, subject }) => action === `campaign.${want}` && subject.includes(of));
  return isWritten ? undefined : `${of} is ${want}, and no audit row says so`;
}

function taskTrouble(rollback: CampaignId, mine: ReadonlyMap<DeviceId, TaskRow>, undone: readonly TaskRow[]): string | undefined {
  for (const { device, state } of undone) {
    const own = mine.get(device)?.state;
    const isBack = own?.at === "succeeded" && own.how === "updated";
    if (isBack && (state.at !== "reverted" || state.rollback !== rollback)) return `${device} is back, and its task is ${state.at}`;
    if (!("rollback" in state) || state.rollback !== rollback) continue;
    const words = `${device} is ${own?.at} on its way back, and its task is ${state.at}`;
    if (own === undefined) return `${device} is ${state.at} by ${rollback}, which does not plan it`;
    if (state.at === "reverting" && isFinal(own)) return words;
    if (state.at === "reverted" && own.at !== "succeeded") return words;
    if (state.at === "revertFailed" && isBack) return words;
  }
  return undefined;
}

export const wayBack: readonly Invariant[] = [I26];
