/**
 * Everything a room tells in one session: what is asked before a command, and then its parts, servers and settings.
 * Source: protocols/video.md 2.
 */

import type { CoupledPart, Line, ManagedBy } from "../core/device.ts";
import type { Fault } from "../core/fault.ts";
import { ok, type Result } from "../core/fault.ts";
import type { FamilyIo, Target } from "./family.ts";
import {
  decodeParts,
  decodeStatus,
  downOf,
  inCallByStatus,
  peripheralsDown,
  provisioningFailed,
  type StatusItem,
  type VideoSystem,
} from "./video-answers.ts";
import {
  decodeConfig,
  decodeExport,
  type ExportedConfig,
  managedByValues,
  PROVISIONING_NAMES,
  provisioningByValues,
  showDoors,
  showUpdates,
} from "./video-config.ts";
import { appOf, decodeApps, decodeServers, forgottenSessions, type RoomApp } from "./video-room-answers.ts";
import { see, USB_DEVICE, type VideoSeen, type Visit, visitVideo } from "./video-visit.ts";

/** What a whole read adds; `undefined` where the system did not tell. */
export interface VideoSeenMore extends VideoSeen {
  readonly parts: readonly CoupledPart[] | undefined;
  /** Registrar and gatekeeper. */
  readonly lines: readonly Line[] | undefined;
  readonly peripheralsDown: number | undefined;
  readonly managedBy: ManagedBy | undefined;
  /** Whom it asks for its settings. */
  readonly provisioning: readonly string[] | undefined;
  readonly provisioningFailed: boolean | undefined;
  /** For people: what is down, who updates it, what we left open. */
  readonly notes: readonly string[];
}

export function readVideo(
  family: "video-os" | "group",
  place: { readonly target: Target; readonly io: FamilyIo },
  signal: AbortSignal,
): Promise<Result<VideoSeenMore>> {
  return visitVideo(family, place, signal, async (visit) => {
    const seen = await see(visit);
    return seen.ok ? ok(await readMore(family, visit, seen.value)) : seen;
  });
}

/** The shortest visit, and the parts that are paired: an update is over when they are back. Where they cannot be read they are absent. */
export function seeWithParts(
  family: "video-os" | "group",
  place: { readonly target: Target; readonly io: FamilyIo },
  signal: AbortSignal,
): Promise<Result<VideoSeen & { readonly parts?: readonly CoupledPart[] }>> {
  return visitVideo(family, place, signal, async (visit) => {
    const seen = await see(visit);
    if (!seen.ok) return seen;
    const answer = await visit.ask("devicemanagement/devices", {});
    const parts = answer.ok ? decodeParts(answer.value) : answer;
    if (parts.ok) return ok({ ...seen.value, parts: parts.value.filter((part) => !isItself(part, seen.value.system)) });
    return parts.fault.kind === "off" ? seen : ok({ ...seen.value, faults: [...seen.value.faults, parts.fault] });
  });
}

async function readMore(family: "video-os" | "group", { ask, location }: Visit, seen: VideoSeen): Promise<VideoSeenMore> {
  const faults = [...seen.faults];
  /** What a build does not offer is no fault; after the device is gone nothing more is asked. */
  const extra = async <T>(path: string, read: (body: Buffer) => Result<T>, body?: unknown): Promise<T | undefined> => {
    if (faults.some(endsSession)) return undefined;
    const answer = await ask(path, body);
    const result = answer.ok ? read(answer.value) : answer;
    if (result.ok) return result.value;
    if (result.fault.kind !== "off") faults.push(result.fault);
    return undefined;
  };
  const status = await extra<readonly StatusItem[]>("system/status", decodeStatus);
  const parts = await extra("devicemanagement/devices", decodeParts, {});
  const exported = family === "video-os" ? await extra("provisioning/config", decodeExport) : undefined;
  const names = { names: PROVISIONING_NAMES };
  const onWire = family === "group" ? await extra("config", decodeConfig, names) : undefined;
  const apps = hasPartner(seen) ? await extra("system/apps", decodeApps) : undefined;
  const sip = await extra("system/sipservers", (body) => decodeServers(body, "sip"));
  const h323 = await extra("system/h323gatekeepers", (body) => decodeServers(body, "h323"));
  const forgotten = location === undefined ? undefined : await extra("session/sessions", (body) => forgottenSessions(body, location));
  const app = apps === undefined ? undefined : appOf(apps, seen.partner ?? "");
  const config = exported?.managedBy ?? (onWire === undefined ? undefined : managedByValues(onWire.values));
  return {
    ...seen,
    inUse: withStatus(seen.inUse, status),
    parts: parts?.filter((part) => !isItself(part, seen.system)),
    lines: sip === undefined && h323 === undefined ? undefined : [...(sip ?? []), ...(h323 ?? [])],
    peripheralsDown: status === undefined ? undefined : peripheralsDown(status),
    managedBy: managedBy(seen.partner, app, config),
    provisioning: exported?.provisioning ?? (onWire === undefined ? undefined : provisioningByValues(onWire.values)),
    provisioningFailed: status === undefined ? undefined : provisioningFailed(status),
    notes: notesOf({ status, exported, app, forgotten }),
    faults,
  };
}

function endsSession(fault: Fault): boolean {
  return fault.kind === "unreachable" || fault.kind === "cancelled" || fault.kind === "denied";
}

const hasPartner = (seen: VideoSeen): boolean => seen.partner !== undefined && seen.partner !== USB_DEVICE;

/** The list of paired devices begins with the codec: without a serial number, but with its MAC. Source: protocols/video.md 2.5. */
function isItself(part: CoupledPart, system: VideoSystem): boolean {
  const { mac, serial } = system.facts;
  return (part.mac !== undefined && part.mac === mac) || (part.serial !== undefined && part.serial === serial);
}

function withStatus(inUse: VideoSeen["inUse"], status: readonly StatusItem[] | undefined): VideoSeen["inUse"] {
  if (inUse.state === "busy" || status === undefined || !inCallByStatus(status)) return inUse;
  return { state: "busy", reason: "the status list says it is in a call" };
}

/** A partner application brings its own updater: Teams by its name or its package, others at least not ours. */
function managedBy(partner: string | undefined, app: RoomApp | undefined, config: ManagedBy | undefined): ManagedBy | undefined {
  if (config !== undefined && config !== "none") return config;
  if (partner === undefined || partner === USB_DEVICE) return config;
  return /teams|microsoft/i.test(`${partner} ${app?.packageName ?? ""}`) ? "teams" : "unknown";
}

function notesOf(told: {
  readonly status: readonly StatusItem[] | undefined;
  readonly exported: ExportedConfig | undefined;
  readonly app: RoomApp | undefined;
  readonly forgotten: number | undefined;
}): readonly string[] {
  const { status, exported, app, forgotten = 0 } = told;
  const down = downOf(status ?? []);
  return [
    ...(down.length === 0 ? [] : [`down: ${down.join(", ")}`]),
    ...(app === undefined ? [] : [`application ${app.name} ${app.version ?? "of unknown version"}`]),
    ...(exported === undefined ? [] : [showUpdates(exported.updates), showDoors(exported.doors)]),
    ...(forgotten === 0 ? [] : [`${forgotten} older session${forgotten === 1 ? "" : "s"} of ours still open there`]),
  ].filter((note) => note !== undefined);
}
