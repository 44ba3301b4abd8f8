/** Updates of one device, as people and scripts see them. Pure over the rows. */

import type { WindowSide } from "../../firmware/waves/report-input.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import { isoOf } from "../../protocols/core/time.ts";
import type { Store } from "../../store/store.ts";

export interface UpdateView {
  readonly campaign: string;
  readonly wave: number;
  /** How its task ended. */
  readonly at: string;
  readonly from: string;
  readonly to: string;
  readonly detail: string;
  /** Medians of a day on either side, and how many asks it answered. */
  readonly before: WindowSide;
  readonly after: WindowSide;
  readonly restartsSince: number;
}

const UPDATES_SHOWN = 5;

export function updatesOf(device: DeviceId, { taskWindows }: Pick<Store, "taskWindows">): readonly UpdateView[] {
  return taskWindows.ofDevice(device, UPDATES_SHOWN).map(({ campaign, wave, at, window }) => {
    const { fromMs, toMs, detail, before, after, restartsSince } = window;
    return { campaign, wave, at, from: isoOf(fromMs), to: isoOf(toMs), detail, before, after, restartsSince };
  });
}
