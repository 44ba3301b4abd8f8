/** The campaigns of the drive: those whose plan on disk is the one that was approved. */
import { type CampaignState, isStopped } from "../../firmware/waves/campaign-state.ts";
import { planHash } from "../../firmware/waves/plan.ts";
import type { Plan } from "../../firmware/waves/shape.ts";
import type { CampaignId } from "../../protocols/core/ids.ts";
import type { CampaignSummary, StoredCampaign } from "../../store/campaigns.ts";
import type { Store } from "../../store/store.ts";
import { liveCampaigns, tryLoad } from "./under-way.ts";

type Tables = Pick<Store, "campaigns" | "tasks">;

export interface Driven {
  /** Running, paused, and stopped ones with devices in hand; of those that go on only the intact. */
  list(): readonly StoredCampaign[];
  /** Running and paused ones that are not intact; without the campaign where its plan cannot be read. */
  damaged(): readonly { readonly id: CampaignId; readonly why: string; readonly stored?: StoredCampaign }[];
  /** Its plan has the hash it was approved under. */
  isIntact(stored: StoredCampaign): boolean;
}

export const ALTERED =
  "its plan on disk does not have the hash it was made with: a person or a fault of the disk has changed it. Nothing of it starts, " +
  "devices in hand are watched to their end. Look for who or what changed the database, and make a new plan";

type Found = { readonly stored: StoredCampaign } | { readonly unreadable: string };

export function drivenCampaigns(tables: Tables): Driven {
  /** Each plan is hashed once for every time it is read from disk. */
  const intact = new WeakMap<Plan, boolean>();
  /** For the life of the process: reading megabytes again at each turn would say the same. */
  const unreadable = new Map<CampaignId, string>();
  const isIntact: Driven["isIntact"] = ({ plan, planHash: approved }) => {
    const known = intact.get(plan) ?? planHash(plan) === approved;
    intact.set(plan, known);
    return known;
  };
  const find = ({ id }: CampaignSummary): Found[] => {
    const before = unreadable.get(id);
    if (before !== undefined) return [{ unreadable: before }];
    const stored = tryLoad(id, tables.campaigns);
    if (typeof stored !== "string") return stored === undefined ? [] : [{ stored }];
    unreadable.set(id, stored);
    return [{ unreadable: stored }];
  };
  const candidates = (): readonly CampaignSummary[] =>
    liveCampaigns(tables).filter(({ id, state }) => goesOn(state) || (isStopped(state) && tables.tasks.hasTouched(id)));
  return {
    isIntact,
    list: () =>
      candidates().flatMap((summary) =>
        find(summary).flatMap((found) => ("stored" in found && (isStopped(summary.state) || isIntact(found.stored)) ? [found.stored] : [])),
      ),
    damaged: () =>
      candidates().flatMap((summary) => {
        if (!goesOn(summary.state)) return [];
        const { id } = summary;
        return find(summary).flatMap((found) => {
          if ("unreadable" in found) return [{ id, why: unreadableWords(found.unreadable) }];
          return isIntact(found.stored) ? [] : [{ id, why: ALTERED, stored: found.stored }];
        });
      }),
  };
}

const goesOn = ({ at }: CampaignState): boolean => at === "running" || at === "paused";

const unreadableWords = (why: string): string =>
  `its plan on disk cannot be read: ${why}. Nothing of it starts, and nobody watches the devices it has in hand: look at each of them, ` +
  "and bring the database back from its backup";
