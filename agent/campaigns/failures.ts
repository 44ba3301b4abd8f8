/**
 * Failures of campaigns as facts for tickets, always made from the rows, so that a restart or a repeat tells the same.
 */

import { legAt } from "../../firmware/waves/legs.ts";
import type { PlannedTask } from "../../firmware/waves/shape.ts";
import { legOf, type TaskState } from "../../firmware/waves/task-state.ts";
import { showFault } from "../../protocols/core/fault.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Reading } from "../../protocols/core/reading.ts";

import { sameVersion, type Version } from "../../protocols/core/version.ts";
import type { AttemptRow } from "../../store/attempts.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Store } from "../../store/store.ts";
import type { TaskHistoryRow, TaskRow } from "../../store/tasks.ts";
import type { FailureFact, TicketCause } from "../tickets/document.ts";
import { newestAndLive, tryPlannedTask } from "./under-way.ts";

type Tables = Pick<Store, "campaigns" | "tasks" | "attempts" | "devices" | "history" | "taskWindows">;

/** Campaigns looked back on; older ones that have ended are closed history. */
const CAMPAIGNS_LOOKED_AT = 50;

/** Of what a rollback has in hand the failure before it, if there was one: that of the way back is its own. */
const ENDED_BADLY: ReadonlySet<TaskState["at"]> = new Set(["failed", "lost", "skipped", "reverting", "reverted", "revertFailed"]);

/** Every failure of the newest campaigns and of those under way, those that recovered since included. */
export function failureFacts(tables: Tables): FailureFact[] {
  return newestAndLive(tables, CAMPAIGNS_LOOKED_AT).flatMap((summary) => {
    const failed = tables.tasks.ofCampaign(summary.id).filter(({ state }) => ENDED_BADLY.has(state.at));
    if (failed.length === 0) return [];
    return failed.flatMap((task) => {
      const planned = tryPlannedTask(task, tables.campaigns);
      return planned === undefined || typeof planned === "string" ? [] : factOf(task, planned, tables);
    });
  });
}

function factOf(task: TaskRow, planned: PlannedTask, tables: Tables): FailureFact[] {
  const history = tables.tasks.history(task.id);
  const ended = endedBadly(task, history);
  if (ended === undefined) return [];
  const device = tables.devices.load(task.device);
  const attempts = tables.attempts.ofTask(task.id);
  const baseline = attempts.findLast((attempt) => attempt.baseline !== undefined)?.baseline;
  const window = tables.taskWindows.load(task.id);
  const at = Math.min(legOf(task.state, 0), planned.legs.length - 1);
  const leg = legAt(planned, at);
  const before = attempts.find((attempt) => attempt.baseline !== undefined)?.baseline;
  const fit = [
    ...planned.legs.slice(at).map(({ to }) => to),
    ...(task.state.at === "reverted" && before !== undefined ? [before.version] : []),
  ];
  const recovered = recoveryOf(device, fit, ended.atMs, baseline?.registeredLines);
  return [
    {
      campaign: task.campaign,
      device: task.device,
      name: planned.name,
      model: planned.model,
      mac: planned.mac,
      ...(device?.serial === undefined ? {} : { serial: device.serial }),
      from: leg.from,
      to: leg.to,
      cause: ended.cause,
      fault: ended.text,
      sinceMs: ended.atMs,
      timeline: history.map((row) => ({ atMs: row.atMs, what: momentOf(row) })),
      // Medians around the update say more than one reading; of lines, what the look before the command saw.
      readingsBefore: {
        ...window?.before.reading,
        ...(baseline?.registeredLines === undefined ? {} : { registeredLines: baseline.registeredLines }),
      },
      readingsAfter: { ...window?.after.reading, ...readingAfter(tables, task.device, ended.atMs) },
      tried: triedIn(attempts),
      ...(recovered === undefined ? {} : { recovered }),
    },
  ];
}

interface Ended {
  readonly cause: TicketCause;
  readonly text: string;
  readonly atMs: number;
}

/** The failure itself, also where a person wrote the device off afterwards; `undefined` where it never failed. */
function endedBadly(task: TaskRow, history: readonly TaskHistoryRow[]): Ended | undefined {
  const own = described(task.state, task.sinceMs);
  if (own !== undefined) return own;
  const row = history.findLast(({ to, event }) => (to === "failed" || to === "lost") && event.kind !== "foundWell");
  if (row === undefined) return undefined;
  if (row.event.kind === "failed") return { cause: row.event.cause, text: showFault(row.event.fault), atMs: row.atMs };
  if (row.event.kind === "foundFallen") return { cause: row.event.cause, text: showFault(row.event.fault), atMs: row.atMs };
  if (row.event.kind === "silent") return { cause: "lost", text: row.event.lastSign, atMs: row.atMs };
  return {
    cause: "commandRefused",
    text: row.event.kind === "commandFaulted" ? showFault(row.event.fault) : row.event.kind,
    atMs: row.atMs,
  };
}

function described(state: TaskState, atMs: number): Ended | undefined {
  if (state.at === "failed") return { cause: state.cause, text: showFault(state.fault), atMs };
  if (state.at === "lost") return { cause: "lost", text: state.lastSign, atMs };
  return undefined;
}

function momentOf({ from, to, event }: TaskHistoryRow): string {
  switch (event.kind) {
    case "foundBusy":
    case "waitsForUser":
      return `${from} → ${to}: ${event.inUse.state === "idle" ? "idle" : event.inUse.reason}`;
    case "failed":
    case "foundFallen":
      return `${from} → ${to}: ${showFault(event.fault)}`;
    case "silent":
      return `${from} → ${to}: ${event.lastSign}`;
    case "answered":
      return `${from} → ${to}: answers on ${event.version}`;
    case "foundWell":
      return `${from} → ${to}: seen well again on ${event.version}`;
    case "holdsFound":
      return `${from} → ${to}: ${event.reasons.map((hold) => hold.why).join("; ")}`;
    case "skippedByPerson":
      return `${from} → ${to}: skipped by ${event.by}: ${event.why}`;
    case "writtenOffByPerson":
      return `${from} → ${to}: written off by ${event.by}: ${event.why}`;
    case "foundOffline":
    case "stayedAway":
      return `${from} → ${to}: ${event.why}`;
    case "retriedByPerson":
      return `${from} → ${to}: tried again for ${event.by}`;
    default:
      return `${from} → ${to}`;
  }
}

function triedIn(attempts: readonly AttemptRow[]): string[] {
  return attempts.map((attempt) => {
    const image =
      attempt.imageDeliveredAtMs !== undefined
        ? "took the whole image"
        : attempt.imageStartedAtMs !== undefined
          ? "began to take the image"
          : "did not ask for the image";
    return `attempt ${attempt.number}: ${attempt.acceptedAtMs === undefined ? "command sent" : "command accepted"}, ${image}`;
  });
}

function readingAfter(tables: Tables, device: DeviceId, sinceMs: number): Reading {
  const latest = tables.history.latest(device);
  return latest !== undefined && latest.atMs >= sinceMs ? latest.reading : {};
}

/** Seen by us after the failure: online, on a version it was to come to or was taken back to, with at least the lines it had. The read is the proof. */
function recoveryOf(
  device: DeviceRow | undefined,
  fit: readonly Version[],
  failedAtMs: number,
  lines: number | undefined,
): FailureFact["recovered"] {
  if (device === undefined || device.availability !== "online" || device.lastSeenMs <= failedAtMs || device.running === undefined)
    return undefined;
  const { running } = device;
  if (!fit.some((version) => sameVersion(running, version))) return undefined;
  const registered = device.lines.filter((line) => line.registered).length;
  return lines === undefined || registered >= lines
    ? { proof: `read:${device.id}:${Math.round(device.lastSeenMs)}`, atMs: device.lastSeenMs }
    : undefined;
}
