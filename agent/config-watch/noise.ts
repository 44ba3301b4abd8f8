/**
 * What differs between two readings of a device nobody has touched, and what is written in two ways and means one thing. Pure.
 *
 * Most noise goes by the form already: comments, the declaration, order and grouping of attributes are no part of the settings.
 */

interface Noise {
  readonly key: RegExp;
  readonly why: string;
  /** Document and section; the judgement of a name no document has is not made here. */
  readonly source: string;
}

/** Left out of the canonical form. */
export const NOISE_KEYS: readonly Noise[] = [
  {
    key: /^device\.local\.(?:currentTime|uptime|systemTime)$/i,
    why: "the moment of the export, not a setting",
    source: "protocols/video.md 2.2 (systemTime, uptime)",
  },
  {
    key: /^system\.network\.wired\.ethernet\.macaddress$/i,
    why: "who the device is, not what it is set to; told by the inventory",
    source: "protocols/video.md 2.5",
  },
  {
    key: /^device\.(?:prov\.)?lastProvisioned(?:Time|At)?$/i,
    why: "moves with every visit to the provisioning server",
    source: "protocols/provisioning.md 1 (the device visits at each boot and poll)",
  },
];

/** What a room writes in place of a secret. Source: protocols/video.md 2.5. */
export const WITHHELD = "REMOVED_SECURE_CONTENT";
/** True and false in any case. Source: protocols/video.md 3 (`true`), 4.1 (`True`); protocols/uc-phones.md 4.1 (`"True"`). */
const FLAG = /^(?:true|false)$/i;

export const isNoise = (key: string): boolean => NOISE_KEYS.some((noise) => noise.key.test(key));

/** One spelling: blanks at the ends and line ends are the document's, flags in lower case. Numbers stay: `03:00` and `0614` are texts. */
export function normaliseValue(value: string): string {
  const trimmed = value.replaceAll(/\r\n?/g, "\n").trim();
  return FLAG.test(trimmed) ? trimmed.toLowerCase() : trimmed;
}
