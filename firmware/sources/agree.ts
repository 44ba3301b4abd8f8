/**
 * Do the sources agree? Where two say different things of one version for one hardware, both are shown with their rank, and the
 * higher one is used. Pure.
 */
import { type Offering, rankOf, SOURCE_KINDS, type SourceKind } from "./source.ts";

/** One thing a source says: of one image, or of a version as a whole. */
export interface Statement {
  readonly source: SourceKind;
  /** A person has accepted it. */
  readonly accepted: boolean;
  /** The id of a release, or the title of an offering. */
  readonly name: string;
  readonly version: string;
  readonly models: readonly string[];
  readonly partNumbers: readonly string[];
  readonly sha256?: string;
  readonly sizeBytes?: number;
  readonly revoked: boolean;
}

/** `file`: other bytes; `size`: another size, where no hash can be compared; `revoked`: one calls it revoked. */
export interface Disagreement {
  readonly about: "file" | "size" | "revoked";
  readonly version: string;
  /** Part numbers or models both speak of. */
  readonly hardware: readonly string[];
  /** The one that is believed. */
  readonly used: Statement;
  readonly other: Statement;
}

/** Shown at most; a source that contradicts everything needs no longer list. */
export const DISAGREEMENTS_MAX = 200;

interface StatedRelease {
  readonly id: string;
  readonly version: string;
  readonly models: readonly string[];
  readonly revoked: boolean;
  readonly images: readonly { readonly partNumbers: readonly string[]; readonly sha256: string; readonly sizeBytes: number }[];
}

export function statementsOfRelease(release: StatedRelease, source: SourceKind): readonly Statement[] {
  const { id: name, version, models, revoked } = release;
  const accepted = source !== "channel";
  return release.images.map(({ partNumbers, sha256, sizeBytes }) => ({
    ...{ source, accepted, name, version, models, revoked },
    ...{ partNumbers, sha256, sizeBytes },
  }));
}

export function statementOfOffering(offering: Offering, source: SourceKind): Statement {
  const { title: name, version, models, partNumbers, sha256, sizeBytes, revoked } = offering;
  return {
    ...{ source, accepted: false, name, version, models, partNumbers, revoked },
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
  };
}

export function disagreements(statements: readonly Statement[]): readonly Disagreement[] {
  const found = new Map<string, Disagreement>();
  for (const group of Map.groupBy(statements, ({ version }) => version.trim()).values()) {
    for (const [i, one] of group.entries()) {
      for (const two of group.slice(i + 1)) {
        if (one.source === two.source && one.name === two.name) continue;
        const [used, other] = higher(one, two) === one ? [one, two] : [two, one];
        for (const { about, hardware } of differences(used, other)) note(found, { about, version: used.version, hardware, used, other });
      }
    }
  }
  return [...found.values()].slice(0, DISAGREEMENTS_MAX);
}

/** The images of one release that differ alike are one disagreement over all their hardware. */
function note(found: Map<string, Disagreement>, one: Disagreement): void {
  const { about, version, used, other } = one;
  const key = JSON.stringify([about, version, used.source, used.name, other.source, other.name]);
  const before = found.get(key);
  found.set(key, before === undefined ? one : { ...before, hardware: [...new Set([...before.hardware, ...one.hardware])] });
}

/** Ranks first; of two of one rank always the same one, whoever is asked first. */
function higher(one: Statement, two: Statement): Statement {
  const order =
    rankOf(one.source, one.accepted) - rankOf(two.source, two.accepted) ||
    SOURCE_KINDS.indexOf(one.source) - SOURCE_KINDS.indexOf(two.source);
  return order < 0 || (order === 0 && one.name <= two.name) ? one : two;
}

function differences(used: Statement, other: Statement): readonly Pick<Disagreement, "about" | "hardware">[] {
  const parts = used.partNumbers.filter((part) => other.partNumbers.includes(part));
  const bothHaveParts = used.partNumbers.length > 0 && other.partNumbers.length > 0;
  const wanted = new Set(other.models.map(plain));
  // One release has a file for each hardware: files are only compared where both name the part number.
  const hardware = bothHaveParts ? parts : used.models.filter((model) => wanted.has(plain(model)));
  if (hardware.length === 0) return [];
  const sameFile = used.sha256 !== undefined && used.sha256 === other.sha256;
  const revoked = used.revoked === other.revoked ? [] : [{ about: "revoked" as const, hardware }];
  if (!bothHaveParts || sameFile) return revoked;
  const about = aboutBytes(used, other);
  return about === undefined ? revoked : [{ about, hardware }, ...revoked];
}

function aboutBytes(used: Statement, other: Statement): "file" | "size" | undefined {
  if (used.sha256 !== undefined && other.sha256 !== undefined) return "file";
  const known = used.sizeBytes !== undefined && other.sizeBytes !== undefined;
  return known && used.sizeBytes !== other.sizeBytes ? "size" : undefined;
}

const plain = (model: string): string => model.trim().toLowerCase();

/** The disagreement by which this release must not be planned: one with more rank has other bytes, or calls it revoked. */
export function overruling(release: string, source: SourceKind, found: readonly Disagreement[]): Disagreement | undefined {
  return found.find(
    ({ about, used, other }) =>
      other.name === release && other.source === source && other.accepted && (about === "revoked" ? used.revoked : about === "file"),
  );
}

/** For people: `channel (rank 1) and folder (rank 2) have other files of 6.4.8.1190 for 3111-48840-001; channel is used`. */
export function disagreementText({ about, version, hardware, used, other }: Disagreement): string {
  const who = (one: Statement): string => `${one.source} (rank ${rankOf(one.source, one.accepted)})`;
  const named = hardware.length > 3 ? `${hardware.slice(0, 3).join(", ")} and ${hardware.length - 3} more` : hardware.join(", ");
  if (about === "revoked") {
    const [says, other_] = used.revoked ? [used, other] : [other, used];
    return `${who(says)} calls ${version} for ${named} revoked, ${who(other_)} does not; ${used.source} is believed`;
  }
  const what = about === "file" ? "other bytes" : `another size (${used.sizeBytes} and ${other.sizeBytes} bytes)`;
  return `${who(used)} and ${who(other)} have ${what} of ${version} for ${named}; ${used.source} is used`;
}
