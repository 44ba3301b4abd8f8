/**
 * What the drive needs from the rest: rows, the live device, the image server. `store` and the worker threads provide it.
 */
import type { Fault, Result } from "../../protocols/core/fault.ts";
import type { CampaignId, DeviceId, TaskId } from "../../protocols/core/ids.ts";
import type { Clock, Ms } from "../../protocols/core/time.ts";
import type { Look } from "../../protocols/families/family.ts";
import type { CampaignEvent, CampaignState, CampaignTerms } from "./campaign-state.ts";
import type { Company } from "./company.ts";
import type { ReleaseStanding } from "./freshness.ts";
import type { GateInput } from "./gates/gate.ts";
import type { Kill } from "./kill.ts";
import type { WavePolicy } from "./policy.ts";
import type { Plan, PlannedTask } from "./shape.ts";
import type { Baseline, Pace, Signs } from "./situation.ts";
import type { Attempt, TaskEvent, TaskState } from "./task-state.ts";
import type { PlaceTimes } from "./time-holds.ts";
import type { WaveEvent, WaveState } from "./wave.ts";

export interface TaskRow {
  readonly id: TaskId;
  readonly campaign: CampaignId;
  readonly wave: number;
  readonly device: DeviceId;
  readonly state: TaskState;
  readonly revision: number;
}

export interface WaveRow {
  readonly index: number;
  readonly state: WaveState;
  readonly revision: number;
}

export interface CampaignRow {
  readonly id: CampaignId;
  readonly state: CampaignState;
  readonly revision: number;
  readonly plan: Plan;
  readonly terms: CampaignTerms;
}

/** One that would be driven, and must not be: what stands on disk is not what was approved. */
export interface DamagedCampaign {
  readonly id: CampaignId;
  /** What, and what to do. */
  readonly why: string;
  /** Absent where the plan cannot be read at all. */
  readonly row?: CampaignRow;
}

/** One transition, stored with its history, reservation, feed and ticket rows in one transaction. */
export interface TaskChange {
  readonly row: TaskRow;
  readonly planned: PlannedTask;
  readonly event: TaskEvent;
  readonly next: TaskState;
  readonly atMs: Ms;
}

export interface DriveStore {
  /** Campaigns with something to start or to watch: running, paused, and halted ones with touched devices. */
  campaigns(): readonly CampaignRow[];
  /** Running and paused ones that are left out there for what their plan looks like. */
  damaged(): readonly DamagedCampaign[];
  /** Of one campaign, now. */
  state(campaign: CampaignId): CampaignState | undefined;
  waves(campaign: CampaignId): readonly WaveRow[];
  tasks(campaign: CampaignId): readonly TaskRow[];
  /** Not final, of the waves up to this one: all that a turn may move. */
  unfinished(campaign: CampaignId, wave: number): readonly TaskRow[];
  /** What a wave is judged by: its own tasks, and those that failed in another. */
  judged(campaign: CampaignId, wave: number): readonly TaskRow[];
  signs(token: string): Signs;
  baseline(token: string): Baseline | undefined;
  /** When anything last had an answer from it or heard it ask. */
  seenMs(device: DeviceId): Ms | undefined;
  /** Devices at risk over all campaigns of the site. */
  atRisk(): readonly DeviceId[];
  /** What else a device must not be away together with. */
  company(): Company;
  imageStaged(sha256: string): boolean;
  /** Wherever the kill switch is on. */
  kills(): readonly Kill[];
  /** What the catalogues say now of every release the plan installs. */
  catalogue(plan: Plan): readonly ReleaseStanding[];
  /** False when the row was changed by somebody else meanwhile: read again, decide again. */
  applyTask(change: TaskChange): boolean;
  /**
   * Takes the slot and moves the task to `reserved` in one transaction, after checking kill switch, approval, budget and
   * failure domains once more against the rows. Answers what stood in the way.
   */
  reserve(change: TaskChange, baseline: Baseline): Result<null, { readonly why: string }>;
  applyWave(campaign: CampaignId, row: WaveRow, event: WaveEvent, next: WaveState, atMs: Ms): boolean;
  applyCampaign(row: CampaignRow, event: CampaignEvent, next: CampaignState, atMs: Ms): boolean;
  /** What changes only together, in one transaction: all of it or nothing. */
  together<T>(run: () => T): T;
}

/** One attempt at one device, by the plan it belongs to. */
export interface Errand {
  readonly planned: PlannedTask;
  readonly attempt: Attempt;
  readonly plan: Pick<Plan, "calendar">;
}

export interface DriveDevices {
  look(device: DeviceId, signal: AbortSignal): Promise<Look>;
  /** Sends the command once. `certain` on a fault means the device surely did not take it. */
  trigger(
    errand: Errand,
    signal: AbortSignal,
  ): Promise<Result<{ readonly said: string }, { readonly fault: Fault; readonly certain: boolean }>>;
  /** Why the device did not take the image it has, in its own words; `undefined` where it does not say. */
  whyRefused(device: DeviceId, signal: AbortSignal): Promise<string | undefined>;
  /** Safe to repeat. */
  offer(errand: Errand): Promise<Result<null>>;
  withdraw(tokens: readonly string[]): Promise<void>;
  pace(task: PlannedTask): Pace;
}

export type HealthEvidence = Pick<GateInput, "health" | "untouched" | "staleAfterMs">;

/** What else the gates want to know of the wave; what could not be read is absent. */
export type Surroundings = Pick<GateInput, "use" | "site">;

/** In words. */
export interface BackupTrouble {
  readonly why: string;
  readonly endedBy: string;
}

export interface DriveIo {
  readonly store: DriveStore;
  readonly devices: DriveDevices;
  /** Readings before and after, of the wave's devices and of untouched ones; old ones are asked for anew first. */
  readonly health: (row: CampaignRow, wave: number, tasks: readonly TaskRow[], signal: AbortSignal) => Promise<HealthEvidence>;
  /** How the wave's devices were used, and how the site stands. */
  readonly surroundings: (row: CampaignRow, wave: number, tasks: readonly TaskRow[], signal: AbortSignal) => Promise<Surroundings>;
  /** Why what the device was set to by hand could not be given back after its update; asked right before the slot is taken.
   * `undefined` where it could, where there is nothing, and where the policy goes on without. */
  readonly backup: (device: DeviceId, policy: WavePolicy, signal: AbortSignal) => Promise<BackupTrouble | undefined>;
  /** Usual use of places, calendars of rooms, the latest time ever noted. */
  readonly times: PlaceTimes;
  readonly newToken: () => string;
  readonly clock: Clock;
  readonly onBug: (what: string, error: unknown) => void;
}
