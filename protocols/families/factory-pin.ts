/**
 * Keeps the factory certificate of a phone: it is burnt in, and stays over resets and updates. Others are replaced for good
 * reasons, so they prove a MAC and nothing more. Source: protocols/uc-phones.md 2; protocols/video.md 2.
 */
import type { DeviceRead, FamilyId } from "../core/device.ts";
import type { FamilyIo, Target } from "./family.ts";
import { httpTarget } from "./uc-phone-visit.ts";

const FACTORY = "Polycom Inc.";
const PHONES: readonly FamilyId[] = ["uc-phone", "soundpoint"];

/** After a visit that went well by HTTPS; costs a handshake, once. */
export async function keepFactoryPin(
  { target, family, read }: { readonly target: Target; readonly family: FamilyId; readonly read: DeviceRead },
  io: Pick<FamilyIo, "http" | "pins">,
  signal: AbortSignal,
): Promise<void> {
  const { expectMac, pins } = target;
  const byHttps = read.evidence.some(({ via }) => via === "https");
  if (io.pins === undefined || expectMac === undefined || pins?.tlsFingerprint !== undefined || io.pins.isLeft(expectMac)) return;
  if (!byHttps || !PHONES.includes(family)) return;
  const shown = await io.http.certificate(httpTarget(target, family), signal);
  if (!shown.ok) return;
  const { organisation, fingerprint } = shown.value;
  if (organisation === FACTORY) io.pins.keep({ device: expectMac, via: "tls", fingerprint });
  else io.pins.leave(expectMac);
}
