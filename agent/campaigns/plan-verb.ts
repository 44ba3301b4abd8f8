/**
 * Makes a campaign: the plan over the inventory of now, stored with its waves and tasks, waiting for another person.
 */
import { canonicalHash } from "../../firmware/canonical.ts";
import { disagreementText } from "../../firmware/sources/agree.ts";
import { diffPlans } from "../../firmware/waves/diff.ts";
import { strayOutage } from "../../firmware/waves/outages.ts";
import { makePlan, planHash } from "../../firmware/waves/plan.ts";
import type { PlanInput } from "../../firmware/waves/plan-input.ts";
import { policySchema } from "../../firmware/waves/policy.ts";
import type { Plan, Selection } from "../../firmware/waves/shape.ts";
import { isFinal } from "../../firmware/waves/task-state.ts";
import { type CampaignId, type DeviceId, parseCampaignId } from "../../protocols/core/ids.ts";
import type { Random } from "../../protocols/core/random.ts";
import type { StoredCampaign } from "../../store/campaigns.ts";
import type { VerbOutcome } from "../commands/answer.ts";
import type { Subject } from "../commands/authorise.ts";
import { overruledBy } from "../firmware/standing.ts";
import { candidateOf, keysKept } from "./candidates.ts";
import type { PlanMade } from "./plan-answer.ts";
import { siteGroups } from "./site-groups.ts";
import { type CampaignVerbsIo, failed } from "./verbs.ts";

/** The arguments of `campaign.plan`; absent selections mean every device the release is for. */
export interface PlanArgs {
  /** May be left out with a parent: its own then. */
  readonly release?: string | undefined;
  /** The campaign whose plan this one is made from; it gives release, selection and policy where nothing else is said. */
  readonly parent?: CampaignId | undefined;
  readonly devices?: readonly string[] | undefined;
  readonly models?: readonly string[] | undefined;
  readonly floors?: readonly string[] | undefined;
  readonly rooms?: readonly string[] | undefined;
  readonly policy?: Readonly<Record<string, unknown>> | undefined;
  /** Shows the plan and keeps nothing. */
  readonly dryRun?: boolean | undefined;
}

type NotDone = Extract<VerbOutcome, { readonly ok: false }>;
/** With the whole plan: whoever answers over a line sums it up first. */
export type PlanOutcome = { readonly ok: true; readonly message: string; readonly result: PlanMade } | NotDone;

/** Makes the plan and, unless it is a dry run, keeps it with its waves and tasks in one transaction. */
export function planCampaign(args: PlanArgs, author: Subject, io: CampaignVerbsIo): PlanOutcome {
  const parent = args.parent === undefined ? undefined : io.store.campaigns.load(args.parent);
  if (args.parent !== undefined && parent === undefined) return failed("notFound", `No campaign "${args.parent}"`);
  if (parent?.plan.rollback !== undefined)
    return failed(
      "wrongState",
      `Campaign "${parent.id}" is a rollback: plan another with "groundswell campaign rollback ${parent.plan.rollback.campaign}"`,
    );
  const wanted = args.release ?? parent?.plan.release.id ?? "";
  const stated = io.store.releases.find(wanted);
  if (stated === undefined) return failed("notFound", `No release "${wanted}" is in the catalogue: "groundswell firmware list" shows them`);
  const { release, source } = stated;
  if (release.revoked) return failed("wrongState", `Release "${release.id}" is revoked by its publisher`);
  const overruled = overruledBy(release.id, io.store);
  if (overruled !== undefined) return failed("wrongState", `Release "${release.id}" is overruled: ${disagreementText(overruled)}`);
  const catalogue = io.store.releases.catalogue(source);
  if (catalogue === undefined || catalogue.expiresAtMs <= io.clock.nowMs()) {
    return failed("wrongState", 'The catalogue has expired or was never read: "groundswell firmware sync" reads it anew');
  }
  if (io.calendar === undefined) return failed("wrongState", "No calendar is configured: without a window no campaign can start");
  const policy = policySchema.safeParse(policyOver(parent?.plan.policy ?? io.policy, args.policy));
  if (!policy.success) return policyTrouble(policy.error);
  const site = siteOf(io);
  const unknown = unknownWords(args.devices ?? [], site, io);
  if (unknown !== undefined) return failed("notFound", unknown);
  const plan = makePlan({
    site: io.site,
    campaign: newCampaignId(io.random),
    author: { person: author.person, keyId: author.kid },
    nowMs: io.clock.nowMs(),
    // The same wish gives the same waves: a dry run shows what a real one would do.
    seed: Number.parseInt(canonicalHash({ site: io.site, release: release.id, catalogue: catalogue.version }).slice(0, 8), 16),
    release,
    catalogueVersion: catalogue.version,
    policy: policy.data,
    calendar: io.calendar,
    ...site,
    selection: selectionOf(args, parent?.plan.selection),
    ...(parent === undefined ? {} : { parent: parent.planHash }),
    busyElsewhere: takenDevices(io.store, args.parent),
    releases: io.store.releases.list(),
    measured: io.store.attempts.measured(MEASURED_MAX),
    chains: true,
    staged: new Set(io.store.releases.images("staged").map(({ sha256 }) => sha256)),
  });
  return answerPlan(plan, { dryRun: args.dryRun === true, parent, given: args.policy }, io);
}

/** Why nothing is planned where a device is named that can be in no plan: whoever is named is answered for. */
function unknownWords(named: readonly string[], { candidates }: ReturnType<typeof siteOf>, { store }: CampaignVerbsIo): string | undefined {
  const known = new Set<string>(candidates.map(({ device }) => device));
  const missing = named.filter((device) => !known.has(device));
  const [first] = missing;
  if (first === undefined) return undefined;
  const row = store.devices.load(first as DeviceId);
  const why =
    row === undefined ? `there is no device "${first}"` : `${row.name} is ${row.retiredAtMs === undefined ? "not adopted" : "retired"}`;
  return `Nothing is planned: ${why}${missing.length === 1 ? "" : `, and ${missing.length - 1} more of those that are named cannot be`}`;
}

type Settings = Readonly<Record<string, unknown>>;
const isGroup = (value: unknown): value is object => typeof value === "object" && value !== null && !Array.isArray(value);

/** Setting by setting, inside groups too: whoever changes one of `realUse` leaves the others as strict as they were. */
export function policyOver(base: Settings, given: Settings = {}): Settings {
  const groups = Object.entries(given).flatMap(([name, value]) => {
    const before = base[name];
    return isGroup(value) && isGroup(before) ? [[name, { ...before, ...value }] as const] : [];
  });
  return { ...base, ...given, ...Object.fromEntries(groups) };
}

/** What the schema of policies has against it. */
interface Misfit {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}

export function policyTrouble({ issues }: Misfit): NotDone {
  return failed(
    "faulted",
    `The policy does not fit: ${issues.map((issue) => `${issue.path.map(String).join(".")}: ${issue.message}`).join("; ")}`,
  );
}

interface PlanWish {
  readonly dryRun: boolean;
  /** The difference to its plan is told. */
  readonly parent: StoredCampaign | undefined;
  /** What was said over the policy of site or parent. */
  readonly given: Settings | undefined;
}

/** Keeps the plan with its waves and tasks in one transaction, unless it is a dry run or would move nobody. */
export function answerPlan(plan: Plan, { dryRun, parent, given }: PlanWish, io: CampaignVerbsIo): PlanOutcome {
  const stray = given?.["plannedOutages"] === undefined ? undefined : strayOutage(plan);
  if (stray !== undefined) return failed("notFound", stray);
  const hash = planHash(plan);
  const difference = parent === undefined ? {} : { difference: diffPlans(parent.plan, parent.planHash, plan) };
  if (plan.tasks.length === 0) {
    const why =
      plan.heldBack[0] === undefined
        ? "no device of the site fits the release"
        : `${plan.heldBack.length} held back, the first: ${plan.heldBack[0].name} ${plan.heldBack[0].why}`;
    return { ok: false, code: "nothingMatched", message: `The plan would move nobody: ${why}` };
  }
  if (dryRun) return { ok: true, message: "planned, and not kept", result: { plan, planHash: hash, kept: false, ...difference } };
  io.store.transaction(() => {
    const atMs = io.clock.nowMs();
    io.store.campaigns.create({
      id: plan.campaign,
      state: { at: "awaitingApproval", approvals: [] },
      plan,
      planHash: hash,
      waves: plan.waves.map(({ index }) => ({ index, state: { at: "pending" } })),
      atMs,
    });
    io.store.tasks.createAll(plan.campaign, plan, atMs);
    const stored = io.store.campaigns.load(plan.campaign);
    if (stored !== undefined) io.onPlanned(stored);
  });
  return {
    ok: true,
    message: `planned ${plan.tasks.length} devices in ${plan.waves.length} waves`,
    result: { plan, planHash: hash, kept: true, ...difference },
  };
}

/** Steps looked back on: those of the newest campaigns tell most. Guessed. */
export const MEASURED_MAX = 500;

/** Every adopted device of now, and who shares a fate with whom. */
export function siteOf({ store, groups }: CampaignVerbsIo): Pick<PlanInput, "candidates" | "groups"> {
  const devices = store.devices.list({ adopted: true, retired: false });
  const places = store.places.all();
  const placeOf = new Map(places.flatMap((place) => (place.mac === undefined ? [] : [[place.mac, place] as const])));
  const keys = keysKept(store.keyCodes.list());
  return {
    candidates: devices.map((device) => candidateOf(device, device.mac === undefined ? undefined : placeOf.get(device.mac), keys)),
    groups: siteGroups({ devices, ports: store.devices.factsNamed("switchPort"), places }, groups),
  };
}

/**
 * Devices that wait or move in a campaign that has started, and those any campaign left unproven.
 * @param replaced  a campaign whose waiting devices are free: what is planned takes its place
 */
export function takenDevices(
  { campaigns, tasks, reservations }: Pick<CampaignVerbsIo["store"], "campaigns" | "tasks" | "reservations">,
  replaced?: CampaignId,
): Set<DeviceId> {
  // What waits in a campaign that was halted waits for nothing any more.
  const open = campaigns
    .open()
    .filter(({ id, state }) => id !== replaced && (state.at === "running" || state.at === "paused"))
    .flatMap(({ id }) => {
      const unfinished = tasks.ofCampaign(id).filter(({ state }) => !isFinal(state));
      const along = new Map(campaigns.load(id)?.plan.tasks.map((task) => [task.id, task.along ?? []]));
      return unfinished.flatMap((task) => [task.device, ...(along.get(task.id) ?? [])]);
    });
  // A slot is held by the device and by all that went along.
  return new Set([...reservations.all().map(({ device }) => device), ...tasks.atRisk(), ...open]);
}

/** As soon as one selector is given, the parent's count no more. */
function selectionOf(args: PlanArgs, parents: Selection = {}): Selection {
  if ([args.devices, args.models, args.floors, args.rooms].every((one) => one === undefined)) return parents;
  return {
    ...(args.devices === undefined ? {} : { devices: args.devices as readonly DeviceId[] }),
    ...(args.models === undefined ? {} : { models: args.models }),
    ...(args.floors === undefined ? {} : { floors: args.floors }),
    ...(args.rooms === undefined ? {} : { rooms: args.rooms }),
  };
}

export function newCampaignId(random: Random): CampaignId {
  return parseCampaignId(`c-${random.hex(5)}`) as CampaignId;
}
