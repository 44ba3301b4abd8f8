/**
 * One lease as a DHCP server wrote it down, whichever server it is.
 */
import type { Mac } from "../../../../protocols/core/ids.ts";
import type { Ms } from "../../../../protocols/core/time.ts";

export const LEASE_FORMATS = ["isc", "kea", "dnsmasq"] as const;
export type LeaseFormat = (typeof LEASE_FORMATS)[number];

export interface Lease {
  readonly address: string;
  readonly mac: Mac;
  /** Absent: it never ends. */
  readonly endsMs?: Ms;
  /** When the server last heard from the client; absent where the file does not say. */
  readonly heardMs?: Ms;
  /** Option 60, as text or, where it is not printable, as hex digits. */
  readonly vendorClass?: string;
  readonly hostName?: string;
}

/** `undefined` lease: the address is in nobody's hands. Later words on an address win. */
export interface LeaseWord {
  readonly address: string;
  readonly lease: Lease | undefined;
}

/** What a file holds. `unreadable` counts entries that do not decode; a torn end is none. */
export interface LeaseText {
  readonly words: readonly LeaseWord[];
  readonly unreadable: number;
  /** Something in it is of the format: a file of another one is not taken for an empty one. */
  readonly recognised: boolean;
}

/** Longer names are nobody's. Source: RFC 1035, 2.3.4. */
export const HOST_NAME_CHARS = 255;

/** The leases in force: the last word on each address, and of each device the address it asked for last. */
export function leasesNow(texts: readonly LeaseText[], nowMs: Ms): readonly Lease[] {
  const byAddress = new Map<string, Lease | undefined>();
  for (const { words } of texts) for (const { address, lease } of words) byAddress.set(address, lease);
  const byMac = new Map<Mac, Lease>();
  for (const lease of byAddress.values()) {
    if (lease === undefined || (lease.endsMs !== undefined && lease.endsMs <= nowMs)) continue;
    const other = byMac.get(lease.mac);
    if (other === undefined || newness(lease) > newness(other)) byMac.set(lease.mac, lease);
  }
  return [...byMac.values()];
}

function newness({ heardMs, endsMs }: Lease): Ms {
  return heardMs ?? endsMs ?? Number.POSITIVE_INFINITY;
}
