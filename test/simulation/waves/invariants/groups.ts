/** Who stands or falls with whom, worked out from the story and from where devices stand: nothing of it is read from a plan. */
import type { DeviceId } from "../../../../protocols/core/ids.ts";
import { alongOf, portOf } from "../bonds.ts";
import type { Story } from "../draw.ts";
import { type DrawnPhone, placeName } from "../fleet.ts";
import type { Sight } from "./invariant.ts";

export type GroupKind = "room" | "port" | "floor" | "zone" | "huntGroup" | "group" | "reception" | "subnet" | "switch";

export interface Group {
  readonly name: string;
  readonly kind: GroupKind;
  readonly members: readonly DeviceId[];
  /** How many may be away because of us at one moment; of a room and of a port one unit, whatever its size. */
  readonly mayBeAway: number;
  /** Of all that are on site by now. */
  readonly size: number;
}

export type UnitOf = (device: DeviceId) => readonly DeviceId[];

/** A device with all that is updated as one with it. */
export function unitsIn({ phones, bonds }: Pick<Story, "phones" | "bonds">): UnitOf {
  const deviceOf = new Map(phones.map(({ number, device }) => [number, device]));
  const pairs = (bonds?.couples ?? []).map((couple) => couple.map((number) => deviceOf.get(number)));
  const along = alongOf(bonds).map(({ of, device }) => [deviceOf.get(of), device]);
  const unitOf = new Map<DeviceId, readonly DeviceId[]>();
  for (const pair of [...pairs, ...along]) {
    const known = pair.filter((device) => device !== undefined);
    const unit = [...new Set(known.flatMap((device) => unitOf.get(device) ?? [device]))];
    for (const device of unit) unitOf.set(device, unit);
  }
  return (device) => unitOf.get(device) ?? [device];
}

interface Raw {
  readonly kind: GroupKind;
  readonly name: string;
  readonly members: readonly DrawnPhone[];
  /** A person said how many stay. */
  readonly minUp?: number | undefined;
}

/**
 * A plan knows zones, floors and groups as they were when it was made: who was put up later is no member of what it counts. A
 * room is kept over all campaigns.
 */
const isOfTheFirst = ({ joinsAtMs }: DrawnPhone): boolean => joinsAtMs === undefined;

/** The groups each device is in, of all that are on site by now. */
export function groupsIn({ story, time, phones }: Pick<Sight, "story" | "time" | "phones">): (device: DeviceId) => readonly Group[] {
  const unitOf = unitsIn(story);
  const groups = new Map<DeviceId, Raw[]>();
  for (const group of rawGroups(story)) {
    for (const { device } of group.members) groups.set(device, [...(groups.get(device) ?? []), group]);
  }
  const isHere = ({ joinsAtMs }: DrawnPhone): boolean => joinsAtMs === undefined || joinsAtMs <= time.nowMs();
  return (device) => {
    const mine = phones.get(device)?.drawn;
    if (mine === undefined || !isHere(mine)) return [];
    return (groups.get(device) ?? []).map(({ kind, name, members, minUp }) => {
      const here = members.filter(isHere);
      const units = Map.groupBy(here, (phone) => unitOf(phone.device)[0]);
      const largest = [...units.values()].reduce((most, { length }) => Math.max(most, length), 1);
      return {
        ...{ kind, name: name === "" ? kind : `${kind} ${name}` },
        size: here.length,
        mayBeAway: Math.max(
          minUp === undefined ? away(kind, here.length, largest) : here.length - minUp,
          kind === "group" ? here.length - (story.bonds?.outages.find(({ group }) => group === name)?.keeps ?? here.length) : 0,
        ),
        members: (kind === "room" ? here : here.filter(isOfTheFirst)).map((phone) => phone.device),
      };
    });
  };
}

function rawGroups(story: Story): readonly Raw[] {
  const { bonds } = story;
  // Network gear serves nobody in a room.
  const all = [...story.phones, ...(bonds?.panels ?? [])];
  const placed = (["room", "floor", "zone"] as const).flatMap((kind) => named(kind, all, (phone) => phone[kind]));
  const groups = [...story.groups, ...(bonds?.groups ?? [])].map(({ members, ...group }) => ({
    ...group,
    members: story.phones.filter(({ number }) => members.includes(placeName(number))),
  }));
  const reception = { kind: "reception" as const, name: "", members: all.filter(({ duties }) => duties.includes("reception")) };
  if (bonds === undefined) return [...placed, ...groups, reception];
  const port = ({ number }: DrawnPhone) => portOf(number, bonds);
  return [
    ...[...placed, ...groups, reception],
    ...named("port", all, (phone) => (port(phone) === undefined ? undefined : JSON.stringify(port(phone)))),
    ...named("switch", all, (phone) => port(phone)?.address),
    ...named("subnet", all, ({ number }) => `${number % bonds.subnets}`),
  ];
}

const named = (kind: GroupKind, all: readonly DrawnPhone[], nameOf: (phone: DrawnPhone) => string | undefined): Raw[] =>
  [...Map.groupBy(all, nameOf)].flatMap(([name, members]) => (name === undefined ? [] : [{ kind, name, members }]));

/**
 * A room and a port keep all but one unit, a zone one, a floor and a group half, a reception all but two and half at least. One unit
 * may always go. Networks and switches keep what the policy says, which is judged elsewhere.
 */
function away(kind: GroupKind, size: number, largest: number): number {
  switch (kind) {
    case "room":
    case "port":
      return largest;
    case "zone":
      return Math.max(largest, size - 1);
    case "floor":
      return Math.max(largest, Math.ceil(size / 2));
    case "reception":
      return Math.max(largest, Math.min(2, Math.floor(size / 2)));
    case "huntGroup":
    case "group":
      return Math.max(largest, Math.floor(size / 2));
    case "subnet":
    case "switch":
      return size;
  }
}
