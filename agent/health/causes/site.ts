/**
 * The site as far as causes go: who hangs on what, who depends on whom, how many run alike. Changes rarely; pure.
 */
import type { FamilyId } from "../../../protocols/core/device.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import type { ServiceRole } from "../../../store/services.ts";
import { SERVICE_RULES } from "../rules-service.ts";

export interface SiteDevice {
  readonly id: DeviceId;
  readonly name: string;
  readonly family?: FamilyId;
  readonly model?: string;
  readonly running?: string;
  readonly address?: string;
  readonly room?: string;
  /** The port it was last seen on; `powered`: the switch fed it then. */
  readonly port?: { readonly switchAddress: string; readonly name: string; readonly powered: boolean };
  /** The codec it is a panel of. */
  readonly codec?: DeviceId;
  readonly services: Readonly<Partial<Record<ServiceRole, readonly string[]>>>;
  /** Watched, and counted among those that could fail. */
  readonly adopted: boolean;
}

export interface SiteSwitch {
  readonly address: string;
  /** Absent where it is no device of the inventory. */
  readonly device?: DeviceId;
  readonly above?: { readonly address: string; readonly port: string };
}

export interface Service {
  readonly key: string;
  readonly role: ServiceRole;
  readonly name: string;
  /** Its server stands at the site: it is no cloud. */
  readonly onSite: boolean;
  /** The server, where it is a device of the inventory. */
  readonly server?: DeviceId;
  readonly members: readonly DeviceId[];
}

export interface Build {
  readonly model: string;
  readonly running: string;
  count: number;
}

export interface Site {
  readonly devices: ReadonlyMap<DeviceId, SiteDevice>;
  readonly switches: ReadonlyMap<string, SiteSwitch>;
  /** Watched devices with their last port on this very switch. */
  readonly onSwitch: ReadonlyMap<string, readonly DeviceId[]>;
  /** Subordinate switches, directly. */
  readonly under: ReadonlyMap<string, readonly string[]>;
  readonly services: ReadonlyMap<string, Service>;
  /** Panels by their codec. */
  readonly panels: ReadonlyMap<DeviceId, readonly DeviceId[]>;
  /** By family, and by SIP service: builds that can be compared with each other. */
  readonly strata: ReadonlyMap<string, ReadonlyMap<string, Build>>;
}

/** Conditions about getting its settings are named so; a site's own rule that begins so is about that as well. */
export const PROVISIONING_KIND = /^provision/i;
/** Families of which the starting rules know that they tell how they got their settings. Others prove nothing about their server. */
export const TELL_SETTINGS: ReadonlySet<string> = new Set(
  SERVICE_RULES.flatMap(({ id, families }) => (PROVISIONING_KIND.test(id) && Array.isArray(families) ? families : [])),
);

export const serviceKey = (role: ServiceRole, name: string): string => `${role}:${name}`;
export const buildKey = (model: string, running: string): string => `${model}|${running}`;
export const familyStratum = (family: string): string => `family:${family}`;

export interface SiteBuilder {
  add(device: SiteDevice): void;
  done(): Site;
}

/** Takes devices one after the other: ten thousand at once would hold up everybody else. `isOnSite`: does this host or address belong here? */
export function siteBuilder(switches: readonly SiteSwitch[], isOnSite: (name: string) => boolean): SiteBuilder {
  const devices = new Map<DeviceId, SiteDevice>();
  const byAddress = new Map<string, DeviceId>();
  const byName = new Map<string, DeviceId>();
  const onSwitch = new Map<string, DeviceId[]>();
  const members = new Map<string, { readonly role: ServiceRole; readonly name: string; readonly devices: DeviceId[] }>();
  const strata = new Map<string, Map<string, Build>>();
  const panels = new Map<DeviceId, DeviceId[]>();
  const under = new Map<string, string[]>();
  for (const { address, above } of switches) if (above !== undefined) push(under, above.address, address);
  return {
    add(device) {
      devices.set(device.id, device);
      if (device.address !== undefined) byAddress.set(device.address, device.id);
      byName.set(device.name.toLowerCase(), device.id);
      if (device.codec !== undefined) push(panels, device.codec, device.id);
      if (!device.adopted) return;
      if (device.port !== undefined && device.family !== "switch") push(onSwitch, device.port.switchAddress, device.id);
      for (const [role, names] of Object.entries(device.services) as [ServiceRole, readonly string[]][]) {
        for (const name of names) {
          const key = serviceKey(role, name);
          const known = members.get(key);
          if (known === undefined) members.set(key, { role, name, devices: [device.id] });
          else known.devices.push(device.id);
        }
      }
      for (const stratum of strataOf(device)) countBuild(strata, stratum, device);
    },
    done() {
      const services = [...members].map(([key, { role, name, devices: list }]): [string, Service] => {
        const server = byAddress.get(name) ?? byName.get(name);
        const onSite = role !== "app" && (server !== undefined || isOnSite(name));
        return [key, { key, role, name, onSite, members: list, ...(server === undefined ? {} : { server }) }];
      });
      const nodes = new Map(switches.map((one) => [one.address, one]));
      return { devices, switches: nodes, onSwitch, under, panels, services: new Map(services), strata };
    },
  };
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** Where its build is compared with others: its family, those who register with the same server, those who tell of the same settings. */
export function strataOf({ family, services: { sip = [], provisioning = [] } }: SiteDevice): readonly string[] {
  const tells = family !== undefined && TELL_SETTINGS.has(family);
  return [
    ...(family === undefined ? [] : [familyStratum(family)]),
    ...sip.map((name) => serviceKey("sip", name)),
    ...(tells ? provisioning.map((name) => serviceKey("provisioning", name)) : []),
  ];
}

function countBuild(strata: Map<string, Map<string, Build>>, stratum: string, { model, running }: SiteDevice): void {
  if (model === undefined || running === undefined) return;
  const builds = strata.get(stratum) ?? new Map<string, Build>();
  strata.set(stratum, builds);
  const key = buildKey(model, running);
  const known = builds.get(key);
  if (known === undefined) builds.set(key, { model, running, count: 1 });
  else known.count++;
}

/** Watched devices below the switch, its subordinate switches' included. A ring is walked once. */
export function allBelow(site: Site, address: string, seen = new Set<string>()): readonly DeviceId[] {
  if (seen.has(address)) return [];
  seen.add(address);
  return [...(site.onSwitch.get(address) ?? []), ...(site.under.get(address) ?? []).flatMap((other) => allBelow(site, other, seen))];
}

export function nameOf(site: Site, id: DeviceId): string {
  return site.devices.get(id)?.name ?? id;
}

/** The names that end so are nobody's in the internet. Source: RFC 6762, RFC 8375, RFC 9476 and the ICANN resolution on .internal. */
const LOCAL_NAME = /^[^.]+$|\.(?:local|lan|internal|intranet|home\.arpa|localdomain)$/i;
/** RFC 1918, RFC 6598, RFC 4193, link-local, loopback. */
const PRIVATE_ADDRESS =
  /^(?:10\.|127\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)|^(?:f[cd]|fe[89ab])[0-9a-f]*:/i;

/** A private address or a name without a public ending stands at the site, as far as a name can tell. */
export function looksLocal(name: string): boolean {
  return PRIVATE_ADDRESS.test(name) || (!name.includes(":") && LOCAL_NAME.test(name));
}
