/** I7, I23: how many devices may be unproven, and what gives a place back. */
import { isAtRisk } from "../../../../firmware/waves/task-state.ts";
import type { PhoneTruth } from "../../../../fixtures/fleet/phone-shape.ts";
import type { DeviceId } from "../../../../protocols/core/ids.ts";
import type { Ms } from "../../../../protocols/core/time.ts";
import type { Step } from "../steps.ts";
import { type GroupKind, groupsIn, unitsIn } from "./groups.ts";
import type { Invariant, Sight } from "./invariant.ts";

const I7: Invariant = {
  id: "I7",
  says: "at risk ≤ budget, of a network and below a switch too; nothing lowers the count but a device seen well, a command that never left, or a person's write-off",
  watch(sight) {
    const { store, phones, time } = sight;
    const commandedMs = new Map<DeviceId, Ms>();
    /** Since when it counts without a break, whichever campaigns had it in hand. */
    const since = new Map<DeviceId, Ms>();
    const looked = new Map<DeviceId, { readonly atMs: Ms; readonly truth: PhoneTruth | undefined }>();
    let before = new Set<DeviceId>();
    const withinLimits = watchLimits(sight);
    const left = (step: Step): string | undefined => {
      // What devices do changes no row.
      if (["look", "command", "bytes", "service", "turned"].includes(step.kind)) return undefined;
      const now = new Set(store.tasks.atRisk());
      const gone = [...before].filter((device) => !now.has(device));
      for (const device of now.difference(before)) since.set(device, time.nowMs());
      before = now;
      if (gone.length === 0) return undefined;
      if (step.kind !== "task") return `${gone.join(", ")} left the count by "${step.kind}"`;
      const { row, event, next } = step.change;
      const other = gone.find((device) => device !== row.device);
      if (other !== undefined) return `${other} left the count with a step of ${row.device}`;
      if (event.kind === "writtenOffByPerson") return undefined;
      const sent = commandedMs.get(row.device);
      if (sent === undefined || sent < (since.get(row.device) ?? 0)) return undefined;
      const look = looked.get(row.device);
      const isBetween = event.kind === "legDone";
      if ((next.at === "staged" && !isBetween) || next.at === "held" || next.at === "deferred" || next.at === "armed")
        return `${row.device} was commanded and counts as untouched (${event.kind})`;
      // A refusal is an answer of the device itself.
      if (event.kind === "commandFaulted")
        return phones.get(row.device)?.isUnsettled() === true ? `${row.device} obeys, and counts as refused` : undefined;
      return look?.truth === undefined || look.atMs < sent
        ? `${row.device} left the count (${event.kind}) unseen since its command`
        : undefined;
    };
    return (step) => {
      if (step.kind === "look") looked.set(step.device, { atMs: step.sampledMs, truth: step.answer });
      if (step.kind === "command") {
        commandedMs.set(step.device, time.nowMs());
        const budget = step.sentFor?.campaign.plan.policy.atRiskMax ?? 0;
        const unproven = [...before].filter((device) => phones.get(device)?.isUnsettled() === true && !sight.writtenOff.has(device));
        if (unproven.length > budget) return `${unproven.length} devices are unproven, ${budget} may be`;
      }
      const wrong = left(step);
      if (wrong !== undefined || step.kind !== "task" || step.change.event.kind !== "reserved") return wrong;
      const budget = store.campaigns.load(step.change.row.campaign)?.plan.policy.atRiskMax ?? 0;
      return before.size > budget
        ? `${before.size} devices are at risk, ${budget} may be`
        : withinLimits(step.change.row.device, [...before]);
    };
  },
};

/** A network and a switch with a limit have no more at risk than it says, what is coupled included; one unit may always go. */
function watchLimits(sight: Sight): (device: DeviceId, atRisk: readonly DeviceId[]) => string | undefined {
  const { subnetAtRiskMax, switchAtRiskMax } = sight.story.bonds?.limits ?? {};
  const unitOf = unitsIn(sight.story);
  const groupsOf = groupsIn(sight);
  const limits: Partial<Record<GroupKind, number | undefined>> = { subnet: subnetAtRiskMax, switch: switchAtRiskMax };
  return (device, atRisk) => {
    const away = new Set(atRisk.flatMap(unitOf));
    for (const { kind, name, members } of unitOf(device).flatMap(groupsOf)) {
      const limit = limits[kind];
      const largest = Math.max(...members.map((member) => unitOf(member).filter((one) => members.includes(one)).length));
      const gone = members.filter((member) => away.has(member)).length;
      if (limit !== undefined && gone > Math.max(limit, largest)) return `${name} has ${gone} devices at risk, ${limit} may be`;
    }
    return undefined;
  };
}

const I23: Invariant = {
  id: "I23",
  says: "each step takes or frees only the reservation of its own device and of what goes along, and reservations are the devices at risk",
  watch({ store }) {
    let before = new Map<DeviceId, string>();
    return (step) => {
      if (step.kind !== "task" && step.kind !== "started" && step.kind !== "killed") return undefined;
      const now = new Map(store.reservations.all().map(({ device, task }) => [device, task as string]));
      const changed = [...new Set([...before.keys(), ...now.keys()])].filter((device) => before.get(device) !== now.get(device));
      before = now;
      if (step.kind !== "task") return changed.length === 0 ? undefined : `the reservation of ${changed.join(", ")} changed without a step`;
      const { device } = step.change.row;
      const { along = [] } = step.change.planned;
      const other = changed.find((one) => one !== device && !along.includes(one));
      if (other !== undefined) return `a step of ${device} changed the reservation of ${other}`;
      if (isAtRisk(step.change.next) && now.get(device) !== step.change.row.id)
        return `${device} is at risk and has no reservation of its task`;
      if (isAtRisk(step.change.next)) {
        const free = along.find((one) => now.get(one) !== step.change.row.id);
        return free === undefined ? undefined : `${free} goes along with ${device}, and has no reservation of its task`;
      }
      const kept = [device, ...along].find((one) => now.get(one) === step.change.row.id);
      return kept === undefined ? undefined : `${device} is not at risk, and ${kept} keeps its reservation`;
    };
  },
};

export const budget: readonly Invariant[] = [I7, I23];
