/**
 * Who goes first. Pure. The canary is the device whose loss hurts least and teaches most; each model and step then has a canary of
 * its own, a few that differ from one another, as many as prove something, and three times as many after each. Rings go one after
 * another, devices with a duty last; devices of one room keep as far apart as the waves allow.
 */
import type { DeviceId } from "../../protocols/core/ids.ts";
import { type Random, shuffled } from "../../protocols/core/random.ts";
import type { Edge } from "../release.ts";
import { cleanNeeded } from "./proof.ts";
import { reversibilityOf } from "./reversibility.ts";
import type { Candidate, PlannedTask } from "./shape.ts";

/** A task with what the order of waves depends on. */
export interface Ready {
  readonly task: PlannedTask;
  readonly candidate: Candidate;
  /** Other tasks of its unit: they go in the same wave. */
  readonly also: readonly PlannedTask[];
  /** Members of the room's failure domain; 1 where it has the room for itself, absent where no room is known. */
  readonly roomSize?: number;
  /** Devices that hang on it: those of them that are planned go in waves before its own. */
  readonly below: readonly DeviceId[];
}

export interface ShapeRules {
  /** Devices in the first wave. */
  readonly canaryCount: number;
  /** In the order in which they go; who has none of them goes after all of them. */
  readonly rings: readonly string[];
  /** Devices on the shelf by model, at least one: a wave has no more steps that cannot be undone. Models that are not listed have no limit. */
  readonly spares: ReadonlyMap<string, number>;
  /** Those of a wave, in their order, that one window holds; at least one. */
  readonly fitting: (members: readonly Ready[]) => readonly Ready[];
}

export interface ShapedWave {
  readonly members: readonly Ready[];
  /** The first of a model and step is in it. */
  readonly isCanary: boolean;
  /** For each model and step in it, by its key: how many have gone with the end of this wave. */
  readonly gone: ReadonlyMap<string, number>;
}

/** The second wave is √n, and never more than this: enough to differ, few enough to visit. */
const FIRST_MAX = 5;
/** Then as many as rule out this failure rate. */
const PROVEN = cleanNeeded(0.1);
/** From then on, each wave is at most this many times the largest before it. */
const GROWTH = 3;

/** Asked again and again of the same thousands while a campaign is watched. */
const keys = new WeakMap<PlannedTask, string>();

/** What is proven together: one model on one way. */
export function stratumOf(task: PlannedTask): string {
  const known = keys.get(task);
  if (known !== undefined) return known;
  const key = JSON.stringify([task.model, ...task.legs.map(({ release, edge }) => [release, ...limitsOf(edge)])]);
  keys.set(task, key);
  return key;
}

const limitsOf = ({ fromMin, fromMax, updaterMin = "", hardwareRevisions }: Edge): readonly unknown[] => [
  ...[fromMin, fromMax, updaterMin],
  ...(hardwareRevisions === undefined ? [] : [hardwareRevisions.toSorted()]),
];

interface Stratum {
  readonly key: string;
  readonly total: number;
  gone: number;
  waves: number;
  largest: number;
}

/** Cuts the devices into waves; every one is in just one, and none is empty. */
export function shapeWaves(ready: readonly Ready[], rules: ShapeRules, random: Random): ShapedWave[] {
  const byKey = strataOf(ready);
  const stratum = (one: Ready): Stratum => byKey.get(stratumOf(one.task)) as Stratum;
  const planned = new Set(ready.flatMap(({ task, also }) => [task.device, ...also.map(({ device }) => device)]));
  const waves: ShapedWave[] = [];
  for (const stage of stagesOf(ready, rules.rings)) {
    let queue = spread(stage, random);
    while (queue.length > 0) {
      const free = queue.filter(({ below }) => !below.some((device) => planned.has(device)));
      // A ring of devices that hang on one another has no first: one of them begins.
      const open = free.length > 0 ? free : queue.slice(0, 1);
      const chosen = waves.length === 0 ? pickCanaries(open, rules.canaryCount) : choose(open, stratum);
      const members = rules.fitting(withinSpares(chosen, rules.spares));
      const isCanary = members.some((one) => stratum(one).waves === 0);
      waves.push({ members, isCanary, gone: goneAfter(members, stratum) });
      const gone = new Set(members);
      for (const { task, also } of members) for (const { device } of [task, ...also]) planned.delete(device);
      queue = queue.filter((one) => !gone.has(one));
    }
  }
  return waves;
}

function strataOf(ready: readonly Ready[]): Map<string, Stratum> {
  const grouped = Map.groupBy(ready, ({ task }) => stratumOf(task));
  return new Map([...grouped].map(([key, { length }]) => [key, { key, total: length, gone: 0, waves: 0, largest: 0 }]));
}

function goneAfter(members: readonly Ready[], stratum: (one: Ready) => Stratum): Map<string, number> {
  const gone = new Map<string, number>();
  for (const [state, mine] of Map.groupBy(members, stratum)) {
    state.gone += mine.length;
    state.waves += 1;
    state.largest = Math.max(state.largest, mine.length);
    gone.set(state.key, state.gone);
  }
  return gone;
}

/** Rings in their order, then who is in none of them, then devices with a duty; nobody before a device that hangs on it. */
function stagesOf(ready: readonly Ready[], rings: readonly string[]): Ready[][] {
  const last = rings.length + 1;
  const own = ({ candidate: { place } }: Ready): number => {
    if (place.duties.length > 0) return last;
    const at = place.ring === undefined ? -1 : rings.indexOf(place.ring);
    return at < 0 ? rings.length : at;
  };
  const rankOf = new Map(ready.map((one) => [one.task.device, own(one)]));
  const rank = (one: Ready): number => Math.max(own(one), ...one.below.map((device) => rankOf.get(device) ?? 0));
  const stages = Array.from({ length: last + 1 }, (): Ready[] => []);
  for (const one of ready) stages[rank(one)]?.push(one);
  return stages;
}

/** The next of each model and step: its canary, a few that differ, as many as prove something, then ever more. */
function choose(open: readonly Ready[], stratum: (one: Ready) => Stratum): Ready[] {
  const lists = [...Map.groupBy(open, stratum)]
    .toSorted(([a], [b]) => b.total - a.total || (a.key < b.key ? -1 : 1))
    .map(([{ gone, waves, largest, total }, mine]) => {
      if (waves === 0) return pickCanaries(mine, 1);
      if (waves === 1) return pickDifferent(mine, Math.min(FIRST_MAX, Math.ceil(Math.sqrt(total))));
      return mine.slice(0, gone < PROVEN ? PROVEN - gone : largest * GROWTH);
    });
  return turns(lists);
}

/** A device that cannot go back is replaced from the shelf if it fails: no more of them at once than lie there. */
function withinSpares(members: readonly Ready[], spares: ShapeRules["spares"]): readonly Ready[] {
  const left = new Map(spares);
  return members.filter(({ task, also }) => {
    const needs = Map.groupBy([task, ...also].filter(isOneWay), ({ model }) => model);
    const suffices = [...needs].every(([model, tasks]) => tasks.length <= (left.get(model) ?? tasks.length));
    if (!suffices) return false;
    for (const [model, tasks] of needs) left.set(model, (left.get(model) ?? Number.POSITIVE_INFINITY) - tasks.length);
    return true;
  });
}

const isOneWay = (task: PlannedTask): boolean => reversibilityOf(task) === "one_way";

/**
 * Room after room in turn over the floors: first one device of each room, then the second of each, so two of one room
 * are as many places apart as there are rooms.
 */
function spread(ready: readonly Ready[], random: Random): Ready[] {
  const rooms = new Map<string, Ready[]>();
  for (const one of ready) {
    const { room } = one.candidate.place;
    const key = room === undefined || room === "" ? `alone:${one.task.device}` : `room:${room}`;
    const members = rooms.get(key) ?? [];
    rooms.set(key, members);
    members.push(one);
  }
  const byFloor = new Map<string, Ready[][]>();
  for (const members of shuffled([...rooms.values()], random)) {
    const floor = members[0]?.candidate.place.floor ?? "";
    const onFloor = byFloor.get(floor) ?? [];
    byFloor.set(floor, onFloor);
    onFloor.push(shuffled(members, random));
  }
  return turns(turns([...byFloor.values()]));
}

/** The first of each list, then the second of each, and so on. */
function turns<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = lists.reduce((most, list) => Math.max(most, list.length), 0);
  const out: T[] = [];
  for (let at = 0; at < longest; at++) for (const list of lists) if (at < list.length) out.push(list[at] as T);
  return out;
}

function pickCanaries(queue: readonly Ready[], count: number): Ready[] {
  const perModel = tally(queue.map(({ task }) => task.model));
  const picked: Ready[] = [];
  const rank = (one: Ready): number[] => [
    one.candidate.availability === "online" ? 0 : 1,
    picked.some((other) => sharesRoom(one, other)) ? 1 : 0,
    one.roomSize === 1 ? 0 : one.roomSize === undefined ? 1 : 2,
    -(perModel.get(one.task.model) ?? 0),
  ];
  for (let i = 0; i < Math.min(count, queue.length); i++) picked.push(lowest(queue, picked, rank));
  return picked;
}

/** Greedy: each next one shares as little as possible with those picked: room, hardware, floor, model. */
function pickDifferent(queue: readonly Ready[], count: number): Ready[] {
  const picked: Ready[] = [];
  const alike = (one: Ready, same: (other: Ready) => boolean): number => picked.filter((other) => other !== one && same(other)).length;
  const rank = (one: Ready): number[] => [
    alike(one, (other) => sharesRoom(one, other)),
    alike(one, (other) => other.task.partNumber === one.task.partNumber),
    alike(one, (other) => isOneBoard(one, other)),
    alike(one, (other) => other.candidate.place.floor === one.candidate.place.floor),
  ];
  for (let i = 0; i < Math.min(count, queue.length); i++) picked.push(lowest(queue, picked, rank));
  return picked;
}

const isOneBoard = (a: Ready, b: Ready): boolean =>
  a.task.partNumber === b.task.partNumber && a.candidate.revision === b.candidate.revision;

function sharesRoom(a: Ready, b: Ready): boolean {
  const { room } = a.candidate.place;
  return room !== undefined && room !== "" && room === b.candidate.place.room;
}

function lowest(queue: readonly Ready[], picked: readonly Ready[], rank: (one: Ready) => readonly number[]): Ready {
  const taken = new Set(picked);
  let best: Ready | undefined;
  let bestRank: readonly number[] = [];
  for (const one of queue) {
    if (taken.has(one)) continue;
    const oneRank = rank(one);
    const at = oneRank.findIndex((value, i) => value !== bestRank[i]);
    if (best === undefined || (at >= 0 && (oneRank[at] as number) < (bestRank[at] as number))) {
      best = one;
      bestRank = oneRank;
    }
  }
  return best as Ready;
}

function tally(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
