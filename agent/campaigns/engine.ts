/**
 * The acting half: the drive over its rows, with everything a transition has to tell in the same transaction.
 */
import { createDrive, type Drive } from "../../firmware/waves/drive.ts";
import type { DriveStore } from "../../firmware/waves/ports.ts";
import type { PlaceTimes } from "../../firmware/waves/time-holds.ts";
import { beforeUpdate } from "../config-watch/before-update.ts";
import type { Inside } from "../inside.ts";
import type { Observe, Parts } from "../parts.ts";
import { createDriveDevices } from "./drive-devices.ts";
import { createDriveStore } from "./drive-store.ts";
import { campaignEars } from "./ears.ts";
import { createHealthEvidence } from "./health-evidence.ts";
import { createLateWatch, type LateWatch } from "./late-watch.ts";
import { createReturnWatch } from "./return-watch.ts";
import { createRoomUpdates, type RoomUpdates } from "./room-updates.ts";
import { createSurroundings } from "./surroundings.ts";
import { keepUpdateWindows } from "./update-windows.ts";

export interface CampaignEngine {
  readonly drive: Drive;
  /** The same rows, for what people command. */
  readonly rows: DriveStore;
  readonly rooms: RoomUpdates;
  /** What becomes of devices after their tasks have ended. */
  readonly late: LateWatch;
}

export function openCampaignEngine(parts: Parts, inside: Inside, times: PlaceTimes): CampaignEngine {
  const { store, clock, config, io } = parts;
  const { threads, inventory, poller } = inside;
  const plain = createDriveStore({ ...store, kills: inside.kills }, campaignEars(parts, inside));
  const rows = io.observe === undefined ? plain : observed(plain, io.observe);
  const { field, depot } = threads;
  const rooms = createRoomUpdates({ store, field, depot, clock, log: io.log });
  const devices = createDriveDevices({
    ...{ store, field, depot, inventory, clock, rooms },
    ...{ standing: inside.standing, kills: inside.kills },
  });
  const lateWatch = createLateWatch({ store, rows, look: devices.look, teller: inside.teller, clock });
  const returnWatch = createReturnWatch({ store, rows, look: devices.look, clock, wake: () => parts.wakers.drive() });
  const drive = createDrive(
    {
      store: rows,
      devices,
      health: createHealthEvidence({ store, history: threads.history, poller, clock, staleAfterMs: 2 * config.health.phones }),
      surroundings: createSurroundings({
        ...{ store, history: threads.history, clock, log: io.log },
        uplink: () => ({ used: loadOf(inside), cap: config.staging.bytesPerSecond }),
      }),
      backup: (device, policy, signal) =>
        beforeUpdate(
          device,
          policy,
          {
            ...{ store, keys: inside.watchKeys, mode: config.provisioning?.mode },
            look: (phone, until) => threads.depot.ask("lookAtOverrides", phone, until),
            takeUploads: (mac) => inside.configWatch.takeUploads(mac),
            take: (id, snapshot) => inside.configWatch.take(id, snapshot),
            say: (what, id) => config.provisioning && io.log.info(what, { device: id }),
          },
          signal,
        ),
      times,
      newToken: () => io.random.hex(16),
      clock,
      onBug: (what, error) => io.log.error("the drive met a bug", { what, error }),
    },
    () => parts.wakers.drive(),
  );
  return {
    ...{ drive, rows, rooms },
    late: {
      async turn(signal) {
        await keepUpdateWindows({ store, history: threads.history, clock }, signal);
        await lateWatch.turn(signal);
        await returnWatch.turn(signal);
      },
    },
  };
}

/** What we bring over the uplink now, in bytes a second. */
function loadOf({ releases, sources }: Pick<Inside, "releases" | "sources">): number {
  return [...releases.progress.values(), ...sources.fetches.list()].reduce((sum, { bytesPerSecond = 0 }) => sum + bytesPerSecond, 0);
}

/** The same rows, with a watcher at each transition of a task. */
function observed(rows: DriveStore, observe: Observe): DriveStore {
  return {
    ...rows,
    applyTask(change) {
      observe("before", change);
      const applied = rows.applyTask(change);
      if (applied) observe("after", change);
      return applied;
    },
    reserve(change, baseline) {
      observe("before", change);
      const taken = rows.reserve(change, baseline);
      if (taken.ok) observe("after", change);
      return taken;
    },
  };
}
