/**
 * What holds the space images may use, as people see it. Pure over the rows and what the depot says.
 */
import type { DepotSpace } from "../../firmware/staging/depot.ts";
import { isFinalCampaign } from "../../firmware/waves/campaign-state.ts";
import { imagesOf } from "../../firmware/waves/legs.ts";
import { isoOf } from "../../protocols/core/time.ts";
import { CHANNEL } from "../../store/releases.ts";
import type { Store } from "../../store/store.ts";

export interface DepotView {
  readonly budgetBytes: number;
  readonly usedBytes: number;
  readonly diskFreeBytes: number;
  /** In the order in which they would go; those that are held never do. */
  readonly images: readonly {
    readonly sha256: string;
    readonly target?: string;
    readonly sizeBytes: number;
    /** Stored, or offered last. */
    readonly usedAt: string;
    /** Unfinished campaigns that need it, and accepted releases: nobody could be asked for their images again. */
    readonly heldBy: readonly string[];
  }[];
  /** Downloads that are not whole. */
  readonly parts: readonly { readonly sha256: string; readonly doneBytes: number }[];
}

export function depotView(space: DepotSpace, tables: Pick<Store, "campaigns" | "releases">): DepotView {
  const holders = new Map<string, string[]>();
  for (const { id, state } of tables.campaigns.open()) {
    if (isFinalCampaign(state)) continue;
    const plan = tables.campaigns.load(id)?.plan;
    for (const sha256 of plan === undefined ? [] : imagesOf(plan)) holders.set(sha256, [...(holders.get(sha256) ?? []), id]);
  }
  for (const { source, release } of tables.releases.stated()) {
    if (source === CHANNEL) continue;
    for (const { sha256 } of release.images) holders.set(sha256, [...(holders.get(sha256) ?? []), release.id]);
  }
  const targets = new Map(tables.releases.list().flatMap(({ images }) => images.map(({ sha256, target }) => [sha256, target] as const)));
  const { budgetBytes, diskFreeBytes, parts } = space;
  return {
    budgetBytes,
    usedBytes: space.images.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    diskFreeBytes,
    images: space.images
      .toSorted((a, b) => a.usedAtMs - b.usedAtMs)
      .map(({ sha256, sizeBytes, usedAtMs }) => {
        const target = targets.get(sha256);
        const named = target === undefined ? {} : { target };
        return { sha256, ...named, sizeBytes, usedAt: isoOf(usedAtMs), heldBy: holders.get(sha256) ?? [] };
      }),
    parts,
  };
}
