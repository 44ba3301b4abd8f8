/**
 * What the inventory answers when a sighting asks who that is.
 */
import type { SightingSource } from "../../protocols/core/device.ts";
import type { Decisions } from "../../store/decisions.ts";
import type { DeviceRow, Devices } from "../../store/devices.ts";
import { isAddressHint, type Known } from "./identify.ts";

export function knownIn({ devices, decisions }: { readonly devices: Devices; readonly decisions: Decisions }): Known {
  return {
    byMac: (mac) => devices.findByMac(mac)?.id,
    bySerial: (serial) => devices.findBySerial(serial)[0]?.id ?? decisions.mergedSerial(serial),
    apart: (one, other) => decisions.apart(one, other),
    byAddress(address) {
      const ranked = devices.list({ address }).map((row) => ({ row, heard: heardAt(row, address, devices) }));
      const best = Math.max(...ranked.map(({ heard }) => heard));
      const there = ranked.filter(({ heard }) => heard === best).toSorted((a, b) => b.row.lastSeenMs - a.row.lastSeenMs);
      const newest = there[0]?.row;
      if (newest === undefined) return undefined;
      return {
        id: newest.id,
        atMs: newest.lastSeenMs,
        ...(newest.mac === undefined ? {} : { mac: newest.mac }),
        ...(best === SAID && there.length > 1 ? { shared: true as const } : {}),
      };
    },
  };
}

/** How sure it is that a device is at an address: only said so, in a router's table of now, or heard from there. */
const SAID = 0;
const ROUTED = 1;
const HEARD = 2;

function heardAt({ id }: DeviceRow, address: string, devices: Devices): number {
  const sureness = (source: SightingSource): number => (source === "bridge" ? ROUTED : isAddressHint(source) ? SAID : HEARD);
  return devices
    .facts(id)
    .filter((fact) => fact.field === "address" && fact.value === address)
    .reduce((best, { source }) => Math.max(best, sureness(source)), SAID);
}
