/**
 * Which passwords a visit may try, and what is learnt from it.
 */

import type { FamilyId } from "../core/device.ts";
import { type Fault, fail, type Result, type Transport } from "../core/fault.ts";
import type { Mac } from "../core/ids.ts";
import type { ClientIdentity, Login } from "../core/secret.ts";
import type { FamilyIo, Target } from "./family.ts";

/** The name refusals are kept under: a MAC stays when the address moves. */
export function refusalKey(target: { readonly address: string; readonly expectMac?: Mac }): string {
  return target.expectMac ?? target.address;
}

/** Passwords meant for this family, in the site's order. */
export function loginsFor(target: Target, family: string): readonly Login[] {
  return target.credentials.flatMap((credential) =>
    credential.kind === "password" && (credential.families === undefined || credential.families.includes(family))
      ? [{ id: credential.id, user: credential.user, password: credential.password }]
      : [],
  );
}

/** The certificate of ours meant for this family, the first in the site's order; without a family, one that is meant for all. */
export function identityFor(target: Pick<Target, "credentials">, family?: FamilyId): { readonly identity?: ClientIdentity } {
  const meant = (families: readonly string[] | undefined): boolean =>
    families === undefined || (family !== undefined && families.includes(family));
  for (const one of target.credentials) {
    if (one.kind === "certificate" && meant(one.families)) return { identity: { certificate: one.certificate, key: one.key } };
  }
  return {};
}

export interface LoginRule {
  readonly family: string;
  readonly via: Transport;
  /** Refusals one visit may cause: a site's lock-out may be as low as 2. */
  readonly refusalsPerVisit: number;
}

/** Is it this password that was turned away, rather than us? */
export function isRefusalOf(login: Login, fault: Fault): boolean {
  return fault.kind === "denied" && fault.credentialId === login.id;
}

/**
 * Runs `attempt` with one password after the other until one is not refused; never one that this device refused twice.
 * An attempt calls `refusedLater` where the device refuses, in the same visit, what it had taken.
 *
 * @returns the first result that is not a refusal of the password; `denied` where none is on record or all are used up
 */
export async function withLogin<T>(
  target: Target,
  rule: LoginRule,
  io: Pick<FamilyIo, "refusals">,
  attempt: (login: Login, refusedLater: () => void) => Promise<Result<T>>,
): Promise<Result<T>> {
  const all = loginsFor(target, rule.family);
  if (all.length === 0) return fail({ kind: "denied", via: rule.via, detail: "no password on record for this kind of device" });
  const device = refusalKey(target);
  const usable = all.filter((login) => io.refusals?.isStopped(device, login.id) !== true);
  let last: Fault = {
    kind: "denied",
    via: rule.via,
    ...(all[0] === undefined ? {} : { credentialId: all[0].id }),
    detail: "refused twice before: not tried again until it changes",
  };
  for (const login of usable.slice(0, rule.refusalsPerVisit)) {
    let later = false;
    const result = await attempt(login, () => {
      later = true;
    });
    const refused = !result.ok && isRefusalOf(login, result.fault);
    if (refused || later) io.refusals?.note(device, login.id);
    else if (result.ok) io.refusals?.accepted(device, login.id);
    if (!refused) return result;
    last = result.fault;
  }
  return fail(last);
}
