/**
 * A DHCP server's lease file as a source of the inventory.
 */
import { contains, type Network } from "../../../../protocols/core/networks.ts";
import type { Thread } from "../../../threads/channel.ts";
import type { FieldRequests } from "../../../threads/requests.ts";
import type { Inventory } from "../../inventory.ts";
import type { RecordSource } from "../records.ts";
import type { LeaseSource } from "./leases.ts";

export interface DhcpSourceIo {
  readonly field: Pick<Thread<FieldRequests>, "ask">;
  readonly inventory: Pick<Inventory, "note">;
  readonly networks: readonly Network[];
  readonly exclude: readonly Network[];
}

/** A server may serve more than this site: its word leads nobody out of the configured networks. */
export function dhcpSource(file: LeaseSource, { field, inventory, networks, exclude }: DhcpSourceIo): RecordSource {
  const inside = (address: string): boolean =>
    networks.some((network) => contains(network, address)) && !exclude.some((network) => contains(network, address));
  return {
    name: `dhcp ${file.leaseFile}`,
    async take(signal) {
      const read = await field.ask("leases", file, signal);
      if (!read.ok) return { fault: read.fault };
      const { sightings, leases, unreadable } = read.value;
      const named = sightings
        .filter(({ address }) => address !== undefined && inside(address))
        .filter((sighting) => inventory.note(sighting) !== undefined);
      return { listed: leases, devices: named.length, unreadable };
    },
  };
}
