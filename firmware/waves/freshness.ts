/**
 * Is what a plan installs still what its source wants installed? An older catalogue than the newest seen is refused, an
 * expired one starts nothing (design invariant I15). Pure.
 */
import { isoOf, type Ms } from "../../protocols/core/time.ts";

/** What the catalogue of its source says of a release now. */
export type ReleaseStanding =
  | { readonly release: string; readonly at: "gone" }
  | {
      readonly release: string;
      /** `otherImages`: one that the plan installs is not of this release any more. */
      readonly at: "stated" | "revoked" | "otherImages";
      /** Version of the catalogue it stands in, and of the newest one seen of that source. */
      readonly version: number;
      readonly newestVersion: number;
      readonly expiresAtMs: Ms;
    };

export interface Staleness {
  readonly release: string;
  readonly why: string;
  /** Nothing but a new plan helps; otherwise a newer catalogue may. */
  readonly final: boolean;
}

/** What is wrong with a release; `undefined` where nothing is. */
export function staleness(standing: ReleaseStanding, nowMs: Ms): Staleness | undefined {
  const { release, at } = standing;
  switch (at) {
    case "gone":
      return { release, why: `"${release}" is in no catalogue any more`, final: true };
    case "revoked":
      return { release, why: `"${release}" is revoked by its publisher`, final: true };
    case "otherImages":
      return { release, why: `"${release}" has other images now than the plan installs`, final: true };
    case "stated": {
      const { version, newestVersion, expiresAtMs } = standing;
      if (!(version >= newestVersion))
        return { release, why: `"${release}" stands in catalogue ${version}, and ${newestVersion} was seen`, final: true };
      // Asked this way round, a moment that is not a number does not pass either.
      return nowMs < expiresAtMs
        ? undefined
        : {
            release,
            why: `the catalogue of "${release}" expired${Number.isFinite(expiresAtMs) ? ` at ${isoOf(expiresAtMs)}` : ""}`,
            final: false,
          };
    }
  }
}

/** Why nothing of a plan starts now, and who ends that; `undefined` where all it installs is fresh. */
export function catalogueHold(
  standings: readonly ReleaseStanding[],
  nowMs: Ms,
): { readonly why: string; readonly endedBy: string } | undefined {
  if (standings.length === 0)
    return { why: "what the catalogue says of the release is not known", endedBy: "a catalogue that can be read" };
  const stale = standings.map((standing) => staleness(standing, nowMs)).filter((one) => one !== undefined);
  const [worst] = stale.toSorted((a, b) => Number(b.final) - Number(a.final));
  if (worst === undefined) return undefined;
  return { why: worst.why, endedBy: worst.final ? "a new plan" : "a newer catalogue: groundswell firmware sync" };
}
