/** I15: which catalogue counts. What the newest one says is known here from what the channel offered, and from no row. */
import type { Catalogue } from "../../../../firmware/release.ts";
import { MINUTE, type Ms, SECOND } from "../../../../protocols/core/time.ts";
import { offeredAt } from "../channel.ts";
import type { Invariant, Sight } from "./invariant.ts";

/** Between the last question and the command the image is put on offer. */
const LEAVING: Ms = SECOND;

const I15: Invariant = {
  id: "I15",
  says: "an older catalogue than the newest seen is refused and changes nothing; an expired one starts nothing, nor is anything started that it does not state",
  watch(sight) {
    const { story, store, time } = sight;
    let newest = offeredAt(story, story.startMs);
    let takenMs = story.startMs;
    return (step) => {
      if (step.kind === "catalogue") {
        const { offered, taken } = step;
        const isOlder = offered.version < newest.version;
        if (isOlder && taken === true) return `catalogue ${offered.version} was taken, and ${newest.version} was seen`;
        // Where nobody was told, the rows know; never of an older one.
        const isTaken = taken ?? (!isOlder && store.releases.newestCatalogue()?.version === offered.version);
        if (!isOlder && isTaken) {
          if (newest !== offered) takenMs = time.nowMs();
          newest = offered;
        }
        return rowsTrouble(newest, sight);
      }
      if (step.kind === "planned") {
        const { catalogueVersion, rollback } = step.plan;
        if (catalogueVersion !== newest.version)
          return `${step.campaign} was planned from catalogue ${catalogueVersion}, and ${newest.version} was seen`;
        return rollback !== undefined || time.agent.nowMs() <= newest.expiresAtMs
          ? undefined
          : `${step.campaign} was planned from an expired catalogue`;
      }
      if (step.kind !== "command") return undefined;
      if (step.sentMs > newest.expiresAtMs + LEAVING)
        return `${step.device} was commanded ${((step.sentMs - newest.expiresAtMs) / MINUTE).toFixed(1)} min after catalogue ${newest.version} had expired`;
      const images = (step.sentFor?.planned.legs ?? []).map(({ image }) => image);
      const stated = images.every((image) =>
        newest.releases.some((one) => !one.revoked && one.images.some(({ sha256 }) => sha256 === image)),
      );
      if (stated || time.nowMs() - takenMs < UNDER_WAY) return undefined;
      return `${step.device} was commanded to what catalogue ${newest.version} does not state, or has revoked`;
    };
  },
};

/** A command that was decided before the catalogue came may be on its way so long. */
const UNDER_WAY: Ms = 2 * SECOND;

function rowsTrouble(newest: Catalogue, { store }: Sight): string | undefined {
  const kept = store.releases.catalogue();
  if (kept === undefined) return "no catalogue is kept";
  const short = ({ version, expiresAtMs, releases }: Catalogue): string =>
    JSON.stringify([version, expiresAtMs, releases.map(({ id, revoked }) => `${id} ${revoked}`).toSorted()]);
  return short(kept) === short(newest) ? undefined : `catalogue ${newest.version} was seen, and ${short(kept)} is kept`;
}

export const catalogues: readonly Invariant[] = [I15];
