/**
 * Every reason a device is held back for. A closed list: the code decides, the words are for people; no device is ever refused
 * without all of them.
 */
import type { DeviceId } from "../protocols/core/ids.ts";
import type { Version } from "../protocols/core/version.ts";

/** What a code means and what lifts it, in general; for the docs. In the order in which they are looked for. */
export const HELD = {
  revoked: { means: "the publisher took the release back", lifts: "another release" },
  unknownModel: { means: "nobody has learnt what model it is", lifts: "a read, LLDP or an import that names it" },
  otherModel: { means: "the release is for other models", lifts: "a release for this model" },
  notServed: {
    means: "nothing of ours brings an image to it: only watched, updated by its codec, or waiting for the files of an update server",
    lifts: "what its words say; for most nothing",
  },
  hardwareEnds: { means: "the catalogue ends this hardware below the release", lifts: "a release of its last line, or other hardware" },
  unknownVersion: { means: "what it runs is not known, or the wanted Updater's", lifts: "a read that states it" },
  incomparable: { means: "what it runs cannot be put in order with the release", lifts: "a person; such a build is never updated over" },
  alreadyCurrent: { means: "it runs the release", lifts: "nothing to do" },
  newer: { means: "it runs something newer", lifts: "a rollback campaign, where the step allows it" },
  otherRevision: { means: "the release's steps are for other revisions of its hardware", lifts: "a release that covers this hardware" },
  unknownRevision: {
    means: "the release's steps are for some revisions of its hardware, and which it has is not known",
    lifts: "a read, LLDP or DHCP that names it",
  },
  steppingStone: { means: "something has to come first", lifts: "the release that is named, then a new plan" },
  noEdge: { means: "no step from what it runs is on record", lifts: "a release in between, or a step added to the channel" },
  updaterTooOld: { means: "its Updater is below the step's floor, or not known", lifts: "a newer Updater first, or a read that states it" },
  noKeyCode: { means: "a major release needs a key code, and none is kept for it", lifts: "groundswell firmware keys import FILE" },
  noMac: { means: "its MAC address is not known", lifts: "a read, or an import that names it" },
  unknownPartNumber: { means: "its part number is not known, so no file can be chosen", lifts: "a read, LLDP or an import that names it" },
  partContradiction: { means: "its part number belongs to another model", lifts: "a person finds out which of the two is true" },
  noImage: { means: "the release has no file for its part number", lifts: "a release that covers this hardware" },
  managedElsewhere: { means: "somebody else manages it, or nobody knows who does", lifts: "the end of the other management, or a read" },
  inOtherCampaign: { means: "another campaign has an unfinished task for it", lifts: "the end of that campaign" },
  keptUp: { means: "a group it belongs to keeps more members up than its update leaves", lifts: "a smaller minUp of that group" },
  noSpare: { means: "its step cannot be undone, and no spare device is on the shelf", lifts: "a spare, and its number in the policy" },
  nothingRecorded: { means: "of a rollback: its campaign never had it in hand", lifts: "nothing: it is as it was" },
  underWay: { means: "of a rollback: its campaign still has it under way", lifts: "its end there, then another rollback" },
  alreadyBack: { means: "of a rollback: it runs what it ran before", lifts: "nothing to do" },
  movedSince: { means: "of a rollback: something else moved it since", lifts: "a campaign of its own" },
  oneWay: { means: "of a rollback: a step on its way cannot be undone", lifts: "nothing, or other hardware" },
  needsReset: { means: "of a rollback: going back takes a factory reset", lifts: "a person who resets it" },
  versionGone: { means: "of a rollback: no release at hand is what it ran before", lifts: "a catalogue that states that version" },
  offline: { means: "it does not answer, or has not answered yet", lifts: "it answers again, then a new plan" },
} as const satisfies Readonly<Record<string, { readonly means: string; readonly lifts: string }>>;

export type HeldCode = keyof typeof HELD;
export const HELD_CODES = Object.keys(HELD) as readonly HeldCode[];

/** A device that matches the selection and is not in a wave, with the reason and what would lift it. */
export interface HeldBack {
  readonly device: DeviceId;
  readonly name: string;
  readonly code: HeldCode;
  readonly why: string;
  readonly lifts: string;
  /** The release at hand that has to come first. */
  readonly first?: { readonly release: string; readonly version: Version };
}
