/**
 * `campaign.show`: a campaign's plan as it is kept, whatever became of it. Each answer is bounded, however many devices the plan has:
 * first what it comes to, then its devices in pieces. Reads, and changes nothing.
 */
import { diffPlans, type PlanDifference } from "../../firmware/waves/diff.ts";
import type { Plan, PlannedTask } from "../../firmware/waves/shape.ts";
import { isFinal } from "../../firmware/waves/task-state.ts";
import { parseCampaignId } from "../../protocols/core/ids.ts";
import { isoOf } from "../../protocols/core/time.ts";
import type { StoredCampaign } from "../../store/campaigns.ts";
import type { Store } from "../../store/store.ts";
import type { VerbOutcome } from "../commands/answer.ts";
import { termsOf } from "./drive-store.ts";
import { goalsOf, heldSummary, waveSummaries } from "./plan-summary.ts";
import { failed } from "./verbs.ts";
import { viewTask, whyOf } from "./view.ts";
import { killedWait, plannedWait } from "./wave-words.ts";

export interface ShowArgs {
  readonly campaign: string;
  /** Devices instead of the summary: those in waves, in their order, or those held back. */
  readonly list?: "tasks" | "heldBack" | undefined;
  /** So many of the list were told before. A plan never changes, so its pieces fit each other. */
  readonly offset: number;
  readonly limit: number;
}

export type ShowStore = Pick<Store, "campaigns" | "tasks" | "kills">;

/** Of a piece as JSON: base64 makes a third more of it, and a broker takes no message above a megabyte. */
export const PIECE_BYTES_MAX = 512 * 1024;
/** Of each kind of difference; the rest is counted. */
const CHANGES_MAX = 20;

export function showPlan(args: ShowArgs, store: ShowStore): VerbOutcome {
  const id = parseCampaignId(args.campaign);
  const stored = id === undefined ? undefined : store.campaigns.load(id);
  if (stored === undefined) return failed("notFound", `No campaign "${args.campaign}": "groundswell campaign list" shows all`);
  return { ok: true, result: args.list === undefined ? summary(stored, store) : piece(stored, { ...args, list: args.list }, store) };
}

function summary(stored: StoredCampaign, store: ShowStore) {
  const { id, state, plan, planHash, createdAtMs, startedAtMs } = stored;
  const { author, policy, release, rollback, calendar, forecast } = plan;
  const { waves: _waves, ...whole } = forecast;
  const why = whyOf(state, plan);
  return {
    schema: "groundswell.campaign-plan/1",
    campaign: id,
    state: state.at,
    ...(why === undefined ? {} : { why }),
    planHash,
    author: author.person,
    ...(policy.reason === undefined || policy.reason === "" ? {} : { reason: policy.reason }),
    created: isoOf(createdAtMs),
    ...(startedAtMs === undefined ? {} : { started: isoOf(startedAtMs) }),
    release: { id: release.id, title: release.title, version: release.version },
    ...(rollback === undefined ? {} : { rollback }),
    zone: calendar.zone,
    approvals: approvalsOf(stored, store),
    ...parentage(plan, store),
    planned: plan.tasks.length,
    goals: goalsOf(plan.tasks),
    waves: wavesOf(stored, store),
    heldBack: heldSummary(plan.heldBack),
    forecast: whole,
  };
}

function approvalsOf(stored: StoredCampaign, { campaigns }: ShowStore) {
  const { approvalsNeeded, validUntilMs } = termsOf(stored);
  const given = campaigns.approvals(stored.id).filter(({ planHash, gate }) => planHash === stored.planHash && gate === undefined);
  return {
    needed: approvalsNeeded,
    given: given.map(({ person, atMs }) => ({ person, at: isoOf(atMs) })),
    ...(stored.startedAtMs === undefined ? { validUntil: isoOf(validUntilMs) } : {}),
  };
}

/** Each wave as it was planned and as it stands. */
function wavesOf({ id, plan }: StoredCampaign, { campaigns, tasks }: ShowStore) {
  const rows = new Map(campaigns.waves(id).map((row) => [row.index, row.state]));
  const done = new Map<number, number>();
  for (const { wave, state } of tasks.ofCampaign(id)) if (isFinal(state)) done.set(wave, (done.get(wave) ?? 0) + 1);
  return waveSummaries(plan).map((wave) => {
    const state = rows.get(wave.index);
    const why = state !== undefined && "why" in state ? { why: state.why } : {};
    return { ...wave, ...(state === undefined ? {} : { state: state.at }), ...why, done: done.get(wave.index) ?? 0 };
  });
}

/** Of which plan it was made, and what it changes; of one that is kept no more only its hash is known. */
function parentage(plan: Plan, { campaigns }: ShowStore) {
  if (plan.parent === undefined) return {};
  const row = campaigns.list().find(({ planHash }) => planHash === plan.parent);
  const before = row === undefined ? undefined : campaigns.load(row.id);
  if (before === undefined) return { parent: { planHash: plan.parent } };
  const parent = { planHash: before.planHash, campaign: before.id, state: before.state.at };
  return { parent, difference: bounded(diffPlans(before.plan, before.planHash, plan)) };
}

function bounded({ parent, ...lists }: PlanDifference) {
  const { added, gone, moved, reasons, ways, settings } = lists;
  const first = <T>(list: readonly T[]): readonly T[] => list.slice(0, CHANGES_MAX);
  return {
    parent,
    counts: Object.fromEntries(Object.entries(lists).map(([kind, list]) => [kind, list.length])),
    ...{ added: first(added), gone: first(gone), moved: first(moved) },
    ...{ reasons: first(reasons), ways: first(ways), settings: first(settings) },
  };
}

function piece(stored: StoredCampaign, args: ShowArgs & { readonly list: "tasks" | "heldBack" }, store: ShowStore) {
  const { id, plan, planHash } = stored;
  const { list, offset, limit } = args;
  const rows = list === "heldBack" ? plan.heldBack : inOrder(plan);
  const shown = list === "heldBack" ? (row: unknown): unknown => row : taskShown(stored, store);
  const devices: unknown[] = [];
  let bytes = 0;
  for (const row of rows.slice(offset, offset + limit)) {
    const one = shown(row as PlannedTask);
    bytes += Buffer.byteLength(JSON.stringify(one));
    // One at least: else nobody would come past it.
    if (devices.length > 0 && bytes > PIECE_BYTES_MAX) break;
    devices.push(one);
  }
  const next = offset + devices.length;
  const names = { schema: "groundswell.campaign-plan-devices/1", campaign: id, planHash, list, of: rows.length, offset };
  return { ...names, devices, ...(next < rows.length && devices.length > 0 ? { next } : {}) };
}

/** Wave by wave. */
function inOrder({ tasks, waves }: Plan): readonly PlannedTask[] {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  return waves.flatMap((wave) => wave.tasks.map((task) => byId.get(task)).filter((task) => task !== undefined));
}

/** A task as planned and as it stands. */
function taskShown({ id, state, plan }: StoredCampaign, { campaigns, tasks, kills }: ShowStore): (task: PlannedTask) => object {
  // How images stand is asked of whoever fetches them: campaign status says it.
  const about = { state, plan, waves: campaigns.waves(id), images: undefined, nowMs: 0 };
  const rooms = new Map(plan.domains.filter(({ kind }) => kind === "room").map(({ id }) => [id, id.slice("room:".length)]));
  const on = kills.list();
  return (task) => {
    const { legs, along } = task;
    const row = tasks.load(task.id);
    const room = task.domains.map((domain) => rooms.get(domain)).find((name) => name !== undefined);
    return {
      task: task.id,
      device: task.device,
      name: task.name,
      model: task.model,
      from: legs[0].from,
      to: legs.at(-1)?.to,
      legs: legs.map(({ release, from, to, edge }) => ({ release, from, to, reversibility: edge.reversibility })),
      ...(room === undefined ? {} : { room }),
      ...(along === undefined ? {} : { along }),
      ...(row === undefined ? {} : { ...viewTask(row, task), ...plannedWait(row, task, about), ...killedWait(row.state, task, on) }),
    };
  };
}
