/**
 * Which of two catalogues of one channel is the newer. Pure; the only place that decides it.
 *
 * Versions only rise. Whoever steals the keys of the releases may say a version so high that the partner can never pass it
 * (fast-forward). The way back is a newer root that has other keys for the releases: under it a lower version is taken.
 */
import type { Catalogue } from "../release.ts";

export type CatalogueMark = Pick<Catalogue, "version" | "trust">;

/** What `found` lacks to be at least as new as `seen`; `undefined` where it lacks nothing. */
export function goesBack(
  seen: CatalogueMark | undefined,
  found: CatalogueMark,
): { readonly wanted: string; readonly found: string } | undefined {
  if (seen === undefined) return undefined;
  const [before, now] = [seen.trust, found.trust];
  if (before !== undefined && now !== undefined && now.rootVersion < before.rootVersion) {
    return { wanted: `root ${before.rootVersion} or newer`, found: `root ${now.rootVersion}` };
  }
  if (found.version >= seen.version) return undefined;
  const newKeys =
    before !== undefined && now !== undefined && now.rootVersion > before.rootVersion && now.releaseKeys !== before.releaseKeys;
  return newKeys ? undefined : { wanted: `catalogue ${seen.version} or newer`, found: `catalogue ${found.version}` };
}
