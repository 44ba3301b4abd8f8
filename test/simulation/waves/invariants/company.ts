/**
 * I1, I2, I3: who may be away together. Counted on the phones themselves, with groups worked out here from where they stand.
 */
import type { DeviceId } from "../../../../protocols/core/ids.ts";
import { alongOf } from "../bonds.ts";
import { type Group, type GroupKind, groupsIn, unitsIn } from "./groups.ts";
import type { Invariant, Sight } from "./invariant.ts";
import { watchParents } from "./parents.ts";
import { watchSilent } from "./silent.ts";

function watchGroups(kinds: readonly GroupKind[]): Invariant["watch"] {
  return (sight) => {
    const groupsOf = groupsIn(sight);
    const unitOf = unitsIn(sight.story);
    return (step) => {
      if (step.kind !== "service" || step.isUp || step.cause !== "us") return undefined;
      for (const { name, kind, members, mayBeAway } of groupsOf(step.device)) {
        if (!kinds.includes(kind)) continue;
        const gone = members.filter((device) => isAwayByUs(device, sight));
        const units = new Set(gone.map((device) => unitOf(device)[0]));
        if (isOneAtOnce(kind) && units.size > 1) return `${name} has two units away at once: ${gone.join(", ")}`;
        if (gone.length > mayBeAway) return `${name} has ${gone.length} of ${members.length} away at once: ${gone.join(", ")}`;
      }
      return undefined;
    };
  };
}

const isOneAtOnce = (kind: Group["kind"]): boolean => kind === "room" || kind === "port";

/** Down or without its lines because of an update, and neither proven well since nor written off by a person. */
function isAwayByUs(device: DeviceId, { story, phones, writtenOff, store }: Sight): boolean {
  const phone = phones.get(device);
  if (phone === undefined || phone.state.isServing || phone.state.cause !== "us" || writtenOff.has(device)) return false;
  // One that passed its whole soak and broke afterwards is trouble of its own.
  const master = alongOf(story.bonds).find((panel) => panel.device === device)?.of;
  const updated = master === undefined ? device : story.phones.find(({ number }) => number === master)?.device;
  return updated !== undefined && store.tasks.atRisk().includes(updated);
}

const I1: Invariant = {
  id: "I1",
  says: "every failure domain keeps its least number up at every instant, and nobody is taken in hand where those that are down by themselves leave too few; what connects others never goes together with one of them, and the plan names it",
  watch(sight) {
    const together = watchGroups(["room", "port", "floor", "huntGroup", "group", "reception"])(sight);
    const [beside, above] = [watchSilent(sight), watchParents(sight)];
    return (step) => together(step) ?? beside(step) ?? above(step);
  },
};

const I3: Invariant = {
  id: "I3",
  says: "emergency zones keep phones that can call",
  watch: watchGroups(["zone"]),
};

const I2: Invariant = {
  id: "I2",
  says: "no two devices of a room, or on one port, are in flight unless they are coupled",
  watch(sight) {
    const groupsOf = groupsIn(sight);
    const unitOf = unitsIn(sight.story);
    return (step) => {
      const device =
        step.kind === "task" && step.change.event.kind === "reserved"
          ? step.change.row.device
          : step.kind === "command"
            ? step.device
            : undefined;
      if (device === undefined) return undefined;
      const unit = unitOf(device);
      const groups = unit.flatMap((member) => groupsOf(member).filter(({ kind }) => isOneAtOnce(kind)));
      const byRows = new Set(sight.store.tasks.atRisk().filter((one) => !sight.writtenOff.has(one)));
      const isAway = (one: DeviceId): boolean => unitOf(one).some((member) => byRows.has(member)) || isInFlight(one, sight);
      for (const { name, members } of groups) {
        const other = members.find((one) => !unit.includes(one) && !sight.writtenOff.has(one) && isAway(one));
        if (other !== undefined) return `${device} is taken in hand while ${other} of ${name} is`;
      }
      return undefined;
    };
  },
};

/** A command reached it, and what came of it is not over. */
function isInFlight(device: DeviceId, { phones, store }: Sight): boolean {
  const phone = phones.get(device);
  return (
    phone?.isUnsettled() === true &&
    phone.state.cause === "us" &&
    store.tasks.active().some((task) => task.device === device) &&
    store.tasks.atRisk().includes(device)
  );
}

export const company: readonly Invariant[] = [I1, I2, I3];
