/**
 * One visit to a video system: one REST session, a short batch of questions, closed.
 * Source: protocols/video.md 2.
 */

import type { InUse } from "../core/device.ts";
import { type Fault, fail, ok, type Result, showFault } from "../core/fault.ts";
import type { PeerCertificate } from "../http/certificate.ts";
import { type Session, withSession } from "../http/sessions.ts";
import type { FamilyIo, Target } from "./family.ts";

import { refusalKey, withLogin } from "./logins.ts";
import { httpTarget } from "./uc-phone-visit.ts";
import { decodeConferences, decodeDeviceMode, decodeMode, decodeSystem, type VideoSystem } from "./video-answers.ts";
import { contentShown, inCallByCalendar } from "./video-room-answers.ts";

/** What is asked before every command. */
export interface VideoSeen {
  readonly system: VideoSystem;
  readonly inUse: InUse;
  /** The application whose calls we cannot see, if one is active. */
  readonly partner: string | undefined;
  readonly certificate: PeerCertificate | undefined;
  readonly faults: readonly Fault[];
}

/** GET of a path below `/rest/`, or POST of `body` as JSON. */
export type Ask = (path: string, body?: unknown) => Promise<Result<Buffer>>;

/** A site may lock the port after two wrong log-ins. */
const REFUSALS_PER_VISIT = 1;
export const USB_DEVICE = "USB device";

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

/** One session, while it is open. */
export interface Visit {
  readonly ask: Ask;
  /** What the device has shown so far. */
  readonly certificate: () => PeerCertificate | undefined;
  /** See `Session.location`. */
  readonly location: string | undefined;
}

export function visitVideo<T>(
  family: "video-os" | "group",
  place: { readonly target: Target; readonly io: FamilyIo },
  signal: AbortSignal,
  run: (visit: Visit) => Promise<Result<T>>,
): Promise<Result<T>> {
  const { target, io } = place;
  return withLogin(target, { family, via: "https", refusalsPerVisit: REFUSALS_PER_VISIT }, io, (login) => {
    let certificate: PeerCertificate | undefined;
    const inSession = (session: Session): Promise<Result<T>> =>
      run({
        ask: asker(session, (shown) => {
          certificate = shown ?? certificate;
        }),
        certificate: () => certificate,
        location: session.location,
      });
    const onFirstFormRefused = (): void => io.refusals?.note(refusalKey(target), login.id);
    return withSession(httpTarget(target, family), login, { http: io.http, run: inSession, onFirstFormRefused }, signal);
  });
}

/** System and calls: what is asked before every command. */
export function seeVideo(
  family: "video-os" | "group",
  place: { readonly target: Target; readonly io: FamilyIo },
  signal: AbortSignal,
): Promise<Result<VideoSeen>> {
  return visitVideo(family, place, signal, see);
}

export async function see({ ask, certificate }: Visit): Promise<Result<VideoSeen>> {
  const answer = await ask("system");
  const system = answer.ok ? decodeSystem(answer.value) : answer;
  if (!system.ok) return system;
  const list = await ask("conferences");
  const calls = list.ok ? decodeConferences(list.value) : list;
  const partner = await partnerMode(ask);
  const faults = [calls, partner].flatMap((result) => (result.ok ? [] : [result.fault]));
  const known = gate(system.value, calls, partner);
  return ok({
    system: system.value,
    inUse: known.state === "busy" ? known : await lookFurther(ask, known, partner),
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

/** What two further answers may say against an empty list: that it is in use, never that it is not. Builds without them say nothing. */
async function lookFurther(ask: Ask, known: InUse, partner: Result<string | undefined>): Promise<InUse> {
  if (partner.ok && partner.value !== undefined && partner.value !== USB_DEVICE) {
    const calendar = await ask("calendar/meetings?number=1");
    if (calendar.ok && inCallByCalendar(calendar.value)) return { state: "busy", reason: `${partner.value} is in the call of a meeting` };
  }
  if (known.state !== "idle") return known;
  const content = await ask("cameras/contentstatus");
  const shown = content.ok ? contentShown(content.value) : undefined;
  // Somebody may be showing slides to the room without any call.
  return shown === undefined ? known : { state: "unknown", reason: `something is shown to the room (${shown})` };
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
