/**
 * Topology as people and scripts see it. Pure over the tree.
 */
import { type DeviceId, showMac } from "../../protocols/core/ids.ts";
import { isoOf } from "../../protocols/core/time.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Store } from "../../store/store.ts";
import { type PortNode, type SwitchNode, type Topology, topologyOf } from "../discovery/topology.ts";

type Tables = Pick<Store, "devices" | "places">;

export interface DeviceSeen {
  readonly device: string;
  readonly name: string;
  readonly model?: string;
  readonly address?: string;
  readonly room?: string;
  /** Names of what is updated together with it. */
  readonly coupledWith: readonly string[];
}

export interface PlugView extends DeviceSeen {
  readonly seen: string;
  readonly gone: boolean;
  readonly poe?: boolean;
}

export interface TopologyView {
  readonly schema: "groundswell.topology/1";
  readonly switches: readonly {
    readonly address: string;
    readonly device?: string;
    readonly name?: string;
    readonly above?: SwitchNode["above"];
    readonly ports: readonly { readonly name: string; readonly devices: readonly PlugView[]; readonly behind: readonly string[] }[];
  }[];
  /** Where one device was asked for. */
  readonly about?: DeviceSeen & {
    readonly roomMates: readonly string[];
    readonly switch?: string;
    readonly port?: string;
    readonly poeParent?: string;
  };
  readonly unplugged: readonly DeviceSeen[];
  readonly rings: Topology["rings"];
}

/** All of the site, of one switch, or what one device hangs on. */
export function showTopology(tables: Tables, only: { readonly device?: DeviceRow; readonly switchAddress?: string } = {}): TopologyView {
  const devices = tables.devices.list({ retired: false });
  const placeOf = new Map(tables.places.all().flatMap((place) => (place.mac === undefined ? [] : [[place.mac, place] as const])));
  const byId = new Map(devices.map((row) => [row.id, row]));
  const roomOf = (id: DeviceId): string | undefined => {
    const mac = byId.get(id)?.mac;
    return mac === undefined ? undefined : placeOf.get(mac)?.room;
  };
  const tree = topologyOf({ devices, ports: tables.devices.factsNamed("switchPort"), roomOf });
  const seen = (id: DeviceId): DeviceSeen => seenAs(id, { byId, tree, roomOf });
  const { device, switchAddress } = only;
  const isWanted = (node: SwitchNode, port: PortNode): boolean =>
    (switchAddress === undefined || node.address === switchAddress) &&
    (device === undefined || device.id === node.device || port.plugs.some((plug) => plug.device === device.id));
  const whole = device === undefined && switchAddress === undefined;
  const switches = tree.switches.flatMap((node) => {
    const ports = node.ports.filter((port) => isWanted(node, port));
    const isItself = node.device !== undefined && node.device === device?.id;
    return whole || ports.length > 0 || node.address === switchAddress || isItself ? [viewSwitch(node, ports, { byId, seen })] : [];
  });
  return {
    schema: "groundswell.topology/1",
    switches,
    ...(device === undefined ? {} : { about: aboutOf(device, { tree, seen, byId }) }),
    unplugged: whole ? tree.unplugged.map(seen) : [],
    rings: tree.rings,
  };
}

interface Names {
  readonly byId: ReadonlyMap<DeviceId, DeviceRow>;
  readonly seen: (id: DeviceId) => DeviceSeen;
}

function viewSwitch(node: SwitchNode, ports: readonly PortNode[], { byId, seen }: Names): TopologyView["switches"][number] {
  const { address, device, above } = node;
  const name = device === undefined ? undefined : byId.get(device)?.name;
  return {
    address,
    ...(device === undefined ? {} : { device }),
    ...(name === undefined ? {} : { name }),
    ...(above === undefined ? {} : { above }),
    ports: ports.map(({ name: port, plugs, behind }) => ({
      name: port,
      devices: plugs.map(({ device: id, seenMs, gone, poe }) => ({
        ...seen(id),
        seen: isoOf(seenMs),
        gone,
        ...(poe === undefined ? {} : { poe }),
      })),
      behind: behind.map(showMac),
    })),
  };
}

function seenAs(
  id: DeviceId,
  { byId, tree, roomOf }: { readonly byId: Names["byId"]; readonly tree: Topology; readonly roomOf: (id: DeviceId) => string | undefined },
): DeviceSeen {
  const row = byId.get(id);
  const room = roomOf(id);
  const coupled = tree.coupled.find((set) => set.includes(id)) ?? [];
  return {
    device: id,
    name: row?.name ?? id,
    ...(row?.model === undefined ? {} : { model: row.model }),
    ...(row?.address === undefined ? {} : { address: row.address }),
    ...(room === undefined ? {} : { room }),
    coupledWith: coupled.filter((other) => other !== id).map((other) => byId.get(other)?.name ?? other),
  };
}

function aboutOf(device: DeviceRow, { tree, seen, byId }: Names & { readonly tree: Topology }): NonNullable<TopologyView["about"]> {
  const own = seen(device.id);
  const mates = [...tree.rooms.values()].find((members) => members.includes(device.id)) ?? [];
  const node = tree.switches.find(({ ports }) => ports.some(({ plugs }) => plugs.some((plug) => plug.device === device.id && !plug.gone)));
  const port = node?.ports.find(({ plugs }) => plugs.some((plug) => plug.device === device.id));
  const powered = port?.plugs.some((plug) => plug.device === device.id && plug.poe === true) === true;
  return {
    ...own,
    roomMates: mates.filter((id) => id !== device.id).map((id) => byId.get(id)?.name ?? id),
    ...(node === undefined || port === undefined ? {} : { switch: node.address, port: port.name }),
    ...(node !== undefined && powered ? { poeParent: node.address } : {}),
  };
}
