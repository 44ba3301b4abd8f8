/** How much is down at once because of a campaign, counted as devices go and come back. */
import type { DomainIndex } from "../../firmware/waves/domains.ts";
import type { DomainKind, Outage, PlannedTask } from "../../firmware/waves/shape.ts";
import { type Down, downsOver } from "../../firmware/waves/worst.ts";

export interface DomainOutage {
  readonly id: string;
  readonly kind: DomainKind;
  readonly away: number;
  readonly members: number;
  readonly minUp: number;
}

export interface Outages {
  change(task: PlannedTask, isDown: boolean): void;
  /** The most of each so far; they need not be of one moment. */
  worst(): Outage;
  /** Of each kind the domain that came closest to what it has to keep, with the most that was away there. */
  domains(): readonly DomainOutage[];
}

export function createOutages(index: DomainIndex): Outages {
  const downOf = downsOver(index);
  const counts = { devices: new Map<string, number>(), rooms: new Map<string, number>() };
  /** Rooms with everything away, however many tasks that took. */
  const dark = new Set<string>();
  const inDomain = new Map<string, number>();
  const worstIn = new Map<string, DomainOutage>();
  const down = new Set<PlannedTask>();
  let phones = 0;
  let worst: Outage = { devices: 0, phones: 0, rooms: 0, darkRooms: 0 };

  const countDomains = (of: Down, by: number): void => {
    for (const { domain } of of.devices.flatMap((device) => index.of(device))) {
      const { id, kind, members, minUp } = domain;
      const away = (inDomain.get(id) ?? 0) + by;
      inDomain.set(id, away);
      if (kind === "room" && away >= members.length) dark.add(id);
      else dark.delete(id);
      if (away > (worstIn.get(id)?.away ?? 0)) worstIn.set(id, { id, kind, away, members: members.length, minUp });
    }
  };
  return {
    change(task, isDown) {
      if (down.has(task) === isDown) return;
      if (isDown) down.add(task);
      else down.delete(task);
      const of = downOf(task);
      const by = isDown ? 1 : -1;
      for (const [into, keys] of [
        [counts.devices, of.devices],
        [counts.rooms, of.rooms],
      ] as const)
        for (const key of keys) add(into, key, by);
      phones += by * of.phones;
      countDomains(of, by);
      worst = {
        devices: Math.max(worst.devices, counts.devices.size),
        phones: Math.max(worst.phones, phones),
        rooms: Math.max(worst.rooms, counts.rooms.size),
        darkRooms: Math.max(worst.darkRooms, dark.size),
      };
    },
    worst: () => worst,
    domains: () =>
      [...Map.groupBy(worstIn.values(), ({ kind }) => kind).values()]
        .map((all) => all.reduce((tightest, one) => (spareOf(one) < spareOf(tightest) ? one : tightest)))
        .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

/** Members that could have been away besides; of a floor, which keeps nobody, all that is left. */
const spareOf = ({ members, away, minUp }: DomainOutage): number => members - away - minUp;

function add(counts: Map<string, number>, key: string, by: number): void {
  const now = (counts.get(key) ?? 0) + by;
  if (now === 0) counts.delete(key);
  else counts.set(key, now);
}
