/**
 * The shape of a plan: immutable, hashed, says everything. Execution makes no choices of its own.
 */
import type { FamilyId, ManagedBy } from "../../protocols/core/device.ts";
import type { CampaignId, DeviceId, Mac, Sha256, TaskId } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { Version } from "../../protocols/core/version.ts";
import type { HeldBack } from "../held.ts";
import type { KeyFor } from "../key-codes.ts";
import type { Edge, Release } from "../release.ts";
import type { FailedGate } from "./campaign-state.ts";
import type { Calendar, WavePolicy } from "./policy.ts";

/** A device as the planner sees it: inventory, place and last known version. */
export interface Candidate {
  readonly device: DeviceId;
  readonly family?: FamilyId;
  readonly model?: string;
  readonly partNumber?: string;
  /** Of its hardware, as the hardware states it. */
  readonly revision?: string;
  readonly mac?: Mac;
  readonly name: string;
  readonly running?: Version;
  readonly updater?: Version;
  readonly managedBy: ManagedBy;
  readonly availability: "online" | "suspect" | "offline" | "unknown";
  readonly place: {
    readonly room?: string;
    readonly floor?: string;
    readonly zone?: string;
    readonly ring?: string;
    readonly duties: readonly Duty[];
  };
  /** The network it has its address in, as `10.20.3.0/24`. */
  readonly subnet?: string;
  /** Lines registered when last seen well. */
  readonly registeredLines?: number;
  readonly serial?: string;
  /** For which releases a key code of its serial number is kept here; never the codes. */
  readonly keyCodes?: readonly KeyFor[];
}

/** A duty makes a device go last. */
export type Duty = "vip" | "reception" | "emergency";

export type DomainKind = "room" | "floor" | "zone" | "reception" | "huntGroup" | "group" | "port" | "switch" | "subnet";

export interface FailureDomain {
  /** `room:Matterhorn`, `floor:3`, `zone:emergency-2`, `reception`. */
  readonly id: string;
  readonly kind: DomainKind;
  readonly members: readonly DeviceId[];
  /** How many members must be up at every instant; for a room, all but one unit. */
  readonly minUp: number;
  /** What its rule keeps, where a planned outage of the policy lets it keep fewer. */
  readonly usualMinUp?: number;
  /** What powers or connects the members: never down together with any of them. No member itself. */
  readonly parent?: DeviceId;
}

/** Devices that share a fate: as the network tells it (switches, ports, coupled sets) or as the site's settings name it. */
export interface SiteGroup {
  readonly kind: "switch" | "port" | "coupled" | "huntGroup" | "group";
  /** Unique within its kind. */
  readonly name: string;
  readonly members: readonly DeviceId[];
  /** Stated by a person; what keeps too much holds its members back. */
  readonly minUp?: number;
  readonly parent?: DeviceId;
}

/** Devices that are updated as one, sorted by id: a codec with its panels. */
export type Unit = readonly DeviceId[];

/** One step of a task: what is installed, and from what. */
export interface PlannedLeg {
  /** Id of the release that is installed. */
  readonly release: string;
  /** Which of the device's versions it replaces: an Updater leaves the application as it is. */
  readonly kind: Release["kind"];
  readonly from: Version;
  readonly to: Version;
  readonly edge: Edge;
  /** What the plan goes by: measured here on so many devices, or as the edge states it where `measuredOn` is 0. */
  readonly durationMs: Edge["durationMs"];
  readonly measuredOn: number;
  /** Of a tree of files its largest; all of them are needed. */
  readonly image: Sha256;
  /** At most: what a room fetches of a tree is its own affair. */
  readonly imageBytes: number;
  /** The files of an update server, where the release is one. */
  readonly tree?: readonly { readonly path: string; readonly sha256: Sha256; readonly sizeBytes: number }[];
}
export type Legs = readonly [PlannedLeg, ...PlannedLeg[]];

export interface PlannedTask {
  readonly id: TaskId;
  readonly device: DeviceId;
  readonly name: string;
  readonly mac: Mac;
  readonly family: FamilyId;
  readonly model: string;
  /** Absent where the release is a tree of files. */
  readonly partNumber?: string;
  /** Of its hardware; where a step of it is for some only. */
  readonly revision?: string;
  /** In order; the last one leads to the plan's release, of a rollback to what the device ran before. */
  readonly legs: Legs;
  /** What is updated with it and by it: the other members of its unit. Absent where it stands alone. */
  readonly along?: readonly DeviceId[];
  /** Ids of the failure domains the device belongs to. */
  readonly domains: readonly string[];
  readonly registeredLines?: number;
}

export interface PlannedWave {
  /** 1 is the canary. */
  readonly index: number;
  readonly tasks: readonly TaskId[];
  readonly failuresAllowed: number;
  readonly soakMs: Ms;
  /** What is proven if the wave ends clean, for each model and way in it; how many devices speak grows from wave to wave. */
  readonly proof: readonly Proof[];
}

export interface Proof {
  readonly model: string;
  /** Versions installed one after another. */
  readonly to: readonly Version[];
  /** What the first step may start from. */
  readonly fromMin: Version;
  readonly fromMax: Version;
  /** Devices that have gone this way with the end of the wave. */
  readonly clean: number;
  /** A failure rate above so many in a thousand is then ruled out. */
  readonly ruledOutPerMille: number;
  readonly words: string;
}

export interface Forecast {
  readonly devices: number;
  readonly lanBytes: number;
  /** Bytes still to come over the site's uplink: images that are not staged yet. */
  readonly wanBytes: number;
  /** From the start to the end of the last wave while the site is open: half of the plays of it, and nine of ten, take no longer. */
  readonly p50Ms: Ms;
  readonly p90Ms: Ms;
  readonly finishP50AtMs: Ms;
  readonly finishP90AtMs: Ms;
  readonly waves: readonly {
    readonly index: number;
    readonly devices: number;
    readonly p50Ms: Ms;
    readonly p90Ms: Ms;
    readonly lanBytes: number;
  }[];
  /** The window it would start in; absent where none ever opens. */
  readonly window?: { readonly fromMs: Ms; readonly toMs: Ms };
  /** Does all of it fit into that window, nine times of ten? */
  readonly fitsWindow: boolean;
  /** Most that is down at once. */
  readonly worst: {
    /** Whatever happens, as long as the plan's limits hold. */
    readonly bound: Outage;
    /** As it is laid out, nine times of ten. */
    readonly laid: Outage;
  };
  /** The longest that a room is without anything in it, over the whole plan; 0 where none ever is. */
  readonly darkRoomP50Ms: Ms;
  readonly darkRoomP90Ms: Ms;
  /** Devices that power or connect others, and how many they take with them. */
  readonly parents: { readonly devices: number; readonly takeAlong: number };
  /** How many devices can go back how; that of the hardest step counts. */
  readonly reversibility: Readonly<Record<Edge["reversibility"], number>>;
}

/** Away together. Each is the most of its own: they need not be of one moment. */
export interface Outage {
  readonly devices: number;
  readonly phones: number;
  /** Rooms in which something is away. */
  readonly rooms: number;
  /** Rooms in which nothing is left. */
  readonly darkRooms: number;
}

/** Whom a person means. Without any field: every device the release is for. Fields narrow one another. */
export interface Selection {
  readonly models?: readonly string[];
  /** Named devices are always answered for: one the release is not for is held back, not left out silently. */
  readonly devices?: readonly DeviceId[];
  readonly floors?: readonly string[];
  readonly rooms?: readonly string[];
}

/** Only such a plan lowers a version (I14). */
export interface PlanRollback {
  readonly campaign: CampaignId;
  /** The gate that held the campaign when it was halted: whoever approves the plan's hash names it (I12). */
  readonly gate?: FailedGate;
}

export interface Plan {
  readonly schema: "groundswell.plan/1";
  readonly site: string;
  readonly campaign: CampaignId;
  /** Who made it: another person approves. */
  readonly author: { readonly person: string; readonly keyId: string };
  readonly createdAtMs: Ms;
  /** Hash of the plan it was made from: the world had moved on since, or what it did is taken back. */
  readonly parent?: Sha256;
  /** It takes devices of that campaign back to what they ran before; `release` is then the one they leave. */
  readonly rollback?: PlanRollback;
  readonly selection: Selection;
  readonly release: Release;
  readonly catalogueVersion: number;
  readonly policy: WavePolicy;
  readonly calendar: Calendar;
  readonly domains: readonly FailureDomain[];
  /** Coupled sets of the whole site. */
  readonly units: readonly Unit[];
  readonly tasks: readonly PlannedTask[];
  readonly waves: readonly PlannedWave[];
  readonly heldBack: readonly HeldBack[];
  readonly forecast: Forecast;
}
