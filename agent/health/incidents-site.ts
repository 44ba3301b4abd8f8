/** Reads from the store what causes have to know of the site; in pieces, because the main thread has others to serve. */
import type { DeviceId, Mac } from "../../protocols/core/ids.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { ServiceRole } from "../../store/services.ts";
import type { Store } from "../../store/store.ts";
import { type Site, type SiteDevice, type SiteSwitch, siteBuilder } from "./causes/site.ts";

/** Rows of one piece: some 15 ms. */
const PAGE = 500;

export interface SiteTables {
  readonly store: Pick<Store, "devices" | "services" | "places">;
  readonly isOnSite: (name: string) => boolean;
}

export async function readSite({ store, isOnSite }: SiteTables): Promise<Site> {
  const rows: DeviceRow[] = [];
  const services = new Map<DeviceId, Partial<Record<ServiceRole, string[]>>>();
  let after: DeviceId | undefined;
  for (;;) {
    const page = store.devices.list({ retired: false, limit: PAGE, ...(after === undefined ? {} : { after }) });
    const until = page.at(-1)?.id;
    rows.push(...page);
    if (until !== undefined) {
      for (const { device, role, name } of store.services.list({ until, ...(after === undefined ? {} : { after }) })) {
        const own = services.get(device) ?? {};
        own[role] = [...(own[role] ?? []), name];
        services.set(device, own);
      }
    }
    after = until;
    if (page.length < PAGE) break;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  const rooms = new Map(
    store.places.all().flatMap(({ mac, room }) => (mac === undefined || room === undefined ? [] : [[mac, room] as const])),
  );
  const { switches, deviceOf } = wiringOf(rows, { rooms, services });
  const builder = siteBuilder(switches, isOnSite);
  for (const [index, row] of rows.entries()) {
    builder.add(deviceOf(row));
    if (index % PAGE === PAGE - 1) await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return builder.done();
}

interface Told {
  readonly rooms: ReadonlyMap<Mac, string>;
  readonly services: ReadonlyMap<DeviceId, SiteDevice["services"]>;
}

/** Rows as the site: the port is where a device was seen last, whether its switch still names it or not. */
export function wiringOf(
  rows: readonly DeviceRow[],
  { rooms, services }: Told,
): {
  readonly switches: readonly SiteSwitch[];
  readonly deviceOf: (row: DeviceRow) => SiteDevice;
} {
  const byMac = new Map(rows.flatMap(({ mac, id }) => (mac === undefined ? [] : [[mac, id] as const])));
  const codecs = new Map<DeviceId, DeviceId>();
  const switches = new Map<string, SiteSwitch>();
  for (const { id, parts, family, address, switchPort } of rows) {
    for (const { mac } of parts) {
      const panel = mac === undefined ? undefined : byMac.get(mac);
      if (panel !== undefined && panel !== id) codecs.set(panel, id);
    }
    if (switchPort !== undefined && !switches.has(switchPort.switchAddress))
      switches.set(switchPort.switchAddress, { address: switchPort.switchAddress });
    if (family !== "switch" || address === undefined) continue;
    const above = switchPort === undefined || switchPort.switchAddress === address ? undefined : switchPort;
    switches.set(address, {
      address,
      device: id,
      ...(above === undefined ? {} : { above: { address: above.switchAddress, port: above.name } }),
    });
  }
  const deviceOf = (row: DeviceRow): SiteDevice => {
    const { id, name, family, model, running, address, mac, switchPort, adopted } = row;
    const codec = codecs.get(id);
    const room = mac === undefined ? undefined : rooms.get(mac);
    return {
      id,
      name,
      adopted,
      services: services.get(id) ?? {},
      ...(family === undefined ? {} : { family }),
      ...(model === undefined ? {} : { model }),
      ...(running === undefined ? {} : { running }),
      ...(address === undefined ? {} : { address }),
      ...(room === undefined ? {} : { room }),
      ...(codec === undefined ? {} : { codec }),
      ...(switchPort === undefined
        ? {}
        : { port: { switchAddress: switchPort.switchAddress, name: switchPort.name, powered: switchPort.poeDelivering === true } }),
    };
  };
  return { deviceOf, switches: [...switches.values()] };
}
