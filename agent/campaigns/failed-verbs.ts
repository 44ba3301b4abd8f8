/**
 * What people do with a device whose task failed: have it tried again, or write it off.
 */

import { successorOf } from "../../firmware/waves/campaign-state.ts";
import { noRetryWords } from "../../firmware/waves/retry.ts";
import type { PlannedTask } from "../../firmware/waves/shape.ts";
import { stepTask } from "../../firmware/waves/task.ts";
import { isAtRisk, isFinal, type TaskAt, type TaskState } from "../../firmware/waves/task-state.ts";
import { type CampaignId, type DeviceId, parseCampaignId, taskIdOf } from "../../protocols/core/ids.ts";
import type { StoredCampaign } from "../../store/campaigns.ts";
import type { TaskRow } from "../../store/tasks.ts";
import type { VerbOutcome } from "../commands/answer.ts";
import type { Subject } from "../commands/authorise.ts";
import { type CampaignVerbsIo, failed } from "./verbs.ts";

interface About {
  readonly campaign: string;
  readonly device: string;
}

interface Found {
  readonly stored: StoredCampaign;
  readonly planned: PlannedTask;
  readonly row: TaskRow;
}

function find({ campaign, device }: About, { store }: CampaignVerbsIo): Found | VerbOutcome {
  const id = parseCampaignId(campaign);
  const stored = id === undefined ? undefined : store.campaigns.load(id);
  if (stored === undefined) return failed("notFound", `No campaign "${campaign}"`);
  const planned = stored.plan.tasks.find((task) => task.device === device);
  const row = planned === undefined ? undefined : store.tasks.load(taskIdOf(stored.id, planned.device));
  if (planned === undefined || row === undefined) return failed("notFound", `Device "${device}" is not in campaign "${campaign}"`);
  return { stored, planned, row };
}

type Tables = Pick<CampaignVerbsIo["store"], "campaigns" | "tasks" | "reservations">;

const WAITS: readonly TaskAt[] = ["staged", "held", "deferred", "armed"];

/** One more attempt for a device that failed without harm, while its wave is under way. */
export function retryDevice(args: About, subject: Subject, io: CampaignVerbsIo): VerbOutcome {
  const found = find(args, io);
  if ("ok" in found) return found;
  const { stored, planned, row } = found;
  const { state } = stored;
  const after = { at: "staged", device: planned.device, attempts: row.attempts };
  if (state.at !== "running" && state.at !== "paused")
    return failed("wrongState", `Campaign "${stored.id}" is ${state.at}: what failed in it is for another plan`);
  const successor = successorOf(state);
  if (successor !== undefined)
    return failed("wrongState", `Campaign "${successor}" has taken the place of "${stored.id}": what failed in it is for that one`);
  const history = io.store.tasks.history(row.id);
  if (WAITS.includes(row.state.at) && history.some(({ event }) => event.kind === "retriedByPerson"))
    return { ok: true, message: `${planned.name} waits for its next attempt already`, result: { ...after, at: row.state.at } };
  const words = noRetryWords(row.state);
  if (words !== undefined) return failed("wrongState", `${planned.name} is not tried again: ${words}`);
  const wave = io.drive.waves(stored.id).find(({ index }) => index === row.wave);
  if (wave?.state.at === "passed")
    return failed("wrongState", `${planned.name} is not tried again: its wave has passed, it is for the next plan`);
  const elsewhere = otherCampaignWords(found, io.store);
  if (elsewhere !== undefined) return failed("wrongState", `${planned.name} is not tried again: ${elsewhere}`);
  const atMs = io.clock.nowMs();
  const event = { kind: "retriedByPerson", by: subject.person, tries: row.attempts } as const;
  const step = stepTask(row.state, event, stored.plan.policy, atMs);
  if ("ignored" in step || !io.drive.applyTask({ row, planned, event, next: step.next, atMs }))
    return failed("wrongState", "it changed meanwhile: look and try again");
  io.wake();
  return { ok: true, message: `${planned.name} is tried once more, after ${row.attempts} attempts`, result: after };
}

/** Whether another campaign has the device, or a part that goes along, in hand or on its list, or has updated it since. */
function otherCampaignWords({ stored, planned, row }: Found, { campaigns, tasks, reservations }: Tables): string | undefined {
  const unit = [planned.device, ...(planned.along ?? [])];
  const slot = unit.flatMap((device) => reservations.ofDevice(device) ?? []).find(({ task }) => task !== row.id);
  const holder = slot === undefined ? undefined : tasks.load(slot.task);
  if (holder !== undefined)
    return `campaign ${holder.campaign} has it at risk (${holder.state.at}): wait for its end there, or have it written off there`;
  const waiting = campaigns
    .open()
    .filter(({ id, state }) => id !== stored.id && (state.at === "running" || state.at === "paused"))
    .find(({ id }) => waitsFor(unit, id, { campaigns, tasks }));
  if (waiting !== undefined)
    return `campaign ${waiting.id} is ${waiting.state.at} and has it on its list: leave it to that one, or skip it there first`;
  const later = unit.flatMap(tasks.gaveImage).find(({ campaign, sinceMs }) => campaign !== stored.id && sinceMs >= row.sinceMs);
  return later === undefined ? undefined : `campaign ${later.campaign} has updated it since: plan anew from what it runs now`;
}

function waitsFor(unit: readonly DeviceId[], id: CampaignId, { campaigns, tasks }: Pick<Tables, "campaigns" | "tasks">): boolean {
  const listed = campaigns.load(id)?.plan.tasks.filter(({ device, along = [] }) => [device, ...along].some((one) => unit.includes(one)));
  return (listed ?? []).some((task) => {
    const row = tasks.load(task.id);
    return row !== undefined && !isFinal(row.state);
  });
}

/** Frees the slot of a device that failed or was lost: a named person answers for it, and says why. */
export function writeOffDevice(args: About & { readonly reason: string }, subject: Subject, io: CampaignVerbsIo): VerbOutcome {
  const found = find(args, io);
  if ("ok" in found) return found;
  const { planned, row } = found;
  const { at } = row.state;
  if (at === "skipped")
    return { ok: true, message: `already written off by ${row.state.by}: ${row.state.why}`, result: { at, device: planned.device } };
  if (at !== "failed" && at !== "lost" && at !== "refused" && at !== "revertFailed")
    return failed("wrongState", `${planned.name} is ${at}: only what failed or was lost is written off; ${insteadOf(row.state)}`);
  const atMs = io.clock.nowMs();
  const event = { kind: "writtenOffByPerson", by: subject.person, why: args.reason } as const;
  const step = stepTask(row.state, event, found.stored.plan.policy, atMs);
  if ("ignored" in step || !io.drive.applyTask({ row, planned, event, next: step.next, atMs }))
    return failed("wrongState", "it changed meanwhile: look and try again");
  io.wake();
  const message = `${planned.name} is written off by ${subject.person}: its place at risk is free`;
  return { ok: true, message, result: { at: "skipped", device: planned.device } };
}

/** What can be done with it. */
function insteadOf(state: TaskState): string {
  if (isAtRisk(state)) return "it is in hand, and watched to its end first";
  return isFinal(state) ? "it has ended" : "leave it out with campaign skip";
}
