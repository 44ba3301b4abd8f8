/**
 * What a decision about one task is made from: its plan, what was seen of it, and what keeps it waiting.
 */
import type { CoupledPart } from "../../protocols/core/device.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { Look } from "../../protocols/families/family.ts";
import type { WavePolicy } from "./policy.ts";
import type { PlannedTask } from "./shape.ts";
import type { Hold } from "./task-state.ts";

/** What the family says about its own pace. */
export interface Pace {
  /** From the command to the first sign of the device fetching something, call-free. */
  readonly reactMs: Ms;
  /** From the first image byte to the last, at worst. */
  readonly applyMs: Ms;
  /** From answering on the new version to all lines and parts being back. */
  readonly verifyMs: Ms;
  /**
   * What it fetches does not tell when it has everything, so it is looked at this often all along, and its offer stands until it
   * runs the new version, except while somebody uses it.
   */
  readonly watchMs?: Ms;
  /** From its first answer on the new version: how long parts that it updates after itself may take to begin. Less than `verifyMs`. */
  readonly settleMs?: Ms;
}

/** What has been seen of one attempt by the provisioning endpoint; rows, so it survives a restart. */
export interface Signs {
  readonly imageStartedAtMs?: Ms;
  readonly imageDeliveredAtMs?: Ms;
}

/** Lines and version at the look before the command: what "as good as before" means for this device. */
export interface Baseline {
  readonly atMs: Ms;
  readonly version: string;
  readonly registeredLines?: number;
  /** What was coupled to it: panels are updated by their codec, and have to be back. */
  readonly parts?: readonly CoupledPart[];
}

/** What it shows was so between the two. */
export type TimedLook = Look & {
  readonly askedMs: Ms;
  /** Its answer came. */
  readonly atMs: Ms;
};

export interface Situation {
  readonly planned: PlannedTask;
  /** Index of the leg the task is at. */
  readonly leg: number;
  readonly policy: WavePolicy;
  readonly pace: Pace;
  /** The plan is a rollback: only then a version may go down (I14). */
  readonly goesBack?: true;
  readonly imageStaged: boolean;
  /** Everything that keeps an untouched task waiting now. */
  readonly holds: readonly Hold[];
  readonly signs: Signs;
  readonly baseline?: Baseline | undefined;
  /** The newest look at this device, in this life of the agent. */
  readonly look?: TimedLook;
  /** When anything last had an answer from it or heard it ask; absent where nobody ever did. */
  readonly seenMs?: Ms;
  /** When a device that is in use all through this opening has its next chance; absent where no window opens any more. */
  readonly nextOpeningMs?: Ms;
  readonly nowMs: Ms;
}
