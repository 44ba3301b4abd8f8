/**
 * What the Lens account knows, as sightings for the inventory: devices at USB ports, and who is under Lens's policy. Nothing of the
 * site needs it: where it cannot be read, the rest goes on.
 */
import type { Thread } from "../../threads/channel.ts";
import type { FieldRequests } from "../../threads/requests.ts";
import type { Inventory } from "../inventory.ts";
import type { RecordSource } from "./records.ts";

export interface LensSourceIo {
  readonly field: Pick<Thread<FieldRequests>, "ask">;
  readonly inventory: Pick<Inventory, "note">;
}

export function lensSource({ field, inventory }: LensSourceIo): RecordSource {
  return {
    name: "lens",
    async take(signal) {
      const read = await field.ask("lens", null, signal);
      if (!read.ok) return { fault: read.fault };
      const { sightings, faults } = read.value;
      const named = sightings.filter((sighting) => inventory.note(sighting) !== undefined);
      return { listed: sightings.length, devices: named.length, ...(faults[0] === undefined ? {} : { fault: faults[0] }) };
    },
  };
}
