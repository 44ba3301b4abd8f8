/**
 * Who hangs on which port of which switch, who shares a room, who is coupled with whom. Pure over the inventory; what a switch no
 * longer names is shown as gone, and switches that name each other in a ring are cut at one place.
 */
import type { DeviceId, Mac } from "../../protocols/core/ids.ts";
import { MINUTE, type Ms } from "../../protocols/core/time.ts";
import type { DeviceRow, FactRow } from "../../store/devices.ts";
import { believe, type Fact } from "./identify.ts";

export interface Wiring {
  readonly devices: readonly DeviceRow[];
  /** What all sources say of ports. */
  readonly ports: readonly FactRow[];
  readonly roomOf: (id: DeviceId) => string | undefined;
}

export interface Plug {
  readonly device: DeviceId;
  readonly seenMs: Ms;
  /** The switch was read since and did not name it: it was unplugged, or is silent. */
  readonly gone: boolean;
  readonly poe?: boolean;
}

export interface PortNode {
  readonly name: string;
  /** Several where phones are in a row, or an unmanaged switch is between. */
  readonly plugs: readonly Plug[];
  /** Strangers on the port: PCs behind the phones. */
  readonly behind: readonly Mac[];
}

export interface SwitchNode {
  readonly address: string;
  /** Absent where it is no device of the inventory. */
  readonly device?: DeviceId;
  readonly ports: readonly PortNode[];
  /** The switch it hangs on itself. */
  readonly above?: { readonly address: string; readonly port: string };
}

export interface Topology {
  readonly switches: readonly SwitchNode[];
  /** Of whom no switch has said a port. */
  readonly unplugged: readonly DeviceId[];
  readonly rooms: ReadonlyMap<string, readonly DeviceId[]>;
  /** Updated together: a codec and its panels. */
  readonly coupled: readonly (readonly DeviceId[])[];
  /** Addresses of switches that hang on each other in a ring; the link of the first is left out of the tree. */
  readonly rings: readonly (readonly string[])[];
}

/** Ports of one read of a switch are told within minutes; who was told of longer before the newest is not named any more. As a pass. */
const ONE_READ_MS: Ms = 15 * MINUTE;

const byName = new Intl.Collator("en", { numeric: true }).compare;
const sorted = <T>(items: Iterable<T>, key: (item: T) => string): readonly T[] => [...items].toSorted((a, b) => byName(key(a), key(b)));

interface Link extends Plug {
  readonly switchAddress: string;
  readonly port: string;
  readonly behind: readonly Mac[];
}

function linksOf({ devices, ports }: Wiring): readonly Link[] {
  const facts = new Map<DeviceId, Fact[]>();
  for (const row of ports) {
    if (row.field !== "switchPort") continue;
    const fact: Fact = { field: "switchPort", value: row.value, source: row.source, atMs: row.atMs, evidence: "" };
    facts.set(row.device, [...(facts.get(row.device) ?? []), fact]);
  }
  const newestRead = new Map<string, Ms>();
  for (const { value, atMs } of [...facts.values()].flat()) {
    const [address = ""] = value.split(" ", 1);
    newestRead.set(address, Math.max(atMs, newestRead.get(address) ?? 0));
  }
  return devices.flatMap(({ id, switchPort }): Link[] => {
    const told = believe(facts.get(id) ?? []).get("switchPort");
    if (told === undefined || switchPort === undefined) return [];
    const { switchAddress, name, poeDelivering, behind = [] } = switchPort;
    const gone = (newestRead.get(switchAddress) ?? 0) - told.atMs > ONE_READ_MS;
    return [
      {
        device: id,
        switchAddress,
        port: name,
        seenMs: told.atMs,
        gone,
        behind,
        ...(poeDelivering === undefined ? {} : { poe: poeDelivering }),
      },
    ];
  });
}

export function topologyOf(wiring: Wiring): Topology {
  const { devices } = wiring;
  const links = linksOf(wiring);
  const plugged = new Set(links.map(({ device }) => device));
  const switches = devices.filter(({ family }) => family === "switch");
  const byAddress = new Map(switches.flatMap(({ address, id }) => (address === undefined ? [] : [[address, id] as const])));
  const addresses = sorted(new Set([...byAddress.keys(), ...links.map(({ switchAddress }) => switchAddress)]), (address) => address);
  const addressOf = new Map([...byAddress].map(([address, id]) => [id, address] as const));
  const above = new Map(links.flatMap((link) => aboveOf(link, addressOf)));
  const rings = ringsOf(above);
  for (const [first = ""] of rings) above.delete(first);
  const onSwitch = Map.groupBy(links, ({ switchAddress }) => switchAddress);
  return {
    switches: addresses.map((address) => {
      const [device, up] = [byAddress.get(address), above.get(address)];
      const own = (onSwitch.get(address) ?? []).filter(({ device: id }) => !isRingLink(addressOf.get(id), address, above));
      return { address, ports: portsOf(own), ...(device === undefined ? {} : { device }), ...(up === undefined ? {} : { above: up }) };
    }),
    unplugged: devices.filter(({ id, family }) => !plugged.has(id) && family !== "switch").map(({ id }) => id),
    rooms: roomsOf(wiring),
    coupled: coupledOf(devices),
    rings,
  };
}

type Above = ReadonlyMap<string, { readonly address: string; readonly port: string }>;

/** The link of a switch: its own address, and where it hangs. */
function aboveOf({ device, switchAddress, port }: Link, addressOf: ReadonlyMap<DeviceId, string>) {
  const own = addressOf.get(device);
  return own === undefined || own === switchAddress ? [] : [[own, { address: switchAddress, port }] as const];
}

/** A switch under its own subordinate, or on itself, is left out of the tree there. */
function isRingLink(own: string | undefined, on: string, above: Above): boolean {
  return own !== undefined && above.get(own)?.address !== on;
}

/** Each ring once, from its first address on. */
function ringsOf(above: Above): readonly (readonly string[])[] {
  const found = new Map<string, readonly string[]>();
  for (const start of above.keys()) {
    const path: string[] = [];
    let at: string | undefined = start;
    while (at !== undefined && !path.includes(at)) {
      path.push(at);
      at = above.get(at)?.address;
    }
    if (at === undefined) continue;
    const ring = path.slice(path.indexOf(at));
    const first = ring.indexOf(ring.toSorted()[0] ?? "");
    const turned = [...ring.slice(first), ...ring.slice(0, first)];
    found.set(turned.join(" "), turned);
  }
  return sorted(found.values(), (ring) => ring.join(" "));
}

function portsOf(links: readonly Link[]): readonly PortNode[] {
  const ports = new Map<string, Link[]>();
  for (const link of links) ports.set(link.port, [...(ports.get(link.port) ?? []), link]);
  return sorted(ports, ([name]) => name).map(([name, on]) => ({
    name,
    plugs: sorted(on, ({ device }) => device).map(({ device, seenMs, gone, poe }) => ({
      device,
      seenMs,
      gone,
      ...(poe === undefined ? {} : { poe }),
    })),
    behind: sorted(new Set(on.filter(({ gone }) => !gone).flatMap(({ behind }) => behind)), (mac) => mac),
  }));
}

function roomsOf({ devices, roomOf }: Wiring): ReadonlyMap<string, readonly DeviceId[]> {
  const rooms = new Map<string, DeviceId[]>();
  for (const { id, retiredAtMs } of devices) {
    const room = roomOf(id);
    if (room === undefined || retiredAtMs !== undefined) continue;
    rooms.set(room, [...(rooms.get(room) ?? []), id]);
  }
  return rooms;
}

/** A codec with all its panels that are known; two codecs that name one panel are one set. */
function coupledOf(devices: readonly DeviceRow[]): readonly (readonly DeviceId[])[] {
  const byMac = new Map(devices.flatMap(({ mac, id }) => (mac === undefined ? [] : [[mac, id] as const])));
  const setOf = new Map<DeviceId, Set<DeviceId>>();
  for (const { id, parts } of devices) {
    for (const { mac } of parts) {
      const panel = mac === undefined ? undefined : byMac.get(mac);
      if (panel === undefined || panel === id) continue;
      const joined = new Set([...(setOf.get(id) ?? [id]), ...(setOf.get(panel) ?? [panel])]);
      for (const member of joined) setOf.set(member, joined);
    }
  }
  return sorted(
    [...new Set(setOf.values())].map((set) => sorted(set, (id) => id)),
    (set) => set.join(" "),
  );
}

/** What falls together: for failure domains. */
export interface Group {
  readonly kind: "switch" | "port" | "room" | "coupled";
  /** Unique among all groups. */
  readonly id: string;
  readonly members: readonly DeviceId[];
}

/**
 * Devices that share a fate: all below a switch, its subordinate switches included; several on one port; a room; a coupled set.
 * Nobody stands in a group because of a port it is gone from.
 */
export function groupsOf({ switches, rooms, coupled }: Topology): readonly Group[] {
  const below = (address: string): readonly DeviceId[] =>
    switches.flatMap((node) => {
      const own =
        node.address === address ? node.ports.flatMap(({ plugs }) => plugs.filter(({ gone }) => !gone).map(({ device }) => device)) : [];
      return node.above?.address === address ? [...own, ...below(node.address)] : own;
    });
  const groups: Group[] = [
    ...switches.map(({ address }): Group => ({ kind: "switch", id: `switch:${address}`, members: below(address) })),
    ...switches.flatMap(({ address, ports }) =>
      ports.map(
        ({ name, plugs }): Group => ({
          kind: "port",
          id: `port:${address} ${name}`,
          members: plugs.filter(({ gone }) => !gone).map(({ device }) => device),
        }),
      ),
    ),
    ...[...rooms].map(([room, members]): Group => ({ kind: "room", id: `room:${room}`, members })),
    ...coupled.map((members): Group => ({ kind: "coupled", id: `coupled:${members[0] ?? ""}`, members })),
  ];
  return groups
    .map((group) => ({ ...group, members: sorted(new Set(group.members), (id) => id) }))
    .filter(({ kind, members }) => members.length > (kind === "switch" ? 0 : 1))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
