/**
 * Releases and their images as people see them. Pure over the rows.
 */
import type { Release } from "../../firmware/release.ts";
import { isoOf } from "../../protocols/core/time.ts";
import type { Store } from "../../store/store.ts";
import type { Releases, StagingProgress } from "../firmware/releases.ts";

export interface ReleaseList {
  readonly schema: "groundswell.releases/1";
  readonly catalogueVersion: number | null;
  readonly expires: string | null;
  readonly releases: readonly ReleaseView[];
}

export interface ReleaseView {
  readonly id: string;
  readonly title: string;
  readonly family: string;
  readonly version: string;
  readonly models: readonly string[];
  readonly advisories: readonly string[];
  readonly revoked: boolean;
  /** A person stopped its staging. */
  readonly paused: boolean;
  /** Devices of the site of these models that run another version. */
  readonly fits: number;
  readonly images: readonly {
    readonly sha256: string;
    readonly target: string;
    readonly sizeBytes: number;
    readonly state: string;
    readonly doneBytes?: number;
    readonly bytesPerSecond?: number;
    readonly leftMs?: number;
    readonly fault?: unknown;
  }[];
}

export function listReleases(tables: Pick<Store, "releases" | "devices" | "staging">, progress: Releases["progress"]): ReleaseList {
  const catalogue = tables.releases.catalogue();
  const paused = new Set(tables.staging.paused());
  return {
    schema: "groundswell.releases/1",
    catalogueVersion: catalogue?.version ?? null,
    expires: catalogue === undefined ? null : isoOf(catalogue.expiresAtMs),
    releases: tables.releases.list().map((release) => ({ ...viewRelease(release, tables, progress), paused: paused.has(release.id) })),
  };
}

function viewRelease(
  release: Release,
  tables: Pick<Store, "releases" | "devices">,
  progress: Releases["progress"],
): Omit<ReleaseView, "paused"> {
  const { id, title, family, version, models, advisories, revoked } = release;
  const fits = tables.devices
    .list({ family })
    .filter((row) => row.model !== undefined && models.includes(row.model) && row.running !== version).length;
  return {
    id,
    title,
    family,
    version,
    models,
    advisories,
    revoked,
    fits,
    images: release.images.map(({ sha256, target, sizeBytes }) => {
      const row = tables.releases.image(sha256);
      const done = progress.get(sha256);
      return {
        sha256,
        target,
        sizeBytes,
        state: row?.state ?? "known",
        ...(done === undefined ? {} : movedOf(done)),
        ...(row?.fault === undefined ? {} : { fault: row.fault }),
      };
    }),
  };
}

/** Of a download: how far, and as far as it is known how fast and how long still. */
function movedOf({ doneBytes, bytesPerSecond, leftMs }: StagingProgress) {
  return {
    doneBytes,
    ...(bytesPerSecond === undefined ? {} : { bytesPerSecond: Math.round(bytesPerSecond) }),
    ...(leftMs === undefined ? {} : { leftMs: Math.round(leftMs) }),
  };
}
