/**
 * Counts what asking devices comes to, around the read itself.
 */
import type { DeviceRead } from "../../protocols/core/device.ts";
import type { Fault } from "../../protocols/core/fault.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { DeviceRow } from "../../store/devices.ts";
import { answered } from "../health/observe.ts";
import type { Meter } from "./prometheus.ts";
import { seconds } from "./samples.ts";

/** `failed`: the ask itself did not end. A closed list: the kinds of fault are one. */
export type PollOutcome = "answered" | "unknown" | "silent" | "failed" | Fault["kind"];

/** What one read came to. Pure. */
export function outcomeOf(read: DeviceRead): PollOutcome {
  if (answered(read)) return "answered";
  if (read.presence === "unknown") return "unknown";
  return read.faults[0]?.kind ?? "silent";
}

export type ReadDevice = (device: DeviceRow, signal: AbortSignal) => Promise<DeviceRead>;

/** @param elapsedMs real milliseconds since some moment: what a device takes is not the demo's clock's to say */
export function countedReads(read: ReadDevice, io: { readonly meter: Meter; elapsedMs(): Ms }): ReadDevice {
  return async (device, signal) => {
    const family = device.family ?? "unknown";
    const beganMs = io.elapsedMs();
    const done = (outcome: PollOutcome): void => {
      io.meter.add("groundswell_polls_total", { family, outcome });
      io.meter.observe("groundswell_poll_duration_seconds", { family }, seconds(io.elapsedMs() - beganMs));
    };
    try {
      const answer = await read(device, signal);
      done(outcomeOf(answer));
      return answer;
    } catch (error) {
      done("failed");
      throw error;
    }
  };
}
