/**
 * Is a phone in use, and how good is its call: what the call lists and the session statistics mean. Pure.
 * Source: protocols/uc-phones.md 4.3.
 */
import * as z from "zod";
import type { InUse } from "../core/device.ts";
import { fail, ok, type Result } from "../core/fault.ts";
import type { Reading } from "../core/reading.ts";
import { decode, looseFlag, looseNumber, looseText } from "./json.ts";

const call = z.object({
  callstate: looseText,
  type: looseText,
  protocol: looseText,
  callhandle: looseText,
  callsequence: looseText,
  ringing: looseFlag,
  uiappearanceindex: looseText,
});
type Call = z.infer<typeof call>;
/** More appearances than the largest phone has. */
const CALLS_MAX = 100;

/** Anything listed means busy, ringing and paging included; the other party's name and number are not repeated. */
export function decodeCalls(data: unknown): Result<InUse> {
  const list = Array.isArray(data) ? data : [data];
  if (list.length === 0) return ok({ state: "idle" });
  const decoded = decode(z.array(call).max(CALLS_MAX), list, "the list of calls");
  if (!decoded.ok) return decoded;
  // The one in the foreground speaks for all: its appearance carries a star.
  const first = decoded.value.find(({ uiappearanceindex }) => uiappearanceindex?.endsWith("*") === true) ?? decoded.value[0];
  if (first === undefined || isNoCall(first)) return fail({ kind: "garbled", via: "https", wanted: "the list of calls" });
  const what = describe(first);
  return ok({ state: "busy", reason: list.length > 1 ? `${what} and ${list.length - 1} more` : what });
}

function isNoCall({ callstate, protocol, callhandle, callsequence }: Call): boolean {
  return callstate === undefined && protocol === undefined && callhandle === undefined && callsequence === undefined;
}

function describe({ callstate, protocol, ringing }: Call): string {
  if (protocol?.toUpperCase() === "PTT") return "paging";
  return `call ${(callstate ?? "of unknown state").slice(0, 40)}${ringing === true ? ", ringing" : ""}`;
}

/** pollForStatus: `Error` is a phone whose applications are still starting. */
export function decodePollState(data: unknown): Result<InUse> {
  const decoded = decode(z.object({ state: looseText }), data, "the phone's state");
  if (!decoded.ok) return decoded;
  switch (decoded.value.state?.toLowerCase()) {
    case "idle":
      return ok({ state: "idle" });
    case "active":
      return ok({ state: "busy", reason: "the phone says it is active" });
    case "error":
      return ok({ state: "unknown", reason: "the phone is still starting" });
    default:
      return fail({ kind: "garbled", via: "https", wanted: "the phone's state" });
  }
}

/** Models that run an application of somebody else's. Source: protocols/uc-phones.md 4.3. */
const APP_MODELS = /^(?:CCX|Trio) /;
/** Made for it: from their first firmware on they know the parameter that says which. General knowledge. */
const MADE_FOR_APPS = /^CCX /;

/** Could a call be going on that the list of calls does not show? */
export function mayRunAnApp(model: string | undefined): boolean {
  return model !== undefined && APP_MODELS.test(model);
}

/** Does its silence about its profile hide something? A Trio may have a firmware of before there were applications. */
export function tellsItsProfile(model: string | undefined): boolean {
  return model !== undefined && MADE_FOR_APPS.test(model);
}

/**
 * The application whose calls the phone's own list does not show, from `device.baseProfile` (the parameter is from general
 * knowledge; any value but that of a SIP phone is taken for an application).
 */
export function appOfProfile(profile: string | undefined): string | undefined {
  if (profile === undefined || /^(?:|null|generic|default|sip)$/i.test(profile)) return undefined;
  if (/teams/i.test(profile)) return "Microsoft Teams";
  if (/zoom/i.test(profile)) return "Zoom";
  return /lync|skype/i.test(profile) ? undefined : profile.slice(0, 40);
}

const stream = z.object({ maxjitter: looseNumber, jitter: looseNumber, packetslost: looseNumber, packetsreceived: looseNumber });
const session = z.object({ streams: z.array(stream).max(20).optional().catch(undefined) });

/**
 * media/sessionStats of the live call: the worst of its streams. Jitter in milliseconds, packets since the call began; negative
 * numbers are counters that have not begun. Source: centreon polycom trio plugin.
 */
export function decodeSessionStats(data: unknown): Pick<Reading, "jitterSeconds" | "packetLossRatio"> {
  const decoded = z
    .array(session)
    .max(CALLS_MAX)
    .safeParse(Array.isArray(data) ? data : [data]);
  if (!decoded.success) return {};
  const streams = decoded.data.flatMap(({ streams = [] }) => streams);
  const jitters = streams.flatMap(({ jitter, maxjitter }) => jitter ?? maxjitter ?? []).filter((ms) => ms >= 0 && ms < 60_000);
  const losses = streams.flatMap(({ packetslost: lost, packetsreceived: got }) =>
    lost !== undefined && got !== undefined && lost >= 0 && got >= 0 && lost + got > 0 ? [lost / (lost + got)] : [],
  );
  return {
    ...(jitters.length === 0 ? {} : { jitterSeconds: Math.max(...jitters) / 1000 }),
    ...(losses.length === 0 ? {} : { packetLossRatio: Math.max(...losses) }),
  };
}
