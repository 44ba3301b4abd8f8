/**
 * The stories that campaigns go through, as rules: at every turn people look at what is there and do what they would do. A
 * life that ends in the middle changes nothing of what they want, so they ask again.
 */

import { expirePlans } from "../../../agent/campaigns/expiry.ts";
import { planCampaign } from "../../../agent/campaigns/plan-verb.ts";
import { planRollback } from "../../../agent/campaigns/rollback-verb.ts";
import { approveCampaign, haltCampaign, pauseCampaign, resumeCampaign, skipDevice, startCampaign } from "../../../agent/campaigns/verbs.ts";
import type { Subject } from "../../../agent/commands/authorise.ts";
import { isFinalCampaign } from "../../../firmware/waves/campaign-state.ts";
import type { Plan } from "../../../firmware/waves/shape.ts";
import { isAtRisk, isFinal } from "../../../firmware/waves/task-state.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { DAY, MINUTE, type Ms } from "../../../protocols/core/time.ts";
import type { StoredCampaign } from "../../../store/campaigns.ts";
import type { TaskRow } from "../../../store/tasks.ts";
import type { Ground } from "./ground.ts";
import type { Life } from "./life.ts";
import type { Phone } from "./phones.ts";

const author: Subject = { person: "doe", name: "J. Doe", role: "technician", kid: "key-doe" };
const approver: Subject = { person: "anna", name: "Anna", role: "approver", kid: "key-anna" };
const second: Subject = { person: "ben", name: "Ben", role: "approver", kid: "key-ben" };

/** What people have in mind; theirs, so it outlives the agent. */
export interface Mind {
  /** Once the plan is there. */
  fates: Fates | undefined;
  resumed: boolean;
  waited: boolean;
  turned: boolean;
  halts: boolean;
}

export interface Fates {
  readonly busy?: DeviceId;
  readonly skipped?: DeviceId;
  readonly away?: DeviceId;
  readonly fallen?: DeviceId;
}

export interface Story {
  readonly id: "fates" | "stone" | "gate" | "halt" | "expiry" | "succession" | "away" | "back" | "stuck";
  readonly phones: number;
  /** So many of them run what needs a stepping stone first. */
  readonly onStone: number;
  /** Over that of the ground. */
  readonly policy?: Readonly<Record<string, unknown>>;
  /** Gives the phones of the plan what they are in this story. */
  cast(plan: Plan, phone: (device: DeviceId) => Phone): Fates;
  /** Whether an approved campaign is started; absent where every one is. */
  readonly starts?: (campaign: StoredCampaign) => boolean;
  /** What people do now; each rule once per turn. */
  act(scene: Scene): void;
  /** It is halted, and over with its way back: each phone is given what it is from then on. */
  readonly back?: (plan: Plan, phone: (device: DeviceId) => Phone) => void;
}

export interface Scene {
  readonly ground: Ground;
  readonly life: Life;
  readonly mind: Mind;
  readonly campaign: StoredCampaign;
  readonly tasks: readonly TaskRow[];
}

/** So long a device may be without an answer before a person writes it off. */
const WRITE_OFF_MS: Ms = 12 * MINUTE;

const inOrder = (plan: Plan): readonly DeviceId[] =>
  plan.waves.flatMap(({ tasks }) => tasks.map((id) => plan.tasks.find((task) => task.id === id)?.device as DeviceId));
const isOverStone = (plan: Plan, device: DeviceId): boolean => (plan.tasks.find((task) => task.device === device)?.legs.length ?? 0) > 1;

/** One device of each fate; those on a stone are well. */
const fates: Story = {
  ...{ id: "fates", phones: 13, onStone: 2 },
  cast(plan, phone) {
    const direct = inOrder(plan).filter((device) => !isOverStone(plan, device));
    const [, busy, skipped, lost, once, ignores, moved, refuses] = direct as [DeviceId, ...DeviceId[]];
    for (const device of [busy, skipped]) if (device !== undefined) phone(device).isBusy = true;
    for (const [device, habit] of [
      [lost, "neverReturns"],
      [once, "ignoresOnce"],
      [ignores, "ignoresAlways"],
      [refuses, "refusesImage"],
    ] as const)
      if (device !== undefined) phone(device).habit = habit;
    if (moved !== undefined) phone(moved).version = "6.4.9.1" as never;
    if (busy === undefined || skipped === undefined) throw new Error("the plan is too small");
    return { busy, skipped };
  },
  act({ ground, life, mind, campaign, tasks }) {
    const atOf = (device: DeviceId | undefined): string => tasks.find((task) => task.device === device)?.state.at ?? "";
    const { busy, skipped } = mind.fates ?? {};
    const { id } = campaign;
    if (skipped !== undefined && atOf(skipped) === "deferred")
      skipDevice({ campaign: id, device: skipped, reason: "wanted as it is" }, author, life.verbs);
    if (atOf(busy) === "deferred" && !mind.resumed && campaign.state.at === "running") pauseCampaign({ campaign: id }, author, life.verbs);
    if (campaign.state.at !== "paused" || campaign.state.cause.kind !== "person" || atOf(busy) !== "held") return;
    mind.resumed = true;
    for (const device of [busy, skipped]) if (device !== undefined) (ground.site.phones.get(device) as Phone).isBusy = false;
    resumeCampaign({ campaign: id }, author, life.verbs);
  },
};

/** A device that goes over a stepping stone, alone: every state of each leg is its own. */
const stone: Story = { id: "stone", phones: 1, onStone: 1, cast: () => ({}), act: () => undefined };

/** The canary does not take its image: a gate holds, and a person goes on past it. */
const gate: Story = {
  ...{ id: "gate", phones: 4, onStone: 0 },
  cast(plan, phone) {
    phone(inOrder(plan)[0] as DeviceId).habit = "refusesImage";
    return {};
  },
  act: () => undefined,
};

/** Halted while devices have their image: they are watched to the end. Who has decided that asks again, whoever flashes by then. */
const halt: Story = {
  ...{ id: "halt", phones: 5, onStone: 1 },
  cast: () => ({}),
  act({ life, mind, campaign, tasks }) {
    if (campaign.state.at !== "running") return;
    mind.halts ||= campaign.state.wave > 1 && tasks.some(({ state }) => state.at === "rebooting");
    if (mind.halts) haltCampaign({ campaign: campaign.id, reason: "enough" }, approver, life.verbs);
  },
};

/** Approved, and started by nobody. */
const expiry: Story = {
  ...{ id: "expiry", phones: 3, onStone: 0, starts: () => false },
  cast: () => ({}),
  act({ ground, life, mind, campaign }) {
    if (campaign.state.at !== "armed") return;
    if (!mind.waited) ground.site.pass(8 * DAY);
    mind.waited = true;
    expirePlans({ store: life.store, drive: life.verbs.drive }, ground.site.nowMs());
  },
};

/** Approved, and made anew before it started: the new plan takes its place. */
const succession: Story = {
  ...{ id: "succession", phones: 3, onStone: 0, starts: ({ plan }) => plan.parent !== undefined },
  cast: () => ({}),
  act({ life, campaign: { id, state, plan } }) {
    if (state.at === "armed" && plan.parent === undefined) planCampaign({ parent: id }, author, life.verbs);
  },
};

/** One is away when it has its turn: it is armed, and follows when its wave is over. */
const away: Story = {
  ...{ id: "away", phones: 4, onStone: 0, policy: { offline: "arm" } },
  cast(plan, phone) {
    // Where it stood alone, its wave would wait for it.
    const id = plan.waves.find(({ tasks }) => tasks.length > 1)?.tasks[0];
    const device = plan.tasks.find((task) => task.id === id)?.device as DeviceId;
    phone(device).isDark = true;
    return { away: device };
  },
  act({ ground, life, mind, campaign, tasks }) {
    const wave = tasks.find(({ device }) => device === mind.fates?.away)?.wave;
    const isOver = life.verbs.drive.waves(campaign.id).some(({ index, state }) => index === wave && state.at === "passed");
    if (isOver) (ground.site.phones.get(mind.fates?.away as DeviceId) as Phone).isDark = false;
  },
};

/** Of those in the waves after the canary's, what has come to this. */
const cameTo = (tasks: readonly TaskRow[], at: TaskRow["state"]["at"]): readonly TaskRow[] =>
  tasks.filter(({ wave, state }) => wave > 1 && state.at === at);

/** Halted with one that lost its lines on the new version, and one over a stone: all are taken back, and are well there. */
const back: Story = {
  ...{ id: "back", phones: 5, onStone: 1, back: () => undefined },
  cast(plan, phone) {
    const fallen = inOrder(plan)[1] as DeviceId;
    phone(fallen).habit = "losesLines";
    return { fallen };
  },
  act({ life, mind, campaign, tasks }) {
    if (campaign.plan.rollback !== undefined || campaign.state.at !== "running") return;
    const fell = tasks.some(({ device, state }) => device === mind.fates?.fallen && state.at === "failed");
    if (fell) haltCampaign({ campaign: campaign.id, reason: "lines are lost" }, approver, life.verbs);
  },
};

/** As that, and on the way back one does not take its image and one never returns. */
const stuck: Story = {
  ...{ id: "stuck", phones: 5, onStone: 0, cast: () => ({}) },
  back(plan, phone) {
    const [refuses, lost] = inOrder(plan).slice(1) as [DeviceId, DeviceId];
    phone(refuses).habit = "refusesImage";
    phone(lost).habit = "neverReturns";
  },
  act({ life, campaign, tasks }) {
    if (campaign.plan.rollback !== undefined || campaign.state.at !== "running") return;
    if (cameTo(tasks, "succeeded").length > 1) haltCampaign({ campaign: campaign.id, reason: "enough" }, approver, life.verbs);
  },
};

export const STORIES: readonly Story[] = [fates, stone, gate, halt, expiry, succession, away, back, stuck];

/** Once nobody is under way any more: two people approve it, and it is started, like any other. */
function turnBack(story: Story, { life, campaign, tasks }: Scene): void {
  const { id, state, plan } = campaign;
  if (story.back === undefined || state.at !== "halted" || plan.rollback !== undefined) return;
  if (tasks.some((task) => !isFinal(task.state) && isAtRisk(task.state))) return;
  life.beforePlan(true);
  const planned = planRollback({ campaign: id, reason: "back to what it was" }, author, life.verbs);
  if (!planned.ok) throw new Error(planned.message);
}

/** What people do in every story: plan, approve, start, go on past a gate, write off what answers nobody. */
export function actCommon(story: Story, release: string, { ground, life, mind }: Pick<Scene, "ground" | "life" | "mind">): void {
  const summary = life.store.campaigns.list(1)[0];
  if (summary === undefined) {
    life.beforePlan();
    const planned = planCampaign({ release, policy: story.policy }, author, life.verbs);
    if (!planned.ok) throw new Error(planned.message);
    return;
  }
  const campaign = life.store.campaigns.load(summary.id) as StoredCampaign;
  const { id, planHash, state, plan } = campaign;
  const phoneOf = (device: DeviceId): Phone => ground.site.phones.get(device) as Phone;
  mind.fates ??= story.cast(plan, phoneOf);
  const tasks = life.store.tasks.ofCampaign(id);
  if (isFinalCampaign(state)) {
    turnBack(story, { ground, life, mind, campaign, tasks });
    return;
  }
  if (plan.rollback !== undefined && !mind.turned) {
    mind.turned = true;
    story.back?.(plan, phoneOf);
  }
  if (state.at === "awaitingApproval")
    approveCampaign({ campaign: id, planHash }, state.approvals.length === 0 ? approver : second, life.verbs);
  else if (state.at === "armed" && (story.starts?.(campaign) ?? true)) startCampaign({ campaign: id, planHash }, author, life.verbs);
  else if (state.at === "paused" && state.cause.kind === "gate")
    resumeCampaign({ campaign: id, gate: state.cause.gate }, author, life.verbs);
  for (const { device, state: task } of tasks) {
    if (task.at !== "held" || !task.reasons.some(({ code }) => code === "offline")) continue;
    if (ground.site.nowMs() - task.sinceMs > WRITE_OFF_MS)
      skipDevice({ campaign: id, device, reason: "answers nobody" }, author, life.verbs);
  }
  story.act({ ground, life, mind, campaign, tasks });
}
