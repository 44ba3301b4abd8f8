/** Switches of the inventory and the phones that hang on them: never away together, but for those of one unit. */
import type { DeviceId } from "../../../../protocols/core/ids.ts";
import { parentOf } from "../bonds.ts";
import { unitsIn } from "./groups.ts";
import type { Check, Sight } from "./invariant.ts";

export function watchParents(sight: Sight): Check {
  const { story, store, phones, writtenOff } = sight;
  const below = Map.groupBy(story.phones, ({ number }) => parentOf(number, story.bonds)?.device);
  below.delete(undefined);
  if (below.size === 0) return () => undefined;
  const unitOf = unitsIn(story);
  const above = new Map([...below].flatMap(([parent, hanging]) => hanging.map(({ device }) => [device, parent] as const)));
  /** What of other units hangs on it. */
  const hangingOn = (device: DeviceId): readonly DeviceId[] =>
    (below.get(device) ?? []).map((phone) => phone.device).filter((one) => !unitOf(device).includes(one));
  const isAtRisk = (device: DeviceId): boolean => {
    const atRisk = store.tasks.atRisk();
    return unitOf(device).some((one) => atRisk.includes(one) && !writtenOff.has(one));
  };
  return (step) => {
    if (step.kind === "planned") {
      const counts = step.plan.tasks.map(({ device }) => new Set(unitOf(device).flatMap(hangingOn)).size).filter((count) => count > 0);
      const { devices, takeAlong } = step.plan.forecast.parents;
      const wanted = counts.reduce((sum, count) => sum + count, 0);
      return devices === counts.length && takeAlong === wanted
        ? undefined
        : `${step.campaign} says that ${devices} devices take ${takeAlong} along: ${counts.length} take ${wanted}`;
    }
    if (step.kind === "service" && !step.isUp && step.cause === "us") {
      const busy = hangingOn(step.device).find((one) => isAtRisk(one) && phones.get(one)?.isUnsettled() === true);
      return busy === undefined ? undefined : `${step.device} went down under ${busy}, which is being updated`;
    }
    if (step.kind !== "task" || step.change.event.kind !== "reserved") return undefined;
    const unit = unitOf(step.change.row.device);
    const parents = unit.flatMap((one) => above.get(one) ?? []).filter((parent) => !unit.includes(parent));
    const other = [...unit.flatMap(hangingOn), ...parents].find(isAtRisk);
    return other === undefined
      ? undefined
      : `${step.change.row.device} is taken in hand while ${other} is, and one of them hangs on the other`;
  };
}
