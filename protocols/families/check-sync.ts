/**
 * Telling a phone by SIP: to look at its server (`check-sync`), or to run one REST call (`ACTION-URI`).
 * Source: protocols/uc-phones.md 7.
 */
import { fail, ok, type Result } from "../core/fault.ts";
import type { Login } from "../core/secret.ts";
import { orderOf, type Version } from "../core/version.ts";
import { isRefusalOf, loginsFor, refusalKey } from "./logins.ts";
import type { WebPlace } from "./phone-web.ts";
import { httpTarget } from "./uc-phone-visit.ts";
import { parseUserAgent, type UserAgentFacts } from "./user-agent.ts";

/** Older firmware answers 200 and drops the event. */
const ACTION_URI_SINCE: Version = "6.4.2.0000";

/**
 * A phone challenges with an account of its line or of itself. The line's is taken by its name, unless a certificate shows
 * another phone; the phone's own only after the phone has proved by its certificate who it is, because SIP proves nothing.
 */
async function sipLogin({ target, family, io }: WebPlace, user: string, signal: AbortSignal): Promise<Login | undefined> {
  const usable = loginsFor(target, family).filter((login) => io.refusals?.isStopped(refusalKey(target), login.id) !== true);
  const named = usable.find((login) => login.user === user);
  if (target.expectMac === undefined || usable.length === 0) return named;
  const proof = await io.http.certificate(httpTarget(target, family), signal);
  if (proof.ok) return named ?? usable[0];
  return proof.fault.kind === "impostor" ? undefined : named;
}

type Said = Result<{ readonly said: string }>;
interface Event {
  readonly event: string;
  readonly body?: { readonly type: string; readonly text: string };
}

async function notify(
  place: WebPlace,
  event: Event,
  signal: AbortSignal,
  fits?: (agent: UserAgentFacts | undefined) => boolean,
): Promise<Said> {
  const { target, io } = place;
  const sip = { address: target.address, port: target.ports.sip };
  const options = await io.sip.options(sip, signal);
  if (!options.ok) return options;
  if (fits?.(parseUserAgent(options.value.userAgent ?? "")) === false) {
    return fail({ kind: "off", via: "sip", detail: `its firmware does not take ${event.event}` });
  }
  const user = options.value.contactUser ?? target.expectMac ?? "";
  const login = await sipLogin(place, user, signal);
  const notified = await io.sip.notify(sip, { ...event, user, login }, signal);
  if (login !== undefined && !notified.ok && isRefusalOf(login, notified.fault)) io.refusals?.note(refusalKey(target), login.id);
  return notified.ok ? ok({ said: `${event.event} answered with ${notified.value.status}` }) : notified;
}

/** Restarts the phone only if something changed, or where `checkSync.alwaysReboot` is 1. A 200 says only that it was read. */
export function sendCheckSync(place: WebPlace, signal: AbortSignal): Promise<Said> {
  return notify(place, { event: "check-sync" }, signal);
}

/**
 * Runs a REST call by SIP. Nothing tells what became of it: the 200 says that the message was read.
 *
 * @returns `off` on firmware that would drop it, without sending it
 */
export function sendActionUri(place: WebPlace, path: string, signal: AbortSignal): Promise<Said> {
  const text = JSON.stringify({ "command-URI": `/api/${path}`, data: {} });
  return notify(place, { event: "ACTION-URI", body: { type: "application/JSON", text } }, signal, takesActionUri);
}

/** UCS 6.4.2 and later, and every Edge E. A version nobody could read is none of them. */
function takesActionUri(agent: UserAgentFacts | undefined): boolean {
  if (agent?.model?.startsWith("Edge ") === true) return true;
  const running = agent?.running?.application;
  const order = running === undefined ? undefined : orderOf(running, ACTION_URI_SINCE);
  return order === "same" || order === "newer";
}
