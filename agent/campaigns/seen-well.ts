/**
 * A device that a task has just seen well is up: what health says of the time before, when it was dark for its update, stands no
 * longer in the way of its neighbours. From the next ask on health decides again.
 */
import type { TaskEvent } from "../../firmware/waves/task-state.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { Store } from "../../store/store.ts";

/** Events that stand for an answer of the device itself, with all that was checked of it. */
export function sawWell(event: TaskEvent): boolean {
  switch (event.kind) {
    case "checksPassed":
    case "legDone":
    case "soakPassed":
    case "foundWell":
      return true;
    case "failed":
      return event.seenHealthy;
    default:
      return false;
  }
}

/** Inside the transaction of the step. Health remembers how often it was not answered, so one ask in vain makes it offline again. */
export function noteUp(device: DeviceId, atMs: Ms, { devices, health }: Pick<Store, "devices" | "health">): void {
  const row = devices.load(device);
  if (row?.availability !== "offline") return;
  devices.save({ ...row, availability: "online", lastSeenMs: Math.max(row.lastSeenMs, atMs) });
  health.noteChange({ device, atMs, was: "offline", became: "online" });
}
