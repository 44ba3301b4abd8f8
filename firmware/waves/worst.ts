/**
 * The worst moment of a plan: how much is down at once. Pure. The bound holds whatever happens, as long as the plan's limits do;
 * what is laid out is what the forecast expects nine times of ten.
 */
import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { DomainIndex } from "./domains.ts";
import type { Laid } from "./forecast-layout.ts";
import type { DomainKind, Outage, PlannedTask, PlannedWave } from "./shape.ts";

/** What goes down with one task: its unit, and whatever that powers or connects. */
export interface Down {
  readonly devices: readonly DeviceId[];
  readonly phones: number;
  readonly rooms: readonly string[];
  /** Rooms in which nothing else stands. */
  readonly darkRooms: readonly string[];
}

export type DownOf = (task: PlannedTask) => Down;

export interface WorstInput {
  readonly tasks: readonly PlannedTask[];
  readonly waves: readonly PlannedWave[];
  readonly index: DomainIndex;
  readonly atRiskMax: number;
}

interface Placed {
  readonly task: PlannedTask;
  readonly laid: Laid;
}

const NOTHING: Outage = { devices: 0, phones: 0, rooms: 0, darkRooms: 0 };
const KEYS = Object.keys(NOTHING) as readonly (keyof Outage)[];

const worse = (a: Outage, b: Outage): Outage => ({
  devices: Math.max(a.devices, b.devices),
  phones: Math.max(a.phones, b.phones),
  rooms: Math.max(a.rooms, b.rooms),
  darkRooms: Math.max(a.darkRooms, b.darkRooms),
});

/** Each task is worked out once. */
export function downsOver(index: DomainIndex): DownOf {
  const known = new Map<PlannedTask, Down>();
  return (task) => {
    const down = known.get(task) ?? downWith(task, index);
    known.set(task, down);
    return down;
  };
}

function downWith(task: PlannedTask, index: DomainIndex): Down {
  const unit = index.unitOf(task.device);
  const devices = new Set([...unit, ...unit.flatMap((member) => index.below(member).flatMap(({ domain }) => domain.members))]);
  const rooms = new Map([...devices].flatMap((device) => index.of(device)).map((entry) => [entry.domain.id, entry] as const));
  const here = [...rooms.values()].filter(({ domain }) => domain.kind === "room");
  const isPhone = task.family === "uc-phone" || task.family === "soundpoint";
  return {
    devices: [...devices],
    // What hangs on it is counted as phones: more often than not it is.
    phones: (isPhone ? 1 : 0) + (devices.size - unit.length),
    rooms: here.map(({ domain }) => domain.id),
    darkRooms: here.filter(({ domain }) => domain.members.every((member) => devices.has(member))).map(({ domain }) => domain.id),
  };
}

/** Whatever happens: under the at-risk budget and the domains, with the devices of earlier waves that a wave may lose still away. */
export function boundOf({ tasks, waves, index, atRiskMax }: WorstInput, downOf: DownOf): Outage {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  let bound = NOTHING;
  let lost = 0;
  let lostWeight: Outage = NOTHING;
  for (const wave of waves) {
    const mine = wave.tasks.map((id) => byId.get(id)).filter((task) => task !== undefined);
    const weights = mine.map((task) => weightOf(downOf(task)));
    const own = Math.min(atRiskMax, mostAtOnce(mine, index));
    const left = Math.min(lost, atRiskMax);
    const summed = KEYS.map((key) => {
      const best = weights.map((weight) => weight[key]).toSorted((a, b) => b - a);
      // Those that were lost take slots of the budget, but not of this wave's domains.
      const options = Array.from({ length: left + 1 }, (_, gone) => {
        const now = best.slice(0, Math.min(own, atRiskMax - gone)).reduce((sum, count) => sum + count, 0);
        return now + gone * lostWeight[key];
      });
      return [key, Math.max(...options)] as const;
    });
    bound = worse(bound, Object.fromEntries(summed) as Record<keyof Outage, number>);
    lost += wave.failuresAllowed;
    for (const weight of weights) lostWeight = worse(lostWeight, weight);
  }
  return bound;
}

const weightOf = ({ devices, phones, rooms, darkRooms }: Down): Outage => ({
  ...{ devices: devices.length, phones, rooms: rooms.length, darkRooms: darkRooms.length },
});

const CUTS: readonly DomainKind[] = ["room", "port", "zone", "floor", "subnet", "reception"];

/** Most tasks of a wave that its domains let be away together; each kind cuts the site into parts of its own. */
function mostAtOnce(tasks: readonly PlannedTask[], index: DomainIndex): number {
  let most = tasks.length;
  for (const kind of CUTS) {
    const inside = new Map<string, { count: number; mayBeAway: number }>();
    let outside = 0;
    for (const { device } of tasks) {
      const own = index.takesOf(device).find(({ domain }) => domain.kind === kind);
      const known = own === undefined ? undefined : inside.get(own.domain.id);
      if (own === undefined) outside++;
      else if (known === undefined) inside.set(own.domain.id, { count: 1, mayBeAway: own.mayBeAway });
      else known.count++;
    }
    const together = [...inside.values()].reduce((sum, { count, mayBeAway }) => sum + Math.min(count, mayBeAway), outside);
    most = Math.min(most, together);
  }
  return most;
}

/** As it was laid out: the most of each that is away at one instant. */
export function laidOutage(laid: readonly Placed[], downOf: DownOf): Outage {
  const moments = laid.flatMap(({ task, laid: { away } }) => {
    const down = downOf(task);
    return away.flatMap(({ fromMs, toMs }) => [
      { atMs: fromMs, by: 1, down },
      { atMs: toMs, by: -1, down },
    ]);
  });
  const [devices, rooms, dark] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
  let phones = 0;
  let most = NOTHING;
  // One that comes back at an instant is back before another goes.
  for (const { by, down } of moments.toSorted((a, b) => a.atMs - b.atMs || a.by - b.by)) {
    for (const [counts, keys] of [
      [devices, down.devices],
      [rooms, down.rooms],
      [dark, down.darkRooms],
    ] as const)
      count(counts, keys, by);
    phones += by * down.phones;
    most = worse(most, { devices: devices.size, phones, rooms: rooms.size, darkRooms: dark.size });
  }
  return most;
}

function count(counts: Map<string, number>, keys: readonly string[], by: number): void {
  for (const key of keys) {
    const now = (counts.get(key) ?? 0) + by;
    if (now === 0) counts.delete(key);
    else counts.set(key, now);
  }
}

/** How long the longest room is without anything in it, over the whole plan; 0 where none ever is. */
export function longestDarkMs(laid: readonly Placed[], downOf: DownOf): Ms {
  const perRoom = new Map<string, Ms>();
  for (const { task, laid: one } of laid) {
    const awayMs = one.away.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
    for (const room of downOf(task).darkRooms) perRoom.set(room, (perRoom.get(room) ?? 0) + awayMs);
  }
  return Math.max(0, ...perRoom.values());
}
