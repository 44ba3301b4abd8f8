/** Whom the field thread is to ask, from a device's row. Pure. */
import { familyOf } from "../../protocols/families/index.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { DeviceRef } from "../threads/requests.ts";

/** `undefined` where nobody can say where it is. */
export function refOf(row: DeviceRow): DeviceRef | undefined {
  if (row.family === undefined) return undefined;
  const { address, family, serial } = row;
  const mac = row.mac === undefined ? {} : { mac: row.mac };
  if (familyOf(family)?.addressless === true) return { address: "", family, ...mac, ...(serial === undefined ? {} : { serial }) };
  return address === undefined ? undefined : { address, family, ...mac };
}
