/**
 * Where else a video system's serial number shows, and with it its MAC. Pure. Source: protocols/video.md 1.
 */

import type { DeviceFacts } from "../core/device.ts";
import { macFromVideoSerial } from "../core/ids.ts";
import { familyOfModel, normaliseModel } from "./models.ts";

/** An HDX puts its serial number into the From header of SIP, as `;epid=`. */
export function factsOfEpid(from: string): Pick<DeviceFacts, "serial" | "mac"> | undefined {
  const serial = /;\s*epid=([0-9A-Za-z]{14})(?![0-9A-Za-z])/i.exec(from.slice(0, 1_000))?.[1]?.toUpperCase();
  const mac = macFromVideoSerial(serial ?? "");
  return serial === undefined || mac === undefined ? undefined : { serial, mac };
}

/**
 * The factory name of a VideoOS room, `StudioX30-AABBCCFD`: its model and the last eight characters of its serial number, of
 * which six are half of its MAC. Anybody may give another name, so it hints and proves nothing.
 */
export function factsOfFactoryName(name: string): Pick<DeviceFacts, "model" | "mac"> | undefined {
  const [, model = "", tail = ""] = /^(\w{2,20})-([0-9A-F]{6}[0-9A-Z]{2})$/.exec(name.trim()) ?? [];
  if (familyOfModel(model) !== "video-os") return undefined;
  const mac = macFromVideoSerial(`000000${tail}`);
  return mac === undefined ? undefined : { model: normaliseModel(model), mac };
}
