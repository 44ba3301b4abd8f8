/**
 * What a phone says of itself by SIP, without any password. Source: protocols/uc-phones.md 7.
 */
import type { DeviceFacts, Evidence } from "../core/device.ts";
import type { Fault } from "../core/fault.ts";
import type { FamilyIo, Target } from "./family.ts";
import { parseUserAgent } from "./user-agent.ts";

export interface SipSeen {
  readonly facts: DeviceFacts;
  readonly evidence: readonly Evidence[];
  readonly faults: readonly Fault[];
}

/** One OPTIONS. A fault leaves the facts empty. */
export async function seeBySip(target: Target, io: FamilyIo, signal: AbortSignal): Promise<SipSeen> {
  const answer = await io.sip.options({ address: target.address, port: target.ports.sip }, signal);
  if (!answer.ok) return { facts: {}, evidence: [], faults: [answer.fault] };
  const { vendor, family, model, running, mac } = parseUserAgent(answer.value.userAgent ?? "") ?? {};
  const facts: DeviceFacts = {
    ...(vendor === undefined ? {} : { vendor }),
    ...(family === undefined ? {} : { family }),
    ...(model === undefined ? {} : { model }),
    ...(running === undefined ? {} : { running }),
    ...(mac === undefined ? {} : { mac, serial: mac }),
  };
  const what = `User-Agent ${(answer.value.userAgent ?? "absent").slice(0, 120)}`;
  return { facts, evidence: [{ via: "sip", what, atMs: io.clock.nowMs() }], faults: [] };
}
