/** Keeps what a device says of those who serve it: where its lines register, what makes its calls, its other servers. */
import type { DeviceRead } from "../../protocols/core/device.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { ServiceRole, Services } from "../../store/services.ts";

/** `1001@pbx.example:5060;transport=tls` registers with `pbx.example`; a bare label tells no server. */
export function serverOf(lineAddress: string): string | undefined {
  const host = /(?:^|@)(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::\d+)?(?:[;?].*)?$/i
    .exec(lineAddress.trim())?.[1]
    ?.toLowerCase();
  if (host === undefined) return undefined;
  const plain = host.replace(/^\[|\]$/g, "");
  return lineAddress.includes("@") || /^[^.]+\..*[a-z]$|^\d+\.\d+\.\d+\.\d+$/.test(plain) ? plain.slice(0, 120) : undefined;
}

/** A device that told no lines this time keeps those it told before. */
export function serversIn({
  lines,
  servers = {},
}: Pick<DeviceRead, "lines" | "servers">): Readonly<Partial<Record<ServiceRole, readonly string[]>>> {
  const sip = lines.flatMap(({ address }) => serverOf(address) ?? []);
  return { ...servers, ...(lines.length === 0 ? {} : { sip }) };
}

/** @returns a function that takes note of a read; what was said before costs no look into the file */
export function createServerNotes(services: Pick<Services, "say">): (device: DeviceId, read: DeviceRead, atMs: Ms) => boolean {
  const said = new Map<DeviceId, string>();
  return (device, read, atMs) => {
    const now = serversIn(read);
    const words = JSON.stringify(now);
    if (words === "{}" || said.get(device) === words) return false;
    said.set(device, words);
    return services.say(device, now, atMs);
  };
}
