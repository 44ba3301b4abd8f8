/**
 * Plans the way back: a campaign that takes the devices another one has changed to what they ran before it, under the same limits.
 */
import { canonicalHash } from "../../firmware/canonical.ts";
import { stepCampaign } from "../../firmware/waves/campaign.ts";
import { type CampaignState, type FailedGate, haltCauseOf } from "../../firmware/waves/campaign-state.ts";
import { makePlan } from "../../firmware/waves/plan.ts";
import { policySchema } from "../../firmware/waves/policy.ts";
import { recordedBefore, type Trodden } from "../../firmware/waves/way-back.ts";
import type { CampaignId, DeviceId } from "../../protocols/core/ids.ts";
import type { StoredCampaign } from "../../store/campaigns.ts";
import type { Subject } from "../commands/authorise.ts";
import { overruledBy } from "../firmware/standing.ts";
import { termsOf } from "./drive-store.ts";
import { answerPlan, MEASURED_MAX, newCampaignId, type PlanOutcome, policyOver, policyTrouble, siteOf, takenDevices } from "./plan-verb.ts";
import { type CampaignVerbsIo, failed } from "./verbs.ts";

/** The arguments of `campaign.rollback`; without devices, all that the campaign had in hand. */
export interface RollbackArgs {
  readonly campaign: CampaignId;
  readonly devices?: readonly string[] | undefined;
  readonly policy?: Readonly<Record<string, unknown>> | undefined;
  readonly reason?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

/** Makes the plan and, unless it is a dry run, keeps it. It is approved by two people and started like any other. */
export function planRollback(args: RollbackArgs, author: Subject, io: CampaignVerbsIo): PlanOutcome {
  const { store, clock, calendar } = io;
  const undone = store.campaigns.load(args.campaign);
  if (undone === undefined) return failed("notFound", `No campaign "${args.campaign}"`);
  const campaign = newCampaignId(io.random);
  const nowMs = clock.nowMs();
  const may = stepCampaign(undone.state, { kind: "rollbackStarted", by: author.person, rollback: campaign }, termsOf(undone), nowMs);
  if ("ignored" in may) return failed("wrongState", `Campaign "${undone.id}" is ${undone.state.at}: ${may.reason}`);
  if (undone.plan.rollback !== undefined)
    return failed("wrongState", `Campaign "${undone.id}" is a rollback itself: what it took back goes up again with a campaign of its own`);
  if (calendar === undefined) return failed("wrongState", "No calendar is configured: without a window no campaign can start");
  const reason = args.reason === undefined || args.reason === "" ? {} : { reason: args.reason };
  const policy = policySchema.safeParse({ ...policyOver(undone.plan.policy, args.policy), ...reason });
  if (!policy.success) return policyTrouble(policy.error);
  const trodden = troddenBy(undone, store);
  const plan = makePlan({
    ...{ site: io.site, campaign, nowMs, calendar, policy: policy.data, parent: undone.planHash },
    author: { person: author.person, keyId: author.kid },
    // The same wish gives the same waves: a dry run shows what a real one would do.
    seed: Number.parseInt(canonicalHash({ site: io.site, rollback: undone.planHash }).slice(0, 8), 16),
    release: undone.plan.release,
    catalogueVersion: catalogueVersion(undone, io),
    ...siteOf(io),
    selection: { devices: (args.devices as readonly DeviceId[] | undefined) ?? [...trodden.keys()] },
    rollback: { of: { campaign: undone.id, ...gateOf(undone.state) }, trodden },
    busyElsewhere: takenBesides(undone, io),
    releases: store.releases.list().filter(({ id }) => overruledBy(id, store) === undefined),
    measured: store.attempts.measured(MEASURED_MAX),
    staged: new Set(store.releases.images("staged").map(({ sha256 }) => sha256)),
  });
  return answerPlan(plan, { dryRun: args.dryRun === true, parent: undone, given: args.policy }, io);
}

/** Every device that the campaign had in hand: those with an attempt, however it ended. */
function troddenBy(undone: StoredCampaign, { tasks, attempts }: CampaignVerbsIo["store"]): ReadonlyMap<DeviceId, Trodden> {
  const planned = new Map(undone.plan.tasks.map((task) => [task.id, task]));
  const found = new Map<DeviceId, Trodden>();
  for (const { id, device, state, attempts: tries } of tasks.ofCampaign(undone.id)) {
    const task = planned.get(id);
    const before = tries === 0 || task === undefined ? new Map() : recordedBefore(tasks.history(id), attempts.ofTask(id));
    if (task !== undefined && before.size > 0) found.set(device, { planned: task, state, before });
  }
  return found;
}

/** The gate that failed, where one did: the plan carries its name, and so does every approval of it. */
function gateOf(state: CampaignState): { readonly gate?: FailedGate } {
  const gate = haltCauseOf(state)?.gate;
  return gate === undefined ? {} : { gate };
}

/** Of the source that stated the release; as the plan had it where no source states it any more. */
function catalogueVersion({ plan }: StoredCampaign, { store }: CampaignVerbsIo): number {
  const stated = store.releases.find(plan.release.id);
  return (stated === undefined ? undefined : store.releases.catalogue(stated.source)?.version) ?? plan.catalogueVersion;
}

const isLive = (state: CampaignState | undefined): boolean => state?.at === "running" || state?.at === "paused";

/** Devices in the hands of other campaigns: what the one that is undone holds itself is the rollback's to take. */
function takenBesides(undone: StoredCampaign, { store }: CampaignVerbsIo): ReadonlySet<DeviceId> {
  const { tasks, reservations } = store;
  const rows = new Map(tasks.ofCampaign(undone.id).map((row) => [row.id, row]));
  const taken = takenDevices(store, undone.id);
  for (const { id, device, along = [] } of undone.plan.tasks) {
    const mine = [device, ...along].filter((one) => {
      const held = reservations.ofDevice(one);
      return held === undefined || rows.has(held.task);
    });
    const open = tasks.openOfDevice(device);
    const waits = open !== undefined && open.id !== id && isLive(store.campaigns.summary(open.campaign)?.state);
    if (!waits) for (const one of mine) taken.delete(one);
  }
  return taken;
}
