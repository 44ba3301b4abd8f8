/**
 * Lines of hardware with the last release line each can run, and how one comes back from a release. Data; an end is set only
 * where a document prints one, or prints nothing later (then it is uncertain).
 *
 * How sure the catalogue is: a confirmed fact may refuse a step; an uncertain one may refuse or warn. Neither allows anything: what
 * is allowed is what a release of the partner's channel states as its steps.
 */
import type { FamilyId } from "../../protocols/core/device.ts";
import { orderOf, type Version } from "../../protocols/core/version.ts";

export type Mark = "confirmed" | "uncertain";

/** A fact with where it stands, as `docs/families.md` shows it. */
export interface Sourced {
  readonly mark: Mark;
  readonly source: string;
}

/** The first version a line cannot run, and what people call the last one it can. */
export interface LastLine extends Sourced {
  readonly below: Version;
  readonly says: string;
}

export interface HardwareLine extends Sourced {
  readonly id: string;
  readonly title: string;
  readonly family: FamilyId;
  /** In the one spelling of `models.ts`; with a star at its end, all that begin so. */
  readonly models: readonly string[];
  /** Versions of it that a document prints; shows the line, sets no limit. */
  readonly seen: string;
  readonly last?: LastLine;
  /** Whose update brings its own; nothing is ever sent to it. */
  readonly updatedBy?: string;
  /** What a document says limits going back. */
  readonly back?: Sourced & { readonly says: string };
}

const UCS4 = {
  below: "5.0.0",
  says: "4.x: no later application of it is in any document",
  mark: "uncertain",
  source: "protocols/uc-phones.md 9, by absence",
} as const;

/** Source: each entry's own. */
export const HARDWARE: readonly HardwareLine[] = [
  {
    id: "vvx-5",
    title: "VVX x00, x10 and 1500",
    family: "uc-phone",
    models: ["VVX 300", "VVX 310", "VVX 400", "VVX 410", "VVX 500", "VVX 600", "VVX 1500"],
    seen: "5.9.7.3480",
    last: { below: "6.0.0", says: "5.9.x", mark: "confirmed", source: "protocols/uc-phones.md 9 and 10; protocols/provisioning.md 8" },
    mark: "confirmed",
    source: "protocols/uc-phones.md 9",
  },
  {
    id: "vvx-6",
    title: "VVX x01, x11 and x50",
    family: "uc-phone",
    models: [
      ...["VVX 101", "VVX 150", "VVX 201", "VVX 250", "VVX 301", "VVX 311", "VVX 350", "VVX 401", "VVX 411", "VVX 450"],
      ...["VVX 501", "VVX 601"],
    ],
    seen: "6.4.6.0123, 6.4.7.4560",
    mark: "confirmed",
    source: "protocols/uc-phones.md 9; protocols/provisioning.md 7",
  },
  {
    id: "trio-88",
    title: "Trio 8500 and 8800",
    family: "uc-phone",
    models: ["Trio 8500", "Trio 8800"],
    seen: "5.9.5.x, 7.2.2.1094",
    mark: "confirmed",
    source: "protocols/uc-phones.md 9",
  },
  {
    id: "trio-83",
    title: "Trio 8300 and C60",
    family: "uc-phone",
    models: ["Trio 8300", "Trio C60"],
    seen: "8.1.x, 9.x",
    mark: "confirmed",
    source: "protocols/uc-phones.md 9",
  },
  {
    id: "ccx",
    title: "CCX",
    family: "uc-phone",
    models: ["CCX *"],
    seen: "7.2.7.0193, 8.0.2.3267, 9.4.1.0508",
    mark: "confirmed",
    source: "protocols/uc-phones.md 9",
  },
  {
    id: "edge-e",
    title: "Edge E",
    family: "uc-phone",
    models: ["Edge E*"],
    seen: "8.0.0.15602, 8.6.0.1321",
    mark: "confirmed",
    source: "protocols/uc-phones.md 9",
  },
  {
    id: "soundpoint-3",
    title: "SoundPoint IP 300, 301, 430, 500, 501, 600, 601 and SoundStation IP 4000",
    family: "soundpoint",
    models: [
      ...["SoundPoint IP 300", "SoundPoint IP 301", "SoundPoint IP 430", "SoundPoint IP 500", "SoundPoint IP 501"],
      ...["SoundPoint IP 600", "SoundPoint IP 601", "SoundStation IP 4000"],
    ],
    seen: "3.2.3.1734",
    last: {
      below: "4.0.0",
      says: "SIP 2.1.x, 3.1.x or 3.2.x by model; no UCS 4",
      mark: "confirmed",
      source: "protocols/uc-phones.md 10",
    },
    mark: "confirmed",
    source: "protocols/uc-phones.md 9 and 10",
  },
  {
    id: "soundpoint-4",
    title: "SoundPoint IP 32x, 33x, 450, 5x0 and 6x0",
    family: "soundpoint",
    models: [
      ...["SoundPoint IP 320", "SoundPoint IP 321", "SoundPoint IP 330", "SoundPoint IP 331", "SoundPoint IP 335"],
      ...["SoundPoint IP 450", "SoundPoint IP 550", "SoundPoint IP 560", "SoundPoint IP 650", "SoundPoint IP 670"],
    ],
    seen: "3.2.3.1734, 4.0.15.1047",
    last: UCS4,
    mark: "confirmed",
    source: "protocols/uc-phones.md 9; protocols/provisioning.md 6",
  },
  {
    id: "soundstation-4",
    title: "SoundStation IP 5000, 6000, 7000 and Duo",
    family: "soundpoint",
    models: ["SoundStation IP 5000", "SoundStation IP 6000", "SoundStation IP 7000", "SoundStation Duo"],
    seen: "4.0.3.7562",
    last: UCS4,
    mark: "confirmed",
    source: "protocols/provisioning.md 4 and 6",
  },
  {
    id: "studio",
    title: "Studio X, G7500 and G62 (VideoOS)",
    family: "video-os",
    models: ["Studio X*", "G7500", "G62"],
    seen: "3.12.0, 4.2.0",
    back: {
      says: "only where upgrade.auto.backwardCompatible is true; it is false in the factory",
      mark: "confirmed",
      source: "protocols/video.md 3",
    },
    mark: "confirmed",
    source: "protocols/video.md 1",
  },
  {
    id: "panel",
    title: "Touch panels TC8 and TC10",
    family: "video-os",
    models: ["TC8", "TC10"],
    seen: "3.10.0-210644",
    updatedBy: "the codec it is paired with",
    mark: "confirmed",
    source: "protocols/provisioning.md 11",
  },
  {
    id: "group",
    title: "RealPresence Group",
    family: "group",
    models: ["RealPresence Group *"],
    seen: "6.2.2.8-670021",
    back: {
      says: "not below what softupdate.downgrade.minversionsupported says",
      mark: "confirmed",
      source: "protocols/video.md 4.1",
    },
    mark: "confirmed",
    source: "protocols/video.md 4.1",
  },
  {
    id: "hdx",
    title: "HDX",
    family: "hdx",
    models: ["HDX *"],
    seen: "3.1.14-56008",
    mark: "confirmed",
    source: "protocols/video.md 5",
  },
];

/** Does a name of the catalogue mean this model? */
export function meansModel(name: string, model: string): boolean {
  return name.endsWith("*") ? model.startsWith(name.slice(0, -1)) : name === model;
}

/** The line a model belongs to; `undefined` for what no document names. */
export function lineOf(model: string): HardwareLine | undefined {
  return HARDWARE.find(({ models }) => models.some((name) => meansModel(name, model)));
}

/** The last line of a model, where this version is beyond it. */
export function endedBefore(model: string, version: Version): { readonly line: HardwareLine; readonly last: LastLine } | undefined {
  const line = lineOf(model);
  if (line?.last === undefined) return undefined;
  const order = orderOf(version, line.last.below);
  return order === "older" ? undefined : { line, last: line.last };
}
