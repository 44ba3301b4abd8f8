/**
 * `campaign.show`: a campaign's plan as it is kept, whatever became of it. Each answer is bounded, however many devices the plan has:
 * first what it comes to, then its devices in pieces. Reads, and changes nothing.
 */
import { diffPlans } from "../../firmware/waves/diff.ts";
import type { Plan, PlannedTask } from "../../firmware/waves/shape.ts";
import { isFinal } from "../../firmware/waves/task-state.ts";
import { parseCampaignId } from "../../protocols/core/ids.ts";
import { isoOf } from "../../protocols/core/time.ts";
import type { StoredCampaign } from "../../store/campaigns.ts";
import type { Store } from "../../store/store.ts";
import type { VerbOutcome } from "../commands/answer.ts";
import { MAX_REPLY_BYTES } from "../commands/jws.ts";
import { termsOf } from "./drive-store.ts";
import { differenceSummary, firstWaves, planHead } from "./plan-answer.ts";
import { waveSummaries } from "./plan-summary.ts";
import { viewTaskIn } from "./task-view.ts";
import { failed } from "./verbs.ts";
import { whyOf } from "./view.ts";

export interface ShowArgs {
  readonly campaign: string;
  /** A list instead of the summary: the devices in waves, in their order, those held back, or the waves themselves. */
  readonly list?: "tasks" | "heldBack" | "waves" | undefined;
  /** Of `tasks` only those of this wave. */
  readonly wave?: number | undefined;
  /** So many of the list were told before. A plan never changes, so its pieces fit each other. */
  readonly offset: number;
  readonly limit: number;
}

export type ShowStore = Pick<Store, "campaigns" | "tasks" | "kills">;

/** Of a piece's list as JSON: signed and in base64 it is within what a desk reads. */
export const PIECE_BYTES_MAX = MAX_REPLY_BYTES / 2;

export function showPlan(args: ShowArgs, store: ShowStore): VerbOutcome {
  const id = parseCampaignId(args.campaign);
  const stored = id === undefined ? undefined : store.campaigns.load(id);
  if (stored === undefined) return failed("notFound", `No campaign "${args.campaign}": "groundswell campaign list" shows all`);
  return { ok: true, result: args.list === undefined ? summary(stored, store) : piece(stored, { ...args, list: args.list }, store) };
}

function summary(stored: StoredCampaign, store: ShowStore) {
  const { state, plan, planHash, createdAtMs, startedAtMs } = stored;
  const why = whyOf(state, plan);
  return {
    schema: "groundswell.campaign-plan/1",
    ...planHead(plan, planHash),
    state: state.at,
    ...(why === undefined ? {} : { why }),
    created: isoOf(createdAtMs),
    ...(startedAtMs === undefined ? {} : { started: isoOf(startedAtMs) }),
    approvals: approvalsOf(stored, store),
    ...parentage(plan, store),
    ...firstWaves(wavesOf(stored, store)),
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
  const row = campaigns.ofPlan(plan.parent);
  const before = row === undefined ? undefined : campaigns.load(row.id);
  if (before === undefined) return { parent: { planHash: plan.parent } };
  const parent = { planHash: before.planHash, campaign: before.id, state: before.state.at };
  return { parent, difference: differenceSummary(diffPlans(before.plan, before.planHash, plan)) };
}

type List = NonNullable<ShowArgs["list"]>;

function piece(stored: StoredCampaign, args: ShowArgs & { readonly list: List }, store: ShowStore) {
  const { id, planHash } = stored;
  const { list, offset, limit, wave } = args;
  const { rows, shown } = listed(stored, args, store);
  const items: unknown[] = [];
  let bytes = 0;
  for (const row of rows.slice(offset, offset + limit)) {
    const one = shown(row);
    bytes += Buffer.byteLength(JSON.stringify(one));
    // One at least: else nobody would come past it.
    if (items.length > 0 && bytes > PIECE_BYTES_MAX) break;
    items.push(one);
  }
  const next = offset + items.length;
  const about = { campaign: id, planHash, list, ...(wave === undefined ? {} : { wave }), of: rows.length, offset };
  const more = next < rows.length && items.length > 0 ? { next } : {};
  return list === "waves"
    ? { schema: "groundswell.campaign-plan-waves/1", ...about, waves: items, ...more }
    : { schema: "groundswell.campaign-plan-devices/1", ...about, devices: items, ...more };
}

interface Listed {
  readonly rows: readonly unknown[];
  /** A row as it is told: only those of the piece are. */
  readonly shown: (row: unknown) => unknown;
}

function listed(stored: StoredCampaign, { list, wave }: ShowArgs & { readonly list: List }, store: ShowStore): Listed {
  const { plan } = stored;
  const asItIs = (row: unknown): unknown => row;
  if (list === "waves") return { rows: wavesOf(stored, store), shown: asItIs };
  if (list === "heldBack") return { rows: plan.heldBack, shown: asItIs };
  const shown = taskShown(stored, store);
  return { rows: inOrder(plan, wave), shown: (row) => shown(row as PlannedTask) };
}

/** Wave by wave, or of one of them. */
function inOrder({ tasks, waves }: Plan, only: number | undefined): readonly PlannedTask[] {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const wanted = waves.filter(({ index }) => only === undefined || index === only);
  return wanted.flatMap((wave) => wave.tasks.map((task) => byId.get(task)).filter((task) => task !== undefined));
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
      ...(row === undefined ? {} : viewTaskIn(row, task, about, on)),
    };
  };
}
