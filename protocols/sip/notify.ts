/**
 * NOTIFY from outside a subscription: `check-sync`, upon which the phone reboots only if its configuration changed or always where
 * `checkSync.alwaysReboot` is 1, and `ACTION-URI` with a REST call as its body. Source: protocols/uc-phones.md 7.
 */

import { type Fault, fail, ok, type Result } from "../core/fault.ts";
import type { Login } from "../core/secret.ts";
import { digestAuthorization, parseChallenges, strongest } from "../http/digest.ts";
import { hostText, OUR_HOST, type SipDraft, type SipExchange, type SipTarget } from "./exchange.ts";
import { type SipResponse, sipUserText } from "./message.ts";

/** What to tell, as which user of the device, and what to answer a challenge with. */
export interface SipEvent {
  readonly event: string;
  readonly body?: { readonly type: string; readonly text: string };
  /** The user part of its address; without one the device itself is meant. */
  readonly user: string;
  readonly login: Login | undefined;
}

export interface NotifyAsk extends SipEvent {
  readonly target: SipTarget;
}

/**
 * Sends it, answering one challenge.
 *
 * @returns the status of a 2xx answer; `denied` after a challenge we cannot answer or an answer that was refused;
 *   `refused` with any other final status
 */
export async function sendNotify(ask: NotifyAsk, io: SipExchange, signal: AbortSignal): Promise<Result<{ readonly status: number }>> {
  const user = sipUserText(ask.user);
  const at = `${hostText(ask.target.address)}:${ask.target.port}`;
  const uri = user === "" ? `sip:${at}` : `sip:${user}@${at}`;
  const callId = `${io.random.hex(12)}@${OUR_HOST}`;
  const tag = io.random.hex(6);
  const draft = (sequence: number, authorize: readonly (readonly [string, string])[]): SipDraft => ({
    method: "NOTIFY",
    uri,
    headers: [
      ["From", `<sip:groundswell@${OUR_HOST}>;tag=${tag}`],
      ["To", `<${uri}>`],
      ["Call-ID", callId],
      ["CSeq", `${sequence} NOTIFY`],
      ["Contact", `<sip:groundswell@${OUR_HOST}>`],
      ["Event", ask.event],
      ["Subscription-State", "terminated"],
      ...(ask.body === undefined ? [] : [["Content-Type", ask.body.type] as const]),
      ...authorize,
    ],
    ...(ask.body === undefined ? {} : { body: ask.body.text }),
  });
  const first = await io.send(ask.target, draft(1, []), signal);
  if (!first.ok) return first;
  const answer = authorization(first.value, { ...ask, uri, cnonce: io.random.hex(8) });
  if (answer === undefined) return judge(first.value, undefined);
  if ("kind" in answer) return fail(answer);
  const second = await io.send(ask.target, draft(2, [answer.header]), signal);
  return second.ok ? judge(second.value, ask.login) : second;
}

/** `undefined` where nothing was asked for. */
function authorization(
  response: SipResponse,
  ask: NotifyAsk & { readonly uri: string; readonly cnonce: string },
): Fault | { header: readonly [string, string] } | undefined {
  const proxy = response.status === 407;
  if (response.status !== 401 && !proxy) return undefined;
  if (ask.login === undefined) return { kind: "denied", via: "sip", detail: "asks for a log-in and none is on record" };
  const text = (response.headers.get(proxy ? "proxy-authenticate" : "www-authenticate") ?? []).join(", ");
  const challenge = strongest(parseChallenges(text));
  // Basic is forbidden in SIP (RFC 3261 22): it would show the password to anyone.
  if (challenge?.scheme !== "digest") return { kind: "denied", via: "sip", detail: "no challenge we can answer" };
  const value = digestAuthorization(challenge, {
    user: ask.login.user,
    password: ask.login.password.reveal(),
    method: "NOTIFY",
    uri: ask.uri,
    cnonce: ask.cnonce,
    count: 1,
  });
  return { header: [proxy ? "Proxy-Authorization" : "Authorization", value] };
}

function judge(response: SipResponse, login: Login | undefined): Result<{ readonly status: number }> {
  if (response.status >= 200 && response.status < 300) return ok({ status: response.status });
  if (response.status === 401 || response.status === 407) {
    return fail({ kind: "denied", via: "sip", ...(login === undefined ? {} : { credentialId: login.id }) });
  }
  return fail({ kind: "refused", via: "sip", reason: `SIP status ${response.status}` });
}
