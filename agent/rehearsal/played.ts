/** How one play of a plan went. */
import type { GateId } from "../../firmware/waves/gates/ids.ts";
import type { Outage } from "../../firmware/waves/shape.ts";
import type { Hold } from "../../firmware/waves/task-state.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { DomainOutage } from "./outages.ts";

export type PlayEnd =
  | { readonly at: "completed" | "completedWithFailures" }
  /** A gate held it, and nobody who would name the gate and go on. */
  | { readonly at: "held"; readonly gate: GateId; readonly wave: number; readonly why: string }
  /** Nothing moved for so long that nothing will. */
  | { readonly at: "stuck"; readonly wave: number; readonly waits: readonly { readonly code: Hold["code"]; readonly devices: number }[] };

export const COUNTED = ["succeeded", "failed", "lost", "refused", "skipped", "waiting"] as const;
export type Counted = (typeof COUNTED)[number];

export interface PlayedWave {
  readonly index: number;
  /** Of its first command; of a wave without any, of itself. */
  readonly startMs: Ms;
  /** Absent where it did not pass. */
  readonly endMs?: Ms;
}

export interface Played {
  readonly end: PlayEnd;
  readonly endMs: Ms;
  readonly counts: Readonly<Record<Counted, number>>;
  /** Devices that were sent a command. */
  readonly touched: number;
  /** Devices that were left failed or lost and were not seen well again. */
  readonly hurt: number;
  /** Windows in which something was commanded. */
  readonly windows: number;
  readonly waves: readonly PlayedWave[];
  readonly worst: Outage;
  readonly domains: readonly DomainOutage[];
  /** How often a person the policy asks for was asked. */
  readonly asked: number;
  readonly interrupted: number;
}
