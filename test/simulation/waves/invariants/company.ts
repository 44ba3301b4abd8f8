/**
 * I1, I2, I3: who may be away together. Counted on the phones themselves, with groups worked out here from where they stand.
 */
import type { DeviceId } from "../../../../protocols/core/ids.ts";
import { type DrawnPhone, placeName } from "../fleet.ts";
import type { Invariant, Sight } from "./invariant.ts";

interface Group {
  readonly name: string;
  readonly kind: "room" | "floor" | "zone" | "huntGroup";
  readonly members: readonly DeviceId[];
  /** How many may be away because of us at one moment. */
  readonly mayBeAway: number;
}

/**
 * A plan knows zones, floors and groups as they were when it was made: who was put up later is no member of what it counts. A
 * room is kept over all campaigns.
 */
const isOfTheFirst = ({ joinsAtMs }: DrawnPhone): boolean => joinsAtMs === undefined;

/** The groups each phone is in, of all that are on site by now. */
function groupsIn({ story, time, phones }: Sight): (device: DeviceId) => readonly Group[] {
  const placed = (["room", "floor", "zone"] as const).flatMap((kind) =>
    [...Map.groupBy(story.phones, (phone) => phone[kind])].flatMap(([name, members]) =>
      name === undefined ? [] : [{ kind, name, members }],
    ),
  );
  const named = story.groups.map(({ kind, name, members }) => ({
    ...{ kind, name },
    members: story.phones.filter(({ number }) => members.includes(placeName(number))),
  }));
  const groups = new Map<DeviceId, (typeof placed | typeof named)[number][]>();
  for (const group of [...placed, ...named]) {
    for (const { device } of group.members) groups.set(device, [...(groups.get(device) ?? []), group]);
  }
  const isHere = ({ joinsAtMs }: DrawnPhone): boolean => joinsAtMs === undefined || joinsAtMs <= time.nowMs();
  return (device) => {
    const mine = phones.get(device)?.drawn;
    if (mine === undefined || !isHere(mine)) return [];
    return (groups.get(device) ?? []).map(({ kind, name, members }) => {
      const here = members.filter(isHere);
      return {
        ...{ kind, name: `${kind} ${name}`, mayBeAway: away(kind, here.length) },
        members: (kind === "room" ? here : here.filter(isOfTheFirst)).map((phone) => phone.device),
      };
    });
  };
}

/** A room keeps all but one, a zone one, a floor and a hunt group half; one may always go. */
function away(kind: Group["kind"], size: number): number {
  if (kind === "room") return 1;
  if (kind === "zone") return Math.max(1, size - 1);
  return Math.max(1, kind === "floor" ? Math.ceil(size / 2) : Math.floor(size / 2));
}

function watchGroups(kinds: readonly Group["kind"][]): Invariant["watch"] {
  return (sight) => {
    const groupsOf = groupsIn(sight);
    return (step) => {
      if (step.kind !== "service" || step.isUp || step.cause !== "us") return undefined;
      for (const { name, kind, members, mayBeAway } of groupsOf(step.device)) {
        if (!kinds.includes(kind)) continue;
        const gone = members.filter((device) => isAwayByUs(device, sight));
        if (gone.length > mayBeAway) return `${name} has ${gone.length} of ${members.length} away at once: ${gone.join(", ")}`;
      }
      return undefined;
    };
  };
}

/** Down or without its lines because of an update, and neither proven well since nor written off by a person. */
function isAwayByUs(device: DeviceId, { phones, writtenOff, store }: Sight): boolean {
  const phone = phones.get(device);
  if (phone === undefined || phone.state.isServing || phone.state.cause !== "us" || writtenOff.has(device)) return false;
  // One that passed its whole soak and broke afterwards is trouble of its own.
  return store.tasks.atRisk().includes(device);
}

const I1: Invariant = {
  id: "I1",
  says: "every failure domain keeps its least number up at every instant",
  watch: watchGroups(["room", "floor", "huntGroup"]),
};

const I3: Invariant = {
  id: "I3",
  says: "emergency zones keep phones that can call",
  watch: watchGroups(["zone"]),
};

const I2: Invariant = {
  id: "I2",
  says: "no two devices of a room are in flight",
  watch(sight) {
    const { phones } = sight.story;
    const rooms = new Map(phones.map(({ device, room }) => [device, room]));
    const inRoom = Map.groupBy(phones, ({ room }) => room);
    return (step) => {
      const device =
        step.kind === "task" && step.change.event.kind === "reserved"
          ? step.change.row.device
          : step.kind === "command"
            ? step.device
            : undefined;
      const room = device === undefined ? undefined : rooms.get(device);
      if (device === undefined || room === undefined) return undefined;
      const byRows = sight.store.tasks.atRisk();
      const other = inRoom
        .get(room)
        ?.find(({ device: one }) => one !== device && !sight.writtenOff.has(one) && (byRows.includes(one) || isInFlight(one, sight)));
      return other === undefined ? undefined : `${device} is taken in hand while ${other.device} of ${room} is`;
    };
  },
};

/** A command reached it, and what came of it is not over. */
function isInFlight(device: DeviceId, { phones, store }: Sight): boolean {
  const phone = phones.get(device);
  return (
    phone?.isUnsettled() === true &&
    phone.state.cause === "us" &&
    store.tasks.openOfDevice(device) !== undefined &&
    store.tasks.atRisk().includes(device)
  );
}

export const company: readonly Invariant[] = [I1, I2, I3];
