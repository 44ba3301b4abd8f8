/**
 * How updated devices were used: calls seen in their readings since they landed, and on how many days of the four weeks before.
 * A call that begins and ends between two readings is not seen: there are more than are counted, never fewer.
 */
import type { DeviceUse } from "../../firmware/waves/gates/gate.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import { DAY, type Ms } from "../../protocols/core/time.ts";
import type { StoryPoint } from "../../store/history/story.ts";
import type { Thread } from "../threads/channel.ts";
import type { HistoryRequests } from "../threads/requests.ts";

export interface Landed {
  readonly device: DeviceId;
  readonly landedAtMs: Ms;
}

export interface UseEvidenceIo {
  readonly history: Pick<Thread<HistoryRequests>, "ask">;
  readonly nowMs: Ms;
}

/** Looked back on for who is in use at all. */
const BEFORE_DAYS = 28;

export async function useOf({ device, landedAtMs }: Landed, { history, nowMs }: UseEvidenceIo, signal: AbortSignal): Promise<DeviceUse> {
  const name = "inCall";
  const fromMs = landedAtMs - BEFORE_DAYS * DAY;
  const [since, before] = await Promise.all([
    history.ask("series", { deviceId: device, name, fromMs: landedAtMs, toMs: nowMs + 1 }, signal),
    history.ask("story", { deviceId: device, names: [name], fromMs, toMs: landedAtMs, points: BEFORE_DAYS }, signal),
  ]);
  return {
    device,
    landedAtMs,
    calls: callsIn(since.map(({ value }) => value)),
    daysInUse: daysWithCalls(before.series.flatMap(({ points }) => points)),
  };
}

/** Calls in readings one after another: as many as began, or were under way at the first one. */
export function callsIn(values: readonly number[]): number {
  return values.filter((value, at) => value > 0 && !((values[at - 1] ?? 0) > 0)).length;
}

export function daysWithCalls(points: readonly StoryPoint[]): number {
  return new Set(points.filter((point) => "max" in point && point.max > 0).map(({ atMs }) => Math.floor(atMs / DAY))).size;
}
