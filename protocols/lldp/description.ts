/**
 * What a phone says of itself in LLDP and CDP texts: pure, tolerant of missing parts.
 * Source: protocols/snmp.md 5.1, 5.2 (fusioninventory 599, an ISE record, netwalker, napalm-ros 106, a Cisco IOS parser test).
 */
import type { DeviceFacts, Running } from "../core/device.ts";
import { parseVersion, type Version } from "../core/version.ts";
import { familyOfModel, normaliseModel, vendorOf } from "../families/models.ts";
import { withModelOfPart } from "../families/part-numbers.ts";

/** Longest text looked at: an LLDP string TLV has at most 511 octets. */
const MAX_TEXT = 512;
const MAKER = /^poly(?:com)?(?:,?\s*inc\.?)?$/i;
const PART_NUMBER = /^(\d{4}-\d{5}-\d{3})(?:,\s*([0-9A-Za-z]{1,8}))?$/;
const SOFTWARE = /^(SIP|UP|BR)\/([^/]*)/i;
const UPDATER = /\bUpdater:\s*([^\s,;|]+)/i;
const APPLICATION = /\bApp(?:lication)?:\s*([^\s,;|]+)/i;
/** CDP's version text when it stands alone, with or without the Updater part. */
const CDP_VERSION = /^(?:Updater:\s*[\d.]+\w*\s*[,|]\s*)?App:\s*[\d.]+\w*$/i;
const LYNC = /^Lync Phone Edition\s*-\s*(POLYCOM_\w+?)(?:_Rev-(\w{1,8}))?\s*$/i;

const versionIn = (text: string | undefined): Version | undefined => (text === undefined ? undefined : parseVersion(text)?.text);

function running(application: string | undefined, updater: string | undefined): { readonly running?: Running } {
  if (application === undefined && updater === undefined) return {};
  return { running: { ...(application === undefined ? {} : { application }), ...(updater === undefined ? {} : { updater }) } };
}

function named(text: string, vendor: string | undefined): DeviceFacts {
  const model = normaliseModel(text);
  const family = familyOfModel(text);
  const maker = vendor ?? vendorOf(text);
  return {
    ...(maker === undefined ? {} : { vendor: maker }),
    ...(family === undefined ? {} : { family }),
    ...(model === "" ? {} : { model }),
  };
}

/** `Polycom;VVX-VVX_311;3111-48350-001,1;SIP/5.6.0.18519/15-Nov-17 23:08;UP/5.8.0.23953/15-Nov-17 23:29;` in any state of completeness. */
function parseParts(text: string): DeviceFacts {
  const parts = text.split(";").map((part) => part.trim());
  const maker = parts.find((part) => MAKER.test(part));
  const model = parts.find((part) => familyOfModel(part) !== undefined) ?? unknownModel(parts, maker);
  if (maker === undefined && (model === undefined || familyOfModel(model) === undefined)) return {};
  const board = parts.map((part) => PART_NUMBER.exec(part)).find((match) => match !== null);
  const software = (kinds: readonly string[]): Version | undefined => {
    const part = parts.map((one) => SOFTWARE.exec(one)).find((match) => match !== null && kinds.includes(String(match[1]).toUpperCase()));
    return versionIn(part?.[2]);
  };
  return withModelOfPart({
    ...(model === undefined ? {} : named(model, undefined)),
    ...(maker === undefined ? {} : { vendor: vendorOf(maker) ?? maker }),
    ...(board?.[1] === undefined ? {} : { partNumber: board[1] }),
    ...(board?.[2] === undefined ? {} : { revision: board[2] }),
    ...running(software(["SIP"]), software(["UP", "BR"])),
  });
}

/** The part after the maker's, by position, where it is no model we know: `<family>-<model>` without its family. */
function unknownModel(parts: readonly string[], maker: string | undefined): string | undefined {
  const second = maker === undefined ? undefined : parts[parts.indexOf(maker) + 1];
  if (second === undefined || second === "" || PART_NUMBER.test(second) || SOFTWARE.test(second)) return undefined;
  return second.replace(/^[A-Za-z]+-(?=[A-Za-z])/, "");
}

/** `Polycom VVX 250|Updater:6.4.6.2681|App:6.4.6.2681`, the platform alone, or CDP's version text alone. */
function parseCdp(text: string): DeviceFacts {
  const versions = running(versionIn(APPLICATION.exec(text)?.[1]), versionIn(UPDATER.exec(text)?.[1]));
  if (CDP_VERSION.test(text)) return versions;
  const platform = (text.split(/\||,?\s*\b(?:Updater|App(?:lication)?):/i, 1)[0] ?? "").trim();
  if (familyOfModel(platform) !== undefined) return { ...named(platform, undefined), ...versions };
  // A maker we know with a model we do not: `Polycom <something>` as CDP platform, never a longer prose.
  const unknown = vendorOf(platform) !== undefined && platform.length <= 40 && "running" in versions;
  return unknown ? { ...named(platform, undefined), ...versions } : {};
}

/**
 * Reads an LLDP system description, a CDP platform or version text, or both flattened into one line.
 *
 * @returns the facts stated; `{}` for a text that is not of one of our devices. Lync phones have a model and no family:
 *   they are not UC Software.
 */
export function parseLldpDescription(input: string): DeviceFacts {
  const text = input.slice(0, MAX_TEXT).trim();
  const lync = LYNC.exec(text);
  if (lync?.[1] !== undefined) {
    return { vendor: "Polycom", model: normaliseModel(lync[1]), ...(lync[2] === undefined ? {} : { revision: lync[2] }) };
  }
  return text.includes(";") ? parseParts(text) : parseCdp(text);
}
