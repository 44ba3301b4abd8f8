/**
 * Who goes first. Pure. The canary is the device whose loss hurts least and teaches most; the next few differ from one
 * another; devices with a duty go last; devices of one room keep as far apart as the waves allow.
 */
import { type Random, shuffled } from "../../protocols/core/random.ts";
import type { Candidate, PlannedTask } from "./shape.ts";

/** A task with what the order of waves depends on. */
export interface Ready {
  readonly task: PlannedTask;
  readonly candidate: Candidate;
  /** Members of the room's failure domain; 1 where it has the room for itself, absent where no room is known. */
  readonly roomSize?: number;
}

export interface Ordered {
  readonly canary: readonly Ready[];
  /** The second wave. */
  readonly first: readonly Ready[];
  readonly rest: readonly Ready[];
  /** Devices with a duty. */
  readonly last: readonly Ready[];
}

/** The second wave is √n, and never more than this: enough to differ, few enough to visit. */
const FIRST_MAX = 5;
/** From the third on, each wave is at most this many times the largest before it. */
const GROWTH = 3;

/**
 * Splits devices into the stages of the default shape.
 * @param canaryCount devices in the canary; fewer where fewer have no duty
 */
export function orderForWaves(ready: readonly Ready[], canaryCount: number, random: Random): Ordered {
  const ordinary = ready.filter(({ candidate }) => candidate.place.duties.length === 0);
  const dutiful = spread(
    ready.filter(({ candidate }) => candidate.place.duties.length > 0),
    random,
  );
  // Where every device has a duty, one of them must still go first.
  const queue = ordinary.length > 0 ? spread(ordinary, random) : dutiful;
  const canary = pickCanary(queue, canaryCount);
  const afterCanary = without(queue, canary);
  const first = pickDifferent(afterCanary, firstSize(ready.length));
  const rest = without(afterCanary, first);
  return ordinary.length > 0 ? { canary, first, rest, last: dutiful } : { canary, first, rest, last: [] };
}

function firstSize(devices: number): number {
  return Math.min(FIRST_MAX, Math.ceil(Math.sqrt(devices)));
}

/** Cuts the stages into waves: canary, √n, then three times as many each; devices with a duty in waves of their own at the end. */
export function shapeWaves(ordered: Ordered): Ready[][] {
  const waves: Ready[][] = [[...ordered.canary], [...ordered.first]];
  const all = ordered.canary.length + ordered.first.length + ordered.rest.length + ordered.last.length;
  let size = ordered.first.length > 0 ? ordered.first.length * GROWTH : firstSize(all);
  for (const stage of [ordered.rest, ordered.last]) {
    for (let at = 0; at < stage.length; ) {
      const wave = stage.slice(at, at + size);
      waves.push(wave);
      at += wave.length;
      // A wave that was not full has not proven its size.
      if (wave.length === size) size *= GROWTH;
    }
  }
  return waves.filter((wave) => wave.length > 0);
}

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

function without(from: readonly Ready[], gone: readonly Ready[]): Ready[] {
  const set = new Set(gone);
  return from.filter((one) => !set.has(one));
}

function pickCanary(queue: readonly Ready[], count: number): Ready[] {
  const perModel = tally(queue.map(({ task }) => task.model));
  const picked: Ready[] = [];
  const rank = (one: Ready): number[] => [
    one.candidate.availability === "online" ? 0 : 1,
    picked.some((other) => sharesRoom(one, other)) ? 1 : 0,
    one.roomSize === 1 ? 0 : one.roomSize === undefined ? 1 : 2,
    -(perModel.get(one.task.model) ?? 0),
  ];
  for (let i = 0; i < Math.min(count, queue.length); i++) picked.push(lowest(without(queue, picked), rank));
  return picked;
}

/** Greedy: each next one shares as little as possible with those picked: room, hardware, floor, model. */
function pickDifferent(queue: readonly Ready[], count: number): Ready[] {
  const picked: Ready[] = [];
  const alike = (one: Ready, same: (other: Ready) => boolean): number => picked.filter((other) => other !== one && same(other)).length;
  const rank = (one: Ready): number[] => [
    alike(one, (other) => sharesRoom(one, other)),
    alike(one, (other) => other.task.partNumber === one.task.partNumber),
    alike(one, (other) => other.candidate.place.floor === one.candidate.place.floor),
    alike(one, (other) => other.task.model === one.task.model),
  ];
  for (let i = 0; i < Math.min(count, queue.length); i++) picked.push(lowest(without(queue, picked), rank));
  return picked;
}

function sharesRoom(a: Ready, b: Ready): boolean {
  const { room } = a.candidate.place;
  return room !== undefined && room !== "" && room === b.candidate.place.room;
}

function lowest(queue: readonly Ready[], rank: (one: Ready) => readonly number[]): Ready {
  let best = queue[0] as Ready;
  let bestRank = rank(best);
  for (const one of queue) {
    const oneRank = rank(one);
    const at = oneRank.findIndex((value, i) => value !== bestRank[i]);
    if (at >= 0 && (oneRank[at] as number) < (bestRank[at] as number)) {
      best = one;
      bestRank = oneRank;
    }
  }
  return best;
}

function tally(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
