/**
 * Power over Ethernet: a switch that answers and feeds several of its devices no more has lost its supply. Pure.
 * Source: RFC 3621, pethPsePortDetectionStatus.
 */
import type { SwitchPortRow } from "../../../store/looks.ts";
import { ALIKE_MIN, type Case, type Cause, deviceKey, portKey, type View } from "./picture.ts";
import { together } from "./services.ts";

/** The port of a silent device as the switch told it after the device went. */
export function portSince(one: Case, view: View): SwitchPortRow | undefined {
  if (view.ports.size === 0) return undefined;
  const port = view.site.devices.get(one.deviceId)?.port;
  const row = port === undefined ? undefined : view.ports.get(portKey(port.switchAddress, port.name));
  return row !== undefined && row.atMs >= one.sinceMs ? row : undefined;
}

/** Was it fed before, and is it no more? A port that searches finds nobody: one device may be unplugged, several at once are not. */
function isCutOff(one: Case, view: View): boolean {
  const power = portSince(one, view)?.power;
  return (
    view.site.devices.get(one.deviceId)?.port?.powered === true && power !== undefined && power !== "delivering" && power !== "unknown"
  );
}

export function powerSupply(cases: readonly Case[], view: View): ReadonlyMap<number, Cause> {
  const found = new Map<number, Cause>();
  const cut = cases.filter((one) => isCutOff(one, view));
  for (const [address, all] of Map.groupBy(cut, ({ deviceId }) => view.site.devices.get(deviceId)?.port?.switchAddress ?? "")) {
    // One supply takes all it fed at once: three that went on three days are three.
    const list = together(all);
    if (new Set(list.map(({ deviceId }) => deviceId)).size < ALIKE_MIN) continue;
    const device = view.site.switches.get(address)?.device;
    const fed = (view.site.onSwitch.get(address) ?? []).filter((id) => view.site.devices.get(id)?.port?.powered === true).length;
    const cause: Cause = {
      // What the switch itself says of its supply is about the same.
      key: device === undefined ? `power:${address}` : deviceKey(device),
      kind: "power",
      scope: address,
      ...(device === undefined ? {} : { culprit: device }),
      causeClass: "power",
      total: fed,
      words: (affected) => ({
        title: `Switch ${address} feeds no power to ${affected} of the ${fed} devices it fed`,
        why: `the switch answers, and its ports of these devices deliver no power any more`,
        advice: `Look at the PoE supply and budget of switch ${address}, and whether somebody switched PoE off`,
      }),
    };
    for (const one of list) found.set(one.id, cause);
  }
  return found;
}

/** What the port of one silent device tells a person. */
export function portWords(one: Case, view: View): { readonly why: string; readonly advice: string; readonly isPower: boolean } | undefined {
  const row = portSince(one, view);
  if (row === undefined) return undefined;
  const where = `port ${row.port} of switch ${row.switchAddress}`;
  const wasFed = view.site.devices.get(one.deviceId)?.port?.powered === true;
  if (wasFed && row.power === "fault")
    return {
      why: `${where} reports a power fault`,
      advice: `Look at the cable and ${where}, then switch its PoE off and on`,
      isPower: true,
    };
  if (wasFed && row.power === "off")
    return { why: `PoE is switched off at ${where}`, advice: `Switch PoE on at ${where}, if nobody meant it to be off`, isPower: true };
  if (wasFed && row.power === "searching")
    return {
      why: `${where} finds nobody to feed: the device is unplugged or dead`,
      advice: `Look whether it is plugged in; try another cable, then another device at ${where}`,
      isPower: true,
    };
  if (row.isUp)
    return {
      why: `${where} is up, so the device has power and a link`,
      advice: "Look at its screen and its address; restart it by its port",
      isPower: false,
    };
  return { why: `${where} is down`, advice: `Look at the cable at ${where}`, isPower: false };
}
