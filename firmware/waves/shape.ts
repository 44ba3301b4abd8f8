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
import type { Calendar, WavePolicy } from "./policy.ts";

/** A device as the planner sees it: inventory, place and last known version. */
export interface Candidate {
  readonly device: DeviceId;
  readonly family?: FamilyId;
  readonly model?: string;
  readonly partNumber?: string;
  readonly mac?: Mac;
  readonly name: string;
  readonly running?: Version;
  readonly updater?: Version;
  readonly managedBy: ManagedBy;
  readonly availability: "online" | "suspect" | "offline" | "unknown";
  readonly place: { readonly room?: string; readonly floor?: string; readonly zone?: string; readonly duties: readonly Duty[] };
  /** Lines registered when last seen well. */
  readonly registeredLines?: number;
  readonly serial?: string;
  /** For which releases a key code of its serial number is kept here; never the codes. */
  readonly keyCodes?: readonly KeyFor[];
}

/** A duty makes a device go last. */
export type Duty = "vip" | "reception" | "emergency";

export interface FailureDomain {
  /** `room:Matterhorn`, `floor:3`, `zone:emergency-2`. */
  readonly id: string;
  readonly kind: "room" | "floor" | "zone";
  readonly members: readonly DeviceId[];
  /** How many members must be up at every instant; for a room, all but one. */
  readonly minUp: number;
}

/** One step of a task: what is installed, and from what. */
export interface PlannedLeg {
  /** Id of the release that is installed. */
  readonly release: string;
  /** Which of the device's versions it replaces: an Updater leaves the application as it is. */
  readonly kind: Release["kind"];
  readonly from: Version;
  readonly to: Version;
  readonly edge: Edge;
  /** Of a tree of files its largest; all of them are needed. */
  readonly image: Sha256;
  /** At most: what a room fetches of a tree is its own affair. */
  readonly imageBytes: number;
  /** The files of an update server, where the release is one. */
  readonly tree?: readonly { readonly path: string; readonly sha256: Sha256; readonly sizeBytes: number }[];
}
/** Everything that has to be here before it is installed. Pure. */
export const imagesNeeded = ({ image, tree }: PlannedLeg): readonly Sha256[] => tree?.map(({ sha256 }) => sha256) ?? [image];
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
  /** In order; the last one leads to the plan's release. */
  readonly legs: Legs;
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
}

export interface Forecast {
  readonly devices: number;
  readonly lanBytes: number;
  /** Bytes still to come over the site's uplink: images that are not staged yet. */
  readonly wanBytes: number;
  /** From the first command to the end of the last soak, if started now and nothing waits. */
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
  /** Does all of it fit into the window it would start in? */
  readonly fitsWindow: boolean;
}

export interface Plan {
  readonly schema: "groundswell.plan/1";
  readonly site: string;
  readonly campaign: CampaignId;
  /** Who made it: another person approves. */
  readonly author: { readonly person: string; readonly keyId: string };
  readonly createdAtMs: Ms;
  readonly release: Release;
  readonly catalogueVersion: number;
  readonly policy: WavePolicy;
  readonly calendar: Calendar;
  readonly domains: readonly FailureDomain[];
  readonly tasks: readonly PlannedTask[];
  readonly waves: readonly PlannedWave[];
  readonly heldBack: readonly HeldBack[];
  readonly forecast: Forecast;
}
