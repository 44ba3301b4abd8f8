/**
 * The acting half: the drive over its rows, with everything a transition has to tell in the same transaction.
 */
import { createDrive, type Drive } from "../../firmware/waves/drive.ts";
import type { DriveStore } from "../../firmware/waves/ports.ts";
import { backupTrouble } from "../config-watch/backup.ts";
import { noteCampaign, noteTask } from "../config-watch/run.ts";
import { reasonOf } from "../feed/tell.ts";
import type { Inside } from "../inside.ts";
import type { Observe, Parts } from "../parts.ts";
import { settleTickets } from "../tickets/settle.ts";
import { createDriveDevices } from "./drive-devices.ts";
import { type CampaignEars, createDriveStore } from "./drive-store.ts";
import { createHealthEvidence } from "./health-evidence.ts";
import { createRoomUpdates, type RoomUpdates } from "./room-updates.ts";

export interface CampaignEngine {
  readonly drive: Drive;
  /** The same rows, for what people command. */
  readonly rows: DriveStore;
  readonly rooms: RoomUpdates;
}

export function openCampaignEngine(parts: Parts, inside: Inside): CampaignEngine {
  const { store, clock, config, io } = parts;
  const { threads, inventory, poller } = inside;
  const plain = createDriveStore(store, earsOf(parts, inside));
  const rows = io.observe === undefined ? plain : observed(plain, io.observe);
  const { field, depot } = threads;
  const rooms = createRoomUpdates({ store, field, depot, clock, log: io.log });
  const drive = createDrive(
    {
      store: rows,
      devices: createDriveDevices({ store, field, depot, inventory, clock, standing: inside.standing, rooms }),
      health: createHealthEvidence({ store, history: threads.history, poller, clock, staleAfterMs: 2 * config.health.phones }),
      backup: (device) =>
        backupTrouble(device, { store, keys: inside.watchKeys, say: (what) => config.provisioning && io.log.info(what, { device }) }),
      newToken: () => io.random.hex(16),
      clock,
      onBug: (what, error) => io.log.error("the drive met a bug", { what, error }),
    },
    () => parts.wakers.drive(),
  );
  return { drive, rows, rooms };
}

function earsOf(parts: Parts, { teller, configWatch, standing }: Inside): CampaignEars {
  const { store } = parts;
  // What the agent decides by itself stands in the chain beside what people command.
  const audit = (event: { readonly kind: string }, action: string, subject: string, atMs: number): void => {
    const why = reasonOf(event);
    const actor = "by" in event && typeof event.by === "string" ? event.by : "agent";
    store.audit.append({ atMs, actor, action, subject, detail: why === undefined ? {} : { why } });
  };
  return {
    onTask(change) {
      teller.task(change);
      standing.note(change.row.device);
      noteTask(configWatch, change);
      if (change.next.at === "failed" || change.next.at === "lost") settleTickets(parts, teller);
    },
    onWave(campaign, index, event, next, atMs) {
      teller.wave(campaign, index, next.at, reasonOf(event));
      audit(event, `wave.${next.at}`, `${campaign} wave ${index}`, atMs);
    },
    onCampaign(campaign, event, next, atMs) {
      teller.campaign(campaign, next.at, reasonOf(event), "by" in event ? event.by : undefined);
      audit(event, `campaign.${next.at}`, campaign, atMs);
      noteCampaign(configWatch, event, () => store.campaigns.load(campaign)?.plan.tasks.map(({ device }) => device) ?? []);
    },
  };
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
