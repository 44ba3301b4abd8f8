/**
 * Devices that succeeded and are not well any more: found from the inventory and the open conditions, looked at once more, and
 * written down as failures with their condition. While a campaign runs they count against the wave under way.
 */
import type { CampaignState } from "../../firmware/waves/campaign-state.ts";
import { fallOf } from "../../firmware/waves/late.ts";
import { legAt } from "../../firmware/waves/legs.ts";
import type { DriveDevices, DriveStore } from "../../firmware/waves/ports.ts";
import { stepTask } from "../../firmware/waves/task.ts";
import { waveToPass } from "../../firmware/waves/wave.ts";
import { showFault } from "../../protocols/core/fault.ts";
import type { TaskId } from "../../protocols/core/ids.ts";
import { type Clock, DAY, MINUTE, type Ms } from "../../protocols/core/time.ts";
import type { Version } from "../../protocols/core/version.ts";
import type { CampaignSummary, StoredCampaign } from "../../store/campaigns.ts";
import type { Store } from "../../store/store.ts";
import type { TaskRow } from "../../store/tasks.ts";
import type { Teller } from "../feed/tell.ts";
import { failureFacts } from "./failures.ts";
import { newestAndLive, tryLoad } from "./under-way.ts";

export interface LateWatchIo {
  readonly store: Pick<Store, "transaction" | "campaigns" | "tasks" | "attempts" | "devices" | "conditions" | "history" | "taskWindows">;
  readonly rows: Pick<DriveStore, "applyTask">;
  readonly look: DriveDevices["look"];
  readonly teller: Pick<Teller, "condition">;
  readonly clock: Clock;
}

export interface LateWatch {
  /** One pass; a few looks at most. */
  turn(signal: AbortSignal): Promise<void>;
}

export const FELL_BACK_LATER = "fellBackLater";

/** After its end a campaign is answered for so long: a week of ordinary use. */
const WATCHED_MS: Ms = 7 * DAY;
/** Looks of one pass, one after the other: a site whose devices all fall back is stopped by the first few. */
const LOOKS_MAX = 10;
/** A device that was well at the look is not looked at again before. */
const LOOK_AGAIN_MS: Ms = 15 * MINUTE;

export function createLateWatch(io: LateWatchIo): LateWatch {
  const { store, clock } = io;
  const lookedMs = new Map<TaskId, Ms>();

  const lookAt = async (task: TaskRow, campaign: StoredCampaign, signal: AbortSignal): Promise<void> => {
    const planned = campaign.plan.tasks.find(({ id }) => id === task.id);
    if (planned === undefined) return;
    const look = await io.look(task.device, signal);
    const baseline = store.attempts.ofTask(task.id).at(-1)?.baseline;
    // The wave under way may have changed while the device was asked.
    const duringWave = isUnderWay(store.campaigns.summary(campaign.id)?.state) ? waveToPass(store.campaigns.waves(campaign.id)) : 0;
    const event = fallOf(look, { planned, duringWave, ...(baseline === undefined ? {} : { baseline }) });
    if (event === undefined) return;
    const atMs = clock.nowMs();
    const step = stepTask(task.state, event, campaign.plan.policy, atMs);
    if ("ignored" in step) return;
    store.transaction(() => {
      if (!io.rows.applyTask({ row: task, planned, event, next: step.next, atMs })) return;
      openCondition(task, `${event.cause}: ${showFault(event.fault)}`, atMs, io);
    });
  };

  return {
    async turn(signal) {
      const nowMs = clock.nowMs();
      for (const [task, atMs] of lookedMs) if (nowMs - atMs >= LOOK_AGAIN_MS) lookedMs.delete(task);
      closeRecovered(io);
      let looks = 0;
      for (const { id } of newestAndLive(store).filter((one) => isWatched(one, nowMs))) {
        const campaign = tryLoad(id, store.campaigns);
        if (campaign === undefined || typeof campaign === "string") continue;
        for (const task of suspectsOf(campaign, LOOKS_MAX + lookedMs.size, store)) {
          if (lookedMs.has(task.id)) continue;
          if (looks++ >= LOOKS_MAX || signal.aborted) return;
          lookedMs.set(task.id, nowMs);
          await lookAt(task, campaign, signal);
        }
      }
    },
  };
}

/** Of a rollback each device has a version of its own to be on. */
function suspectsOf({ id, plan }: StoredCampaign, limit: number, { tasks }: Pick<Store, "tasks">): readonly TaskRow[] {
  const { version, kind } = plan.release;
  const ran = (of: string, on: Version) => ({ of: of === "updater" ? ("updater" as const) : ("running" as const), version: on });
  if (plan.rollback === undefined) return tasks.suspects(id, ran(kind, version), limit);
  const last = new Map(plan.tasks.map(({ id: task, legs }) => [task, legAt({ id: task, legs }, legs.length - 1)]));
  const goals = new Map([...last.values()].map((leg) => [`${leg.kind} ${leg.to}`, leg]));
  return [...goals.values()].flatMap((goal) => {
    const off = tasks.suspects(id, ran(goal.kind, goal.to), plan.tasks.length);
    return off.filter((task) => last.get(task.id)?.to === goal.to && last.get(task.id)?.kind === goal.kind).slice(0, limit);
  });
}

function isWatched({ state }: CampaignSummary, nowMs: Ms): boolean {
  switch (state.at) {
    case "running":
    case "paused":
    case "rollingBack":
      return true;
    case "completed":
    case "completedWithFailures":
    case "halted":
    case "superseded":
    case "rolledBack":
    case "closed":
      return nowMs - state.atMs < WATCHED_MS;
    default:
      return false;
  }
}

const isUnderWay = (state: CampaignState | undefined): boolean => state?.at === "running" || state?.at === "paused";

function openCondition({ device }: TaskRow, words: string, atMs: Ms, { store, teller }: LateWatchIo): void {
  const about = { kind: FELL_BACK_LATER, severity: "error", causeClass: "software" } as const;
  const evidence = [{ via: "https", what: words, atMs } as const];
  const { opened } = store.conditions.openOnce({ deviceId: device, ...about, sinceMs: atMs, evidence });
  const row = store.devices.load(device);
  if (opened && row !== undefined) teller.condition("opened", row, { ...about, evidence: words });
}

/** By the same read that closes its ticket. */
function closeRecovered({ store, teller, clock }: LateWatchIo): void {
  const open = store.conditions.listOpen({ kind: FELL_BACK_LATER });
  if (open.length === 0) return;
  const facts = failureFacts(store).filter(({ cause }) => cause === "fellBackLater" || cause === "healthWorse");
  for (const { id, deviceId, kind, severity, causeClass } of open) {
    const recovered = facts.findLast(({ device }) => device === deviceId)?.recovered;
    if (recovered === undefined || deviceId === undefined) continue;
    store.transaction(() => {
      const atMs = clock.nowMs();
      if (!store.conditions.close(id, atMs, [{ via: "https", what: `well again: ${recovered.proof}`, atMs }])) return;
      const row = store.devices.load(deviceId);
      if (row !== undefined) teller.condition("closed", row, { kind, severity, causeClass, evidence: recovered.proof });
    });
  }
}
