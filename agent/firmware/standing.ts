/**
 * What all sources together say, from the rows: where they disagree, which image lies where, and what nobody else could bring
 * again. Reads only.
 */
import { type Disagreement, disagreements, overruling, statementOfOffering, statementsOfRelease } from "../../firmware/sources/agree.ts";
import type { ArchiveImage } from "../../firmware/staging/archive-contents.ts";
import type { Sha256 } from "../../protocols/core/ids.ts";
import type { QuarantineRow } from "../../store/quarantine.ts";
import { CHANNEL } from "../../store/releases.ts";
import type { Store } from "../../store/store.ts";
import type { HeldArchive, HeldFile } from "../threads/depot-requests.ts";

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

/** Where an image lies that the channel does not have: a file by itself, or one inside an archive. */
export type Held = { readonly held: HeldFile } | { readonly archive: HeldArchive };

/** `undefined` where it lies nowhere any more. */
export function heldAt(image: Sha256, store: Pick<StandingStore, "quarantine">): Held | undefined {
  const { quarantine } = store;
  const file = quarantine.ofHash(image).flatMap(fileOf)[0];
  const archive = file === undefined ? quarantine.holding(image).flatMap(archiveOf)[0] : undefined;
  if (file !== undefined) return { held: file };
  return archive === undefined ? undefined : { archive };
}

function fileOf({ source, name, goneAtMs }: QuarantineRow): HeldFile[] {
  return goneAtMs === undefined && source !== "lens" ? [{ source, name }] : [];
}

/** An archive that lies here still. */
export function archiveOf(row: QuarantineRow): HeldArchive[] {
  const { inside, sha256 } = row;
  if (inside?.kind !== "release") return [];
  return fileOf(row).map((file) => ({ ...file, sha256, unpackedBytes: inside.unpackedBytes }));
}

/** Images inside an archive; none of any other file. */
export function imagesInside({ inside }: Pick<QuarantineRow, "inside">): readonly ArchiveImage[] {
  return inside?.kind === "release" ? inside.images : [];
}

/** Images of accepted releases: once evicted they would have to be dropped or fetched again. */
export function irreplaceable(store: Pick<StandingStore, "releases">): readonly Sha256[] {
  return store.releases.stated().flatMap(({ source, release }) => (source === CHANNEL ? [] : release.images.map(({ sha256 }) => sha256)));
}
