/**
 * What has to come first: steps that a document says are refused or impossible directly, with what lies between. Each may only
 * refuse. Two conditions of one entry: it holds where either the application or the Updater is in its range.
 */
import { orderOf, parseVersion, type Version } from "../../protocols/core/version.ts";
import { meansModel, type Sourced } from "./hardware.ts";

/** From `min` on, below `below`; an open end is no limit. */
export interface Range {
  readonly min?: Version;
  readonly below?: Version;
}

export interface Stone extends Sourced {
  readonly id: string;
  readonly models: readonly string[];
  /** Releases of this kind and range are not taken directly. */
  readonly to: Range & { readonly kind: "application" | "updater" };
  /** Holds for these running versions. */
  readonly running?: Range;
  /** And for these Updaters, whatever runs. */
  readonly updater?: Range;
  /** Where nobody has read the Updater, for these running versions. */
  readonly unread?: Range;
  /** And only as long as the Updater is below this. */
  readonly floor?: Version;
  /** What comes first, in words. */
  readonly first: string;
  readonly why: string;
}

const VVX = ["VVX *"];
const SIP3 = ["SoundPoint IP *", "SoundStation *"];

/** Source: protocols/provisioning.md 8. Each entry's `source` says how far its document goes. */
export const STONES: readonly Stone[] = [
  {
    id: "vvx-5.0",
    models: VVX,
    to: { kind: "application", min: "5.7.3" },
    running: { below: "5.0.1.4069" },
    updater: { below: "5.2.1.3272" },
    first: "a release between it and 5.7.3; no document says which",
    why: "5.7.3 is refused by a phone on 5.0.1.4068 with BootROM 5.2.1.3271",
    mark: "confirmed",
    source: "protocols/provisioning.md 8 (KCLC); held against older ones too",
  },
  {
    id: "vvx-signing-key",
    models: VVX,
    to: { kind: "application", min: "5.7.4" },
    running: { below: "5.5.3" },
    updater: { below: "5.7.2.21548" },
    unread: { below: "5.7.3" },
    first: "5.7.3 (5.7.3.1797 was seen to work)",
    why: "the Updater up to 5.7.2.21547 lacks the key that later releases are signed with",
    mark: "confirmed",
    source: "protocols/provisioning.md 8 (KCLC: 5.5.2 to 5.9.8); protocols/uc-phones.md 10",
  },
  {
    id: "vvx-5.9",
    models: VVX,
    to: { kind: "application", min: "6.0.0" },
    running: { below: "5.9.0" },
    first: "a late 5.9.x",
    why: "6.x is only known to be taken directly from a late 5.9",
    mark: "uncertain",
    source: "protocols/provisioning.md 8",
  },
  {
    id: "sip-bootrom",
    models: SIP3,
    to: { kind: "application", min: "4.0.0" },
    running: { below: "4.0.0" },
    floor: "4.4.0B",
    first: "the BootROM upgrader 4.4.0B, by hand: a version with a letter is put in no order",
    why: "UCS 4 needs BootROM 4.4.0B or later; application and BootROM were two files until then",
    mark: "confirmed",
    source: "protocols/provisioning.md 8 (wazo notes)",
  },
  {
    id: "soundstation-updater",
    models: ["SoundStation IP 6000", "SoundStation IP 7000"],
    to: { kind: "application", min: "4.0.0" },
    running: { below: "4.0.0" },
    floor: "5.0.8",
    first: "the Updater 5.0.8",
    why: "IP 6000 and 7000 need the Updater 5.0.8 before UCS 4",
    mark: "confirmed",
    source: "protocols/provisioning.md 8 (wazo notes)",
  },
  {
    id: "soundstation-bootrom",
    models: ["SoundStation IP 6000", "SoundStation IP 7000"],
    to: { kind: "updater", min: "5.0.0" },
    running: { below: "4.0.0" },
    floor: "4.4.0B",
    first: "the BootROM upgrader 4.4.0B, by hand: a version with a letter is put in no order",
    why: "the Updater 5.0.8 follows BootROM 4.4.0B",
    mark: "confirmed",
    source: "protocols/provisioning.md 8 (wazo notes)",
  },
  {
    id: "ucs-4.0.11",
    models: SIP3,
    to: { kind: "application", min: "4.0.0", below: "4.0.11" },
    running: { below: "4.0.0" },
    first: "4.0.11 or later",
    why: "from SIP 3 the first UCS 4 is 4.0.11 or later",
    mark: "confirmed",
    source: "protocols/provisioning.md 8 (wazo notes)",
  },
];

/** What a device runs; absent where nobody has read it. */
export interface Runs {
  readonly model: string;
  readonly running?: Version;
  readonly updater?: Version;
}

/** The first entry that stands between this device and a release; the order is that of the list. */
export function stoneBefore(to: { readonly version: Version; readonly updater: boolean }, device: Runs): Stone | undefined {
  return STONES.find((stone) => {
    if ((stone.to.kind === "updater") !== to.updater) return false;
    return stone.models.some((name) => meansModel(name, device.model)) && within(to.version, stone.to) && holds(stone, device);
  });
}

/** What a person should know of a step that may be taken. */
export interface Doubt extends Sourced {
  readonly models: readonly string[];
  readonly to: Range & { readonly kind: "application" | "updater" };
  /** Holds for these running versions; without it for all, and where none is known. */
  readonly running?: Range;
  readonly says: string;
}

/** Source: each entry's own. */
export const DOUBTS: readonly Doubt[] = [
  {
    models: VVX,
    to: { kind: "application", min: "6.0.0" },
    running: { min: "5.9.0", below: "6.0.0" },
    says: "that 6.x is taken directly from a late 5.9 is in no source",
    mark: "uncertain",
    source: "protocols/provisioning.md 8",
  },
  {
    models: [...VVX, ...SIP3, "Trio *", "CCX *", "Edge E*"],
    to: { kind: "updater" },
    says: "an Updater does not go back to an older line; confirmed for BootROM 3.x to 2.x, which is signed",
    mark: "confirmed",
    source: "protocols/provisioning.md 8",
  },
];

export function doubtsOf(to: { readonly version: Version; readonly updater: boolean }, { model, running }: Runs): readonly Doubt[] {
  return DOUBTS.filter(
    (doubt) =>
      (doubt.to.kind === "updater") === to.updater &&
      doubt.models.some((name) => meansModel(name, model)) &&
      within(to.version, doubt.to) &&
      (doubt.running === undefined || within(running, doubt.running)),
  );
}

function holds(stone: Stone, { running, updater }: Runs): boolean {
  if (stone.floor !== undefined && updater !== undefined && reaches(updater, stone.floor)) return false;
  if (within(running, stone.running)) return true;
  // An Updater nobody can put in order is as good as one nobody has read.
  const known = updater !== undefined && parseVersion(updater)?.comparable === true;
  return known ? within(updater, stone.updater) : within(running, stone.unread);
}

function within(version: Version | undefined, range: Range | undefined): boolean {
  if (version === undefined || range === undefined) return false;
  const [low, high] = [range.min, range.below].map((end) => (end === undefined ? undefined : orderOf(version, end)));
  return (range.min === undefined || low === "newer" || low === "same") && (range.below === undefined || high === "older");
}

/** At least a floor. One with a letter is met by the same three numbers with that letter, and by what is later beyond doubt. */
export function reaches(version: Version, floor: Version): boolean {
  const wanted = parseVersion(floor);
  const found = parseVersion(version);
  if (wanted === undefined || found === undefined) return false;
  const letter = wanted.tag;
  const three = (parts: readonly number[]): string => parts.slice(0, 3).join(".");
  if (letter !== undefined && found.tag === letter && three(found.parts) === three(wanted.parts)) return true;
  const order = orderOf(version, three(wanted.parts));
  if (letter !== undefined) return order === "newer" && three(found.parts) !== three(wanted.parts);
  return orderOf(version, floor) === "newer" || orderOf(version, floor) === "same";
}
