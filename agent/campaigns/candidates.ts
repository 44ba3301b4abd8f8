/**
 * The inventory as the planner sees it. Pure.
 */

import type { KeyFor } from "../../firmware/key-codes.ts";
import type { Candidate } from "../../firmware/waves/shape.ts";
import { subnetOf } from "../../protocols/provisioning/fair-pace.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { KeyCodeRow } from "../../store/key-codes.ts";
import type { PlaceRow } from "../../store/places.ts";
import { plainSerial } from "../discovery/contradictions.ts";

/** For which releases a key code is kept, by serial number as serials are compared. */
export type KeysKept = ReadonlyMap<string, readonly KeyFor[]>;

export function keysKept(rows: readonly KeyCodeRow[]): KeysKept {
  const bySerial = Map.groupBy(rows, ({ serial }) => serial);
  return new Map([...bySerial].map(([serial, kept]) => [serial, kept.map(({ release }) => release)]));
}

/** Every device of the site; failure domains are made of all of them. */
export function candidateOf(device: DeviceRow, place: PlaceRow | undefined, keys?: KeysKept): Candidate {
  const keyCodes = device.serial === undefined ? undefined : keys?.get(plainSerial(device.serial));
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
      ...(place?.ring === undefined ? {} : { ring: place.ring }),
    },
    ...(device.family === undefined ? {} : { family: device.family }),
    ...(device.model === undefined ? {} : { model: device.model }),
    ...(device.partNumber === undefined ? {} : { partNumber: device.partNumber }),
    ...(device.revision === undefined ? {} : { revision: device.revision }),
    ...(device.mac === undefined ? {} : { mac: device.mac }),
    ...(device.running === undefined ? {} : { running: device.running }),
    ...(device.updater === undefined ? {} : { updater: device.updater }),
    ...(device.serial === undefined ? {} : { serial: device.serial }),
    ...(keyCodes === undefined ? {} : { keyCodes }),
    ...(device.address === undefined || device.address === "" ? {} : { subnet: subnetOf(device.address) }),
    ...(device.lines.length === 0 ? {} : { registeredLines: registered }),
  };
}
