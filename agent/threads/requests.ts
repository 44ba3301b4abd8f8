/**
 * What the field and history threads are asked, and what they say by themselves; the depot's are in `depot-requests.ts`. Plain data only.
 */

import type { LensProduct } from "../../firmware/sources/lens.ts";
import type { SourceFault, SourceListing } from "../../firmware/sources/source.ts";
import type { Usage } from "../../firmware/waves/quiet-hours.ts";
import type { CampaignReport } from "../../firmware/waves/report-document.ts";
import type { ReportInput } from "../../firmware/waves/report-input.ts";
import type { DevicePorts, DeviceRead, FamilyId, Sighting } from "../../protocols/core/device.ts";
import type { Fault, Result } from "../../protocols/core/fault.ts";
import type { Mac } from "../../protocols/core/ids.ts";
import type { Reading, ReadingName } from "../../protocols/core/reading.ts";
import type { ScaledClockOptions } from "../../protocols/core/time.ts";
import type { KeptSetting, Look, TriggerId, UpdateOrder, UpdateSettingsNow } from "../../protocols/families/family.ts";
import type { PinRow } from "../../protocols/families/pins.ts";
import type { RefusalRow } from "../../protocols/families/refusals.ts";
import type { LensEndpoints } from "../../protocols/lens/endpoints.ts";
import type { LensSightings } from "../../protocols/lens/inventory.ts";
import type { PortState } from "../../protocols/lldp/ports.ts";
import type { ChangeRow, Recording } from "../../store/history/changes.ts";
import type { Rolled, RollStep } from "../../store/history/rollup.ts";
import type { Story, StoryAsk } from "../../store/history/story.ts";
import type { UsageAsk } from "../calendars/usage-read.ts";
import type { WatchKeys } from "../config-watch/keys.ts";
import type { Snapshot } from "../config-watch/snapshot.ts";
import type { LensEntitlements } from "../coverage/list-lens.ts";
import type { LeaseSightings, LeaseSource } from "../discovery/sources/dhcp/leases.ts";
import type { SweepSummary } from "../discovery/sources/sweep.ts";
import type { SweepEvent, SweepOrder } from "../discovery/sources/sweep-order.ts";
import type { BeforeAfter } from "../health/before-after.ts";
import type { DryRunAsk, Firing } from "../health/dry-run.ts";
import type { TrendAsk, TrendFinding } from "../health/trend-read.ts";
import type { Hint, ListenPlan } from "../listeners/listen.ts";
import type { BrandLook, Report } from "../reports/report-shape.ts";

/** A credential on its way into the field thread: it is wrapped as a `Secret` again on arrival. */
export type PlainCredential =
  | {
      readonly kind: "password";
      readonly id: string;
      readonly user: string;
      readonly password: string;
      readonly families?: readonly string[];
    }
  | {
      readonly kind: "certificate";
      readonly id: string;
      readonly certificate: string;
      readonly key: string;
      readonly families?: readonly string[];
    }
  | { readonly kind: "community"; readonly id: string; readonly community: string }
  | {
      readonly kind: "usm";
      readonly id: string;
      readonly user: string;
      readonly auth?: { readonly protocol: "md5" | "sha" | "sha256"; readonly key: string };
      readonly priv?: { readonly protocol: "des" | "aes" | "aes256"; readonly key: string };
    };

export interface FieldData {
  readonly clock: ScaledClockOptions;
  readonly ports: DevicePorts;
  readonly credentials: readonly PlainCredential[];
  /** See `Target.telnet`. */
  readonly telnet: boolean;
  /** See `Target.sipNotify`. */
  readonly sipNotify?: boolean;
  /** MACs and addresses of devices that know only TLS 1.0. */
  readonly oldTls?: readonly string[];
  /** What was kept of doors. */
  readonly pins?: readonly PinRow[];
  readonly refusals?: readonly RefusalRow[];
  /** Asks under way at once, over all devices. */
  readonly concurrency: number;
  /** The Lens account; absent where none is configured. */
  readonly lens?: PlainLensAccount;
  /** Where messages of devices are listened for; absent where nowhere. */
  readonly listeners?: ListenPlan;
  /** Settings that are read leave the thread masked and sealed under these; without them none are read. */
  readonly watch?: WatchKeys;
}

/** The account on its way into the field thread: its secrets are wrapped again on arrival. */
export interface PlainLensAccount {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly endpoints: LensEndpoints;
  readonly roots?: string;
}

export interface DeviceRef {
  /** Empty for a device that its manager answers for. */
  readonly address: string;
  readonly family: FamilyId;
  readonly mac?: Mac;
  readonly serial?: string;
}

export type FieldRequests = {
  read: { input: DeviceRef; output: DeviceRead };
  look: { input: DeviceRef; output: Look };
  /** Sends the family's first trigger that the device has; `certain` says whether a fault proves that nothing happened. */
  trigger: { input: DeviceRef; output: Result<{ readonly via: TriggerId; readonly said: string }, TriggerFault> };
  /** What the settings are that an update changes; `off` where its family has none. */
  updateSettings: { input: DeviceRef; output: Result<UpdateSettingsNow> };
  /** Goes through the steps of an order. `certain` as for `trigger`. */
  order: { input: { readonly device: DeviceRef; readonly order: PlainOrder }; output: Result<{ readonly said: string }, TriggerFault> };
  /** What an order set goes back to what it was. */
  giveBack: {
    input: { readonly device: DeviceRef; readonly kept: readonly KeptSetting[] };
    output: Result<{ readonly said: string }>;
  };
  /** Why the device did not take the image it has, as it says itself. */
  whyRefused: { input: DeviceRef; output: string | undefined };
  /** What it is set to; `off` where its family cannot be asked. */
  settings: { input: DeviceRef; output: Result<Snapshot> };
  /** Sweeps the addresses; sightings come as events while it runs. */
  sweep: { input: SweepOrder; output: SweepSummary };
  /** Neighbours a switch knows, as sightings. */
  neighbours: { input: { readonly address: string }; output: Result<readonly Sighting[]> };
  /** How a switch's ports stand: link and power. */
  ports: { input: { readonly address: string }; output: Result<readonly PortState[]> };
  /** Leases of ours in a DHCP server's file, as sightings. */
  leases: { input: LeaseSource; output: Result<LeaseSightings> };
  /** Devices of the Lens account, as sightings; `off` where none is configured. */
  lens: { input: null; output: Result<LensSightings> };
  /** Forgets what this device showed and refused. */
  forget: { input: { readonly device: string }; output: null };
  /** What Lens offers for these models. */
  lensSoftware: { input: { readonly products: readonly LensProduct[] }; output: Result<SourceListing, SourceFault> };
  /** Whom its account says to be under contract; a text where its answer is no whole list. */
  lensEntitlements: { input: null; output: Result<LensEntitlements | string> };
};

/** A key code does not travel with it. */
export type PlainOrder = Omit<UpdateOrder, "keyCode">;

export interface TriggerFault {
  readonly fault: Fault;
  readonly certain: boolean;
}

export type FieldEvent =
  | { readonly kind: "pin"; readonly row: PinRow }
  /** A count of 0 ends it. */
  | { readonly kind: "refusal"; readonly row: RefusalRow }
  /** A device, or whoever has its address, sent a message. */
  | { readonly kind: "hint"; readonly hint: Hint }
  | { readonly kind: "deaf"; readonly what: string; readonly why: string }
  | SweepEvent;

export interface HistoryData {
  readonly directory: string;
}

export type HistoryRequests = {
  /** A report as PDF: minutes of a large site's rows are not for the main thread. */
  report: { input: Report; output: Uint8Array };
  campaignReport: { input: ReportInput; output: CampaignReport };
  campaignPdf: { input: { readonly report: CampaignReport; readonly look?: BrandLook }; output: Uint8Array };
  series: {
    input: { readonly deviceId: string; readonly name: ReadingName; readonly fromMs: number; readonly toMs: number };
    output: readonly { readonly atMs: number; readonly value: number }[];
  };
  window: {
    input: { readonly deviceId: string; readonly fromMs: number; readonly toMs: number };
    output: readonly { readonly atMs: number; readonly reading: Reading }[];
  };
  /** Rules over time, for some devices. */
  trends: { input: TrendAsk; output: readonly TrendFinding[] };
  /** How much devices were in a call, by hour of the week, in the order asked. */
  usage: { input: UsageAsk; output: readonly Usage[] };
  /** What rules would have done in the past. */
  dryRun: { input: DryRunAsk; output: readonly Firing[] };
  /** A device over any length of time; names and points as `StoryAsk` says. */
  story: { input: StoryAsk & { readonly deviceId: string }; output: Story };
  /** The last changes of a device, newest first, each with what it was like before and after. */
  changes: {
    input: { readonly deviceId: string; readonly limit: number };
    output: readonly { readonly change: ChangeRow; readonly around: BeforeAfter }[];
  };
  /** Sums up the next devices of a day, for the main thread to write. */
  roll: { input: RollStep; output: Rolled };
  /** Looks through the whole file: what is wrong with it, empty where it is sound. Some seconds for a large site. */
  check: { input: null; output: readonly string[] };
  /** Works in what the main thread has written, so that it need not wait for the disk itself. */
  checkpoint: { input: null; output: { readonly pages: number; readonly done: number } };
  /** Readings that are to be kept around changes by now, and changes that are too many. */
  recordings: {
    input: { readonly nowMs: number };
    output: { readonly recordings: readonly (Recording & { readonly closes: boolean })[]; readonly surplus: readonly number[] };
  };
};
