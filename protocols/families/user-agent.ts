/**
 * What a User-Agent says of a device, from provisioning requests and from SIP. Pure. Headers are trivially forged: they
 * discover, they prove nothing. Source: protocols/provisioning.md 4; protocols/uc-phones.md 7; protocols/video.md 1.
 */

import type { FamilyId, Running } from "../core/device.ts";
import { type Mac, parseMac } from "../core/ids.ts";
import { parseVersion, type Version } from "../core/version.ts";
import { familyOfModel, normaliseModel, vendorOf } from "./models.ts";

/** An absent field is one the text does not state. */
export interface UserAgentFacts {
  readonly vendor?: string;
  readonly family?: FamilyId;
  readonly model?: string;
  readonly running?: Running;
  /** Which of its programs asked. */
  readonly type?: "application" | "updater";
  /** The version stated, whichever program it is of. */
  readonly version?: Version;
  readonly mac?: Mac;
}

/** Real ones are under 120 characters. */
const AGENT_CHARS = 512;
const MODEL_CHARS = 64;

const POLY =
  /^(?:(FileTransport|Microbrowser\/\S{1,20})\s+)?(?:Polycom\/\S{1,40}\s+)?((?:Poly|G_SERIES)[\w+]{0,40})-([\w+]{1,40})-UA\/(\S{1,80})(.*)$/i;
/** `PolycomRealPresenceGroup700/6.2.0`, `PolycomHDX4000/3.1.0`, `PolyStudioX50/4.2.0-387310`. */
const VIDEO_SLASH = /^(Poly[\w]{1,60})\/(\d[\w.-]{0,40})$/i;
/** `Polycom HDX 9006 (Release - 3.0.6-37004)` */
const VIDEO_RELEASE = /^(Poly(?:com)?\s[\w ]{1,60}?)\s*\((Release\s*-\s*\S{1,60})\)$/i;
/** The Android runtime of a RealPresence Group; other Android devices name another board. */
const GROUP_RUNTIME = /^Dalvik\/[\d.]+ \(Linux; U; Android [\d.]+; mars Build\/\w+\)$/;

const FAMILY_WORDS: readonly (readonly [RegExp, FamilyId])[] = [
  [/^Poly(?:com)?(?:SoundPointIP|SoundStationIP)$/i, "soundpoint"],
  [/^Poly(?:com)?(?:VVX|CCX|Edge|Trio|RealPresenceTrio)$/i, "uc-phone"],
];

/** Reads one; `undefined` where it is not a device of ours. */
export function parseUserAgent(text: string): UserAgentFacts | undefined {
  const agent = text.trim();
  if (agent.length > AGENT_CHARS) return undefined;
  if (GROUP_RUNTIME.test(agent)) return { vendor: "Polycom", family: "group" };
  const poly = POLY.exec(agent);
  if (poly !== null) return readPoly(poly);
  const video = VIDEO_SLASH.exec(agent) ?? VIDEO_RELEASE.exec(agent);
  return video === null ? undefined : readVideo(video[1] ?? "", video[2] ?? "");
}

function readPoly(match: RegExpExecArray): UserAgentFacts | undefined {
  const [, transport, familyWord = "", modelWord = "", stated = "", rest = ""] = match;
  const tagged = /^(.*)_([0-9a-f]{12})$/i.exec(stated);
  const version = parseVersion(tagged?.[1] ?? stated)?.text;
  const mac = parseMac(tagged?.[2] ?? /\(SN:([0-9a-f]{12})\)/i.exec(rest)?.[1] ?? "");
  const type = /\bType\/(Application|Updater)\b/i.exec(rest)?.[1]?.toLowerCase() as "application" | "updater" | undefined;
  const family = familyOfModel(modelWord) ?? FAMILY_WORDS.find(([form]) => form.test(familyWord))?.[1];
  const vendor = vendorOf(familyWord) ?? vendorOf(modelWord);
  const running = runningFrom(version, type, transport === undefined);
  return {
    ...(vendor === undefined ? {} : { vendor }),
    ...(family === undefined ? {} : { family }),
    model: normaliseModel(modelWord).slice(0, MODEL_CHARS),
    ...(running === undefined ? {} : { running }),
    ...(type === undefined ? {} : { type }),
    ...(version === undefined ? {} : { version }),
    ...(mac === undefined ? {} : { mac }),
  };
}

/** A SIP agent is the application's own. In file requests only `Type/` tells BootROM, Updater and application apart. */
function runningFrom(version: Version | undefined, type: "application" | "updater" | undefined, sip: boolean): Running | undefined {
  if (version === undefined) return undefined;
  if (type === "updater") return { updater: version };
  return type === "application" || sip ? { application: version } : undefined;
}

function readVideo(name: string, stated: string): UserAgentFacts | undefined {
  const family = familyOfModel(name);
  if (family === undefined) return undefined;
  const vendor = vendorOf(name);
  const version = parseVersion(stated)?.text;
  return {
    ...(vendor === undefined ? {} : { vendor }),
    family,
    model: normaliseModel(name),
    ...(version === undefined ? {} : { running: { application: version }, version }),
  };
}
