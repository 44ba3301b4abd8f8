/**
 * One knock at one address: who opens? Nothing secret is sent, and nobody but that address hears of it.
 */
import type { DevicePorts } from "../../../protocols/core/device.ts";
import { realElapsedMs } from "../../../protocols/core/time.ts";
import type { FamilyIo } from "../../../protocols/families/family.ts";
import type { Door } from "../../../protocols/families/silences.ts";

export interface KnockPlan {
  readonly ports: DevicePorts;
  /** Real milliseconds an address may take to answer a packet. */
  readonly knockMs: number;
  /** Repeats after silence. */
  readonly retries: number;
}

/** The doors a knock tries; SNMP is asked by the sweep's own socket. */
export const KNOCK_DOORS: readonly Door[] = ["tls", "ssh", "sip"];

/** OPTIONS go out at 0, 0.5 and 1.5 s. Source: RFC 3261 17.1.2.2, T1. */
const SIP_REPEAT_MS = 500;
/** A SIP answer this late answers the repeat: the first packet was lost. Some room for timers. */
const LOST_AFTER_MS = SIP_REPEAT_MS - 10;

/** Packets a silent address costs: a SYN each for TLS and SSH and its repeats, which the kernel sends after a second, and OPTIONS. */
export function packetsPerKnock({ knockMs, retries }: Pick<KnockPlan, "knockMs" | "retries">): number {
  const patienceMs = knockMs * (1 + retries);
  const syns = 1 + Math.floor(Math.log2(1 + patienceMs / 1_000));
  const options = patienceMs <= SIP_REPEAT_MS ? 1 : patienceMs <= 3 * SIP_REPEAT_MS ? 2 : 3;
  return 2 * Math.max(1, syns) + options;
}

export interface Knocked {
  readonly silent: readonly Door[];
  /** Whether a first packet got lost on the way, where an answer tells. */
  readonly loss?: { readonly firstSentMs: number; readonly lost: boolean };
}

/** Which doors are silent? A TLS handshake, an SSH banner, a SIP answer. */
export async function knock(
  target: { readonly address: string; readonly oldTls: boolean },
  plan: KnockPlan,
  io: Pick<FamilyIo, "http" | "ssh" | "sip">,
  parent: AbortSignal,
): Promise<Knocked> {
  const { address, oldTls } = target;
  const signal = AbortSignal.any([parent, AbortSignal.timeout(plan.knockMs * (1 + plan.retries))]);
  const firstSentMs = realElapsedMs();
  let sipMs = 0;
  const [byTls, bySsh, bySip] = await Promise.all([
    io.http.certificate({ address, port: plan.ports.https, secure: true, trust: "any", oldTls }, signal),
    io.ssh.banner({ address, port: plan.ports.ssh }, signal),
    io.sip.options({ address, port: plan.ports.sip }, signal).finally(() => {
      sipMs = realElapsedMs() - firstSentMs;
    }),
  ]);
  const opened: Readonly<Record<string, boolean>> = { tls: byTls.ok, ssh: bySsh.ok, sip: bySip.ok };
  return {
    silent: KNOCK_DOORS.filter((door) => opened[door] !== true),
    ...(bySip.ok ? { loss: { firstSentMs, lost: sipMs >= LOST_AFTER_MS } } : {}),
  };
}
