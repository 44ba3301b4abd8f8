/**
 * Where releases come from: what every kind of source gives, and how it may fail.
 */
import type { Fault, Result } from "../../protocols/core/fault.ts";
import type { Catalogue, ImageRef } from "../release.ts";
import type { FileLocation } from "../staging/download.ts";
import type { CatalogueMark } from "./catalogue-order.ts";

/**
 * Why a source was not believed: no answer; an answer that trickles; metadata out of date; older than what was seen before;
 * not signed by enough of the trusted keys; files that do not belong together; more bytes or entries than allowed;
 * undecodable; no usable pinned root.
 */
export type SourceFaultName = "unreachable" | "slow" | "expired" | "rollback" | "signature" | "mixed" | "oversized" | "garbled" | "pin";

export type SourceFault = Fault & { readonly name: SourceFaultName };

/** One release document that was not taken; the others stand. */
export interface RefusedRelease {
  readonly document: string;
  readonly why: string;
}

export interface SourceCatalogue extends Catalogue {
  readonly refused: readonly RefusedRelease[];
}

export interface Source {
  /** For people. */
  readonly name: string;
  /** Everything the source states now. `rollback` where it is older than the newest catalogue seen. Rejects when aborted. */
  read(newestSeen: CatalogueMark | undefined, signal: AbortSignal): Promise<Result<SourceCatalogue, SourceFault>>;
  /** Where the image's file is; does not ask for it. */
  locate(image: ImageRef): FileLocation;
}
