/** The drive's rows with a watcher before, inside and after the transaction of each transition. */
import type { CampaignEars } from "../../../agent/campaigns/drive-store.ts";
import type { DriveStore } from "../../../firmware/waves/ports.ts";
import { isFinal, legOf } from "../../../firmware/waves/task-state.ts";
import type { CampaignId } from "../../../protocols/core/ids.ts";
import type { Ground } from "./ground.ts";
import type { Place } from "./trouble.ts";

export interface RowWatch {
  readonly ground: Pick<Ground, "changes">;
  /** Does it take devices back? */
  readonly isBack: (campaign: CampaignId) => boolean;
  readonly before: (place: Place) => void;
  /** Called with the transaction open. */
  readonly inside: (place: Place) => void;
}

type TaskChange = Parameters<DriveStore["applyTask"]>[0];

/** In the same transaction the campaign that is taken back goes on as well: where that will be, as seen from before it. */
function undonePoint({ next }: TaskChange): Place["point"] | undefined {
  if (next.at === "reserved") return "task.reverting";
  if (!isFinal(next)) return undefined;
  return next.at === "succeeded" ? "task.reverted" : "task.revertFailed";
}

export function watchedRows(
  make: (ears: CampaignEars) => DriveStore,
  ears: CampaignEars,
  { ground, isBack, before, inside }: RowWatch,
): DriveStore {
  const going = (campaign: CampaignId): Pick<Place, "back"> => (isBack(campaign) ? { back: true } : {});
  const placeOf = ({ row, next, planned }: TaskChange): Place => ({
    point: `task.${next.at}`,
    leg: legOf(next, planned.legs.length - 1),
    device: row.device,
    ...going(row.campaign),
  });
  const beforeTask = (change: TaskChange): void => {
    const place = placeOf(change);
    before(place);
    const point = place.back === true ? undonePoint(change) : undefined;
    if (point !== undefined) before({ point, device: change.row.device });
  };
  const rows = make({
    onTask(change) {
      ears.onTask(change);
      inside(placeOf(change));
    },
    onWave(campaign, index, event, next, atMs) {
      ears.onWave(campaign, index, event, next, atMs);
      inside({ point: `wave.${next.at}`, ...going(campaign) });
    },
    onCampaign(campaign, event, next, atMs) {
      ears.onCampaign(campaign, event, next, atMs);
      inside({ point: `campaign.${next.at}`, ...going(campaign) });
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
      beforeTask(change);
      const stored = rows.applyTask(change);
      return keep(stored, stored, `${change.row.device} ${change.event.kind}`, (other) => other.applyTask(change));
    },
    reserve(change, baseline) {
      beforeTask(change);
      const taken = rows.reserve(change, baseline);
      return keep(taken, taken.ok, `${change.row.device} reserved`, (other) => other.reserve(change, baseline).ok);
    },
    applyWave(campaign, row, event, next, atMs) {
      before({ point: `wave.${next.at}`, ...going(campaign) });
      const stored = rows.applyWave(campaign, row, event, next, atMs);
      return keep(stored, stored, `wave ${row.index} ${event.kind}`, (other) => other.applyWave(campaign, row, event, next, atMs));
    },
    applyCampaign(row, event, next, atMs) {
      before({ point: `campaign.${next.at}`, ...going(row.id) });
      // With it ends the wave under way.
      if (next.at === "halted") before({ point: "wave.failed", ...going(row.id) });
      if (isBack(row.id) && next.at === "completed") before({ point: "campaign.rolledBack" });
      if (isBack(row.id) && next.at === "completedWithFailures") before({ point: "campaign.closed" });
      const stored = rows.applyCampaign(row, event, next, atMs);
      return keep(stored, stored, `campaign ${event.kind}`, (other) => other.applyCampaign(row, event, next, atMs));
    },
  };
}
