/**
 * One visit to a video system: one REST session, a short batch of questions, closed.
 * Source: protocols/video.md 2.
 */

import type { CoupledPart, InUse, ManagedBy } from "../core/device.ts";
import { type Fault, fail, ok, type Result, showFault } from "../core/fault.ts";
import type { PeerCertificate } from "../http/certificate.ts";
import { type Session, withSession } from "../http/sessions.ts";
import type { FamilyIo, Target } from "./family.ts";

import { refusalKey, withLogin } from "./logins.ts";
import { httpTarget } from "./uc-phone-visit.ts";
import {
  decodeConferences,
  decodeDeviceMode,
  decodeMode,
  decodeParts,
  decodeStatus,
  decodeSystem,
  inCallByStatus,
  managedByConfig,
  peripheralsDown,
  type StatusItem,
  type VideoSystem,
} from "./video-answers.ts";

/** What is asked before every command. */
export interface VideoSeen {
  readonly system: VideoSystem;
  readonly inUse: InUse;
  /** The application whose calls we cannot see, if one is active. */
  readonly partner: string | undefined;
  readonly certificate: PeerCertificate | undefined;
  readonly faults: readonly Fault[];
}

/** What a whole read adds; `undefined` where the system did not tell. */
export interface VideoSeenMore extends VideoSeen {
  readonly parts: readonly CoupledPart[] | undefined;
  readonly peripheralsDown: number | undefined;
  readonly managedBy: ManagedBy | undefined;
}

/** GET of a path below `/rest/`, or POST of `body` as JSON. */
type Ask = (path: string, body?: unknown) => Promise<Result<Buffer>>;

/** A site may lock the port after two wrong log-ins. */
const REFUSALS_PER_VISIT = 1;
const USB_DEVICE = "USB device";

/** 404 is `off`: this build does not know the call. */
function asker(session: Session, keep: (certificate: PeerCertificate | undefined) => void): Ask {
  return async (path, body) => {
    const answer = await session.ask({ method: body === undefined ? "GET" : "POST", path, ...(body === undefined ? {} : { body }) });
    if (!answer.ok) return answer;
    keep(answer.value.certificate);
    if (answer.value.status === 200) return ok(answer.value.body);
    if (answer.value.status === 404) return fail({ kind: "off", via: "https", detail: `no ${path} (404)` });
    return fail({ kind: "garbled", via: "https", wanted: "a REST answer", detail: `HTTP ${answer.value.status}` });
  };
}

function visit<T>(
  family: "video-os" | "group",
  place: { readonly target: Target; readonly io: FamilyIo },
  signal: AbortSignal,
  run: (ask: Ask, certificate: () => PeerCertificate | undefined) => Promise<Result<T>>,
): Promise<Result<T>> {
  const { target, io } = place;
  return withLogin(target, { family, via: "https", refusalsPerVisit: REFUSALS_PER_VISIT }, io, (login) => {
    let certificate: PeerCertificate | undefined;
    const inSession = (session: Session): Promise<Result<T>> =>
      run(
        asker(session, (shown) => {
          certificate = shown ?? certificate;
        }),
        () => certificate,
      );
    const onFirstFormRefused = (): void => io.refusals?.note(refusalKey(target), login.id);
    return withSession(httpTarget(target), login, { http: io.http, run: inSession, onFirstFormRefused }, signal);
  });
}

/** System and calls: what is asked before every command. */
export function seeVideo(
  family: "video-os" | "group",
  place: { readonly target: Target; readonly io: FamilyIo },
  signal: AbortSignal,
): Promise<Result<VideoSeen>> {
  return visit(family, place, signal, (ask, certificate) => see(ask, certificate));
}

async function see(ask: Ask, certificate: () => PeerCertificate | undefined): Promise<Result<VideoSeen>> {
  const answer = await ask("system");
  const system = answer.ok ? decodeSystem(answer.value) : answer;
  if (!system.ok) return system;
  const list = await ask("conferences");
  const calls = list.ok ? decodeConferences(list.value) : list;
  const partner = await partnerMode(ask);
  const faults = [calls, partner].flatMap((result) => (result.ok ? [] : [result.fault]));
  return ok({
    system: system.value,
    inUse: gate(system.value, calls, partner),
    partner: partner.ok ? partner.value : undefined,
    certificate: certificate(),
    faults,
  });
}

/** The name of the application whose calls we cannot see, if one is active. Builds without modes have none. */
async function partnerMode(ask: Ask): Promise<Result<string | undefined>> {
  const mode = await ask("system/mode");
  if (mode.ok) {
    const persona = decodeMode(mode.value);
    if (!persona.ok) return persona;
    if (!persona.value.own) return ok(persona.value.name);
  } else if (mode.fault.kind !== "off") return mode;
  const usb = await ask("system/mode/device");
  if (!usb.ok) return usb.fault.kind === "off" ? ok(undefined) : usb;
  const used = decodeDeviceMode(usb.value);
  return used.ok ? ok(used.value ? USB_DEVICE : undefined) : used;
}

/** Any sign of a call is busy; whatever cannot be seen is unknown; only both lists read and empty is idle. */
function gate(system: VideoSystem, calls: Result<InUse>, partner: Result<string | undefined>): InUse {
  if (calls.ok && calls.value.state === "busy") return calls.value;
  if (system.state === "IN_CALL") return { state: "busy", reason: "the system says it is in a call" };
  if (!calls.ok) return { state: "unknown", reason: `the calls cannot be read: ${showFault(calls.fault)}` };
  if (!partner.ok) return { state: "unknown", reason: `the mode cannot be read: ${showFault(partner.fault)}` };
  if (partner.value !== undefined) return { state: "unknown", reason: `${partner.value} mode: its calls are not visible to us` };
  return calls.value;
}

/** Everything a room tells in one session. */
export function readVideo(
  family: "video-os" | "group",
  place: { readonly target: Target; readonly io: FamilyIo },
  signal: AbortSignal,
): Promise<Result<VideoSeenMore>> {
  return visit(family, place, signal, async (ask, certificate) => {
    const seen = await see(ask, certificate);
    if (!seen.ok) return seen;
    const faults = [...seen.value.faults];
    const extra = async <T>(answer: Promise<Result<Buffer>>, read: (body: Buffer) => Result<T>): Promise<T | undefined> => {
      const body = await answer;
      const result = body.ok ? read(body.value) : body;
      if (result.ok) return result.value;
      if (result.fault.kind !== "off") faults.push(result.fault);
      return undefined;
    };
    const reachable = (): boolean =>
      !faults.some((fault) => fault.kind === "unreachable" || fault.kind === "cancelled" || fault.kind === "denied");
    const status = reachable() ? await extra<readonly StatusItem[]>(ask("system/status"), decodeStatus) : undefined;
    const parts = reachable() ? await extra(ask("devicemanagement/devices", {}), decodeParts) : undefined;
    const config = family === "video-os" && reachable() ? await extra(ask("provisioning/config"), managedByConfig) : undefined;
    return ok({
      ...seen.value,
      inUse: withStatus(seen.value.inUse, status),
      parts: parts?.filter((part) => !isItself(part, seen.value.system)),
      peripheralsDown: status === undefined ? undefined : peripheralsDown(status),
      managedBy: managedBy(seen.value.partner, config),
      faults,
    });
  });
}

/** The list of paired devices begins with the codec: without a serial number, but with its MAC. Source: protocols/video.md 2.5. */
function isItself(part: CoupledPart, system: VideoSystem): boolean {
  const { mac, serial } = system.facts;
  return (part.mac !== undefined && part.mac === mac) || (part.serial !== undefined && part.serial === serial);
}

function withStatus(inUse: InUse, status: readonly StatusItem[] | undefined): InUse {
  if (inUse.state === "busy" || status === undefined || !inCallByStatus(status)) return inUse;
  return { state: "busy", reason: "the status list says it is in a call" };
}

/** A partner application brings its own updater: Teams by name, others at least not ours. */
function managedBy(partner: string | undefined, config: ManagedBy | undefined): ManagedBy | undefined {
  if (config !== undefined && config !== "none") return config;
  if (partner !== undefined && /teams|microsoft/i.test(partner)) return "teams";
  return partner !== undefined && partner !== USB_DEVICE ? "unknown" : config;
}
