/**
 * The inventory as the planner sees it. Pure.
 */

import type { Candidate } from "../../firmware/waves/shape.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { PlaceRow } from "../../store/places.ts";

/** Every device of the site; failure domains are made of all of them. */
export function candidateOf(device: DeviceRow, place: PlaceRow | undefined): Candidate {
  const registered = device.lines.filter((line) => line.registered).length;
  return {
    device: device.id,
    name: device.name,
    managedBy: device.managedBy,
    availability: device.availability,
    place: {
      duties: place?.duties ?? [],
      ...(place?.room === undefined ? {} : { room: place.room }),
      ...(place?.floor === undefined ? {} : { floor: place.floor }),
      ...(place?.zone === undefined ? {} : { zone: place.zone }),
    },
    ...(device.family === undefined ? {} : { family: device.family }),
    ...(device.model === undefined ? {} : { model: device.model }),
    ...(device.partNumber === undefined ? {} : { partNumber: device.partNumber }),
    ...(device.mac === undefined ? {} : { mac: device.mac }),
    ...(device.running === undefined ? {} : { running: device.running }),
    ...(device.updater === undefined ? {} : { updater: device.updater }),
    ...(device.lines.length === 0 ? {} : { registeredLines: registered }),
  };
}
