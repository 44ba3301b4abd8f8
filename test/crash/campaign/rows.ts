/** The drive's rows with a watcher before, inside and after the transaction of each transition. */
import type { CampaignEars } from "../../../agent/campaigns/drive-store.ts";
import type { DriveStore } from "../../../firmware/waves/ports.ts";
import { legOf } from "../../../firmware/waves/task-state.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import type { Ground } from "./ground.ts";
import type { Point } from "./trouble.ts";

/** Where somebody is: at a point, on which leg, with which device. */
export interface Place {
  readonly point: Point;
  readonly leg?: number;
  readonly device?: DeviceId;
}

export interface RowWatch {
  readonly ground: Pick<Ground, "changes">;
  readonly before: (place: Place) => void;
  /** Called with the transaction open. */
  readonly inside: (place: Place) => void;
}

type TaskChange = Parameters<DriveStore["applyTask"]>[0];
const placeOf = ({ row, next, planned }: TaskChange): Place => ({
  point: `task.${next.at}`,
  leg: legOf(next, planned.legs.length - 1),
  device: row.device,
});

export function watchedRows(
  make: (ears: CampaignEars) => DriveStore,
  ears: CampaignEars,
  { ground, before, inside }: RowWatch,
): DriveStore {
  const rows = make({
    onTask(change) {
      ears.onTask(change);
      inside(placeOf(change));
    },
    onWave(campaign, index, event, next, atMs) {
      ears.onWave(campaign, index, event, next, atMs);
      inside({ point: `wave.${next.at}` });
    },
    onCampaign(campaign, event, next, atMs) {
      ears.onCampaign(campaign, event, next, atMs);
      inside({ point: `campaign.${next.at}` });
    },
  });
  /** Remembers how to write it once more. */
  const keep = <T>(answer: T, isStored: boolean, what: string, again: (other: DriveStore) => boolean): T => {
    if (isStored) ground.changes.push({ what, again });
    return answer;
  };
  return {
    ...rows,
    applyTask(change) {
      before(placeOf(change));
      const stored = rows.applyTask(change);
      return keep(stored, stored, `${change.row.device} ${change.event.kind}`, (other) => other.applyTask(change));
    },
    reserve(change, baseline) {
      before(placeOf(change));
      const taken = rows.reserve(change, baseline);
      return keep(taken, taken.ok, `${change.row.device} reserved`, (other) => other.reserve(change, baseline).ok);
    },
    applyWave(campaign, row, event, next, atMs) {
      before({ point: `wave.${next.at}` });
      const stored = rows.applyWave(campaign, row, event, next, atMs);
      return keep(stored, stored, `wave ${row.index} ${event.kind}`, (other) => other.applyWave(campaign, row, event, next, atMs));
    },
    applyCampaign(row, event, next, atMs) {
      before({ point: `campaign.${next.at}` });
      const stored = rows.applyCampaign(row, event, next, atMs);
      return keep(stored, stored, `campaign ${event.kind}`, (other) => other.applyCampaign(row, event, next, atMs));
    },
  };
}
