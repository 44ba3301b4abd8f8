/**
 * What the Lens account knows, taken into the inventory: devices at USB ports, and who is under Lens's policy.
 */
import { type Fault, showFault } from "../../../protocols/core/fault.ts";
import type { Log } from "../../log.ts";
import type { Thread } from "../../threads/channel.ts";
import type { FieldRequests } from "../../threads/requests.ts";
import type { Inventory } from "../inventory.ts";

export interface LensSourceIo {
  readonly field: Thread<FieldRequests>;
  readonly inventory: Inventory;
  readonly log: Log;
}

/** One pass. @returns how many devices it names, or why Lens could not be read: the next pass tries again */
export async function takeLens(io: LensSourceIo, signal: AbortSignal): Promise<{ readonly devices: number } | { readonly fault: Fault }> {
  const read = await io.field.ask("lens", null, signal);
  if (!read.ok) {
    io.log.warn("Lens could not be read", { fault: read.fault.kind, why: showFault(read.fault) });
    return { fault: read.fault };
  }
  const named = read.value.filter((sighting) => io.inventory.note(sighting) !== undefined);
  io.log.info("Lens was read", { listed: read.value.length, devices: named.length });
  return { devices: named.length };
}
