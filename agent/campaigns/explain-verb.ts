/** `campaign.explain`: why this device is not updated yet. */
import { isFinalCampaign } from "../../firmware/waves/campaign-state.ts";
import { companyHolds } from "../../firmware/waves/company.ts";
import { indexDomains } from "../../firmware/waves/domains.ts";
import { concerns, explain, type Reason } from "../../firmware/waves/explain.ts";
import { isForOthers } from "../../firmware/waves/holds.ts";
import { usageWords } from "../../firmware/waves/quiet-words.ts";
import type { Plan } from "../../firmware/waves/shape.ts";
import type { TaskState } from "../../firmware/waves/task-state.ts";
import { type DeviceId, parseCampaignId, taskIdOf } from "../../protocols/core/ids.ts";
import { isoOf } from "../../protocols/core/time.ts";
import type { StoredCampaign } from "../../store/campaigns.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Store } from "../../store/store.ts";
import type { VerbOutcome } from "../commands/answer.ts";
import { findDevice } from "../views/devices.ts";
import { usageKeyOf } from "../views/place-usage.ts";
import { joinedLater } from "./joined-later.ts";
import { type CampaignVerbsIo, failed } from "./verbs.ts";
import { imageReasonOf } from "./wave-words.ts";

export type ExplainIo = CampaignVerbsIo & { readonly store: Parameters<typeof findDevice>[1] & Pick<Store, "placeUsages"> };

/** Without a campaign: the newest that has not ended and names the device, else the newest that names it, else the newest. */
export function explainDevice(args: { readonly device: string; readonly campaign?: string | undefined }, io: ExplainIo): VerbOutcome {
  const row = findDevice(args.device, io.store);
  if (row === undefined) return failed("notFound", `No device "${args.device}"`);
  const stored = campaignFor(row.id, args.campaign, io);
  if (stored === undefined)
    return failed("notFound", args.campaign === undefined ? "There is no campaign yet" : `No campaign "${args.campaign}"`);
  const task = io.store.tasks.load(taskIdOf(stored.id, row.id));
  const images = { state: stored.state, plan: stored.plan, images: io.images?.(), nowMs: io.clock.nowMs() };
  const image = imageReasonOf(
    stored.plan.tasks.filter(({ device }) => device === row.id),
    images,
  );
  const reasons = explain({
    ...{ plan: stored.plan, device: row.id, campaign: stored.state, kills: io.kills.list(), waves: io.drive.waves(stored.id) },
    ...(image === undefined ? {} : { image }),
    ...(task === undefined ? {} : { task: { ...task, state: asOfNow(task.state, row.id, stored.plan, io) } }),
  });
  const joined = reasons.some(({ code }) => code === "notPlanned") ? joinedLater(stored, io.store) : undefined;
  return {
    ok: true,
    result: {
      ...{ schema: "groundswell.explain/1", device: row.id, name: row.name, campaign: stored.id, state: stored.state.at },
      ...(task === undefined ? {} : { at: task.state.at, wave: task.wave }),
      reasons: reasons.map((reason) =>
        viewReason(reason.code === "quietHours" ? { ...reason, why: spoken(reason.why, row, stored, io) } : reason),
      ),
      ...(joined === undefined ? {} : { joinedLater: joined }),
    },
  };
}

/** With what the usual use of its place says about now. */
function spoken(why: string, row: DeviceRow, { plan }: StoredCampaign, { store, clock }: ExplainIo): string {
  const usage = store.placeUsages.load(usageKeyOf(row.id, store))?.usage;
  const name = store.places.ofDevice(row.id)?.room ?? row.name;
  const words = usage === undefined ? undefined : usageWords(name, usage, clock.nowMs(), plan.policy.quietBusyPercentMax / 100);
  return words === undefined ? why : `${why}: ${words}`;
}

/** The row says that it waits for others; which of them stand in the way is as of now. */
function asOfNow(state: TaskState, device: DeviceId, plan: Plan, { drive }: CampaignVerbsIo): TaskState {
  const planned = plan.tasks.find((task) => task.device === device);
  if (state.at !== "held" || planned === undefined || !state.reasons.some(isForOthers)) return state;
  const others = companyHolds({
    ...{ planned, policy: plan.policy, domains: indexDomains(plan) },
    ...{ atRisk: drive.atRisk(), company: drive.company() },
    ...(plan.rollback === undefined ? {} : { goesBack: true }),
  });
  return { ...state, reasons: [...state.reasons.filter((hold) => !isForOthers(hold)), ...others] };
}

function campaignFor(device: DeviceId, named: string | undefined, { store }: CampaignVerbsIo): StoredCampaign | undefined {
  if (named !== undefined) {
    const id = parseCampaignId(named);
    return id === undefined ? undefined : store.campaigns.load(id);
  }
  const all = store.campaigns.naming(device);
  const [ended, open] = [all.filter(({ state }) => isFinalCampaign(state)), all.filter(({ state }) => !isFinalCampaign(state))];
  for (const { id } of [...open, ...ended]) {
    const stored = store.campaigns.load(id);
    // Its plan may name it as it was called then.
    if (stored !== undefined && concerns(stored.plan, device) !== undefined) return stored;
  }
  const [newest] = store.campaigns.list(1);
  return newest === undefined ? undefined : store.campaigns.load(newest.id);
}

function viewReason({ code, why, sinceMs, untilMs, endedBy }: Reason) {
  return {
    ...{ code, why },
    ...(sinceMs === undefined ? {} : { since: isoOf(sinceMs) }),
    ...(untilMs === undefined ? {} : { until: isoOf(untilMs) }),
    ...(endedBy === undefined ? {} : { endedBy }),
  };
}
