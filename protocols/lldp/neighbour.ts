/**
 * Somebody plugged into a switch, as the switch tells it.
 */
import type { DeviceFacts } from "../core/device.ts";
import type { Mac } from "../core/ids.ts";

/** One device on one port. An absent field is unknown. */
export interface Neighbour {
  /** The switch's own name of the port: `Gi1/0/12`, or `port 12` where it has none. */
  readonly portName: string;
  readonly ifIndex?: number;
  readonly mac?: Mac;
  /** The address in an LLDP chassis id: how Poly phones say theirs. */
  readonly chassisAddress?: string;
  readonly managementAddress?: string;
  readonly sysName?: string;
  /** LLDP's system description or CDP's platform, as sent. */
  readonly description?: string;
  /** What the texts say of a device of ours; `{}` for anybody else but its MAC. */
  readonly facts: DeviceFacts;
  /** Absent where the switch does not say. */
  readonly poeDelivering?: boolean;
  readonly alias?: string;
  readonly speedMbps?: number;
  readonly nativeVlan?: number;
  /** The VLAN it speaks in, and what it draws, as CDP says. */
  readonly voiceVlan?: number;
  readonly powerMilliwatts?: number;
  /** VLANs its MAC was learnt in: a phone that boots is in two for a while. */
  readonly vlans?: readonly number[];
  /** Other MACs learnt on its port that are no device of ours: a PC behind a phone. */
  readonly behind?: readonly Mac[];
  /** What a routing table of MACs says, which is never stale by more than its own ageing. */
  readonly arpAddress?: string;
  /** It says it bridges and is no phone: another switch, so the port is an uplink. */
  readonly isBridge: boolean;
  /** The table it stands in. */
  readonly learntFrom: "lldp" | "lldp-v2" | "cdp" | "bridge";
}
