/** What a plan is made from. All that it depends on is here. */
import type { CampaignId, DeviceId, Sha256 } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { Release } from "../release.ts";
import type { MeasuredStep } from "./forecast-measured.ts";
import type { Calendar, WavePolicy } from "./policy.ts";
import type { Candidate, Plan, PlanRollback, Selection, SiteGroup } from "./shape.ts";
import type { Trodden } from "./way-back.ts";

export interface PlanInput {
  readonly site: string;
  readonly campaign: CampaignId;
  readonly author: Plan["author"];
  readonly nowMs: Ms;
  readonly seed: number;
  readonly release: Release;
  readonly catalogueVersion: number;
  readonly policy: WavePolicy;
  readonly calendar: Calendar;
  /** Every device of the site, meant or not: failure domains are made of all of them. */
  readonly candidates: readonly Candidate[];
  readonly selection?: Selection;
  /** Hash of the plan this one is made from. */
  readonly parent?: Sha256;
  /** What is taken back, and what each of its devices has behind it. */
  readonly rollback?: { readonly of: PlanRollback; readonly trodden: ReadonlyMap<DeviceId, Trodden> };
  /** Devices with an unfinished task in another campaign. */
  readonly busyElsewhere?: ReadonlySet<DeviceId>;
  /** All releases at hand: those held back are told which of them has to come first. */
  readonly releases?: readonly Release[];
  /** Stepping stones become legs of the task; otherwise who needs one is held back with its name. */
  readonly chains?: boolean;
  /** Images that are on the site already. */
  readonly staged?: ReadonlySet<Sha256>;
  /** Steps that devices took here, with their times. */
  readonly measured?: readonly MeasuredStep[];
  /** What shares a fate besides a place: switches, ports, coupled sets, groups the site names. */
  readonly groups?: readonly SiteGroup[];
}

/** Is this device meant? A device outside the selection is neither planned nor held back. */
export function isSelected(candidate: Candidate, selection: Selection, release: Release): boolean {
  const named = selection.devices !== undefined;
  if (named && !selection.devices.includes(candidate.device)) return false;
  if (selection.models !== undefined && (candidate.model === undefined || !selection.models.includes(candidate.model))) return false;
  if (selection.floors !== undefined && !selection.floors.some((floor) => floor === candidate.place.floor)) return false;
  if (selection.rooms !== undefined && !selection.rooms.some((room) => room === candidate.place.room)) return false;
  return named || (candidate.family === release.family && candidate.model !== undefined && release.models.includes(candidate.model));
}
