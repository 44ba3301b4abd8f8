/**
 * What the REST answers of UC Software phones mean. Pure. Source: protocols/uc-phones.md 3 and 4.
 */

import * as z from "zod";
import type { CoupledPart, DeviceFacts } from "../core/device.ts";

import { type Fault, fail, ok, type Result } from "../core/fault.ts";
import { parseMac } from "../core/ids.ts";
import { parseVersion } from "../core/version.ts";
import { decode, looseFlag, looseNumber, looseText, parsePlainJson } from "./json.ts";
import { normaliseModel } from "./models.ts";

/** Every REST answer has a code; `data` is decoded by who asked. */
export interface Envelope {
  readonly code: string;
  readonly data?: unknown;
}

/** What device/info says, in one shape for both versions. */
export interface PhoneInfo {
  readonly facts: DeviceFacts;
  readonly uptimeSeconds?: number;
  /** All applications have started. */
  readonly ready?: boolean;
  readonly canShutDown?: boolean;
  /** About to go down by itself. */
  readonly goingDown?: boolean;
  readonly modules: readonly CoupledPart[];
  /** Modules and camera; absent where the phone did not list its hardware in a way we read. */
  readonly peripherals?: number;
}

/** `{"Status":"2000","data":…}`; the status may be a number. */
export function decodeEnvelope(body: Buffer): Result<Envelope> {
  const json = parsePlainJson(body);
  if (!json.ok) return json;
  const envelope = decode(z.object({ status: looseText, data: z.unknown().optional() }), json.value, "a REST answer");
  if (!envelope.ok) return envelope;
  const { status, data } = envelope.value;
  return status === undefined ? fail({ kind: "garbled", via: "https", wanted: "a REST answer with a status" }) : ok({ code: status, data });
}

/** What else the manual says a code means. 4400, 4403 and 5500 are listed for updateConfiguration alone. */
const CODES: Readonly<Record<string, string>> = {
  "4000": "invalid input",
  "4002": "the line is not registered",
  "4003": "operation not allowed",
  "4005": "no such line",
  "4006": "URLs not configured",
  "4007": "no such call",
  "4008": "the configuration could not be exported",
  "4009": "too large, or more than 20 parameters",
  "4010": "the factory password is still set and must be changed",
  "4400": "the synchronisation failed",
  "4403": "the synchronisation failed",
  "5000": "failed to process",
  "5500": "the synchronisation failed",
};

/** The fault a code means; `undefined` for 2000. The caller knows where a code is an answer (4007 on callStatus). */
export function faultOfCode(code: string): Fault | undefined {
  switch (code) {
    case "2000":
      return undefined;
    case "4001":
      return { kind: "busy", via: "https" };
    case "4004":
      return { kind: "off", via: "https", detail: "operation not supported (4004)" };
    default: {
      const meaning = Object.hasOwn(CODES, code) ? CODES[code] : undefined;
      if (meaning !== undefined) return { kind: "refused", via: "https", reason: `${meaning} (${code})` };
      return { kind: "refused", via: "https", reason: `REST code ${code.replaceAll(/\W/g, "").slice(0, 8)}` };
    }
  }
}

/** The envelope's data, or the fault its code means. */
export function dataOf(envelope: Result<Envelope>): Result<unknown> {
  if (!envelope.ok) return envelope;
  const fault = faultOfCode(envelope.value.code);
  return fault === undefined ? ok(envelope.value.data) : fail(fault);
}

const uptimeObject = z.object({ days: looseNumber, hours: looseNumber, minutes: looseNumber, seconds: looseNumber });
/** 274 years: more is a decoding mistake. */
const UPTIME_DAYS = 100_000;

/**
 * Seconds from any uptime a phone states: `0 Day 2:26:00`, `3.02:24:46`, `0 days, 3 hours, 8 minutes, 56 seconds`, or
 * the object of v2. `undefined` for anything else. Source: protocols/uc-phones.md 4.2.
 */
export function parseUptime(value: unknown): number | undefined {
  const parts = uptimeObject.safeParse(value);
  if (parts.success) {
    const { days, hours, minutes, seconds } = parts.data;
    if (days === undefined && hours === undefined && minutes === undefined && seconds === undefined) return undefined;
    return total(days ?? 0, hours ?? 0, minutes ?? 0, seconds ?? 0);
  }
  if (typeof value !== "string" || value.length > 100) return undefined;
  const clock = /^(?:(\d+)(?:\s*days?,?\s+|\.))?(\d+):(\d\d):(\d\d)$/i.exec(value.trim());
  const words = /^(?:(\d+)\s*days?,?\s*)?(?:(\d+)\s*hours?,?\s*)?(?:(\d+)\s*minutes?,?\s*)?(?:(\d+)\s*seconds?)?$/i.exec(value.trim());
  const match = clock ?? (/\d/.test(value) ? words : null);
  return match === null ? undefined : total(Number(match[1] ?? 0), Number(match[2] ?? 0), Number(match[3] ?? 0), Number(match[4] ?? 0));
}

function total(days: number, hours: number, minutes: number, seconds: number): number | undefined {
  const sum = days * 86_400 + hours * 3_600 + minutes * 60 + seconds;
  const fits =
    days >= 0 &&
    hours >= 0 &&
    minutes >= 0 &&
    minutes < 60 &&
    seconds >= 0 &&
    seconds < 60 &&
    days <= UPTIME_DAYS &&
    hours <= 24 * UPTIME_DAYS;
  return fits ? sum : undefined;
}

const module_ = z.object({ type: looseText, version: looseText });
const deviceInfo = z.object({
  modelnumber: looseText,
  devicevendor: looseText,
  firmwarerelease: looseText,
  firmware: z.object({ application: looseText, updater: looseText, bootblock: looseText }).optional().catch(undefined),
  macaddress: looseText,
  uptimesincelastreboot: z.unknown().optional(),
  uptime: z.unknown().optional(),
  readytouse: looseFlag,
  canapplyshutdownrequest: looseFlag,
  intendtoshutdown: looseFlag,
  attachedhardware: z
    .object({ em: z.array(module_).max(20).optional(), camera: z.unknown().optional() })
    .optional()
    .catch(undefined),
});

/** Both shapes of device/info, told apart by the fields present, not by the path (5.7.0 answered v1 with v2's shape). */
export function decodeDeviceInfo(data: unknown): Result<PhoneInfo> {
  const decoded = decode(deviceInfo, data, "device information");
  if (!decoded.ok) return decoded;
  const info = decoded.value;
  const application = versionOf(info.firmwarerelease ?? info.firmware?.application);
  const updater = versionOf(info.firmware?.updater);
  const mac = parseMac(info.macaddress ?? "");
  if (info.modelnumber === undefined && mac === undefined && application === undefined) {
    return fail({ kind: "garbled", via: "https", wanted: "device information" });
  }
  const partNumber = partNumberOf(info.firmware?.bootblock);
  const uptimeSeconds = parseUptime(info.uptimesincelastreboot) ?? parseUptime(info.uptime);
  const facts: DeviceFacts = {
    family: "uc-phone",
    ...(info.devicevendor === undefined ? {} : { vendor: info.devicevendor }),
    ...(info.modelnumber === undefined ? {} : { model: normaliseModel(info.modelnumber) }),
    ...(partNumber === undefined ? {} : { partNumber }),
    // The serial number of a phone is its MAC (protocols/uc-phones.md 2).
    ...(mac === undefined ? {} : { mac, serial: mac }),
    ...(application === undefined && updater === undefined
      ? {}
      : { running: { ...(application === undefined ? {} : { application }), ...(updater === undefined ? {} : { updater }) } }),
  };
  const attached = info.attachedhardware;
  const modules = attached?.em ?? [];
  return ok({
    facts,
    ...(uptimeSeconds === undefined ? {} : { uptimeSeconds }),
    ...(info.readytouse === undefined ? {} : { ready: info.readytouse }),
    ...(info.canapplyshutdownrequest === undefined ? {} : { canShutDown: info.canapplyshutdownrequest }),
    ...(info.intendtoshutdown === undefined ? {} : { goingDown: info.intendtoshutdown }),
    modules: modules.map((em) => {
      const version = versionOf(em.version);
      return { model: em.type ?? "expansion module", connected: true, ...(version === undefined ? {} : { version }) };
    }),
    ...(attached === undefined ? {} : { peripherals: modules.length + (isNothing(attached.camera) ? 0 : 1) }),
  });
}

/** Absent, `null`, `""`, `[]`, `{}`. */
function isNothing(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === null || value === "";
}

/** The build date after the version goes with the first blank. */
function versionOf(text: string | undefined) {
  return text === undefined ? undefined : parseVersion(text)?.text;
}

/**
 * `3.0.6.0002 (65290-001)` belongs to 3111-65290-001. Numbers below 40000 are of boards whose prefix may be 2345 and say
 * nothing alone. Source: protocols/uc-phones.md 4.1; protocols/provisioning.md 6.
 */
function partNumberOf(bootBlock: string | undefined): string | undefined {
  const middle = /\((\d{5})-(\d{3})\)/.exec(bootBlock ?? "");
  return middle === null || Number(middle[1]) < 40_000 ? undefined : `3111-${middle[1]}-${middle[2]}`;
}

/** device/stats: CPU in percent, memory in bytes; reclaimable memory is not in use. Source: centreon polycom trio plugin. */
export function decodeStats(data: unknown): { readonly cpuRatio?: number; readonly memoryRatio?: number } {
  const memory = z.object({ used: looseNumber, total: looseNumber, free: looseNumber, sreclaim: looseNumber, sreclaimable: looseNumber });
  const schema = z.object({
    cpu: z.object({ current: looseNumber, average: looseNumber }).optional().catch(undefined),
    memory: memory.optional().catch(undefined),
  });
  const decoded = schema.safeParse(data);
  if (!decoded.success) return {};
  const { cpu, memory: m } = decoded.data;
  const percent = cpu?.average ?? cpu?.current;
  const used = m?.used ?? (m?.total !== undefined && m.free !== undefined ? m.total - m.free : undefined);
  const ratio =
    m?.total === undefined || m.total <= 0 || used === undefined ? undefined : (used - (m.sreclaim ?? m.sreclaimable ?? 0)) / m.total;
  return {
    ...(percent === undefined || percent < 0 || percent > 100 ? {} : { cpuRatio: percent / 100 }),
    ...(ratio === undefined || ratio < 0 || ratio > 1 ? {} : { memoryRatio: ratio }),
  };
}

/** network/stats: packets and time since boot. */
export function decodePackets(data: unknown): {
  readonly rxPackets?: number;
  readonly txPackets?: number;
  readonly uptimeSeconds?: number;
} {
  const decoded = z.object({ rxpackets: looseNumber, txpackets: looseNumber, uptime: z.unknown().optional() }).safeParse(data);
  if (!decoded.success) return {};
  const { rxpackets, txpackets, uptime } = decoded.data;
  const uptimeSeconds = parseUptime(uptime);
  return {
    ...(rxpackets === undefined ? {} : { rxPackets: rxpackets }),
    ...(txpackets === undefined ? {} : { txPackets: txpackets }),
    ...(uptimeSeconds === undefined ? {} : { uptimeSeconds }),
  };
}
