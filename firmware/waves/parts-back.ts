/**
 * Is a room whole again after its update? By its family's own word for when that has come through. Pure.
 */
import type { CoupledPart } from "../../protocols/core/device.ts";
import { orderOf } from "../../protocols/core/version.ts";
import type { Look, UpdateCourse, UpdateServerRecipe } from "../../protocols/families/family.ts";

/** What is still waited for, in words; `undefined` where nothing is. Parts that were away before are not waited for. */
export function waitsFor(
  recipe: Pick<UpdateServerRecipe, "judge">,
  course: Omit<UpdateCourse, "startedAtMs">,
  { facts, rebootNeeded, parts }: Pick<Look, "facts" | "rebootNeeded" | "parts">,
): string | undefined {
  const running = facts.running?.application;
  const sight = {
    ...(running === undefined ? {} : { running }),
    ...(rebootNeeded === undefined ? {} : { rebootNeeded }),
    ...(parts === undefined ? {} : { parts }),
  };
  const partsBefore = course.partsBefore.filter((part) => part.connected);
  // How long is waited is the campaign's affair: for the family it has just begun.
  const verdict = recipe.judge({ ...course, partsBefore, startedAtMs: 0 }, sight, 0);
  return verdict.at === "waiting" ? verdict.waitsFor : undefined;
}

/** Is one of them connected as it was, so that its own update may still begin? One with a newer version has had it. */
export function mayPartsLeave(before: readonly CoupledPart[], now: readonly CoupledPart[]): boolean {
  return before.some(({ connected, mac, serial, version }) => {
    const same = now.find((part) => (mac !== undefined && part.mac === mac) || (serial !== undefined && part.serial === serial));
    if (!connected || same === undefined) return false;
    return version === undefined || same.version === undefined || orderOf(same.version, version) !== "newer";
  });
}
