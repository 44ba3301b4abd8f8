/**
 * Whom a DHCP server gave an address: its lease file as sightings of devices that are ours. Other people's devices are read over
 * and kept nowhere.
 */
import type { DeviceFacts, Sighting } from "../../../../protocols/core/device.ts";
import { fail, ok, type Result } from "../../../../protocols/core/fault.ts";
import { showMac } from "../../../../protocols/core/ids.ts";
import { isoOf, type Ms } from "../../../../protocols/core/time.ts";
import { parseOption60 } from "../../../../protocols/dhcp/option60.ts";
import { ouiOf, worthProbing } from "../../../../protocols/families/oui.ts";
import { partContradiction } from "../../../../protocols/families/part-numbers.ts";
import { heardBefore, readDnsmasqLeases } from "./dnsmasq.ts";
import { type LeaseFile, noFile, readLeaseFiles } from "./file.ts";
import { readIscLeases } from "./isc.ts";
import { readKeaLeases } from "./kea.ts";
import { type Lease, type LeaseFormat, type LeaseText, leasesNow } from "./lease.ts";

export interface LeaseSource {
  readonly format: LeaseFormat;
  readonly leaseFile: string;
}

export interface LeaseSightings {
  readonly sightings: readonly Sighting[];
  /** In force, of whomever. */
  readonly leases: number;
  /** Entries that could not be read. */
  readonly unreadable: number;
}

const READERS: Readonly<Record<LeaseFormat, (text: string) => LeaseText>> = {
  isc: readIscLeases,
  kea: readKeaLeases,
  dnsmasq: readDnsmasqLeases,
};

/** One reading; expired leases are no sightings. @returns why the file cannot be read, or is none of the format */
export async function readLeases(
  { format, leaseFile }: LeaseSource,
  nowMs: Ms,
  read: typeof readLeaseFiles = readLeaseFiles,
): Promise<Result<LeaseSightings>> {
  const files = await filesInForce({ format, leaseFile }, read);
  if (!files.ok) return files;
  const parts = files.value;
  const newest = parts.at(-1);
  if (newest === undefined) return fail(noFile(leaseFile));
  const texts = parts.map(({ text }) => READERS[format](text));
  if (texts.some(({ recognised }) => !recognised)) {
    return fail({ kind: "garbled", via: "dhcp", wanted: `a lease file of ${format}`, detail: `"${leaseFile}"` });
  }
  const leases = leasesNow(texts, nowMs);
  const sightings = leases.flatMap((lease) => {
    const heardMs = lease.heardMs ?? heardBefore(lease.endsMs, { writtenMs: newest.writtenMs, lastEndMs: lastEndOf(leases) });
    // A server's clock may be ahead of ours.
    return sightingOf(lease, Math.min(heardMs, nowMs), lease.heardMs !== undefined);
  });
  return ok({ sightings, leases: leases.length, unreadable: texts.reduce((sum, { unreadable }) => sum + unreadable, 0) });
}

/**
 * Kea cleans up beside its file: what was before is in `.2`, what it took over in `.1`; once both are in `.completed`, that one
 * stands for them. Source: Kea ARM 2.6, 8.2.2.2 (Why Is Lease File Cleanup Necessary?); kea-lfc(8).
 */
async function filesInForce({ format, leaseFile }: LeaseSource, read: typeof readLeaseFiles): Promise<Result<readonly LeaseFile[]>> {
  if (format !== "kea") return read([leaseFile]);
  const beside = KEA_PARTS.map((ending) => `${leaseFile}${ending}`);
  const files = await read([...beside, leaseFile]);
  if (!files.ok) return files;
  const completed = files.value.find(({ path }) => path === beside[2]);
  return ok(completed === undefined ? files.value : files.value.filter(({ path }) => path === completed.path || path === leaseFile));
}
const KEA_PARTS = [".2", ".1", ".completed"] as const;

function lastEndOf(leases: readonly Lease[]): Ms | undefined {
  return leases.reduce<Ms | undefined>((last, { endsMs }) => (endsMs === undefined ? last : Math.max(last ?? endsMs, endsMs)), undefined);
}

/** Source: protocols/provisioning.md 2 (wazo): the host name begins so on several models. */
const OUR_HOST_NAME = /^poly(?:com)?(?=[^a-z]|$)/i;

/** A lease of a device that is ours by option 60, by its MAC's maker or by its name. */
export function sightingOf(lease: Lease, atMs: Ms, heard: boolean): Sighting[] {
  const { mac, address, vendorClass, hostName } = lease;
  const told: DeviceFacts = vendorClass === undefined ? {} : parseOption60(vendorClass);
  const byName = hostName !== undefined && OUR_HOST_NAME.test(hostName);
  if (told.vendor === undefined && told.family === undefined && !worthProbing(mac) && !byName) return [];
  const vendor = told.vendor ?? ouiOf(mac)?.maker;
  const facts: DeviceFacts = { ...told, mac, ...(vendor === undefined ? {} : { vendor }) };
  const contradiction = partContradiction(facts);
  const words = [
    `${address} is leased to ${showMac(mac)} ${lease.endsMs === undefined ? "for good" : `until ${isoOf(lease.endsMs)}`}`,
    vendorClass === undefined ? undefined : `option 60 "${vendorClass}"`,
    hostName === undefined ? undefined : `host name "${hostName}"`,
    contradiction,
  ];
  const what = words.filter((word) => word !== undefined).join(", ");
  return [
    {
      source: "dhcp",
      atMs,
      address,
      facts,
      evidence: [{ via: "dhcp", what: what.slice(0, 300), atMs }],
      ...(heard ? {} : { heard: false }),
    },
  ];
}
