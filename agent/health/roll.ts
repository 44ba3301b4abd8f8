/**
 * Whom the poller has to know of: the whole inventory once, page by page, and then what was written since the last turn.
 */
import type { DeviceId } from "../../protocols/core/ids.ts";
import { MINUTE, type Ms } from "../../protocols/core/time.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Store } from "../../store/store.ts";
import { momentFrom } from "./schedule.ts";

export interface Roll {
  /** Reads at most one page and what was written since the last turn. */
  turn(nowMs: Ms, to: RollTo): void;
}

export interface RollTo {
  /** Is a write of this device any news? Most are what its own poll brought. */
  wants(id: DeviceId): boolean;
  takeIn(row: DeviceRow, firstAskMs: (row: DeviceRow, phase: number) => Ms): void;
  intervalFor(row: DeviceRow): Ms;
}

/** Rows of one page: some 5 ms of the main thread. */
const PAGE = 250;
/** The whole inventory is gone through again so often: a net below the list of what was written. */
const AGAIN_MS: Ms = 10 * MINUTE;

export function createRoll(devices: Pick<Store["devices"], "load" | "list" | "takeWritten">, startedMs: Ms): Roll {
  let after: DeviceId | undefined;
  let reading = true;
  let first = true;
  let againMs = startedMs;

  return {
    turn(nowMs, { wants, takeIn, intervalFor }) {
      const written = devices.takeWritten();
      if (!reading && nowMs >= againMs) reading = true;
      // Those there at the start begin at moments of their own; who comes later is asked at once.
      const atMoment = (row: DeviceRow, phase: number): Ms => momentFrom(startedMs, phase, intervalFor(row));
      const atOnce = (): Ms => nowMs;
      if (reading) {
        const page = devices.list({ adopted: true, retired: false, limit: PAGE, ...(after === undefined ? {} : { after }) });
        for (const row of page) takeIn(row, first ? atMoment : atOnce);
        after = page.at(-1)?.id;
        if (page.length < PAGE) {
          [reading, first, after] = [false, false, undefined];
          againMs = nowMs + AGAIN_MS;
        }
      }
      for (const id of written) {
        if (!wants(id)) continue;
        const row = devices.load(id);
        if (row !== undefined) takeIn(row, first ? atMoment : atOnce);
      }
    },
  };
}
