/**
 * Identifiers. Each has one parser; nothing else may make one.
 */
import { createHash } from "node:crypto";

declare const brand: unique symbol;
type Branded<T, B extends string> = T & { readonly [brand]: B };

/** A MAC address as 12 lower-case hex digits without separators: `64167faabbcc`. */
export type Mac = Branded<string, "Mac">;
/** Our name for a device: `d-<mac>` where the MAC is known, else `d-s-<serial>`, else `d-a-<address>`. Safe in topics and file names. */
export type DeviceId = Branded<string, "DeviceId">;
/** A site's name: `[a-z0-9-]{3,64}`; equals the broker's user name. */
export type SiteId = Branded<string, "SiteId">;
export type CampaignId = Branded<string, "CampaignId">;
export type TaskId = Branded<string, "TaskId">;
/** Lower-case hex SHA-256, 64 digits. */
export type Sha256 = Branded<string, "Sha256">;

const macForms = [
  /^([0-9a-f]{12})$/i,
  /^([0-9a-f]{2}(?::[0-9a-f]{2}){5})$/i,
  /^([0-9a-f]{2}(?:-[0-9a-f]{2}){5})$/i,
  /^([0-9a-f]{4}(?:\.[0-9a-f]{4}){2})$/i,
];

/** Reads a MAC in any usual spelling (plain, colons, dashes, Cisco dots). All zeros and all ones are nobody's. */
export function parseMac(text: string): Mac | undefined {
  const trimmed = text.trim();
  if (!macForms.some((form) => form.test(trimmed))) return undefined;
  const plain = trimmed.replaceAll(/[:.-]/g, "").toLowerCase();
  if (plain === "000000000000" || plain === "ffffffffffff") return undefined;
  return plain as Mac;
}

/** A MAC as people read it: `64:16:7f:aa:bb:cc`. */
export function showMac(mac: Mac): string {
  return mac.replaceAll(/(..)(?=.)/g, "$1:");
}

/** The high half of every MAC that the serial rule below covers. Source: protocols/video.md 1 (VideoOS, Group, HDX, VSX). */
const VIDEO_OUI = "00e0db";

/**
 * The MAC inside a video system's serial number: 14 characters, of which 7 to 12 are the low half of the MAC.
 * Source: Mividas and AVISPL captures of Studio X30, TC8, Group 500, HDX 9006. HP-built units may differ, so the
 * answer identifies a device only when no other source names its MAC.
 */
export function macFromVideoSerial(serial: string): Mac | undefined {
  const match = /^[0-9A-Z]{6}([0-9A-F]{6})[0-9A-Z]{2}$/i.exec(serial.trim());
  return match?.[1] === undefined ? undefined : parseMac(VIDEO_OUI + match[1]);
}

/** Longer names are cut and told apart by a hash, so that every id of ours parses. Real serials are under 33 characters. */
const NAME_CHARS = 64;
const HASH_CHARS = 16;

/** Each other character becomes a dash of its own: `1::2:3` and `1:2::3` are two addresses. */
function plainName(text: string): string {
  const plain = text.toLowerCase().replaceAll(/[^a-z0-9]/g, "-");
  if (plain.length <= NAME_CHARS) return plain;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, HASH_CHARS);
  return `${plain.slice(0, NAME_CHARS - HASH_CHARS - 1)}-${hash}`;
}

/** The id of a device, from the strongest thing known about it. */
export function deviceIdOf(known: {
  mac?: Mac | undefined;
  serial?: string | undefined;
  address?: string | undefined;
}): DeviceId | undefined {
  if (known.mac !== undefined) return `d-${known.mac}` as DeviceId;
  if (known.serial !== undefined && known.serial !== "") return `d-s-${plainName(known.serial)}` as DeviceId;
  if (known.address !== undefined && known.address !== "") return `d-a-${plainName(known.address)}` as DeviceId;
  return undefined;
}

const checked =
  <T>(form: RegExp) =>
  (text: string): T | undefined =>
    form.test(text) ? (text as T) : undefined;

export const parseDeviceId = checked<DeviceId>(/^d-[a-z0-9-]{3,80}$/);
export const parseSiteId = checked<SiteId>(/^[a-z0-9-]{3,64}$/);
export const parseCampaignId = checked<CampaignId>(/^c-[a-z0-9]{4,32}$/);
export const parseTaskId = checked<TaskId>(/^t-[a-z0-9]{4,32}-[a-z0-9-]{3,82}$/);
export const parseSha256 = checked<Sha256>(/^[0-9a-f]{64}$/);

/** The id of one device's task in one campaign; the same device in the same campaign always has the same one. */
export function taskIdOf(campaign: CampaignId, device: DeviceId): TaskId {
  return `t-${campaign.slice(2)}-${device}` as TaskId;
}
