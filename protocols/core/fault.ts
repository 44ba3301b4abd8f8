/**
 * What a device, network or person can cause is a `Fault` value in a `Result`; `throw` means our own bug or an abort.
 */

/** How something was learnt or asked. */
export type Transport =
  | "tls"
  | "https"
  | "http"
  | "sip"
  | "snmp"
  | "ssh"
  | "telnet"
  | "lldp"
  | "cdp"
  | "bridge"
  | "provisioning"
  | "dhcp"
  | "lens"
  | "csv"
  | "mqtt"
  | "depot";

export type Fault =
  /** No answer: asleep, unplugged, mid-boot, filtered. */
  | { readonly kind: "unreachable"; readonly via: Transport; readonly detail?: string }
  /** Our credentials or address were turned away. `credentialId` names the one that was refused. */
  | { readonly kind: "denied"; readonly via: Transport; readonly credentialId?: string; readonly detail?: string }
  /** The device locks out log-ins for a while: nothing may be tried before `retryAfterMs` has passed. */
  | { readonly kind: "lockedOut"; readonly via: Transport; readonly retryAfterMs: number }
  /** The answer is that it is busy with another request; ask again later. */
  | { readonly kind: "busy"; readonly via: Transport }
  /** The interface is switched off or does not exist on this device. */
  | { readonly kind: "off"; readonly via: Transport; readonly detail?: string }
  /** An answer came that does not decode. */
  | { readonly kind: "garbled"; readonly via: Transport; readonly wanted: string; readonly detail?: string }
  /** A budget ran out while it still answered: wall clock, bytes or items. */
  | { readonly kind: "overBudget"; readonly via: Transport; readonly budget: "time" | "bytes" | "items"; readonly limit: number }
  /** It proves to be somebody else: certificate subject or host key. No credential was sent. */
  | { readonly kind: "impostor"; readonly via: Transport; readonly wanted: string; readonly found: string }
  /** The device understood and said no. */
  | { readonly kind: "refused"; readonly via: Transport; readonly reason: string }
  /** Read-back differs from the plan. */
  | { readonly kind: "mismatch"; readonly wanted: string; readonly found: string }
  /** A deadline ran out with no progress. */
  | { readonly kind: "stalled"; readonly waitedFor: string }
  | { readonly kind: "cancelled"; readonly by: "operator" | "halt" | "shutdown" };

/** Every kind there is: a new one does not compile until it stands here, and then its test wants it in docs/faults.md. */
const KINDS: Readonly<Record<Fault["kind"], true>> = {
  unreachable: true,
  denied: true,
  lockedOut: true,
  busy: true,
  off: true,
  garbled: true,
  overBudget: true,
  impostor: true,
  refused: true,
  mismatch: true,
  stalled: true,
  cancelled: true,
};
export const FAULT_KINDS = Object.keys(KINDS) as readonly Fault["kind"][];

export type Result<T, F = Fault> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: F };

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function fail<F>(fault: F): { readonly ok: false; readonly fault: F } {
  return { ok: false, fault };
}

/** Our own mistake: never caught except where a thread or loop ends. */
export class Bug extends Error {
  override readonly name = "Bug";
}

/** Closes a switch over a union: a new member does not compile until it has a case. */
export function unreachable(never: never): never {
  throw new Bug(`Unreachable: ${JSON.stringify(never)}`);
}

/** One line for people: what happened, by which way. Decisions are made from `kind`, never from this text. */
export function showFault(fault: Fault): string {
  switch (fault.kind) {
    case "unreachable":
      return `no answer by ${fault.via}${fault.detail === undefined ? "" : `: ${fault.detail}`}`;
    case "denied":
      return `${fault.via} turned us away${fault.credentialId === undefined ? "" : ` with credential "${fault.credentialId}"`}${fault.detail === undefined ? "" : `: ${fault.detail}`}`;
    case "lockedOut":
      return `${fault.via} is locked for another ${Math.ceil(fault.retryAfterMs / 1000)} s after failed log-ins`;
    case "busy":
      return `${fault.via} is busy with another request`;
    case "off":
      return `${fault.via} is switched off on the device${fault.detail === undefined ? "" : `: ${fault.detail}`}`;
    case "garbled":
      return `${fault.via} answered something that is not ${fault.wanted}${fault.detail === undefined ? "" : `: ${fault.detail}`}`;
    case "overBudget":
      return `${fault.via} passed the limit of ${fault.limit} ${fault.budget === "time" ? "ms" : fault.budget}`;
    case "impostor":
      return `${fault.via} shows "${fault.found}" where "${fault.wanted}" was expected; no credential was sent`;
    case "refused":
      return fault.via === "depot" || fault.via === "mqtt"
        ? `refused: ${fault.reason}`
        : `the device refused by ${fault.via}: ${fault.reason}`;
    case "mismatch":
      return `expected ${fault.wanted}, found ${fault.found}`;
    case "stalled":
      return `no progress: waited for ${fault.waitedFor}`;
    case "cancelled":
      return `cancelled by ${fault.by}`;
    default:
      return unreachable(fault);
  }
}
