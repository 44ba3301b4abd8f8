/**
 * Whether the device at an address proves to be another one, for doors that prove nothing by themselves: SNMP, telnet, and SSH
 * as long as no host key is pinned.
 */
import type { FamilyId } from "../core/device.ts";
import type { Fault } from "../core/fault.ts";
import type { FamilyIo, Target } from "./family.ts";
import { httpTarget } from "./uc-phone-visit.ts";

/** The fault to end with before any secret goes out; `undefined` where TLS shows the expected device, or nobody answers there. */
export async function otherDevice(
  { target, family }: { readonly target: Target; readonly family: FamilyId },
  io: Pick<FamilyIo, "http">,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  if (target.expectMac === undefined) return undefined;
  const shown = await io.http.certificate(httpTarget(target, family), signal);
  return !shown.ok && shown.fault.kind === "impostor" ? shown.fault : undefined;
}
