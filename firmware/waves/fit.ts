/**
 * Does what a look shows still fit what the plan would send? Pure; the last check before a slot and before the command, of a device whose
 * MAC address is the planned one.
 */
import { orderOf, type Version } from "../../protocols/core/version.ts";
import type { Look } from "../../protocols/families/family.ts";
import { isForRevision } from "../edges.ts";
import { legAt } from "./legs.ts";
import { isLower } from "./lower.ts";
import type { Situation } from "./situation.ts";

/** Why it must not get this leg (I13, I14); `undefined` where nothing speaks against it. */
export function unfitWords(
  { facts }: Pick<Look, "facts">,
  running: Version,
  { planned, leg, goesBack }: Pick<Situation, "planned" | "leg" | "goesBack">,
): string | undefined {
  const { edge, to } = legAt(planned, leg);
  if (goesBack !== true && isLower(running, to)) return `runs ${running}, newer than ${to}: only an approved rollback lowers a version`;
  const managedBy = facts.managedBy ?? "unknown";
  if (managedBy !== "none") return `managed by ${managedBy === "unknown" ? "somebody we cannot read" : managedBy}`;
  const inRange = [orderOf(edge.fromMin, running), orderOf(running, edge.fromMax)].every((o) => o === "older" || o === "same");
  if (!inRange) return `runs ${running}, the plan starts from ${edge.fromMin} to ${edge.fromMax}`;
  const updater = facts.running?.updater;
  if (edge.updaterMin !== undefined && updater !== undefined && orderOf(updater, edge.updaterMin) === "older")
    return `its Updater is ${updater}, this step needs at least ${edge.updaterMin}`;
  const { partNumber, revision } = facts;
  if (planned.partNumber !== undefined && partNumber !== undefined && partNumber !== planned.partNumber)
    return `its part number is ${partNumber}, the plan's file is for ${planned.partNumber}`;
  if (isForRevision(edge, revision)) return undefined;
  const is = revision === undefined ? "its hardware revision is not known" : `its hardware revision is ${revision}`;
  return `${is}, this step is for ${(edge.hardwareRevisions ?? []).join(" or ")} only`;
}
