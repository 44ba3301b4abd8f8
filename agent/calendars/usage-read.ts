/**
 * How much devices were in a call, hour by hour of the week, from what is kept of their readings. For the history thread.
 */
import { type Usage, type UseSample, usageOf, weekGrid } from "../../firmware/waves/quiet-hours.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import { HOUR, type Ms } from "../../protocols/core/time.ts";
import type { HistoryReader } from "../../store/history/reader.ts";
import type { Story } from "../../store/history/story.ts";

export interface UsageAsk {
  readonly devices: readonly DeviceId[];
  readonly zone: string;
  readonly fromMs: Ms;
  readonly toMs: Ms;
}

export function usagesOf({ devices, zone, fromMs, toMs }: UsageAsk, reader: Pick<HistoryReader, "story">): readonly Usage[] {
  const grid = weekGrid(zone, fromMs, toMs);
  const points = Math.ceil((toMs - fromMs) / HOUR) + 1;
  return devices.map((device) => usageOf(samplesOf(reader.story(device, { fromMs, toMs, names: ["inCall"], points })), grid));
}

function samplesOf({ stepMs, series }: Story): UseSample[] {
  // Of whole days nothing can be learned for their hours.
  if (stepMs > HOUR) return [];
  return series.flatMap(({ points }) =>
    // A single reading stands for its quarter of an hour; two calls at once are no more than in use.
    points.flatMap((point) => ("mean" in point ? [{ fromMs: point.atMs, lengthMs: Math.max(1, stepMs), share: point.mean }] : [])),
  );
}
