/** Campaigns with their immutable plans, their waves and approvals. A plan is parsed once and kept: it never changes. */

import type { CampaignState } from "../firmware/waves/campaign-state.ts";
import type { WaveRow } from "../firmware/waves/ports.ts";
import type { Plan, PlannedTask } from "../firmware/waves/shape.ts";
import type { WaveState } from "../firmware/waves/wave.ts";
import type { CampaignId, DeviceId, Sha256, TaskId } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import { decoder, json, keptJson, maybeWhole, present, shape, text, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

/** A campaign without its plan, which may be megabytes. */
export interface CampaignSummary {
  readonly id: CampaignId;
  readonly state: CampaignState;
  readonly planHash: Sha256;
  readonly revision: number;
  readonly createdAtMs: Ms;
  readonly startedAtMs?: Ms;
}

export interface StoredCampaign extends CampaignSummary {
  readonly plan: Plan;
}

export interface NewCampaign {
  readonly id: CampaignId;
  readonly state: CampaignState;
  readonly plan: Plan;
  readonly planHash: Sha256;
  readonly waves: readonly { readonly index: number; readonly state: WaveState }[];
  readonly atMs: Ms;
}

/** One transition of a campaign; nothing happens unless the row still has the expected revision. */
export interface CampaignStep {
  readonly id: CampaignId;
  readonly expectedRevision: number;
  readonly next: CampaignState;
  readonly why: string;
  readonly atMs: Ms;
  /** Given with the step that starts it; the first one stays. */
  readonly startedAtMs?: Ms;
}

export interface WaveStep {
  readonly campaign: CampaignId;
  readonly index: number;
  readonly expectedRevision: number;
  readonly next: WaveState;
  readonly why: string;
  readonly atMs: Ms;
}

/** A person said yes to exactly this plan, or, with `gate`, to going on past that gate. */
export interface ApprovalRow {
  readonly campaign: CampaignId;
  readonly planHash: Sha256;
  readonly person: string;
  readonly keyId: string;
  readonly atMs: Ms;
  readonly gate?: string;
}

export interface CampaignHistoryRow {
  readonly seq: number;
  /** Absent where the campaign itself changed. */
  readonly wave?: number;
  readonly revision: number;
  readonly atMs: Ms;
  readonly why: string;
  /** Name of the state it went to. */
  readonly at: string;
}

export interface Campaigns {
  create(campaign: NewCampaign): void;
  load(id: CampaignId): StoredCampaign | undefined;
  summary(id: CampaignId): CampaignSummary | undefined;
  /** One task as its plan has it; `undefined` where there is none. Remembered apart from the plan. */
  plannedTask(campaign: CampaignId, task: TaskId): PlannedTask | undefined;
  /** Newest first. Those that have not ended may be behind them: they are `open`. */
  list(limit?: number): readonly CampaignSummary[];
  /** All that may start something, and those that are being taken back: however many have ended, newest first. */
  open(): readonly CampaignSummary[];
  /** The newest of exactly this plan. */
  ofPlan(planHash: string): CampaignSummary | undefined;
  /** Those whose plan names the device, by a task or among those it leaves out. Newest first. */
  naming(device: DeviceId): readonly CampaignSummary[];
  step(step: CampaignStep): boolean;
  /** By index. */
  waves(campaign: CampaignId): readonly WaveRow[];
  stepWave(step: WaveStep): boolean;
  /** @returns `false` where this person approved the same thing before */
  approve(approval: ApprovalRow): boolean;
  approvals(campaign: CampaignId): readonly ApprovalRow[];
  /** Oldest first. */
  history(campaign: CampaignId): readonly CampaignHistoryRow[];
}

/** Parsed plans kept in memory beside those the drive asks for at each turn: whoever people look at. Guessed. */
const OTHER_PLANS_KEPT = 4;
/** All of them together. One of ten thousand devices is some ten megabytes, and a device is in one of them. Guessed. */
const PLANS_KEPT_MAX = 64;
/** Those that failed in all campaigns that are looked back on, which are asked for every half minute: a few megabytes. Guessed. */
const PLANNED_KEPT = 2_000;

const at = { at: "string" } as const;
const campaignState = keptJson("state", shape<CampaignState>(at));
const waveState = keptJson("state", shape<WaveState>(at));
const anyStateCheck = shape<{ at: string }>(at);
const planCheck = shape<Plan>({ schema: "string", tasks: "list", waves: "list", domains: "list", heldBack: "list", policy: "object" });

const readSummary = decoder(
  "campaigns",
  "id",
  (row: Row): CampaignSummary =>
    present({
      id: text(row, "id") as CampaignId,
      state: campaignState(row),
      planHash: text(row, "plan_hash") as Sha256,
      revision: whole(row, "revision"),
      createdAtMs: whole(row, "created_at_ms"),
      startedAtMs: maybeWhole(row, "started_at_ms"),
    }),
);
const readPlan = decoder("plans", "campaign", (row: Row): Plan => json(row, "plan", planCheck));
const readWave = decoder(
  "waves",
  "number",
  (row: Row): WaveRow => ({ index: whole(row, "number"), state: waveState(row), revision: whole(row, "revision") }),
);
const readApproval = decoder("approvals", "campaign", (row: Row): ApprovalRow => {
  const gate = text(row, "gate");
  return {
    campaign: text(row, "campaign") as CampaignId,
    planHash: text(row, "plan_hash") as Sha256,
    person: text(row, "person"),
    keyId: text(row, "key_id"),
    atMs: whole(row, "at_ms"),
    ...(gate === "" ? {} : { gate }),
  };
});
const readHistory = decoder("campaign_history", "seq", (row: Row): CampaignHistoryRow => {
  const wave = whole(row, "wave");
  return {
    seq: whole(row, "seq"),
    ...(wave === 0 ? {} : { wave }),
    revision: whole(row, "revision"),
    atMs: whole(row, "at_ms"),
    why: text(row, "why"),
    at: json(row, "state", anyStateCheck).at,
  };
});

/** States in which a campaign may start something, now or later. */
export const OPEN_STATES = "'planned', 'awaitingApproval', 'armed', 'running', 'paused'";
const NEWEST_FIRST = "order by created_at_ms desc, id";
const SUMMARY = "id, state, plan_hash, revision, created_at_ms, started_at_ms";
const OPEN = `select ${SUMMARY} from campaigns where json_extract(state, '$.at') in (${OPEN_STATES}, 'rollingBack') ${NEWEST_FIRST}`;
const NAMING = `select ${SUMMARY} from campaigns where id in
  (select campaign from tasks where device = @device union select campaign from held_back where device = @device) ${NEWEST_FIRST}`;
/** Asked for at each turn of the drive. */
const DRIVEN = `select id from campaigns where json_extract(state, '$.at') in ('running', 'paused')
  union select campaign from tasks where is_final = 0 and at_risk = 1`;

export function campaignsIn(sql: Sql): Campaigns {
  const planOf = plansKept(sql);
  const summary = (id: CampaignId): CampaignSummary | undefined => {
    const row = sql.one(`select ${SUMMARY} from campaigns where id = @id`, { id });
    return row === undefined ? undefined : readSummary(row);
  };
  const remember = (entry: { campaign: CampaignId; wave: number; revision: number; atMs: Ms; why: string; state: unknown }): void => {
    sql.run(
      `insert into campaign_history (campaign, wave, revision, at_ms, why, state)
        values (@campaign, @wave, @revision, @atMs, @why, @state)`,
      { ...entry, state: toJson(entry.state) },
    );
  };
  return {
    create: ({ id, state, plan, planHash, waves, atMs }) =>
      sql.transaction(() => {
        sql.run(
          `insert into campaigns (id, state, plan_hash, revision, created_at_ms)
            values (@id, @state, @planHash, 1, @atMs)`,
          { id, state: toJson(state), planHash, atMs },
        );
        sql.run("insert into plans (campaign, plan) values (@id, @plan)", { id, plan: toJson(plan) });
        sql.run("insert or ignore into held_back (device, campaign) select value, @id from json_each(@devices)", {
          id,
          devices: toJson(plan.heldBack.map(({ device }) => device)),
        });
        remember({ campaign: id, wave: 0, revision: 1, atMs, why: "created", state });
        for (const wave of waves)
          sql.run("insert into waves (campaign, number, state, revision) values (@id, @number, @state, 1)", {
            id,
            number: wave.index,
            state: toJson(wave.state),
          });
      }),
    load(id) {
      const found = summary(id);
      return found === undefined ? undefined : { ...found, plan: planOf(found) };
    },
    summary,
    plannedTask: plannedKept((id) => {
      const found = summary(id);
      return found === undefined ? undefined : planOf(found);
    }),
    list: (limit = 1_000) => sql.all(`select ${SUMMARY} from campaigns ${NEWEST_FIRST} limit @limit`, { limit }).map(readSummary),
    open: () => sql.all(OPEN).map(readSummary),
    ofPlan: (planHash) =>
      sql.all(`select ${SUMMARY} from campaigns where plan_hash = @planHash ${NEWEST_FIRST} limit 1`, { planHash }).map(readSummary)[0],
    naming: (device) => sql.all(NAMING, { device }).map(readSummary),
    step: ({ id, expectedRevision, next, why, atMs, startedAtMs }) =>
      sql.transaction(() => {
        const { changes } = sql.run(
          `update campaigns set state = @state, revision = revision + 1, started_at_ms = coalesce(started_at_ms, @startedAtMs)
            where id = @id and revision = @expectedRevision`,
          { id, state: toJson(next), expectedRevision, startedAtMs },
        );
        if (changes === 0) return false;
        remember({ campaign: id, wave: 0, revision: expectedRevision + 1, atMs, why, state: next });
        return true;
      }),
    waves: (campaign) => sql.all("select * from waves where campaign = @campaign order by number", { campaign }).map(readWave),
    stepWave: ({ campaign, index, expectedRevision, next, why, atMs }) =>
      sql.transaction(() => {
        const { changes } = sql.run(
          `update waves set state = @state, revision = revision + 1
            where campaign = @campaign and number = @index and revision = @expectedRevision`,
          { campaign, index, state: toJson(next), expectedRevision },
        );
        if (changes === 0) return false;
        remember({ campaign, wave: index, revision: expectedRevision + 1, atMs, why, state: next });
        return true;
      }),
    approve: ({ campaign, planHash, person, keyId, atMs, gate = "" }) =>
      sql.run(
        `insert into approvals (campaign, plan_hash, person, key_id, gate, at_ms)
          values (@campaign, @planHash, @person, @keyId, @gate, @atMs) on conflict do nothing`,
        { campaign, planHash, person, keyId, gate, atMs },
      ).changes > 0,
    approvals: (campaign) =>
      sql.all("select * from approvals where campaign = @campaign order by at_ms, person", { campaign }).map(readApproval),
    history: (campaign) => sql.all("select * from campaign_history where campaign = @campaign order by seq", { campaign }).map(readHistory),
  };
}

function plansKept(sql: Sql): (summary: CampaignSummary) => Plan {
  /** The one that was asked for last is the last. */
  const kept = new Map<CampaignId, { readonly planHash: Sha256; readonly plan: Plan }>();
  const makeRoom = (): void => {
    if (kept.size <= OTHER_PLANS_KEPT) return;
    const driven = new Set(sql.all(DRIVEN).map((row) => text(row, "id")));
    const others = [...kept.keys()].filter((id) => !driven.has(id));
    for (const oldest of others.slice(0, -OTHER_PLANS_KEPT)) kept.delete(oldest);
    for (const oldest of [...kept.keys()].slice(0, -PLANS_KEPT_MAX)) kept.delete(oldest);
  };
  return ({ id, planHash }) => {
    const known = kept.get(id);
    if (known?.planHash === planHash) {
      kept.delete(id);
      kept.set(id, known);
      return known.plan;
    }
    const plan = readPlan(sql.one("select * from plans where campaign = @id", { id }) ?? {});
    kept.set(id, { planHash, plan });
    makeRoom();
    return plan;
  };
}

/** A plan never changes; where there is no such task there never is one. */
function plannedKept(planOf: (campaign: CampaignId) => Plan | undefined): Campaigns["plannedTask"] {
  const kept = new Map<TaskId, PlannedTask>();
  return (campaign, task) => {
    const planned = kept.get(task) ?? planOf(campaign)?.tasks.find(({ id }) => id === task);
    if (planned === undefined) return undefined;
    kept.delete(task);
    kept.set(task, planned);
    for (const oldest of kept.keys()) {
      if (kept.size <= PLANNED_KEPT) break;
      kept.delete(oldest);
    }
    return planned;
  };
}
