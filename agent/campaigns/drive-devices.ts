/**
 * The drive's hands: the live device through the field thread, the image through the depot thread.
 */

import type { DriveDevices } from "../../firmware/waves/ports.ts";
import type { PlannedTask } from "../../firmware/waves/shape.ts";
import type { Pace } from "../../firmware/waves/situation.ts";
import { type DeviceFacts, managerOfBoth } from "../../protocols/core/device.ts";
import { type Fault, fail, ok } from "../../protocols/core/fault.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";

import { type Clock, MINUTE, type Ms } from "../../protocols/core/time.ts";
import type { Look } from "../../protocols/families/family.ts";

import { familyOf } from "../../protocols/families/index.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Store } from "../../store/store.ts";
import type { Inventory } from "../discovery/inventory.ts";
import { type Thread, ThreadGone } from "../threads/channel.ts";
import type { DepotRequests } from "../threads/depot-requests.ts";
import type { DeviceRef, FieldRequests } from "../threads/requests.ts";
import { refOf } from "./device-ref.ts";
import { type KillSwitch, stoppable } from "./kill-switch.ts";
import { makeOffer } from "./offer.ts";
import type { RoomUpdates } from "./room-updates.ts";
import type { Standing } from "./standing.ts";

export interface DriveDevicesIo {
  readonly store: Pick<Store, "devices" | "campaigns" | "tasks">;
  readonly field: Thread<FieldRequests>;
  readonly depot: Thread<DepotRequests>;
  readonly inventory: Inventory;
  readonly clock: Clock;
  /** Before an offer ends: what stands in its place has been told. */
  readonly standing: Pick<Standing, "settled">;
  readonly kills: Pick<KillSwitch, "guard">;
  readonly rooms: Pick<RoomUpdates, "order">;
}

/** From the first image byte to the last: 80 MB at 150 kB/s is nine minutes. Guessed. */
const APPLY_MS: Ms = 15 * MINUTE;
/** From the first answer on the new version to all lines registered: a phone registers within a minute or two. Guessed. */
const VERIFY_MS: Ms = 6 * MINUTE;
/** From a room's first answer on the new version until its panels, which it updates itself, are back. Guessed. */
const ROOM_VERIFY_MS: Ms = 20 * MINUTE;
/** A codec that is back begins with its panels soon after; until then they are there as they were. Guessed. */
const ROOM_SETTLE_MS: Ms = 6 * MINUTE;
/** Each look opens a session of the room's REST; somebody who begins to use it is noticed within this. Judgement. */
const ROOM_WATCH_MS: Ms = MINUTE;
/** Where a family states none. */
const REACT_MS: Ms = 5 * MINUTE;

const gone = (detail: string): Fault => ({ kind: "unreachable", via: "https", detail });
const silent = (fault: Fault): Look => ({ facts: {}, inUse: { state: "unknown", reason: "it does not answer" }, faults: [fault] });

export function createDriveDevices(io: DriveDevicesIo): DriveDevices {
  const find = (device: DeviceId): DeviceRef | undefined => {
    const row = io.store.devices.load(device);
    return row === undefined ? undefined : refOf(row);
  };
  const send = stoppable(async (errand, signal) => {
    if (familyOf(errand.planned.family)?.update?.offer === "updateServer") return io.rooms.order(errand, signal);
    const ref = find(errand.planned.device);
    if (ref === undefined) return fail({ fault: gone("no address is known"), certain: true });
    const sent = await io.field.ask("trigger", ref, signal);
    return sent.ok ? ok({ said: `${sent.value.via}: ${sent.value.said}` }) : sent;
  }, io.kills);
  return {
    async look(device, signal) {
      const ref = find(device);
      if (ref === undefined) return silent(gone("no address is known"));
      try {
        const look = await io.field.ask("look", ref, signal);
        noteVersion(device, ref, look, io);
        const row = io.store.devices.load(device);
        // A look is the shortest visit and does not ask who manages the device; the last full read did.
        const managedBy = managerOfBoth(look.facts.managedBy, row?.managedBy);
        const facts = { ...boardOf(row, look), ...look.facts };
        return { ...look, facts: managedBy === undefined ? facts : { ...facts, managedBy } };
      } catch (error) {
        if (error instanceof ThreadGone) return silent(gone(error.message));
        throw error;
      }
    },
    async trigger(errand, signal) {
      try {
        return await send(errand, signal);
      } catch (error) {
        // The thread may have died after the command left: not certain.
        if (error instanceof ThreadGone) return fail({ fault: gone(error.message), certain: false });
        throw error;
      }
    },
    async whyRefused(device, signal) {
      const ref = find(device);
      if (ref === undefined) return undefined;
      try {
        return await io.field.ask("whyRefused", ref, signal);
      } catch (error) {
        if (error instanceof ThreadGone) return undefined;
        throw error;
      }
    },
    async offer(errand) {
      const offered = await makeOffer(errand, io);
      return offered.ok ? ok(null) : offered;
    },
    async withdraw(tokens) {
      try {
        await io.standing.settled();
        await io.depot.ask("withdraw", { tokens });
      } catch (error) {
        // Offers end with the thread that holds them; the next one is given only what is under way.
        if (!(error instanceof ThreadGone)) throw error;
      }
    },
    pace: paceOf,
  };
}

/** A board does not change: what the inventory knows of it holds for as long as no other device answers. */
function boardOf(row: DeviceRow | undefined, { facts: { mac } }: Look): Pick<DeviceFacts, "partNumber" | "revision"> {
  if (row === undefined || (mac !== undefined && mac !== row.mac)) return {};
  const { partNumber, revision } = row;
  return { ...(partNumber === undefined ? {} : { partNumber }), ...(revision === undefined ? {} : { revision }) };
}

/** What a family's devices are given, as its recipe says. */
export function paceOf({ family }: Pick<PlannedTask, "family">): Pace {
  const recipe = familyOf(family)?.update;
  if (recipe?.offer !== "updateServer") return { reactMs: recipe?.reactMs ?? REACT_MS, applyMs: APPLY_MS, verifyMs: VERIFY_MS };
  return {
    reactMs: recipe.reactMs,
    applyMs: recipe.failAfterMs,
    verifyMs: ROOM_VERIFY_MS,
    watchMs: ROOM_WATCH_MS,
    settleMs: ROOM_SETTLE_MS,
  };
}

/** A version read by a look is as good as one read by a poll: the inventory shows it at once. */
function noteVersion(device: DeviceId, ref: DeviceRef, look: Look, io: DriveDevicesIo): void {
  const running = look.facts.running?.application;
  const row = io.store.devices.load(device);
  if (running === undefined || row === undefined || row.running === running) return;
  const atMs = io.clock.nowMs();
  io.inventory.note({
    source: "device",
    atMs,
    address: ref.address,
    facts: look.facts,
    evidence: [{ via: "https", what: `look: runs ${running}`, atMs }],
  });
}
