/** Tasks of campaigns. A state, its history row and whatever the caller adds go into one transaction, guarded by the revision. */

import { isBad } from "../firmware/waves/gates/gate.ts";
import type { TaskRow as DrivenTask } from "../firmware/waves/ports.ts";
import type { Plan } from "../firmware/waves/shape.ts";
import { attemptsSpent, isAtRisk, isFinal, type TaskAt, type TaskEvent, type TaskState } from "../firmware/waves/task-state.ts";
import { Bug } from "../protocols/core/fault.ts";
import type { CampaignId, DeviceId, TaskId } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import type { Version } from "../protocols/core/version.ts";

import { OPEN_STATES } from "./campaigns.ts";
import { decoder, json, keptJson, oneOf, shape, text, toJson, variants, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";
import { taskMemory } from "./task-memory.ts";

export interface TaskRow extends DrivenTask {
  /** Attempts spent, this state's own included; never falls. */
  readonly attempts: number;
  /** When it came to this state. */
  readonly sinceMs: Ms;
}

/** One transition; nothing happens unless the row still has the expected revision. */
export interface TaskStep {
  readonly task: TaskId;
  readonly expectedRevision: number;
  readonly next: TaskState;
  readonly event: TaskEvent;
  readonly atMs: Ms;
}

export interface TaskHistoryRow {
  readonly task: TaskId;
  /** The revision the step made. */
  readonly revision: number;
  readonly atMs: Ms;
  readonly from: TaskAt;
  readonly to: TaskAt;
  readonly event: TaskEvent;
}

export interface Tasks {
  /** One row for each task of the plan, all `planned`. */
  createAll(campaign: CampaignId, plan: Pick<Plan, "tasks" | "waves">, atMs: Ms): void;
  load(task: TaskId): TaskRow | undefined;
  /** By wave, then id. */
  ofCampaign(campaign: CampaignId): readonly TaskRow[];
  ofWave(campaign: CampaignId, wave: number): readonly TaskRow[];
  /** Not final, of the waves up to this one. By wave, then id. */
  unfinished(campaign: CampaignId, wave: number): readonly TaskRow[];
  /** What a wave is judged by: its own, then whoever failed in another. */
  judged(campaign: CampaignId, wave: number): readonly TaskRow[];
  /** At risk and not final: a device that may be in the middle of something. */
  hasTouched(campaign: CampaignId): boolean;
  /** Campaigns that have, in whatever state. */
  touched(): readonly CampaignId[];
  /** Not final and no longer `planned`, over all campaigns. */
  active(): readonly TaskRow[];
  /**
   * The unfinished task of a device that still means something: in a campaign that may go on, or one that was touched. What waits in a
   * campaign that has ended waits for nothing.
   */
  openOfDevice(device: DeviceId): TaskRow | undefined;
  /** Tasks that gave this device an image: those past its delivery, those that updated it or went a leg. Newest first. */
  gaveImage(device: DeviceId): readonly TaskRow[];
  /** Whom `gaveImage` has any of. */
  devicesGivenImages(): readonly DeviceId[];
  /** Devices we may have broken and have not seen healthy since, over all campaigns. */
  atRisk(): readonly DeviceId[];
  /** Failed or lost, and still at risk, over all campaigns. By device. */
  unproven(): readonly TaskRow[];
  /** Between two attempts, in campaigns that run or are paused: touched before, at risk no more, and not over. */
  begun(): readonly { readonly task: TaskId; readonly device: DeviceId }[];
  /** How many tasks stand in each state; the sum is the planned number. */
  counts(campaign: CampaignId): ReadonlyMap<TaskAt, number>;
  /** How many of its devices are at risk. As `counts` it reads no state: both are told at each step of each task. */
  atRiskOf(campaign: CampaignId): number;
  /**
   * Updated by us and no longer as they were: read on another version since, or with a serious condition of their own. Not who
   * is in the hands of another task since. Longest ago first.
   */
  suspects(campaign: CampaignId, ran: { readonly of: "running" | "updater"; readonly version: Version }, limit: number): readonly TaskRow[];
  step(step: TaskStep): boolean;
  /** Oldest first. */
  history(task: TaskId): readonly TaskHistoryRow[];
}

const deadline = { attempt: "object", deadlineMs: "number" } as const;
const stateCheck = variants<TaskState, "at">("at", {
  planned: {},
  staged: { tries: "number", leg: "number" },
  held: { reasons: "list", sinceMs: "number", tries: "number", leg: "number" },
  deferred: { inUse: "object", sinceMs: "number", nextLookMs: "number", deadlineMs: "number", tries: "number", leg: "number" },
  armed: { why: "string", sinceMs: "number", deadlineMs: "number", tries: "number", leg: "number" },
  reserved: deadline,
  commanded: { ...deadline, accepted: "boolean", commandedAtMs: "number" },
  applying: deadline,
  rebooting: deadline,
  verifying: deadline,
  soaking: { attempt: "object", untilMs: "number" },
  unknown: { ...deadline, was: "string" },
  failedRetryable: { attempt: "object", fault: "object", nextAtMs: "number" },
  succeeded: { how: "string" },
  skipped: { why: "string", by: "string", leg: "number" },
  refused: { why: "string", leg: "number" },
  replaced: { by: "string", leg: "number" },
  failed: { cause: "string", fault: "object", seenHealthy: "boolean", leg: "number" },
  lost: { sinceMs: "number", lastSign: "string", leg: "number" },
  reverting: { rollback: "string", unproven: "boolean", leg: "number" },
  reverted: { rollback: "string", leg: "number" },
  revertFailed: { rollback: "string", why: "string", unproven: "boolean", leg: "number" },
});
const stateOf = keptJson("state", stateCheck);
const ATS = {
  planned: true,
  staged: true,
  held: true,
  deferred: true,
  armed: true,
  reserved: true,
  commanded: true,
  applying: true,
  rebooting: true,
  verifying: true,
  soaking: true,
  unknown: true,
  failedRetryable: true,
  succeeded: true,
  skipped: true,
  refused: true,
  replaced: true,
  failed: true,
  lost: true,
  reverting: true,
  reverted: true,
  revertFailed: true,
} satisfies { [at in TaskAt]: true };
const eventCheck = shape<TaskEvent>({ kind: "string" });

const readTask = decoder(
  "tasks",
  "id",
  (row: Row): TaskRow => ({
    id: text(row, "id") as TaskId,
    campaign: text(row, "campaign") as CampaignId,
    wave: whole(row, "wave"),
    device: text(row, "device") as DeviceId,
    state: stateOf(row),
    revision: whole(row, "revision"),
    attempts: whole(row, "attempts"),
    sinceMs: whole(row, "since_ms"),
  }),
);
const readHistory = decoder(
  "task_history",
  "seq",
  (row: Row): TaskHistoryRow => ({
    task: text(row, "task") as TaskId,
    revision: whole(row, "revision"),
    atMs: whole(row, "at_ms"),
    from: oneOf<TaskAt>(row, "from_at", ATS),
    to: oneOf<TaskAt>(row, "to_at", ATS),
    event: json(row, "event", eventCheck),
  }),
);

/** One that was current already was given nothing; one with a leg behind it was, whatever came of the next. */
const GAVE_IMAGE = `(at in ('rebooting', 'verifying', 'soaking') or (at = 'succeeded' and json_extract(state, '$.how') = 'updated')
  or coalesce(json_extract(state, '$.leg'), json_extract(state, '$.attempt.leg'), 0) > 0)`;

const SUSPECTS = `select t.* from tasks t join devices d on d.id = t.device
  where t.campaign = @campaign and t.at = 'succeeded' and json_extract(t.state, '$.how') = 'updated'
    and ((d.last_seen_ms > t.since_ms and case @of when 'updater' then d.updater else d.running end <> @version)
      or exists (select 1 from conditions c where c.device = t.device and c.until_ms is null and c.since_ms >= t.since_ms
        and c.severity in ('error', 'critical') and c.cause_class in ('hardware', 'software', 'configuration')))
    and not exists (select 1 from tasks o where o.device = t.device and o.id <> t.id and o.since_ms > t.since_ms
      and o.at not in ('planned', 'skipped', 'refused', 'replaced'))
  order by t.since_ms, t.id limit @limit`;

/** Few at any time: from them to their campaigns, never the other way round. */
const BEGUN = `select t.id as id, t.device as device from tasks t indexed by tasks_begun cross join campaigns c on c.id = t.campaign
  where t.is_final = 0 and t.at in ('staged', 'held', 'deferred', 'armed', 'failedRetryable') and t.attempts > 0
    and coalesce(json_extract(t.state, '$.tries'), json_extract(t.state, '$.attempt.number')) > 0
    and json_extract(c.state, '$.at') in ('running', 'paused') order by t.id`;

/** Of `tasks t join campaigns c`. */
export const IS_OPEN = `t.is_final = 0 and
  (t.at_risk = 1 or json_extract(c.state, '$.at') in (${OPEN_STATES}))`;
const OPEN_OF_DEVICE = `select t.* from tasks t join campaigns c on c.id = t.campaign where t.device = @device and ${IS_OPEN}
  order by t.at_risk desc, t.since_ms desc`;

/** The columns that repeat what a state says. */
function columnsOf(state: TaskState) {
  return { state: toJson(state), at: state.at, attempts: attemptsSpent(state), isFinal: isFinal(state), atRisk: isAtRisk(state) };
}

export function tasksIn(sql: Sql): Tasks {
  const load = (task: TaskId): TaskRow | undefined => {
    const row = sql.one("select * from tasks where id = @task", { task });
    return row === undefined ? undefined : readTask(row);
  };
  const memory = taskMemory(sql, {
    all: (campaign) => sql.all("select * from tasks where campaign = @campaign order by wave, id", { campaign }).map(readTask),
    one: load,
  });
  const { rows } = memory;
  const ofWave: Tasks["ofWave"] = (campaign, wave) => rows(campaign).filter((row) => row.wave === wave);
  return {
    createAll: (campaign, plan, atMs) => sql.transaction(() => createTasks(sql, campaign, plan, atMs)),
    load,
    ofCampaign: rows,
    ofWave,
    unfinished: (campaign, wave) => rows(campaign).filter((row) => row.wave <= wave && !isFinal(row.state)),
    judged: (campaign, wave) => [...ofWave(campaign, wave), ...rows(campaign).filter((row) => row.wave !== wave && isBad(row.state))],
    hasTouched: (campaign) =>
      sql.one("select 1 as found from tasks where campaign = @campaign and is_final = 0 and at_risk = 1 limit 1", { campaign }) !==
      undefined,
    touched: () =>
      sql
        .all("select distinct campaign from tasks where is_final = 0 and at_risk = 1 order by campaign")
        .map((row) => text(row, "campaign") as CampaignId),
    active: () =>
      sql
        .all("select distinct campaign from tasks where is_final = 0 and at <> 'planned' order by campaign")
        .flatMap((row) => rows(text(row, "campaign") as CampaignId).filter(({ state }) => !isFinal(state) && state.at !== "planned")),
    openOfDevice(device) {
      const row = sql.one(OPEN_OF_DEVICE, { device });
      return row === undefined ? undefined : readTask(row);
    },
    gaveImage: (device) =>
      sql.all(`select * from tasks where device = @device and ${GAVE_IMAGE} order by since_ms desc, id desc`, { device }).map(readTask),
    devicesGivenImages: () =>
      sql.all(`select distinct device from tasks where ${GAVE_IMAGE} order by device`).map((row) => text(row, "device") as DeviceId),
    atRisk: () =>
      sql
        .all("select distinct device from tasks indexed by tasks_at_risk where at_risk = 1 order by device")
        .map((row) => text(row, "device") as DeviceId),
    unproven: () =>
      sql
        .all("select * from tasks indexed by tasks_at_risk where at_risk = 1 and at in ('failed', 'lost') order by device, id")
        .map(readTask),
    begun: () => sql.all(BEGUN).map((row) => ({ task: text(row, "id") as TaskId, device: text(row, "device") as DeviceId })),
    counts: (campaign) => new Map([...memory.counts(campaign)].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    atRiskOf: (campaign) =>
      whole(
        sql.one("select count(*) as count from tasks indexed by tasks_at_risk where at_risk = 1 and campaign = @campaign", { campaign }) ??
          {},
        "count",
      ),
    suspects: (campaign, { of, version }, limit) => sql.all(SUSPECTS, { campaign, of, version, limit }).map(readTask),
    step: (step) => sql.transaction(() => stepRow(sql, load(step.task), step)),
    history: (task) => sql.all("select * from task_history where task = @task order by seq", { task }).map(readHistory),
  };
}

function createTasks(sql: Sql, campaign: CampaignId, plan: Pick<Plan, "tasks" | "waves">, atMs: Ms): void {
  const waveOf = new Map(plan.waves.flatMap((wave) => wave.tasks.map((task) => [task, wave.index] as const)));
  for (const { id, device } of plan.tasks) {
    const wave = waveOf.get(id);
    if (wave === undefined) throw new Bug(`Task ${id} of campaign ${campaign} is in no wave`);
    sql.run(
      `insert into tasks (id, campaign, wave, device, state, at, attempts, is_final, at_risk, revision, since_ms)
        values (@id, @campaign, @wave, @device, @state, @at, @attempts, @isFinal, @atRisk, 1, @atMs)`,
      { id, campaign, wave, device, ...columnsOf({ at: "planned" }), atMs },
    );
  }
}

function stepRow(sql: Sql, row: TaskRow | undefined, { task, expectedRevision, next, event, atMs }: TaskStep): boolean {
  if (row === undefined) throw new Bug(`Task ${task} does not exist`);
  if (row.revision !== expectedRevision) return false;
  const sinceMs = row.state.at === next.at ? row.sinceMs : atMs;
  sql.run(
    `update tasks set state = @state, at = @at, attempts = max(attempts, @attempts), is_final = @isFinal, at_risk = @atRisk,
      revision = revision + 1, since_ms = @sinceMs where id = @task`,
    { task, ...columnsOf(next), sinceMs },
  );
  sql.run(
    `insert into task_history (task, revision, at_ms, from_at, to_at, event)
      values (@task, @revision, @atMs, @from, @to, @event)`,
    { task, revision: expectedRevision + 1, atMs, from: row.state.at, to: next.at, event: toJson(event) },
  );
  return true;
}
