/** I14: a version that would go down. Pure. */
import { orderOf, type Version } from "../../protocols/core/version.ts";
import type { PlannedLeg } from "./shape.ts";

/** Is `to` older than `from`? What cannot be put in order counts as older: nobody can say that it is not. */
export function isLower(from: Version, to: Version): boolean {
  const order = orderOf(to, from);
  return order !== "newer" && order !== "same";
}

/** The newer of the step's two versions; of an Updater nobody can say while its application speaks. */
export function notAboveOf({ from, to, kind }: Pick<PlannedLeg, "to" | "from" | "kind">): { readonly notAbove?: Version } {
  return kind === "updater" ? {} : { notAbove: isLower(from, to) ? from : to };
}

/** Would this step install something older than what it starts from, or than what the device runs of that now? */
export function lowers({ from, to }: Pick<PlannedLeg, "to" | "from">, running: Version = from): boolean {
  return isLower(from, to) || isLower(running, to);
}
