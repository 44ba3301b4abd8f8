/**
 * Identifiers. Each has one parser; nothing else may make one.
 */

/** A MAC address as 12 lower-case hex digits without separators: `64167faabbcc`. */

/** Our name for a device: `d-<mac>` where the MAC is known, else `d-s-<serial>`, else `d-a-<address>`. Safe in topics and file names. */

/** A site's name: `[a-z0-9-]{3,64}`; equals the broker's user name. */

/** Lower-case hex SHA-256, 64 digits. */

const macForms = [
  /^([0-9a-f]{12})$/i,
  /^([0-9a-f]{2}(?::[0-9a-f]{2}){5})$/i,
  /^([0-9a-f]{2}(?:-[0-9a-f]{2}){5})$/i,
  /^([0-9a-f]{4}(?:\.[0-9a-f]{4}){2})$/i,
];

/** Reads a MAC in any usual spelling (plain, colons, dashes, Cisco dots). All zeros and all ones are nobody's. */
export function parseMac(text        )                  {
  const trimmed = text.trim();
  if (!macForms.some((form) => form.test(trimmed))) return undefined;
  const plain = trimmed.replaceAll(/[:.-]/g, "").toLowerCase();
  if (plain === "000000000000" || plain === "ffffffffffff") return undefined;
  return plain       ;
}

/** A MAC as people read it: `64:16:7f:aa:bb:cc`. */
export function showMac(mac     )         {
  return mac.replaceAll(/(..)(?=.)/g, "$1:");
}

/** The high half of every MAC that the serial rule below covers. Source: protocols/video.md 1 (VideoOS, Group, HDX, VSX). */
const VIDEO_OUI = "00e0db";

/**
 * The MAC inside a video system's serial number: 14 characters, of which 7 to 12 are the low half of the MAC.
 * Source: Mividas and AVISPL captures of Studio X30, TC8, Group 500, HDX 9006. HP-built units may differ, so the
 * answer identifies a device only when no other source names its MAC.
 */
export function macFromVideoSerial(serial        )                  {
  const match = /^[0-9A-Z]{6}([0-9A-F]{6})[0-9A-Z]{2}$/i.exec(serial.trim());
  return match?.[1] === undefined ? undefined : parseMac(VIDEO_OUI + match[1]);
}

/** The id of a device, from the strongest thing known about it. */
export function deviceIdOf(known

 )                       {
  if (known.mac !== undefined) return `d-${known.mac}`            ;
  const plain = (text        )         => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  if (known.serial !== undefined && plain(known.serial) !== "") return `d-s-${plain(known.serial)}`            ;
  if (known.address !== undefined && plain(known.address) !== "") return `d-a-${plain(known.address)}`            ;
  return undefined;
}

const checked =
     (form        ) =>
  (text        )                =>
    form.test(text) ? (text     ) : undefined;

export const parseDeviceId = checked          (/^d-[a-z0-9-]{3,80}$/);
export const parseSiteId = checked        (/^[a-z0-9-]{3,64}$/);
export const parseCampaignId = checked            (/^c-[a-z0-9]{4,32}$/);
export const parseTaskId = checked        (/^t-[a-z0-9]{4,32}-[a-z0-9-]{3,80}$/);
export const parseSha256 = checked        (/^[0-9a-f]{64}$/);

/** The id of one device's task in one campaign; the same device in the same campaign always has the same one. */
export function taskIdOf(campaign            , device          )         {
  return `t-${campaign.slice(2)}-${device}`          ;
}

//# sourceURL=file:///work/main/protocols/core/ids.ts