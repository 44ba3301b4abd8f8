/** What can go wrong at a named point, and the hand that makes it happen once. */

import type { CampaignState } from "../../../firmware/waves/campaign-state.ts";
import type { TaskAt } from "../../../firmware/waves/task-state.ts";
import type { WaveState } from "../../../firmware/waves/wave.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";

export type Point =
  | `task.${TaskAt}`
  | `wave.${WaveState["at"]}`
  | `campaign.${CampaignState["at"]}`
  | "sign.started"
  | "sign.delivered"
  | "desk.create";

export const TROUBLES = [
  /** The process is gone before the transition's transaction begins, in the middle of it, right after its commit. */
  "killBefore",
  "killInside",
  "killAfter",
  /** The transaction itself fails once, as with a full disk. */
  "rowError",
  /** The next call to the device, the image server or the readings does its work, then throws. */
  "portError",
  /** The next call to the device is answered by nothing until its time is over. */
  "hang",
  /** From here on the device never answers anybody. */
  "silent",
  /** Everything that was told of the device until now is told twice more, and the transition itself is stored again. */
  "duplicate",
  /** News of older attempts, and of one that never was, arrives now; an old row is written back. */
  "late",
] as const;
export type TroubleKind = (typeof TROUBLES)[number];

export interface Trouble {
  readonly point: Point;
  /** Only there on this leg of a device that has several. */
  readonly leg?: number;
  /** Only in a campaign that takes devices back. */
  readonly back?: true;
  readonly kind: TroubleKind;
  /** At which coming to the point, from 1. */
  readonly nth: number;
}

/** Stands for SIGKILL: everything after it in this life comes to nothing. */
export class Killed extends Error {
  override readonly name = "Killed";
}

/** Makes the troubles of a run happen, one after another; outlives the lives they end. */
export interface Hand {
  /** The one that is to strike, or has struck last. */
  trouble: Trouble | undefined;
  readonly rest: Trouble[];
  /** How often somebody came to the point of the present one. */
  seen: number;
  /** The present one, and so all of them where none is left. */
  struck: boolean;
  /** The device it struck at. */
  device: DeviceId | undefined;
  /** A call is still to be spoilt, or messages are still to come again. */
  armed: boolean;
}

export function handOf([trouble, ...rest]: readonly Trouble[]): Hand {
  return { trouble, rest, seen: 0, struck: false, device: undefined, armed: false };
}

/** Where somebody is: at a point, on which leg, with which device. */
export interface Place {
  readonly point: Point;
  readonly leg?: number;
  readonly device?: DeviceId;
  /** The campaign takes devices back. */
  readonly back?: true;
}

export const pointName = ({ point, leg, back }: Pick<Place, "point" | "leg" | "back">): string =>
  `${back === true ? "back:" : ""}${point}${leg === undefined || leg === 0 ? "" : `#${leg}`}`;

const KILLS: readonly TroubleKind[] = ["killBefore", "killInside", "killAfter"];

/** Does one of these kinds strike here and now? Counts every coming. */
export function strikes(hand: Hand, kinds: readonly TroubleKind[], { point, leg, back }: Place): boolean {
  const { trouble } = hand;
  if (hand.struck || trouble === undefined || !kinds.includes(trouble.kind)) return false;
  if (trouble.point !== point || (trouble.leg !== undefined && trouble.leg !== leg)) return false;
  if (trouble.back === true && back !== true) return false;
  hand.seen++;
  if (hand.seen < trouble.nth) return false;
  const next = KILLS.includes(trouble.kind) ? hand.rest.shift() : undefined;
  if (next === undefined) hand.struck = true;
  else Object.assign(hand, { trouble: next, seen: 0 });
  return true;
}
