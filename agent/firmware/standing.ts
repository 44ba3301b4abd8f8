/**
 * What all sources together say, from the rows: where they disagree, which image lies where, and what nobody else could bring
 * again. Reads only.
 */
import { type Disagreement, disagreements, overruling, statementOfOffering, statementsOfRelease } from "../../firmware/sources/agree.ts";
import type { Sha256 } from "../../protocols/core/ids.ts";
import { CHANNEL } from "../../store/releases.ts";
import type { Store } from "../../store/store.ts";
import type { HeldFile } from "../threads/depot-requests.ts";

export type StandingStore = Pick<Store, "releases" | "offerings" | "quarantine">;

export function disagreementsIn(store: Pick<StandingStore, "releases" | "offerings">): readonly Disagreement[] {
  return disagreements([
    ...store.releases.stated().flatMap(({ source, release }) => statementsOfRelease(release, source)),
    ...store.offerings.list().map((offering) => statementOfOffering(offering, offering.source)),
  ]);
}

/** Why this release must not be planned: a source with more rank says otherwise. */
export function overruledBy(release: string, store: Pick<StandingStore, "releases" | "offerings">): Disagreement | undefined {
  const stated = store.releases.find(release);
  return stated === undefined ? undefined : overruling(release, stated.source, disagreementsIn(store));
}

export function inChannel(sha256: Sha256, store: Pick<StandingStore, "releases">): boolean {
  return store.releases.list(CHANNEL).some(({ images }) => images.some((image) => image.sha256 === sha256));
}

/** The file an image the channel does not have is taken from; `undefined` where it lies nowhere any more. */
export function heldAt(sha256: Sha256, store: Pick<StandingStore, "quarantine">): HeldFile | undefined {
  const row = store.quarantine.ofHash(sha256).find(({ source, goneAtMs }) => goneAtMs === undefined && source !== "lens");
  return row === undefined ? undefined : { source: row.source as HeldFile["source"], name: row.name };
}

/** Images of accepted releases: once evicted they would have to be dropped or fetched again. */
export function irreplaceable(store: Pick<StandingStore, "releases">): readonly Sha256[] {
  return store.releases.stated().flatMap(({ source, release }) => (source === CHANNEL ? [] : release.images.map(({ sha256 }) => sha256)));
}
