/** Who is down by itself for so long that the agent must know, and whether too few are left beside it where another one is taken. */
import type { DeviceId } from "../../../../protocols/core/ids.ts";
import type { Ms } from "../../../../protocols/core/time.ts";
import type { Step } from "../steps.ts";
import { type Group, type GroupKind, groupsIn, unitsIn } from "./groups.ts";
import type { Check, Sight } from "./invariant.ts";

/** Three asks in a row without an answer, and the time to the first. */
const ASKS = 4;

/** What people are served by: networks, switches and ports say how many an update may take. */
const SERVES: readonly GroupKind[] = ["room", "floor", "zone", "huntGroup", "group", "reception"];

/** Asked wherever a slot is taken, of those whom every plan knows. */
export function watchSilent(sight: Sight): Check {
  const { story, store, time, phones } = sight;
  if (story.silences === undefined) return () => undefined;
  const isKnownDown = watchDowns(story.silences.everyMs * ASKS, sight);
  const groupsOf = groupsIn(sight);
  const unitOf = unitsIn(story);
  return (step) => {
    isKnownDown.note(step);
    if (step.kind !== "task" || step.change.event.kind !== "reserved") return undefined;
    const unit = unitOf(step.change.row.device);
    const taken = new Set([...store.tasks.atRisk().flatMap(unitOf), ...unit]);
    for (const all of unit.flatMap(groupsOf)) {
      if (!SERVES.includes(all.kind)) continue;
      const group = { ...all, members: all.members.filter((device) => phones.get(device)?.drawn.joinsAtMs === undefined) };
      const down = group.members.filter((device) => !taken.has(device) && isKnownDown.is(device, time.nowMs()));
      const gone = group.members.filter((device) => taken.has(device)).length + down.length;
      if (down.length > 0 && gone > mayBeGone(group, unitOf))
        return `${unit.join(", ")} is taken in hand, and ${down.join(", ")} of ${group.name} is down by itself: ${gone} of ${group.members.length} are gone`;
    }
    return undefined;
  };
}

/** One of a room has to be there, unless all of it is one unit. */
function mayBeGone({ kind, members, mayBeAway, size }: Group, unitOf: (device: DeviceId) => readonly DeviceId[]): number {
  if (kind !== "room") return mayBeAway;
  return new Set(members.map((device) => unitOf(device)[0])).size > 1 || size > members.length ? size - 1 : size;
}

interface Downs {
  note(step: Step): void;
  is(device: DeviceId, atMs: Ms): boolean;
}

/** As phones tell it themselves; only while one life of the agent had the time to notice. */
function watchDowns(noticedAfterMs: Ms, { phones, time }: Sight): Downs {
  const downSince = new Map<DeviceId, Ms>();
  let aliveSince: Ms | undefined;
  return {
    note(step) {
      if (step.kind === "killed") aliveSince = undefined;
      if (step.kind === "started") aliveSince = time.nowMs();
      if (step.kind === "service" && !step.isUp) downSince.set(step.device, time.nowMs());
    },
    is(device, atMs) {
      const phone = phones.get(device);
      const since = downSince.get(device);
      if (phone === undefined || since === undefined || aliveSince === undefined || phone.state.isUp) return false;
      // It was up in between, and nobody told when it went again.
      if (phone.state.bootedAtMs > since) return false;
      return atMs - Math.max(since, aliveSince) > noticedAfterMs;
    },
  };
}
