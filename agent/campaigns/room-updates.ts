/**
 * Updates of rooms: what is set on one for the time of an attempt is a row before it is set, and is given back when the attempt is
 * over, however it ended and however often the agent was stopped meanwhile.
 */
import { isStopped } from "../../firmware/waves/campaign-state.ts";
import { legAt } from "../../firmware/waves/legs.ts";
import type { Errand } from "../../firmware/waves/ports.ts";
import { type Fault, fail, type Result, showFault } from "../../protocols/core/fault.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import { type Clock, HOUR, MINUTE, type Ms } from "../../protocols/core/time.ts";
import type { KeptSetting, UpdateServerRecipe } from "../../protocols/families/family.ts";
import { familyOf } from "../../protocols/families/index.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Store } from "../../store/store.ts";
import { keptOf, type UpdateSettingsRow } from "../../store/update-settings.ts";
import type { Log } from "../log.ts";
import { type Thread, ThreadGone } from "../threads/channel.ts";
import type { DepotRequests } from "../threads/depot-requests.ts";
import type { FieldRequests, TriggerFault } from "../threads/requests.ts";
import { refOf } from "./device-ref.ts";
import { makeOffer } from "./offer.ts";
import { roomWindow } from "./room-window.ts";

export interface RoomUpdatesIo {
  readonly store: Pick<Store, "transaction" | "devices" | "tasks" | "campaigns" | "updateSettings" | "audit">;
  readonly field: Pick<Thread<FieldRequests>, "ask">;
  readonly depot: Pick<Thread<DepotRequests>, "ask">;
  readonly clock: Clock;
  readonly log: Log;
}

export interface RoomUpdates {
  /** Sets where the room finds its software, and when it may look. `certain` on a fault: it surely fetches nothing. */
  order(errand: Errand, signal: AbortSignal): Promise<Result<{ readonly said: string }, TriggerFault>>;
  /** Gives back what attempts have set that are over. */
  turn(signal: AbortSignal): Promise<void>;
}

/** Rooms asked at once: each takes some seconds, and none keeps the others from having theirs back. Judgement. */
const AT_ONCE = 5;
/** A room that is silent is often still restarting; later it is somebody's. Judgement. */
const AGAIN_MS: readonly Ms[] = [MINUTE, 5 * MINUTE, 15 * MINUTE];

const surely = (fault: Fault) => fail<TriggerFault>({ fault, certain: true });
const refused = (reason: string): Fault => ({ kind: "refused", via: "https", reason });
const gone = (error: unknown): Fault => {
  if (error instanceof ThreadGone) return { kind: "unreachable", via: "https", detail: error.message };
  throw error;
};

export function createRoomUpdates(io: RoomUpdatesIo): RoomUpdates {
  /** One hand on a room: what is set and what is given back never cross. */
  const hands = new Map<DeviceId, Promise<unknown>>();
  const alone = async <T>(device: DeviceId, run: () => Promise<T>): Promise<T> => {
    const before = hands.get(device);
    const mine = Promise.allSettled([before]).then(run);
    hands.set(device, mine);
    try {
      return await mine;
    } finally {
      if (hands.get(device) === mine) hands.delete(device);
    }
  };
  return {
    order: (errand, signal) => alone(errand.planned.device, () => order(errand, io, signal)),
    async turn(signal) {
      const nowMs = io.clock.nowMs();
      const due = io.store.updateSettings.all().filter((row) => row.nextAtMs <= nowMs && !isNeeded(row, io));
      const devices = [...new Set(due.map(({ device }) => device))];
      for (let at = 0; at < devices.length && !signal.aborted; at += AT_ONCE) {
        await Promise.all(devices.slice(at, at + AT_ONCE).map((device) => alone(device, () => giveBack(device, io, signal))));
      }
    },
  };
}

async function order(errand: Errand, io: RoomUpdatesIo, signal: AbortSignal): Promise<Result<{ readonly said: string }, TriggerFault>> {
  const { planned, attempt, plan } = errand;
  const recipe = serverRecipe(planned.family);
  const row = io.store.devices.load(planned.device);
  const device = row === undefined ? undefined : refOf(row);
  if (recipe === undefined || row === undefined || device === undefined) return surely(refused("nobody can say where it is"));
  try {
    const offered = await makeOffer(errand, io);
    if (!offered.ok) return surely(offered.fault);
    const { folder } = offered.value;
    if (folder === undefined) return surely(refused("nobody can say where the endpoint is"));
    const now = await io.field.ask("updateSettings", device, signal);
    if (!now.ok) return surely(now.fault);
    const window = roomWindow(plan.calendar, io.clock.nowMs(), now.value.timeOffsetMs);
    const wanted = { version: legAt(planned, attempt.leg).to, source: folder, window };
    const missing = recipe.lacks(wanted, row.running === undefined ? {} : { running: { application: row.running } });
    const settings = recipe.sets(wanted);
    if (missing !== undefined || settings === undefined) return surely(refused(`it lacks ${missing ?? "a window that is part of a day"}`));
    const kept = settings.map(([name, set]) => ({ name, before: now.value.values[name] ?? "", set }));
    // On disk before the first of them is set.
    io.store.updateSettings.keep({
      token: attempt.token,
      device: planned.device,
      task: planned.id,
      settings: kept,
      atMs: io.clock.nowMs(),
    });
    return await io.field.ask("order", { device, order: wanted }, signal);
  } catch (error) {
    // The thread may have died after something was set.
    return fail({ fault: gone(error), certain: false });
  }
}

function serverRecipe(family: DeviceRow["family"]): UpdateServerRecipe | undefined {
  const recipe = family === undefined ? undefined : familyOf(family)?.update;
  return recipe?.offer === "updateServer" ? recipe : undefined;
}

/** Does the attempt still need what it has set? A room that may be flashing is left as it is, whoever has stopped the campaign. */
function isNeeded({ task: id, token }: UpdateSettingsRow, { store }: RoomUpdatesIo): boolean {
  const task = store.tasks.load(id);
  if (task === undefined || !("attempt" in task.state) || task.state.attempt.token !== token) return false;
  const { state } = task;
  const at = state.at === "unknown" ? state.was : state.at;
  if (at === "applying" || at === "rebooting") return true;
  if (at !== "reserved" && at !== "commanded") return false;
  const campaign = store.campaigns.load(task.campaign);
  return campaign === undefined || !isStopped(campaign.state);
}

/** All that was set on the device, over all attempts that did not come to it. */
async function giveBack(device: DeviceId, io: RoomUpdatesIo, signal: AbortSignal): Promise<void> {
  const { updateSettings, devices } = io.store;
  // Another attempt may have begun while this waited.
  const rows = updateSettings.ofDevice(device);
  const [oldest] = rows;
  if (oldest === undefined || rows.some((row) => isNeeded(row, io))) return;
  const row = devices.load(device);
  if (row === undefined) {
    io.log.warn("what an update had set on a room cannot be given back: the device is none any more", { device });
    return updateSettings.drop(device);
  }
  const given = await ask(row, keptOf(rows.map(({ settings }) => settings)), io, signal);
  const atMs = io.clock.nowMs();
  if (given.ok) {
    io.store.transaction(() => {
      updateSettings.drop(device);
      const detail = { names: oldest.settings.map(({ name }) => name), said: given.value.said };
      io.store.audit.append({ atMs, actor: "agent", action: "room.settingsGivenBack", subject: device, detail });
    });
    return;
  }
  if (signal.aborted) return;
  updateSettings.postpone(device, atMs + (AGAIN_MS[oldest.tries] ?? HOUR));
  if (oldest.tries > 0) return;
  const why = showFault(given.fault);
  io.log.warn("what an update had set on a room could not be given back yet; it is tried again until it is", { device, why });
}

async function ask(
  row: DeviceRow,
  kept: readonly KeptSetting[],
  { field }: RoomUpdatesIo,
  signal: AbortSignal,
): Promise<Result<{ readonly said: string }>> {
  const device = refOf(row);
  if (device === undefined) return fail(refused("nobody can say where it is"));
  try {
    return await field.ask("giveBack", { device, kept }, signal);
  } catch (error) {
    return fail(gone(error));
  }
}
