/**
 * What the REST answers of VideoOS and RealPresence Group mean; they share the tree and differ in dialect. Pure.
 * Source: protocols/video.md 1, 2 and 3.
 */

import * as z from "zod";
import type { CoupledPart, DeviceFacts, InUse, ManagedBy } from "../core/device.ts";

import { fail, ok, type Result } from "../core/fault.ts";
import { macFromVideoSerial, parseMac } from "../core/ids.ts";
import { DAY, type Ms } from "../core/time.ts";
import { parseVersion } from "../core/version.ts";
import { managerOf } from "../lens/managed.ts";
import { decode, looseFlag, looseNumber, looseText, parsePlainJson } from "./json.ts";
import { familyOfModel, normaliseModel } from "./models.ts";

export interface VideoSystem {
  readonly facts: DeviceFacts;
  /** In capitals: `IDLE`, `IN_CALL`. */
  readonly state?: string;
  readonly uptimeSeconds?: number;
  readonly rebootNeeded?: boolean;
  /** Of its local time from UTC. That summer time is in it follows from one capture. */
  readonly timeOffsetMs?: Ms;
}

/** Whose application holds the screen: the device's own, or the named one. */
export type Persona = { readonly own: true } | { readonly own: false; readonly name: string };

export interface StatusItem {
  /** `inacall`, `mr.camera`. */
  readonly name: string;
  /** In lower case: `up`, `down`, `off`. */
  readonly states: readonly string[];
}

const LIST_MAX = 500;

const system = z.object({
  model: looseText,
  serialnumber: looseText,
  softwareversion: looseText,
  build: looseText,
  hardwareversion: looseText,
  state: looseText,
  systemname: looseText,
  rebootneeded: looseFlag,
  uptime: looseNumber,
  timeoffset: looseNumber,
});

/** GET system. Group states version and build together (`Release - 6.2.2.8-670021`), VideoOS apart. */
export function decodeSystem(body: Buffer): Result<VideoSystem> {
  const json = parsePlainJson(body);
  if (!json.ok) return json;
  const decoded = decode(system, json.value, "the system description");
  if (!decoded.ok) return decoded;
  const { model, serialnumber, softwareversion, build, hardwareversion, state, systemname, rebootneeded, uptime, timeoffset } =
    decoded.value;
  if (model === undefined && softwareversion === undefined && serialnumber === undefined) {
    return fail({ kind: "garbled", via: "https", wanted: "the system description" });
  }
  const mac = macFromVideoSerial(serialnumber ?? "");
  const family = familyOfModel(model ?? "");
  const version = joinBuild(softwareversion, build);
  return ok({
    facts: {
      ...(family === undefined ? {} : { family }),
      ...(model === undefined ? {} : { model: normaliseModel(model) }),
      ...(serialnumber === undefined ? {} : { serial: serialnumber }),
      ...(hardwareversion === undefined ? {} : { revision: hardwareversion }),
      ...(mac === undefined ? {} : { mac }),
      ...(systemname === undefined ? {} : { name: systemname }),
      ...(version === undefined ? {} : { running: { application: version } }),
    },
    ...(state === undefined ? {} : { state: state.toUpperCase() }),
    ...(uptime === undefined || uptime < 0 ? {} : { uptimeSeconds: uptime }),
    ...(rebootneeded === undefined ? {} : { rebootNeeded: rebootneeded }),
    ...(timeoffset === undefined || Math.abs(timeoffset) > DAY ? {} : { timeOffsetMs: timeoffset }),
  });
}

/** `4.2.0` and `387310` are `4.2.0-387310`. */
export function joinBuild(version: string | undefined, build: string | undefined) {
  const parsed = version === undefined ? undefined : parseVersion(version);
  if (parsed === undefined) return undefined;
  return parsed.build === undefined && build !== undefined && /^\d{1,12}$/.test(build) ? `${parsed.text}-${build}` : parsed.text;
}

const connection = z.object({ state: looseText, calltype: looseText, callinfo: z.unknown().optional(), mediatype: looseText });
const conference = z.object({
  id: looseText,
  isactive: looseFlag,
  ispendingconference: looseFlag,
  connections: z.array(connection).max(LIST_MAX),
});

/**
 * Busy is any connection anywhere: an idle Group lists one empty PENDING conference, and a ringing call sits in it.
 * Source: protocols/video.md 2.4.
 */
export function decodeConferences(body: Buffer): Result<InUse> {
  const json = parsePlainJson(body);
  if (!json.ok) return json;
  const decoded = decode(z.array(conference).max(LIST_MAX), json.value, "the list of conferences");
  if (!decoded.ok) return decoded;
  for (const { id, isactive, ispendingconference, connections } of decoded.value) {
    const first = connections[0];
    if (first !== undefined) return ok({ state: "busy", reason: `call ${(first.state ?? "of unknown state").slice(0, 40)}` });
    const pending = id?.toUpperCase() === "PENDING" || ispendingconference === true;
    // A conference that claims to be active without connections is not one we understand.
    if (!pending && isactive !== false) return ok({ state: "unknown", reason: "a conference without connections is listed" });
  }
  return ok({ state: "idle" });
}

/** GET system/mode: whose application holds the screen. Source: protocols/video.md 2.4 (AVISPL). */
export function decodeMode(body: Buffer): Result<Persona> {
  const json = parsePlainJson(body);
  if (!json.ok) return json;
  // Strictly: another shape read as "none" would hide a partner's calls.
  const decoded = decode(z.object({ activepersona: z.string().nullable() }), json.value, "the mode");
  if (!decoded.ok) return decoded;
  const name = decoded.value.activepersona?.trim() ?? "";
  // `POLY`, `Poly Video`, none at all: the device's own calls, which the conference list shows.
  if (name === "" || /^(?:poly(?:com)?\b.*|poly.?video.*|native|none|default|standard)$/i.test(name)) return ok({ own: true });
  return ok({ own: false, name: name.slice(0, 60) });
}

/** GET system/mode/device: is it somebody's USB camera just now? */
export function decodeDeviceMode(body: Buffer): Result<boolean> {
  const json = parsePlainJson(body);
  if (!json.ok) return json;
  const decoded = decode(z.object({ result: looseFlag }), json.value, "the device mode");
  if (!decoded.ok) return decoded;
  return decoded.value.result === undefined ? fail({ kind: "garbled", via: "https", wanted: "the device mode" }) : ok(decoded.value.result);
}

/** GET system/status in both dialects (`stateList` and `state`). Names lose their `system.status.` prefix. */
export function decodeStatus(body: Buffer): Result<readonly StatusItem[]> {
  const json = parsePlainJson(body);
  if (!json.ok) return json;
  const states = z.array(z.string().max(64)).max(20).optional().catch(undefined);
  const item = z.object({ name: looseText, statelist: states, state: states });
  const decoded = decode(z.array(item).max(LIST_MAX), json.value, "the status list");
  if (!decoded.ok) return decoded;
  return ok(
    decoded.value.flatMap(({ name, statelist, state }) =>
      name === undefined
        ? []
        : [{ name: name.replace(/^system\.status\./, ""), states: (statelist ?? state ?? []).map((text) => text.toLowerCase()) }],
    ),
  );
}

/** Parts of the room; `off` is not configured and no fault. */
const PERIPHERALS = new Set(["trackablecamera", "mr.camera", "mr.audio", "microphones", "remotecontrol", "visualboard", "modularroom"]);

export function peripheralsDown(items: readonly StatusItem[]): number {
  return items.filter((item) => PERIPHERALS.has(item.name) && item.states.includes("down")).length;
}

/**
 * Does it miss its provisioning server? `undefined` where it has none (`off`) or does not know. That `down` means so is the
 * plain reading of the word, which no document spells out. Source: protocols/video.md 2.3.
 */
export function provisioningFailed(items: readonly StatusItem[]): boolean | undefined {
  const states = items.find(({ name }) => name === "provisioning")?.states ?? [];
  return states.includes("down") ? true : states.includes("up") ? false : undefined;
}

/** Everything that is down, by name; `off`, `full` and `unknown` are no faults. */
export function downOf(items: readonly StatusItem[]): readonly string[] {
  return items.filter((item) => item.states.includes("down")).map(({ name }) => name.slice(0, 40));
}

/** Group's second call indicator. */
export function inCallByStatus(items: readonly StatusItem[]): boolean {
  return items.some((item) => item.name === "inacall" && item.states.includes("up"));
}

const part = z.object({
  serialnumber: looseText,
  macaddress: looseText,
  softwareversion: looseText,
  productname: looseText,
  devicetype: looseText,
  devicestate: looseText,
  state: looseText,
  connectionstate: looseText,
  connected: looseFlag,
});

/** Paired devices: entries without serial and MAC are the codec itself and built-in parts. Source: protocols/video.md 2.5. */
export function decodeParts(body: Buffer): Result<readonly CoupledPart[]> {
  const json = parsePlainJson(body);
  if (!json.ok) return json;
  const list = Array.isArray(json.value) ? json.value : Object.values(Object(json.value)).find(Array.isArray);
  const decoded = decode(z.array(part).max(LIST_MAX), list, "the list of paired devices");
  if (!decoded.ok) return decoded;
  return ok(
    decoded.value.flatMap((entry): CoupledPart[] => {
      const mac = parseMac(entry.macaddress ?? "") ?? macFromVideoSerial(entry.serialnumber ?? "");
      if (entry.serialnumber === undefined && mac === undefined) return [];
      const version = parseVersion(entry.softwareversion ?? "")?.text;
      const state = `${entry.devicestate ?? ""} ${entry.connectionstate ?? ""} ${entry.state ?? ""}`;
      return [
        {
          model: normaliseModel(entry.productname ?? entry.devicetype ?? "part"),
          ...(mac === undefined ? {} : { mac }),
          ...(entry.serialnumber === undefined ? {} : { serial: entry.serialnumber }),
          ...(version === undefined ? {} : { version }),
          connected: entry.connected !== false && !/disconnect|unpaired|unavailable|lost|offline|down|error/i.test(state),
        },
      ];
    }),
  );
}

/** Who updates it, from the exported configuration. Source: protocols/video.md 2.5 and 3. */
export function managedByConfig(body: Buffer): Result<ManagedBy> {
  const text = body.toString("utf8");
  if (!/<PHONE_CONFIG\b/.test(text)) return fail({ kind: "garbled", via: "https", wanted: "the exported configuration" });
  const setting = (name: string): string =>
    new RegExp(`\\b${name.replaceAll(".", "\\.")}="([^"]{0,300})"`).exec(text)?.[1]?.toLowerCase() ?? "";
  const servers = [setting("device.prov.serverName"), setting("upgrade.auto.server.address")];
  return ok(managerOf({ servers, upgradeServerType: setting("upgrade.auto.server.type") }) ?? "none");
}
