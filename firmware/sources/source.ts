/**
 * Where releases come from: what every kind of source gives, and how it may fail.
 */
import type { Fault, Result } from "../../protocols/core/fault.ts";
import type { Sha256 } from "../../protocols/core/ids.ts";
import type { Catalogue, ImageRef } from "../release.ts";
import type { BringProgress } from "../staging/bring-progress.ts";
import type { FileLocation } from "../staging/download.ts";
import type { FileHint } from "../staging/hint.ts";
import type { Inside } from "../staging/inside.ts";
import type { CatalogueMark } from "./catalogue-order.ts";

export const SOURCE_KINDS = ["channel", "folder", "portal", "vendor-catalogue", "lens"] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];
/** The same as a table, for what reads one of them. */
export const SOURCE_NAMES = Object.fromEntries(SOURCE_KINDS.map((kind) => [kind, true])) as Readonly<Record<SourceKind, true>>;
/** All but the channel sign nothing. */
export const UNSIGNED_KINDS = ["folder", "portal", "vendor-catalogue", "lens"] as const satisfies readonly SourceKind[];
export type UnsignedKind = (typeof UNSIGNED_KINDS)[number];

/**
 * Why a source was not believed: no answer; an answer that trickles; metadata out of date; older than what was seen before;
 * not signed by enough of the trusted keys; files that do not belong together; more bytes or entries than allowed;
 * undecodable; no usable pinned root; a log-in that was turned away.
 */
export type SourceFaultName =
  | "unreachable"
  | "slow"
  | "expired"
  | "rollback"
  | "signature"
  | "mixed"
  | "oversized"
  | "garbled"
  | "pin"
  | "denied";

export type SourceFault = Fault & { readonly name: SourceFaultName };

/** One release document that was not taken; the others stand. */
export interface RefusedRelease {
  readonly document: string;
  readonly why: string;
}

export interface SourceCatalogue extends Catalogue {
  readonly refused: readonly RefusedRelease[];
}

/** A source whose every word is signed: what it states is a release at once. */
export interface Source {
  /** For people. */
  readonly name: string;
  /** Everything the source states now. `rollback` where it is older than the newest catalogue seen. Rejects when aborted. */
  read(newestSeen: CatalogueMark | undefined, signal: AbortSignal): Promise<Result<SourceCatalogue, SourceFault>>;
  /** Where the image's file is; does not ask for it. */
  locate(image: ImageRef): FileLocation;
}

/** What a source says there is. It is told to people, and never planned. */
export interface Offering {
  /** Names it within its source. */
  readonly key: string;
  readonly title: string;
  readonly version: string;
  /** Hardware it is said to be for; both empty: the source does not say. */
  readonly models: readonly string[];
  readonly partNumbers: readonly string[];
  /** Name, size and hash of its one file, as far as the source states them. */
  readonly file?: string;
  readonly sizeBytes?: number;
  readonly sha256?: Sha256;
  /** Withdrawn by whoever lists it. */
  readonly revoked: boolean;
  /** Its file can be brought into quarantine. `byPart`: one file for each part number, which has to be named. */
  readonly fetch: "no" | "whole" | "byPart";
  /** ISO 8601, as the source states it. */
  readonly published?: string;
  /** Ways from versions that run here to this one: what lies between, nothing where it is direct. */
  readonly paths?: readonly { readonly from: string; readonly steps: readonly string[] }[];
}

/** A file that lies with us or in the drop folder, whole. */
export interface FoundFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: Sha256;
  readonly hint: FileHint;
  readonly inside: Inside;
}

/** A file that was brought whole, and that nobody has looked into. */
export type BroughtFile = Omit<FoundFile, "hint" | "inside">;

/** All that an unsigned source has now. */
export interface SourceListing {
  readonly offerings: readonly Offering[];
  /** Of a folder: what lies in it. Absent where files come by `bring` alone. */
  readonly files?: readonly FoundFile[];
  /** Names in a folder of which it is not known yet whether they are whole, or as they were: all of them after a restart. */
  readonly unsettled?: readonly string[];
  /** What was left out, and why; the rest stands. */
  readonly passedOver: readonly RefusedRelease[];
}

/** A source that signs nothing: what comes from it waits in quarantine for a person. */
export interface UnsignedSource {
  readonly kind: UnsignedKind;
  /** Rejects when aborted. */
  read(signal: AbortSignal): Promise<Result<SourceListing, SourceFault>>;
  /** Brings the file of an offering to `partialPath`; absent where nothing can be fetched. Rejects when aborted, the part kept. */
  bring?(what: FetchAsk, signal: AbortSignal): Promise<Result<BroughtFile, SourceFault>>;
}

export interface FetchAsk {
  readonly offering: Offering;
  /** Whose file, where the offering has one for each. */
  readonly partNumber?: string;
  readonly partialPath: string;
  /** What there is room for. */
  readonly bytesMax: number;
  readonly progress?: (now: BringProgress) => void;
}

/** How much a source's word counts against another's; 1 is believed most. What a person accepted stands below the channel alone. */
export function rankOf(source: SourceKind, accepted: boolean): number {
  if (source === "channel") return 1;
  if (accepted) return 2;
  return { folder: 3, portal: 3, "vendor-catalogue": 4, lens: 5 }[source];
}

/** Any fault under the name people are told. */
export function asSourceFault(fault: Fault): SourceFault {
  switch (fault.kind) {
    case "denied":
    case "lockedOut":
    case "impostor":
      return { ...fault, name: "denied" };
    case "garbled":
    case "mismatch":
    case "refused":
      return { ...fault, name: "garbled" };
    case "overBudget":
      return { ...fault, name: fault.budget === "time" ? "unreachable" : "oversized" };
    default:
      return { ...fault, name: "unreachable" };
  }
}
