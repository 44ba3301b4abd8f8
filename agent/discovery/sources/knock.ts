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
  /** SNMP is asked by the sweep's own socket. */
  readonly doors: readonly Exclude<Door, "snmp">[];
}

export const ALL_DOORS: KnockPlan["doors"] = ["tls", "ssh", "sip"];
/** What every Poly device that can be asked has at least one of. */
export const LIGHT_DOORS: KnockPlan["doors"] = ["tls", "sip"];

/** OPTIONS go out at 0, 0.5 and 1.5 s. Source: RFC 3261 17.1.2.2, T1. */
const SIP_REPEAT_MS = 500;
/** A SIP answer this late answers the repeat: the first packet was lost. Some room for timers. */
const LOST_AFTER_MS = SIP_REPEAT_MS - 10;

/** Packets a silent address costs: a SYN each for TLS and SSH and its repeats, which the kernel sends after a second, and OPTIONS. */
export function packetsPerKnock({ knockMs, retries, doors }: Pick<KnockPlan, "knockMs" | "retries" | "doors">): number {
  const patienceMs = knockMs * (1 + retries);
  const syns = 1 + Math.floor(Math.log2(1 + patienceMs / 1_000));
  const options = patienceMs <= SIP_REPEAT_MS ? 1 : patienceMs <= 3 * SIP_REPEAT_MS ? 2 : 3;
  return doors.reduce((sum, door) => sum + (door === "sip" ? options : Math.max(1, syns)), 0);
}

export interface Knocked {
  readonly opened: boolean;
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
  const knocks: Readonly<Record<KnockPlan["doors"][number], () => Promise<{ readonly ok: boolean }>>> = {
    tls: () => io.http.certificate({ address, port: plan.ports.https, secure: true, trust: "any", oldTls }, signal),
    ssh: () => io.ssh.banner({ address, port: plan.ports.ssh }, signal),
    sip: () =>
      io.sip.options({ address, port: plan.ports.sip }, signal).finally(() => {
        sipMs = realElapsedMs() - firstSentMs;
      }),
  };
  const answers = await Promise.all(plan.doors.map(async (door) => ({ door, ok: (await knocks[door]()).ok })));
  const silent = answers.flatMap(({ door, ok }) => (ok ? [] : [door]));
  const bySip = answers.some(({ door, ok }) => ok && door === "sip");
  return {
    opened: silent.length < answers.length,
    silent,
    ...(bySip ? { loss: { firstSentMs, lost: sipMs >= LOST_AFTER_MS } } : {}),
  };
}
