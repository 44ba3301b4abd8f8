/**
 * What a rollback does to the campaign it takes back, in the transaction of its own step: the slot of a device changes hands without
 * a gap, the task that is undone says what became of it, and its campaign ends when all of that is over.
 */

import { stepCampaign } from "../../firmware/waves/campaign.ts";
import { type CampaignEvent, type CampaignState, type CampaignTerms, isFinalCampaign } from "../../firmware/waves/campaign-state.ts";
import type { TaskChange } from "../../firmware/waves/ports.ts";
import { mayRevert } from "../../firmware/waves/reversibility.ts";
import type { Plan, PlannedTask } from "../../firmware/waves/shape.ts";
import { stepTask } from "../../firmware/waves/task.ts";
import { isAtRisk, isFinal, legOf, type TaskEvent, type TaskState } from "../../firmware/waves/task-state.ts";
import { Bug } from "../../protocols/core/fault.ts";
import { type CampaignId, type DeviceId, taskIdOf } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { StoredCampaign } from "../../store/campaigns.ts";
import type { Store } from "../../store/store.ts";
import type { TaskRow } from "../../store/tasks.ts";

export interface UndoneIo {
  readonly tables: Pick<Store, "campaigns" | "tasks" | "attempts" | "reservations">;
  readonly ears: {
    onTask(change: TaskChange): void;
    onCampaign(campaign: CampaignId, event: CampaignEvent, next: CampaignState, atMs: Ms): void;
  };
  readonly termsOf: (stored: StoredCampaign) => CampaignTerms;
}

/** The task that a device's way back undoes, with its campaign. */
export interface Undone {
  readonly row: TaskRow;
  readonly planned: PlannedTask;
  readonly campaign: StoredCampaign;
}

export function undoneBy({ rollback }: Pick<Plan, "rollback">, device: DeviceId, { tables }: Pick<UndoneIo, "tables">): Undone | undefined {
  if (rollback === undefined) return undefined;
  const row = tables.tasks.load(taskIdOf(rollback.campaign, device));
  const campaign = tables.campaigns.load(rollback.campaign);
  const planned = campaign?.plan.tasks.find(({ id }) => id === row?.id);
  return row === undefined || campaign === undefined || planned === undefined ? undefined : { row, planned, campaign };
}

/** Why the device cannot be taken over now; `undefined` where it can. */
export function takeOverTrouble(undone: Undone | undefined, rollback: CampaignId): string | undefined {
  if (undone === undefined) return "nothing is known of the update it takes back";
  const { state } = undone.row;
  if (mayRevert(state) || (state.at === "reverting" && state.rollback === rollback)) return undefined;
  return `campaign ${undone.row.campaign} has it ${state.at}`;
}

/** Frees what the undone task holds: the rollback's takes it in the same transaction. */
export function handOver({ row, planned }: Undone, { tables }: UndoneIo): void {
  for (const device of [row.device, ...(planned.along ?? [])]) {
    const held = tables.reservations.ofDevice(device);
    if (held?.task === row.id) tables.reservations.free(device, held.token);
  }
}

/** The rollback's slot is taken: from here on the device is in its hands. */
export function beginBack(undone: Undone, rollback: CampaignId, atMs: Ms, io: UndoneIo): void {
  stepUndone(undone, { kind: "revertStarted", rollback, leg: legOf(undone.row.state, undone.planned.legs.length) }, atMs, io);
}

/** The rollback's task went on: one that has ended says what became of the undone one. */
export function followBack({ row, next, atMs }: TaskChange, undone: Undone, io: UndoneIo): Undone {
  const rollback = row.campaign;
  const { state } = undone.row;
  if (!isFinal(next) || !isFinal(state)) return undone;
  // Written off: what became of it has been said.
  if (isFinal(row.state) && row.state.at !== "succeeded") return undone;
  const wasReverted = state.at === "reverted" && state.rollback === rollback;
  if (!mayRevert(state) && state.at !== "reverting" && !wasReverted) return undone;
  const begun = state.at === "reverting" || wasReverted ? undone : began(undone, rollback, atMs, io);
  const touched = "attempt" in row.state;
  return stepUndone(begun, endOf(next, { rollback, wasAtRisk: isAtRisk(begun.row.state), touched }), atMs, io) ?? begun;
}

function began(undone: Undone, rollback: CampaignId, atMs: Ms, io: UndoneIo): Undone {
  const leg = legOf(undone.row.state, undone.planned.legs.length);
  return stepUndone(undone, { kind: "revertStarted", rollback, leg }, atMs, io) ?? undone;
}

interface About {
  readonly rollback: CampaignId;
  readonly wasAtRisk: boolean;
  /** An attempt of the rollback was under way. */
  readonly touched: boolean;
}

/** I7: what was at risk and was not watched on its old version stays so, until the rollback's own task answers for it. */
export function endOf(next: TaskState, { rollback, wasAtRisk, touched }: About): TaskEvent {
  const failed = (why: string, unproven: boolean): TaskEvent => ({ kind: "revertFailed", rollback, why, unproven });
  switch (next.at) {
    case "succeeded":
      return next.how === "alreadyCurrent" && wasAtRisk
        ? failed("it runs what it ran before, and nobody has watched it there", true)
        : { kind: "revertDone", rollback };
    case "failed":
      return failed(next.cause, wasAtRisk && !touched);
    case "lost":
      return failed(next.lastSign, wasAtRisk && !touched);
    case "refused":
    case "skipped":
      return failed(next.why, wasAtRisk);
    default:
      return failed(next.at, wasAtRisk);
  }
}

/** One pure step of the undone task, stored and told. `undefined` where it does not apply. */
function stepUndone(undone: Undone, event: TaskEvent, atMs: Ms, { tables, ears }: UndoneIo): Undone | undefined {
  const { row, planned, campaign } = undone;
  const step = stepTask(row.state, event, campaign.plan.policy, atMs);
  if ("ignored" in step) return undefined;
  if (!tables.tasks.step({ task: row.id, expectedRevision: row.revision, next: step.next, event, atMs }))
    throw new Bug(`task ${row.id} changed inside a transaction`);
  if ("attempt" in row.state) tables.attempts.note(row.state.attempt.token, { endedAtMs: atMs, outcome: step.next.at });
  ears.onTask({ row, planned, event, next: step.next, atMs });
  return { ...undone, row: { ...row, state: step.next, revision: row.revision + 1 } };
}

/** The rollback's task holds no slot any more; who was at risk before it, and is still, has one again. */
export function handBack({ row, planned }: Undone, atMs: Ms, { tables }: UndoneIo): void {
  if (!isAtRisk(row.state)) return;
  const last = tables.attempts.ofTask(row.id).at(-1);
  if (last === undefined) throw new Bug(`task ${row.id} is at risk without an attempt`);
  const { token, number } = last;
  for (const device of [row.device, ...(planned.along ?? [])]) {
    const own = device === row.device ? token : `${token} ${device}`;
    tables.reservations.take({ device, task: row.id, token: own, number, domains: planned.domains, atMs });
  }
}

/** The rollback has ended, or the last of its devices has: so does what it takes back. */
export function endUndone(id: CampaignId, atMs: Ms, io: UndoneIo): void {
  const { tables, ears } = io;
  const rollback = tables.campaigns.load(id);
  const of = rollback?.plan.rollback?.campaign;
  const undone = of === undefined ? undefined : tables.campaigns.load(of);
  if (rollback === undefined || undone === undefined || !isFinalCampaign(rollback.state)) return;
  if (undone.state.at !== "rollingBack" || undone.state.rollback !== id || tables.tasks.hasTouched(id)) return;
  leaveRest(rollback, undone, atMs, io);
  const counts = tables.tasks.counts(id);
  const back = counts.get("succeeded") ?? 0;
  const all = rollback.plan.tasks.length;
  const clean = back === all;
  const event = {
    kind: "rollbackEnded",
    rollback: id,
    clean,
    why: clean ? "all are back" : `${all - back} of ${all} are not back`,
  } as const;
  const step = stepCampaign(undone.state, event, io.termsOf(undone), atMs);
  if ("ignored" in step) throw new Bug(`campaign ${undone.id} does not end with its rollback: ${step.reason}`);
  if (!tables.campaigns.step({ id: undone.id, expectedRevision: undone.revision, next: step.next, why: event.kind, atMs }))
    throw new Bug(`campaign ${undone.id} changed inside a transaction`);
  ears.onCampaign(undone.id, event, step.next, atMs);
}

/** Those it had in hand and gave back, and will not take again. */
function leaveRest(rollback: StoredCampaign, undone: StoredCampaign, atMs: Ms, io: UndoneIo): void {
  for (const row of io.tables.tasks.ofCampaign(undone.id)) {
    if (row.state.at !== "reverting" || row.state.rollback !== rollback.id) continue;
    const planned = undone.plan.tasks.find(({ id }) => id === row.id);
    if (planned === undefined) continue;
    const why = `campaign ${rollback.id} is ${rollback.state.at}`;
    const event = { kind: "revertFailed", rollback: rollback.id, why, unproven: row.state.unproven } as const;
    stepUndone({ row, planned, campaign: undone }, event, atMs, io);
  }
}
