/**
 * The legs of a task: which one is meant, which are done, and what of the device each of them replaces. Pure.
 */
import { Bug } from "../../protocols/core/fault.ts";
import type { Sha256 } from "../../protocols/core/ids.ts";
import { sameVersion, type Version } from "../../protocols/core/version.ts";
import type { Look } from "../../protocols/families/family.ts";
import type { Plan, PlannedLeg, PlannedTask } from "./shape.ts";

export function legAt({ id, legs }: Pick<PlannedTask, "id" | "legs">, index: number): PlannedLeg {
  const leg = legs[index];
  if (leg === undefined) throw new Bug(`task ${id} has no leg ${index}`);
  return leg;
}

/** Everything that has to be here before the leg is installed. */
export const imagesNeeded = ({ image, tree }: PlannedLeg): readonly Sha256[] => tree?.map(({ sha256 }) => sha256) ?? [image];

/** Every image the plan may need: those of its release, and of what comes first. */
export function imagesOf({ release, tasks }: Pick<Plan, "release" | "tasks">): ReadonlySet<Sha256> {
  const images = new Set(release.images.map(({ sha256 }) => sha256));
  for (const { legs } of tasks) for (const image of legs.flatMap(imagesNeeded)) images.add(image);
  return images;
}

/** What the device runs of that which the leg replaces; absent where it does not say. */
export function versionOn({ facts }: Pick<Look, "facts">, { kind }: Pick<PlannedLeg, "kind">): Version | undefined {
  return kind === "updater" ? facts.running?.updater : facts.running?.application;
}

/** Does the device run what this leg leads to? */
export function isBehind(look: Pick<Look, "facts">, leg: PlannedLeg): boolean {
  const running = versionOn(look, leg);
  return running !== undefined && sameVersion(running, leg.to);
}
