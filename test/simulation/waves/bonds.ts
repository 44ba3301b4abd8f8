/**
 * What devices of a story share besides a place: a unit with others, a port, a switch, a network, a group of the settings. Drawn with
 * dice of its own in two stories of five, so that the others stay as they were. Pure.
 */
import type { GroupSetting } from "../../../agent/config/group-schema.ts";
import type { CoupledPart } from "../../../protocols/core/device.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { type Random, seededRandom, shuffled } from "../../../protocols/core/random.ts";
import type { Ms } from "../../../protocols/core/time.ts";
import type { DeviceRow } from "../../../store/devices.ts";
import type { Store } from "../../../store/store.ts";
import { type DrawnPhone, macOf, placeName } from "./fleet.ts";

/** No image is for it: it is updated by its phone, and away whenever that is. */
export interface DrawnPanel extends DrawnPhone {
  /** The number of its phone. */
  readonly of: number;
  /** Of a switch. */
  readonly address?: string;
}

/** Phones are named by their numbers. */
export interface Bonds {
  /** Each other's only company: updated as one. */
  readonly couples: readonly (readonly [number, number])[];
  readonly panels: readonly DrawnPanel[];
  /** Each port holds one phone, or two in a row. With a device it is in the inventory, and away whenever the phone it belongs to is. */
  readonly switches: readonly { readonly address: string; readonly device?: DrawnPanel; readonly ports: readonly (readonly number[])[] }[];
  /** Networks of the site: a phone is in the one that its number leaves over. */
  readonly subnets: number;
  readonly groups: readonly GroupSetting[];
  readonly limits: { readonly subnetAtRiskMax?: number; readonly switchAtRiskMax?: number };
  /** Groups that every plan may take further down than they usually are: `keeps` of each stay up. */
  readonly outages: readonly { readonly group: string; readonly keeps: number }[];
}

/** As much of a story as this is about. */
interface Site {
  readonly phones: readonly DrawnPhone[];
  readonly bonds: Bonds | undefined;
}

const SHARE = { of: 5, have: 2 } as const;
/** Panels are counted from here on, so that no phone has their number. */
const FIRST_PANEL = 0xa000;
const FIRST_SWITCH = 0xb000;

export function drawBonds(seed: number, phones: readonly DrawnPhone[]): Bonds | undefined {
  const random = seededRandom(seed * 3_571 + 23);
  if (random.below(SHARE.of) >= SHARE.have) return undefined;
  return bondsAmong(phones, random);
}

/** @param phones  those who are put up later share nothing but a network: no earlier plan could know it */
export function bondsAmong(phones: readonly DrawnPhone[], random: Random): Bonds {
  const there = phones.filter(({ joinsAtMs }) => joinsAtMs === undefined);
  const apart = shuffled(there, random);
  const couples = apart.slice(0, 2 * random.below(4)).flatMap((phone, at, list): [number, number][] => {
    const mate = list[at + 1];
    return at % 2 === 0 && mate !== undefined ? [[phone.number, mate.number]] : [];
  });
  const inOneRoom = random.below(2) === 0 ? neighbours(there, random) : [];
  const panels = panelsFor(shuffled(there, random).slice(0, random.below(4)), there, random);
  const switches = wired(shuffled(there, random), 1 + random.below(3), random);
  const limit = (): number | undefined => (random.below(3) === 0 ? undefined : 1 + random.below(4));
  const [subnetAtRiskMax, switchAtRiskMax] = [limit(), limit()];
  const [subnets, groups] = [1 + random.below(4), drawGroups(there, random)];
  return {
    ...{ couples: [...couples, ...inOneRoom], panels, subnets, groups },
    switches: random.below(2) === 0 ? switches : owned(switches, shuffled(there, random)),
    outages: groups.flatMap(({ name }) => (random.below(3) === 0 ? [{ group: name, keeps: random.below(2) }] : [])),
    limits: {
      ...(subnetAtRiskMax === undefined ? {} : { subnetAtRiskMax }),
      ...(switchAtRiskMax === undefined ? {} : { switchAtRiskMax }),
    },
  };
}

/** Two of one room. */
function neighbours(there: readonly DrawnPhone[], random: Random): [number, number][] {
  const rooms = [...Map.groupBy(there, ({ room }) => room)].flatMap(([room, members]) => (room === undefined ? [] : [members]));
  const [first, second] = shuffled(rooms.find(({ length }) => length > 1) ?? [], random);
  return first === undefined || second === undefined ? [] : [[first.number, second.number]];
}

/** One for each of those. */
export const panelsFor = (of: readonly DrawnPhone[], there: readonly DrawnPhone[], random: Random): DrawnPanel[] =>
  of.map((phone, at) => panelOf(phone, { number: FIRST_PANEL + at, there, random }));

/** It stands beside its phone, or where another one does. */
function panelOf(
  phone: DrawnPhone,
  { number, there, random }: { readonly number: number; readonly there: readonly DrawnPhone[]; readonly random: Random },
): DrawnPanel {
  const { room: _, zone: __, ...rest } = phone;
  const { room, zone, floor } = random.below(3) === 0 ? (there[random.below(there.length)] as DrawnPhone) : phone;
  return {
    ...rest,
    ...{ number, device: `d-${macOf(number)}` as DeviceId, mac: macOf(number), model: "TC10", of: phone.number },
    ...{ lines: 0, habits: new Set<never>(), duties: [], floor },
    ...(room === undefined ? {} : { room }),
    ...(zone === undefined ? {} : { zone }),
  };
}

/** One phone of six shares its port with the next. */
const IN_A_ROW = 6;

function wired(there: readonly DrawnPhone[], count: number, random: Random): Bonds["switches"] {
  return Array.from({ length: count }, (_, index) => {
    const ports: number[][] = [];
    for (const { number } of there.filter((__, at) => at % count === index)) {
      const last = ports.at(-1);
      if (last?.length === 1 && random.below(IN_A_ROW) === 0) last.push(number);
      else ports.push([number]);
    }
    return { address: `127.2.0.${index + 1}`, ports };
  });
}

/** The first switch belongs to a phone, on it or not. */
export const owned = (switches: Bonds["switches"], [owner]: readonly DrawnPhone[]): Bonds["switches"] =>
  switches.map((one, at) => (at > 0 || owner === undefined ? one : { ...one, device: switchOf(owner, one.address, FIRST_SWITCH) }));

/** It serves nobody in a room. */
export function switchOf(owner: DrawnPhone, address: string, number: number): DrawnPanel {
  const { room: _, zone: __, ...rest } = owner;
  return {
    ...rest,
    ...{ number, device: `d-${macOf(number)}` as DeviceId, mac: macOf(number), model: "switch", of: owner.number, address },
    ...{ lines: 0, habits: new Set<never>(), duties: [] },
  };
}

/** Some keep what they say, some half, and now and then one keeps all of its members up. */
function drawGroups(there: readonly DrawnPhone[], random: Random): Bonds["groups"] {
  return Array.from({ length: random.below(3) }, (_, index) => {
    const members = shuffled(there, random).slice(0, 2 + random.below(8));
    const stated = random.below(3) === 0 ? undefined : 1 + random.below(members.length);
    return {
      ...{ name: `ward ${index}`, kind: "group" as const, members: members.map(({ number }) => placeName(number)) },
      ...(stated === undefined ? {} : { minUp: stated }),
    };
  });
}

/** The phones of a story and their panels. */
export const devicesOf = ({ phones, bonds }: Site): readonly DrawnPhone[] => [...phones, ...alongOf(bonds)];

/** What goes down with a phone: panels, and switches of the inventory. */
export const alongOf = (bonds: Bonds | undefined): readonly DrawnPanel[] => [
  ...(bonds?.panels ?? []),
  ...(bonds?.switches ?? []).flatMap(({ device }) => device ?? []),
];

/** The switch of the inventory that a phone hangs on. */
export const parentOf = (number: number, bonds: Bonds | undefined): DrawnPanel | undefined =>
  bonds?.switches.find(({ ports }) => ports.some((phones) => phones.includes(number)))?.device;

/** What of it stands in the inventory's row of a device. */
export function bondedRow(drawn: DrawnPhone, { bonds, phones }: Site): Partial<DeviceRow> {
  if (bonds === undefined) return {};
  const { number, device } = drawn;
  const partners = bonds.couples.flatMap(([first, second]) => (first === number ? phones.filter((phone) => phone.number === second) : []));
  const along = alongOf(bonds).find((one) => one.device === device);
  const parts = [...partners, ...alongOf(bonds).filter(({ of }) => of === number)].map(
    ({ mac, model }): CoupledPart => ({ mac, model, connected: true }),
  );
  const port = portOf(number, bonds);
  return {
    ...{ address: `127.1.${number % bonds.subnets}.${number & 255}`, parts },
    ...(along === undefined ? {} : { family: along.address === undefined ? ("video-os" as const) : ("switch" as const) }),
    ...(along?.address === undefined ? {} : { address: along.address }),
    ...(port === undefined ? {} : { switchPort: { switchAddress: port.address, name: port.name } }),
  };
}

/** Which port of which switch a phone hangs on. */
export function portOf(
  number: number,
  { switches }: Pick<Bonds, "switches">,
): { readonly address: string; readonly name: string } | undefined {
  for (const { address, ports } of switches) {
    const at = ports.findIndex((phones) => phones.includes(number));
    if (at >= 0) return { address, name: `port ${at + 1}` };
  }
  return undefined;
}

/** What a pass over the switches told of them. */
export function putPorts({ bonds, phones, startMs }: Site & { readonly startMs: Ms }, { devices }: Pick<Store, "devices">): void {
  if (bonds === undefined) return;
  for (const { device, number } of phones) {
    const port = portOf(number, bonds);
    if (port === undefined) continue;
    const value = `${port.address} ${port.name}`;
    devices.putFact({ device, field: "switchPort", source: "lldp", value, rank: 1, atMs: startMs, evidence: [] });
  }
}

/** What plans say over the policy of a site without. */
export function bondedPolicy(bonds: Bonds | undefined): object {
  if (bonds === undefined) return {};
  const { limits, outages } = bonds;
  const plannedOutages = outages.map(({ group, keeps }) => ({ domain: `group:${group}`, keeps }));
  return outages.length === 0 ? limits : { ...limits, plannedOutages };
}

/** For whoever looks for the cause of what a story broke. */
export function sayBonds({ couples, panels, subnets, switches, groups, limits, outages }: Bonds): string {
  const { subnetAtRiskMax: subnet, switchAtRiskMax: below } = limits;
  return [
    `${couples.length} couples, ${panels.length} panels, ${groups.length} groups${outages.length === 0 ? "" : `, ${outages.length} of them in planned outages`}`,
    `${subnets} networks${subnet === undefined ? "" : ` of ${subnet} at risk`}`,
    `${switches.length} switches${switches.some(({ device }) => device !== undefined) ? ", one above phones" : ""}${below === undefined ? "" : ` of ${below} at risk`}`,
  ].join(", ");
}
