/**
 * Who shares a fate at this site, besides a place: as the network tells it, and as its settings name it. Pure.
 */
import type { SiteGroup } from "../../firmware/waves/shape.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import { parseMac } from "../../protocols/core/ids.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { PlaceRow } from "../../store/places.ts";
import type { GroupSetting } from "../config/group-schema.ts";
import { groupsOf, topologyOf, type Wiring } from "../discovery/topology.ts";

export interface SiteWiring extends Pick<Wiring, "devices" | "ports"> {
  readonly places: readonly PlaceRow[];
}

/** Switches, ports and coupled sets of the network, then the groups of the settings; whom nobody knows is in none. */
export function siteGroups({ devices, ports, places }: SiteWiring, settings: readonly GroupSetting[]): SiteGroup[] {
  const tree = topologyOf({ devices, ports, roomOf: () => undefined });
  const deviceAt = new Map(tree.switches.flatMap(({ address, device }) => (device === undefined ? [] : [[address, device] as const])));
  const wired = groupsOf(tree).flatMap(({ kind, id, members }): SiteGroup[] => {
    if (kind === "room") return [];
    const name = id.slice(kind.length + 1);
    const parent = kind === "switch" ? deviceAt.get(name) : undefined;
    return [{ kind, name, members, ...(parent === undefined ? {} : { parent }) }];
  });
  const find = finder(devices, places);
  const named = settings.map(({ kind, name, members, minUp }): SiteGroup => {
    const found = members.map(find).filter((member) => member !== undefined);
    return { kind, name, members: found, ...(minUp === undefined ? {} : { minUp }) };
  });
  return [...wired, ...named];
}

/** By the name of a place, which stays through every swap, else by MAC. */
function finder(devices: readonly DeviceRow[], places: readonly PlaceRow[]): (member: string) => DeviceId | undefined {
  const byMac = new Map(devices.flatMap(({ mac, id }) => (mac === undefined ? [] : [[mac, id] as const])));
  const byName = new Map(places.map(({ name, mac }) => [name, mac]));
  return (member) => {
    const mac = byName.has(member) ? byName.get(member) : parseMac(member);
    return mac === undefined ? undefined : byMac.get(mac);
  };
}
