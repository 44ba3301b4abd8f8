/**
 * Everything that happens in a story, as it is shown to the invariants: transitions that are on disk, and what devices saw
 * with their own eyes. Whatever a device says here it counted itself.
 */

import type { CommandAnswer } from "../../../agent/commands/answer.ts";
import type { Seen } from "../../../agent/rehearsal/hands.ts";
import type { Catalogue } from "../../../firmware/release.ts";
import type { CampaignEvent, CampaignState } from "../../../firmware/waves/campaign-state.ts";
import type { KillScope } from "../../../firmware/waves/kill.ts";
import type { TaskChange } from "../../../firmware/waves/ports.ts";
import type { Plan, PlannedTask } from "../../../firmware/waves/shape.ts";
import type { WaveEvent, WaveState } from "../../../firmware/waves/wave.ts";
import type { PhoneEvent } from "../../../fixtures/fleet/phone-shape.ts";
import type { CampaignId, DeviceId } from "../../../protocols/core/ids.ts";
import type { Ms } from "../../../protocols/core/time.ts";
import type { StoredCampaign } from "../../../store/campaigns.ts";
import type { TaskRow } from "../../../store/tasks.ts";

export type Step =
  | { readonly kind: "task"; readonly change: TaskChange }
  | {
      readonly kind: "wave";
      readonly campaign: CampaignId;
      readonly index: number;
      readonly before: WaveState;
      readonly event: WaveEvent;
      readonly next: WaveState;
    }
  | {
      readonly kind: "campaign";
      readonly campaign: CampaignId;
      readonly before: CampaignState;
      readonly event: CampaignEvent;
      readonly next: CampaignState;
    }
  | ({ readonly kind: "look" } & Seen)
  /** A command reached a device. `sentMs`: what the agent's clock showed as it left; `sentFor`: the task as it was then. */
  | {
      readonly kind: "command";
      readonly device: DeviceId;
      readonly life: number;
      readonly sentMs: Ms;
      readonly sentFor: Commanded | undefined;
      readonly taken: boolean;
    }
  | (PhoneEvent & { readonly device: DeviceId })
  /** A person's command with its answer; without one where the process died over it. */
  | {
      readonly kind: "order";
      readonly verb: string;
      readonly person: string;
      readonly args: Readonly<Record<string, unknown>>;
      readonly answer: CommandAnswer | undefined;
      /** `true`: the same message again; `wish`: the same wish in another message, right after it was done. */
      readonly repeated: boolean | "wish";
      /** The rows before and after, where it was repeated. */
      readonly before: string;
      readonly after: string;
    }
  | ({ readonly kind: "switched" } & Turned)
  /** The channel was read. `taken`: as the agent says; absent where the process died over it. */
  | { readonly kind: "catalogue"; readonly offered: Catalogue; readonly taken: boolean | undefined }
  /** A message of the image server; `wasOver`: its attempt had ended before. */
  | {
      readonly kind: "sign";
      readonly what: string;
      readonly token: string;
      readonly repeated: boolean;
      readonly wasOver: boolean;
      readonly before: string;
      readonly after: string;
    }
  /** The process was killed; `readonly` rows stay. */
  | { readonly kind: "killed" }
  | { readonly kind: "started"; readonly life: number }
  | { readonly kind: "turned"; readonly waited: boolean }
  /** A plan was made; `dryRun` is what a dry run of the same moment showed. */
  | { readonly kind: "planned"; readonly campaign: CampaignId; readonly plan: Plan; readonly dryRun: Plan }
  | { readonly kind: "end" };

/** The row of the kill switch is there now, or is not any more. The scope is spelled as a person did. */
export interface Turned {
  readonly on: boolean;
  readonly scope: KillScope;
}

export interface Commanded {
  readonly row: TaskRow;
  readonly planned: PlannedTask;
  readonly campaign: StoredCampaign;
  readonly token: string;
}
