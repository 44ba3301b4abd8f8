/**
 * MAC prefixes of Poly devices: they say whom to probe and who made it, never which model it is (HP uses many of its own
 * blocks on new devices, and public lists contain errors).
 */
import type { FamilyId } from "../core/device.ts";
import type { Mac } from "../core/ids.ts";

export interface Oui {
  /** First six hex digits, lower case. */
  readonly prefix: string;
  readonly maker: string;
  readonly seenOn: string;
  /** Every family that has devices in it, equally likely; none where no device of ours has such a MAC. */
  readonly families: readonly FamilyId[];
  /** False where the prefix rests on lists alone. */
  readonly sure: boolean;
}

/** Source: protocols/uc-phones.md 2 (recog, an ISE record, User-Agents, polylens2otel), protocols/video.md 1. */
export const OUIS: readonly Oui[] = [
  {
    prefix: "0004f2",
    maker: "Polycom",
    seenOn: "SoundPoint, SoundStation, VVX x00 and x10, CX",
    families: ["uc-phone", "soundpoint"],
    sure: true,
  },
  { prefix: "64167f", maker: "Polycom", seenOn: "VVX x01, x11 and x50, Trio, CCX 500", families: ["uc-phone"], sure: true },
  { prefix: "482567", maker: "Polycom", seenOn: "CCX 600, Edge E220, Edge E350", families: ["uc-phone"], sure: true },
  { prefix: "f04ea4", maker: "HP", seenOn: "Edge E350", families: ["uc-phone"], sure: true },
  { prefix: "00e0db", maker: "Polycom", seenOn: "Group, HDX, VSX, Studio X, TC8", families: ["video-os", "group", "hdx"], sure: true },
  { prefix: "00907a", maker: "Spectralink", seenOn: "Spectralink and KIRK handsets", families: [], sure: false },
  { prefix: "0007b4", maker: "Spectralink", seenOn: "Spectralink and KIRK handsets", families: [], sure: false },
  { prefix: "9cadef", maker: "OBi", seenOn: "OBi adapters and phones", families: [], sure: true },
];

const byPrefix = new Map(OUIS.map((oui) => [oui.prefix, oui]));

/** What a MAC's first half says; `undefined` for prefixes nobody has seen on such a device, which proves nothing. */
export function ouiOf(mac: Mac): Oui | undefined {
  return byPrefix.get(mac.slice(0, 6));
}

/** The families a device with this MAC may be of: several for a shared block, none for one that is not ours or that nobody knows. */
export function mayBe(mac: Mac | undefined): readonly FamilyId[] {
  return (mac === undefined ? undefined : ouiOf(mac)?.families) ?? [];
}

/** Is a device with this MAC likely enough to be a Poly device of ours that its doors are worth knocking at? */
export function worthProbing(mac: Mac): boolean {
  return mayBe(mac).length > 0;
}
