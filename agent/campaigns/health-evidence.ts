/**
 * Readings for the health gate: each updated device before and after, and untouched devices of the same models over the
 * same time. Old readings are asked for anew, so that the gate never decides on what was.
 */

import type { DeviceHealth, HealthSample } from "../../firmware/waves/gates/gate.ts";
import type { CampaignRow, HealthEvidence, TaskRow } from "../../firmware/waves/ports.ts";
import { attemptsSpent, type TaskState } from "../../firmware/waves/task-state.ts";
import type { DeviceRead } from "../../protocols/core/device.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import { type Clock, DAY, MINUTE, type Ms } from "../../protocols/core/time.ts";
import type { Store } from "../../store/store.ts";
import { answered } from "../health/observe.ts";
import type { Thread } from "../threads/channel.ts";
import type { HistoryRequests } from "../threads/requests.ts";
import { type Touched, touchedAt } from "./touched.ts";

export interface HealthEvidenceIo {
  readonly store: Pick<Store, "history" | "tasks" | "attempts" | "devices">;
  readonly history: Thread<HistoryRequests>;
  readonly poller: {
    /** As the poller of health does. */
    refresh(device: DeviceId, signal: AbortSignal, sinceMs: Ms): Promise<Pick<DeviceRead, "facts" | "reading"> | undefined>;
  };
  readonly clock: Clock;
  /** A newest reading older than this is asked for anew, and is stale to the gate. */
  readonly staleAfterMs: Ms;
}

/** Untouched devices compared with, per model: enough for a middle value, few enough to ask in a moment. */
const UNTOUCHED_PER_MODEL = 5;
const BASELINE_LOOK_BACK_MS: Ms = DAY;
/** A visit that began before the device was well may end so long after: a room is asked many things, and looked at in between. Judgement. */
const LONGEST_VISIT_MS: Ms = 5 * MINUTE;

export function createHealthEvidence(io: HealthEvidenceIo) {
  return async (row: CampaignRow, wave: number, tasks: readonly TaskRow[], signal: AbortSignal): Promise<HealthEvidence> => {
    const models = new Map(row.plan.tasks.map((task) => [task.device, task.model]));
    // Only devices that run the new version are compared; a lost one would cost its time-outs and says nothing.
    const mine = tasks.filter(({ wave: own, state }) => own === wave && (state.at === "succeeded" || state.at === "soaking"));
    const touched = mine.flatMap((task) => {
      const times = touchedAt(task, io.store);
      return times === undefined ? [] : [{ device: task.device, ...times }];
    });
    const sinceMs = Math.min(io.clock.nowMs(), ...touched.map(({ touchedAtMs }) => touchedAtMs));
    const untouched = untouchedDevices(row, tasks, io);
    const health = await Promise.all(touched.map((one) => healthOf(one.device, models.get(one.device) ?? "", one, io, signal)));
    const others = await Promise.all(untouched.map(({ device, model }) => healthOf(device, model, { touchedAtMs: sinceMs }, io, signal)));
    return { health, untouched: others, staleAfterMs: io.staleAfterMs };
  };
}

/** Devices of the same models that do not run the new version, and that nobody has touched. */
function untouchedDevices(row: CampaignRow, tasks: readonly TaskRow[], io: HealthEvidenceIo): { device: DeviceId; model: string }[] {
  const { release } = row.plan;
  const notThese = new Set([...tasks.filter(({ state }) => mayBeTouched(state)).map(({ device }) => device), ...io.store.tasks.atRisk()]);
  return [...new Set(row.plan.tasks.map((task) => task.model))].flatMap((model) =>
    io.store.devices
      .list({ model, availability: "online" })
      .filter(({ id, running, updater }) => !notThese.has(id) && (release.kind === "updater" ? updater : running) !== release.version)
      .slice(0, UNTOUCHED_PER_MODEL)
      .map(({ id }) => ({ device: id, model })),
  );
}

function mayBeTouched(state: TaskState): boolean {
  switch (state.at) {
    case "planned":
      return false;
    case "staged":
    case "held":
    case "deferred":
    case "armed":
      return attemptsSpent(state) > 0;
    default:
      return true;
  }
}

async function healthOf(device: DeviceId, model: string, times: Touched, io: HealthEvidenceIo, signal: AbortSignal): Promise<DeviceHealth> {
  const { touchedAtMs, landedAtMs } = times;
  const before = await io.history.ask(
    "window",
    { deviceId: device, fromMs: touchedAtMs - BASELINE_LOOK_BACK_MS, toMs: touchedAtMs },
    signal,
  );
  const after = await newest(device, landedAtMs ?? 0, io, signal);
  const last = before.at(-1);
  return {
    device,
    model,
    ...(last === undefined ? {} : { before: last }),
    ...(after === undefined ? {} : { after }),
    ...(landedAtMs === undefined ? {} : { landedAtMs }),
  };
}

/** Of a visit that began at `sinceMs` or later, and not half stale where the device answers. */
async function newest(device: DeviceId, sinceMs: Ms, io: HealthEvidenceIo, signal: AbortSignal): Promise<HealthSample | undefined> {
  const known = io.store.history.latest(device);
  const surelySinceMs = sinceMs + LONGEST_VISIT_MS;
  if (known !== undefined && known.atMs >= Math.max(surelySinceMs, io.clock.nowMs() - io.staleAfterMs / 2)) return known;
  const read = await io.poller.refresh(device, signal, sinceMs);
  // Its own words: on their way to disk they may wait behind those of others.
  if (read !== undefined && answered(read)) return { atMs: io.clock.nowMs(), reading: read.reading };
  return known !== undefined && known.atMs >= surelySinceMs ? known : undefined;
}
