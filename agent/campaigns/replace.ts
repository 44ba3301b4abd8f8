/**
 * A plan that was made from another one takes its campaign's place when it starts: whatever waits there and was never commanded
 * is the new campaign's; what was commanded stays where it is until it has ended.
 */
import { stepCampaign } from "../../firmware/waves/campaign.ts";
import { isFinalCampaign } from "../../firmware/waves/campaign-state.ts";
import type { DriveStore } from "../../firmware/waves/ports.ts";
import { stepTask } from "../../firmware/waves/task.ts";
import { isFinal, type TaskAt } from "../../firmware/waves/task-state.ts";
import { Bug } from "../../protocols/core/fault.ts";
import type { CampaignId, DeviceId } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { StoredCampaign } from "../../store/campaigns.ts";
import type { Store } from "../../store/store.ts";
import { termsOf } from "./drive-store.ts";

/** What the start of a campaign did to the one whose plan it was made from. */
export interface Replaced {
  readonly campaign: CampaignId;
  /** How many devices were taken over. */
  readonly moved: number;
  /** How many stay there until they have ended, and the first of them. */
  readonly staying: number;
  readonly stay: readonly { readonly device: DeviceId; readonly name: string; readonly at: TaskAt }[];
}

/** Devices that stay, as the answer names them; the rest is counted. */
const NAMED_MAX = 20;

interface Io {
  readonly store: Pick<Store, "campaigns">;
  readonly drive: Pick<DriveStore, "tasks" | "applyTask" | "applyCampaign">;
}

/** The campaign of the parent plan, where it has not ended; `undefined` where nothing is to be replaced. */
export function parentOf({ plan: { parent } }: StoredCampaign, { campaigns }: Io["store"]): StoredCampaign | undefined {
  if (parent === undefined) return undefined;
  const before = campaigns.open().find(({ planHash, state }) => planHash === parent && !isFinalCampaign(state));
  return before === undefined ? undefined : campaigns.load(before.id);
}

/** Inside the transaction of the start. */
export function takePlace(by: CampaignId, parent: StoredCampaign, io: Io, atMs: Ms): Replaced {
  const planned = new Map(parent.plan.tasks.map((task) => [task.id, task]));
  const stay: Replaced["stay"][number][] = [];
  let moved = 0;
  for (const row of io.drive.tasks(parent.id)) {
    const about = planned.get(row.id);
    if (about === undefined || isFinal(row.state)) continue;
    const event = { kind: "replaced", by } as const;
    const step = stepTask(row.state, event, parent.plan.policy, atMs);
    if ("ignored" in step) {
      stay.push({ device: row.device, name: about.name, at: row.state.at });
      continue;
    }
    if (!io.drive.applyTask({ row, planned: about, event, next: step.next, atMs }))
      throw new Bug(`task ${row.id} changed in a transaction`);
    moved++;
  }
  const { id, state, revision, plan } = parent;
  const terms = termsOf(parent);
  const event = { kind: "superseded", by, stay: stay.length } as const;
  const step = stepCampaign(state, event, terms, atMs);
  if ("next" in step && !io.drive.applyCampaign({ id, state, revision, plan, terms }, event, step.next, atMs))
    throw new Bug(`campaign ${id} changed in a transaction`);
  return { campaign: id, moved, staying: stay.length, stay: stay.slice(0, NAMED_MAX) };
}

/** For whoever started it. */
export function replacedWords({ campaign, moved, staying, stay }: Replaced): string {
  const took = `it took ${moved === 1 ? "1 device" : `${moved} devices`} over from ${campaign}`;
  if (staying === 0) return `${took}, which is superseded`;
  const more = staying > stay.length ? ` and ${staying - stay.length} more` : "";
  return `${took}; until they have ended there stay: ${stay.map(({ name, at }) => `${name} (${at})`).join(", ")}${more}`;
}
