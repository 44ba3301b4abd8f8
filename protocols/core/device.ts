/**
 * What can be known of a device, and how we came to know it.
 */
import type { Fault, Transport } from "./fault.ts";
import type { Mac } from "./ids.ts";
import type { Reading } from "./reading.ts";
import type { Ms } from "./time.ts";
import type { Version } from "./version.ts";

export type FamilyId = "uc-phone" | "soundpoint" | "video-os" | "group" | "hdx" | "lens-only" | "switch" | "generic-snmp";

/** Who else manages a device's software or settings; a device managed by anybody but `none` is not ours to update. */
export type ManagedBy = "none" | "lens" | "teams" | "rprm" | "unknown";

/** Does it name somebody? Where two disagree, a named manager is believed over "nobody" whoever says so: to wrong it costs more. */
export function namesManager(managedBy: ManagedBy | undefined): managedBy is "lens" | "teams" | "rprm" {
  return managedBy !== undefined && managedBy !== "none" && managedBy !== "unknown";
}

/** Of two words on one device: the first, unless only the second names somebody. */
export function managerOfBoth(first: ManagedBy | undefined, second: ManagedBy | undefined): ManagedBy | undefined {
  if (!namesManager(first) && namesManager(second)) return second;
  return first ?? second;
}

/** Version numbers a device states. Application and Updater are different numbers and never compared with each other. */
export interface Running {
  readonly application?: Version;
  readonly updater?: Version;
}

/** Facts that identify a device. An absent field is unknown. */
export interface DeviceFacts {
  readonly family?: FamilyId;
  readonly vendor?: string;
  /** One spelling per model over all sources: `VVX 411`, `Edge E350`, `Studio X50`, `RealPresence Group 500`. */
  readonly model?: string;
  /** `3111-48450-001` */
  readonly partNumber?: string;
  readonly revision?: string;
  readonly mac?: Mac;
  readonly serial?: string;
  readonly name?: string;
  readonly running?: Running;
  readonly managedBy?: ManagedBy;
}

/** Is somebody using it? `unknown` counts as busy until a person or policy decides. */
export type InUse =
  | { readonly state: "idle" }
  | { readonly state: "busy"; readonly reason: string }
  | { readonly state: "unknown"; readonly reason: string };

export interface Line {
  /** `1001@pbx.example` or the line's label where no address is stated. */
  readonly address: string;
  readonly registered: boolean;
}

/** One thing learnt, by which way, when. `what` is for people and holds no secret. */
export interface Evidence {
  readonly via: Transport;
  readonly what: string;
  readonly atMs: Ms;
}

/** A part that is updated together with its device (a touch panel with its codec). */
export interface CoupledPart {
  readonly mac?: Mac;
  readonly serial?: string;
  readonly model: string;
  readonly version?: Version;
  readonly connected: boolean;
}

/** Where a source stands when two disagree; higher wins, newer wins within a rank. */
export type SightingSource = "device" | "provisioning" | "lldp" | "cdp" | "sip" | "dhcp" | "lens" | "csv" | "tls" | "bridge";

/** One source saw one device once. */
export interface Sighting {
  readonly source: SightingSource;
  readonly atMs: Ms;
  readonly address?: string;
  readonly facts: DeviceFacts;
  readonly evidence: readonly Evidence[];
  /** `false`: the source only remembers the device, and did not hear of it now. */
  readonly heard?: boolean;
  /** The switch port it was seen on, where a switch says so. `behind`: MACs on it that are no device of ours. */
  readonly port?: {
    readonly switchAddress: string;
    readonly name: string;
    readonly poeDelivering?: boolean;
    readonly behind?: readonly Mac[];
  };
}

/** TCP and UDP ports a device is asked on. */
export interface DevicePorts {
  readonly https: number;
  readonly http: number;
  readonly snmp: number;
  readonly ssh: number;
  readonly telnet: number;
  readonly sip: number;
}

export const STANDARD_PORTS: DevicePorts = { https: 443, http: 80, snmp: 161, ssh: 22, telnet: 24, sip: 5060 };

/** Everything one full read of a device gives. What could not be learnt is absent, and `faults` says why. */
export interface DeviceRead {
  readonly facts: DeviceFacts;
  readonly inUse: InUse;
  readonly lines: readonly Line[];
  readonly parts: readonly CoupledPart[];
  readonly reading: Reading;
  readonly evidence: readonly Evidence[];
  readonly faults: readonly Fault[];
  /** Who serves it, as it says itself; a part that is absent was not told, an empty one is none. */
  readonly servers?: {
    /** The application that makes its calls: `Microsoft Teams`, `Zoom`. */
    readonly app?: readonly string[];
    readonly provisioning?: readonly string[];
    readonly dhcp?: readonly string[];
  };
  /** `unknown`: its manager answered for it and has no word of it now; without it, whoever answers is there. */
  readonly presence?: "unknown";
}
