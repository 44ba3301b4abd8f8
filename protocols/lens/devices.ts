/**
 * What Lens says of a device, in our words. Pure. Source: protocols/lens-and-portal.md 4 and 13.
 */
import * as z from "zod";
import type { CoupledPart, DeviceFacts, Sighting } from "../core/device.ts";
import { type Mac, parseMac, showMac } from "../core/ids.ts";
import type { Reading } from "../core/reading.ts";
import { Secret } from "../core/secret.ts";
import { DAY, HOUR, isoOf, type Ms, SECOND } from "../core/time.ts";
import { parseVersion } from "../core/version.ts";
import { looseFlag, looseNumber, looseText } from "../families/json.ts";
import { normaliseModel, vendorOf } from "../families/models.ts";

export interface Entitlement {
  readonly productSerial?: string;
  /** Whoever has it can use the licence: it is never asked for in a list, and never shown. */
  readonly licenseKey?: Secret;
  readonly fromMs?: Ms;
  readonly untilMs?: Ms;
  readonly expired?: boolean;
}

export interface LensDevice {
  /** The MAC without separators for a network device; something else for one at somebody's USB port. */
  readonly id: string;
  readonly usb: boolean;
  readonly facts: DeviceFacts;
  /** To Lens. `false` says nothing of the device itself: it may register and call. */
  readonly connected?: boolean;
  /** What Lens can tell of calls; absent where this kind of device tells it none. */
  readonly callStatus?: string;
  readonly provisioningEnabled?: boolean;
  readonly supportsSoftwareUpdate?: boolean;
  /** Advances for devices that are away, too: no sign of life. */
  readonly lastDetectedMs?: Ms;
  readonly lastConfigRequestMs?: Ms;
  /** May be stale, or of a network behind another one: a hint to a person, never a place to connect to. */
  readonly internalIp?: string;
  readonly site?: string;
  readonly room?: string;
  /** What the software catalogue knows it by. */
  readonly pid?: string;
  readonly parts: readonly CoupledPart[];
  readonly entitlements: readonly Entitlement[];
  /** In lower case, by component: `camera: ["up"]`. */
  readonly status: ReadonlyMap<string, readonly string[]>;
  readonly bandwidth?: { readonly endMs?: Ms; readonly jitterSeconds?: number; readonly packetLossRatio?: number };
}

/** UTC with milliseconds and `Z`; anything else is no moment. Source: protocols/lens-and-portal.md 13. */
export const moment = looseText.transform((text) => {
  if (text === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(text)) return undefined;
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch (error) {
    if (error instanceof RangeError) return undefined; // the 31st of February
    throw error;
  }
});
/** Licences end on a day, which may stand without a time. */
const day = looseText.transform((text) => {
  if (text === undefined) return undefined;
  const whole = moment.safeParse(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  return whole.success ? whole.data : undefined;
});

const LIST_MAX = 100;
const named = z.object({ name: looseText }).nullish().catch(undefined);
const listOf = <S extends z.ZodType>(item: S) => z.array(item).max(LIST_MAX).nullish().catch(undefined);
// The list first: a loose text takes anything.
const state = z.object({ state: z.union([z.array(looseText).max(20), looseText]) });
const nestedStatus = z.object({ data: z.object({ com: z.object({ poly: z.object({ device: z.object({ status: z.unknown() }) }) }) }) });

export const deviceNode = z.object({
  id: looseText,
  name: looseText,
  manufacturer: looseText,
  macaddress: looseText,
  serialnumber: looseText,
  hardwaremodel: looseText,
  hardwarerevision: looseText,
  productid: looseText,
  softwareversion: looseText,
  connected: looseFlag,
  callstatus: looseText,
  lastdetected: moment,
  lastconfigrequestdate: moment,
  internalip: looseText,
  provisioningenabled: looseFlag,
  supportssoftwareupdate: looseFlag,
  usbvendorid: z.unknown().optional(),
  usbproductid: z.unknown().optional(),
  site: named,
  room: named,
  connections: listOf(z.object({ name: looseText, macaddress: looseText, softwareversion: looseText })),
  bandwidth: z.object({ endtime: moment, pingjitterms: looseNumber, pinglosspercent: looseNumber }).nullish().catch(undefined),
  systemstatus: nestedStatus.nullish().catch(undefined),
  entitlements: listOf(z.object({ productserial: looseText, licensekey: looseText, date: day, enddate: day, expired: looseFlag })),
});
type Node = z.infer<typeof deviceNode>;

/** What is absent stays absent; `undefined` for a node that names nobody. */
export function deviceOf(node: Node): LensDevice | undefined {
  const { id } = node;
  if (id === undefined) return undefined;
  const productId = usbProductOf(node.usbproductid);
  const usb = productId !== undefined || node.usbvendorid != null;
  const mac = parseMac(node.macaddress ?? "") ?? (usb ? undefined : parseMac(id));
  const pid = productId ?? (usb ? undefined : node.productid);
  const optional = {
    connected: node.connected,
    callStatus: node.callstatus?.slice(0, 40),
    provisioningEnabled: node.provisioningenabled,
    supportsSoftwareUpdate: node.supportssoftwareupdate,
    lastDetectedMs: node.lastdetected,
    lastConfigRequestMs: node.lastconfigrequestdate,
    internalIp: node.internalip,
    site: node.site?.name,
    room: node.room?.name,
    pid,
    bandwidth: bandwidthOf(node),
  };
  return {
    id,
    usb,
    facts: factsOf(node, usb, mac),
    parts: partsOf(node, mac),
    entitlements: (node.entitlements ?? []).map(entitlementOf),
    status: statusOf(node),
    ...defined(optional),
  };
}

function defined<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: NonNullable<T[K]> };
}

/** `431a`, `0x431A`, or the number: lower-case hex without 0x. Source: protocols/lens-and-portal.md 6. */
function usbProductOf(value: unknown): string | undefined {
  if (typeof value === "number" && Number.isInteger(value) && value > 0 && value <= 0xffff) return value.toString(16).padStart(4, "0");
  return typeof value === "string" ? /^(?:0x)?([0-9a-f]{4})$/i.exec(value.trim())?.[1]?.toLowerCase() : undefined;
}

/** `N/A`, `0`, `00000000` stand where a headset has none: they would make all of them one device. A guess at what is one. */
function serialOf(text: string | undefined): string | undefined {
  return text !== undefined && /^(?=.*\d)[\w-]{4,40}$/.test(text) && !/^(.)\1*$/.test(text) ? text : undefined;
}

/**
 * Its family is the one we have for whatever only Lens reaches: a device that answers here is known better by its own doors.
 * A device Lens does not provision is not thereby nobody's: that is `unknown`, which takes back an earlier `lens`.
 */
function factsOf(node: Node, usb: boolean, mac: Mac | undefined): DeviceFacts {
  const model = node.hardwaremodel ?? (usb ? node.name : node.productid);
  const running = parseVersion(node.softwareversion ?? "")?.text;
  const managed = node.provisioningenabled;
  return {
    family: "lens-only",
    ...defined({
      vendor: node.manufacturer === undefined ? undefined : (vendorOf(node.manufacturer) ?? node.manufacturer),
      model: model === undefined ? undefined : normaliseModel(model),
      revision: node.hardwarerevision,
      mac,
      serial: serialOf(node.serialnumber),
      name: node.name,
      running: running === undefined ? undefined : { application: running },
      managedBy: managed === undefined ? undefined : managed ? ("lens" as const) : ("unknown" as const),
    }),
  };
}

/** Linked panels and peripherals. Of a device that is not connected Lens only remembers them: nothing is said then. */
function partsOf(node: Node, own: Mac | undefined): readonly CoupledPart[] {
  if (node.connected !== true) return [];
  return (node.connections ?? []).flatMap(({ name, macaddress, softwareversion }): CoupledPart[] => {
    const mac = parseMac(macaddress ?? "");
    if (name === undefined || (mac !== undefined && mac === own)) return [];
    const version = parseVersion(softwareversion ?? "")?.text;
    return [{ model: normaliseModel(name), connected: true, ...defined({ mac, version }) }];
  });
}

function entitlementOf(given: NonNullable<Node["entitlements"]>[number]): Entitlement {
  const { productserial, licensekey, date, enddate, expired } = given;
  const licenseKey = licensekey === undefined ? undefined : new Secret(licensekey);
  return defined({ productSerial: productserial, licenseKey, fromMs: date, untilMs: enddate, expired });
}

function statusOf({ systemstatus }: Node): ReadonlyMap<string, readonly string[]> {
  const components = z.record(z.string(), state.nullish().catch(undefined)).safeParse(systemstatus?.data.com.poly.device.status);
  if (!components.success) return new Map();
  return new Map(
    Object.entries(components.data).flatMap(([name, component]) => {
      const said = [component?.state].flat().flatMap((text) => (text === undefined ? [] : [text.toLowerCase()]));
      return said.length === 0 ? [] : [[name, said] as const];
    }),
  );
}

/** Milliseconds and percent there; seconds and a ratio here. */
function bandwidthOf({ bandwidth }: Node): LensDevice["bandwidth"] {
  if (bandwidth == null) return undefined;
  const { endtime, pingjitterms: jitter, pinglosspercent: loss } = bandwidth;
  return defined({
    endMs: endtime,
    jitterSeconds: jitter === undefined || jitter < 0 ? undefined : jitter / 1000,
    packetLossRatio: loss === undefined || loss < 0 || loss > 100 ? undefined : loss / 100,
  });
}

/** Parts of the room, as the device's own status list has them. */
const PERIPHERALS = ["trackablecamera", "camera", "audio", "remotecontrol"];
/** A measurement of this morning says nothing of now. A guess. */
const MEASURED_MS: Ms = HOUR;

/** Health as Lens has it. Of a device that is not connected it has only what was. */
export function readingOf(device: LensDevice, nowMs: Ms): Reading {
  if (device.connected !== true) return {};
  const settings = device.status.get("provisioning") ?? [];
  const down = [...device.status].flatMap(([name, states]) => (states.includes("down") && name !== "provisioning" ? [name] : []));
  const lost = down.filter((name) => PERIPHERALS.includes(name)).length;
  const { endMs, jitterSeconds, packetLossRatio } = device.bandwidth ?? {};
  const fresh = endMs !== undefined && nowMs - endMs <= MEASURED_MS;
  return {
    ...(device.status.size === 0 ? {} : { peripheralsMissing: lost, componentsFailed: down.length - lost }),
    ...(settings.includes("down") ? { provisioningFailed: 1 } : settings.includes("up") ? { provisioningFailed: 0 } : {}),
    ...defined({ sinceProvisionedSeconds: sinceProvisioned(device, nowMs) }),
    ...(fresh ? defined({ jitterSeconds, packetLossRatio }) : {}),
  };
}

/** Of a device that Lens gives its settings, and no other: nobody else has to ask it. */
function sinceProvisioned({ provisioningEnabled, lastConfigRequestMs }: LensDevice, nowMs: Ms): number | undefined {
  if (provisioningEnabled !== true || lastConfigRequestMs === undefined || lastConfigRequestMs > nowMs) return undefined;
  return Math.round((nowMs - lastConfigRequestMs) / SECOND);
}

/** Whom a device asks for its settings, where that is Lens. */
export const LENS_SERVER = "lens.poly.com";

/** What the portal calls "Provisioned": it asked its provisioning server within a day. */
export function isProvisioned({ lastConfigRequestMs }: LensDevice, nowMs: Ms): boolean {
  return lastConfigRequestMs !== undefined && nowMs - lastConfigRequestMs <= DAY;
}

/** One line for people. */
export function describe(device: LensDevice, nowMs: Ms): string {
  const { connected, site, room, internalIp, lastConfigRequestMs, facts } = device;
  const cover = device.entitlements.some(({ expired }) => expired === false);
  return [
    connected === undefined ? "known to Lens" : connected ? "connected to Lens" : "not connected to Lens, which says nothing of its calls",
    device.usb ? "at a USB port" : undefined,
    facts.mac === undefined ? undefined : showMac(facts.mac),
    site === undefined ? undefined : `site ${site}`,
    room === undefined ? undefined : `room ${room}`,
    internalIp === undefined ? undefined : `said to be at ${internalIp}`,
    lastConfigRequestMs === undefined
      ? undefined
      : `${isProvisioned(device, nowMs) ? "provisioned" : "inactive"}, asked for its settings ${isoOf(lastConfigRequestMs)}`,
    device.supportsSoftwareUpdate === false ? "Lens cannot update it" : undefined,
    device.entitlements.length === 0 ? undefined : cover ? "under contract" : "contract ended",
  ]
    .filter((part) => part !== undefined)
    .join(", ")
    .slice(0, 300);
}

/** Joined by MAC, else by serial number. Its address is left out: Lens's may be years old, or another network's. */
export function sightingOf(device: LensDevice, nowMs: Ms): Sighting {
  return {
    source: "lens",
    atMs: nowMs,
    facts: device.facts,
    evidence: [{ via: "lens", what: describe(device, nowMs), atMs: nowMs }],
    ...(device.connected === true ? {} : { heard: false }),
  };
}
