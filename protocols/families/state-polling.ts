/**
 * What the answers of state polling mean: device, network and calls of a phone as XML. Pure. Source: protocols/uc-phones.md 6.
 */
import type { DeviceFacts, InUse, ManagedBy } from "../core/device.ts";
import { fail, ok, type Result } from "../core/fault.ts";
import { parseMac } from "../core/ids.ts";
import { phoneVersionIn } from "../core/version.ts";
import { childOf, childrenOf, parseXml, type XmlElement } from "../core/xml.ts";
import { familyOfModel, normaliseModel } from "./models.ts";
import { managerOfServer } from "./uc-phone-network.ts";

/** A phone in a conference shows a handful. */
const LINES_MAX = 200;

function rootOf(body: Buffer, wanted: string): Result<XmlElement> {
  const root = parseXml(body.toString("utf8"), "https");
  if (!root.ok) return root;
  return root.value.name.toLowerCase() === "polycomipphone" ? root : fail({ kind: "garbled", via: "https", wanted });
}

const textOf = (element: XmlElement | undefined, name: string): string | undefined => {
  const text = childOf(element, name)?.text;
  return text === undefined || text === "" ? undefined : text.slice(0, 200);
};

/** deviceHandler. The BootROM's number is kept apart from the application's. */
export function decodePolledDevice(body: Buffer): Result<DeviceFacts> {
  const root = rootOf(body, "device information");
  if (!root.ok) return root;
  const device = childOf(root.value, "DeviceInformation");
  const mac = parseMac(textOf(device, "MACAddress") ?? "");
  const application = phoneVersionIn(textOf(device, "AppLoadID") ?? "");
  const updater = phoneVersionIn(textOf(device, "BootROMID") ?? "");
  const stated = textOf(device, "ModelNumber");
  if (mac === undefined && application === undefined && stated === undefined) {
    return fail({ kind: "garbled", via: "https", wanted: "device information" });
  }
  const model = stated === undefined ? undefined : normaliseModel(stated);
  const family = familyOfModel(model ?? "");
  return ok({
    ...(family === undefined ? {} : { family }),
    ...(model === undefined ? {} : { model }),
    ...(mac === undefined ? {} : { mac, serial: mac }),
    ...(application === undefined && updater === undefined
      ? {}
      : { running: { ...(application === undefined ? {} : { application }), ...(updater === undefined ? {} : { updater }) } }),
  });
}

/** networkHandler: who manages it; `undefined` where no server is stated. */
export function decodePolledNetwork(body: Buffer): Result<ManagedBy | undefined> {
  const root = rootOf(body, "network configuration");
  if (!root.ok) return root;
  const network = childOf(root.value, "NetworkConfiguration");
  if (network === undefined) return fail({ kind: "garbled", via: "https", wanted: "network configuration" });
  const server = childOf(network, "ProvServer")?.text;
  return ok(server === undefined ? undefined : managerOfServer(server));
}

/**
 * callstateHandler: one element per line, with a call in it while there is one. Idle only where every line says `Inactive`
 * and none holds a call; names and numbers of the other party are not repeated.
 */
export function decodePolledCalls(body: Buffer): Result<InUse> {
  const root = rootOf(body, "the state of the lines");
  if (!root.ok) return root;
  const lines = childrenOf(root.value, "CallLineInfo");
  const garbled = fail({ kind: "garbled", via: "https", wanted: "the state of the lines" } as const);
  if (lines.length === 0 || lines.length > LINES_MAX) return garbled;
  const call = lines.flatMap((line) => childrenOf(line, "CallInfo")).find(({ children }) => children.length > 0);
  if (call !== undefined) return ok({ state: "busy", reason: `call ${(textOf(call, "CallState") ?? "of unknown state").slice(0, 40)}` });
  const states = lines.map((line) => textOf(line, "LineState")?.toLowerCase());
  if (states.includes("active")) return ok({ state: "busy", reason: "a line is active" });
  return states.every((state) => state === "inactive") ? ok({ state: "idle" }) : garbled;
}
