/**
 * Whose sighting is it, where a person split a device? Pure.
 */
import type { Sighting } from "../../protocols/core/device.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Decision, SplitBy } from "../../store/decisions.ts";
import { plainSerial } from "./contradictions.ts";
import { macOf } from "./identify.ts";

/** The device itself, or the one that was split off and whose mark the sighting bears; of several the first decided. */
export function splitTarget(
  id: DeviceId,
  sighting: Sighting,
  splits: readonly Pick<Decision & { readonly by: SplitBy }, "other" | "by">[],
): DeviceId {
  return splits.find(({ by }) => bears(sighting, by))?.other ?? id;
}

export function bears({ facts, address }: Pick<Sighting, "facts" | "address">, { field, value }: SplitBy): boolean {
  switch (field) {
    case "mac":
      return macOf(facts) === value;
    case "serial":
      return facts.serial !== undefined && plainSerial(facts.serial) === plainSerial(value);
    case "address":
      return address === value;
  }
}
