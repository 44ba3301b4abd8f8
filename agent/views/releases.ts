/**
 * Releases and their images as people see them. Pure over the rows.
 */
import type { Release } from "../../firmware/release.ts";
import { type Disagreement, disagreementText, overruling } from "../../firmware/sources/agree.ts";
import { rankOf, type SourceKind } from "../../firmware/sources/source.ts";
import { isoOf } from "../../protocols/core/time.ts";
import type { SourceReading } from "../../store/offerings.ts";
import type { StatedRelease } from "../../store/releases.ts";
import type { Store } from "../../store/store.ts";
import type { Releases, StagingProgress } from "../firmware/releases.ts";
import { disagreementsIn } from "../firmware/standing.ts";
import { disagreementView, sourceView } from "./sources.ts";

export interface ReleaseList {
  readonly schema: "groundswell.releases/1";
  readonly catalogueVersion: number | null;
  readonly expires: string | null;
  readonly releases: readonly ReleaseView[];
  /** How each source was read last. */
  readonly sources: readonly ReturnType<typeof sourceView>[];
  readonly disputes: readonly ReturnType<typeof disagreementView>[];
}

export interface ReleaseView {
  readonly id: string;
  /** Who states it; several where they state the same bytes. */
  readonly sources: readonly SourceKind[];
  /** Of the first of them. */
  readonly rank: number;
  /** Where others say something else; the one with more rank is used. */
  readonly disputes: readonly string[];
  /** Why it cannot be planned: a source with more rank says otherwise. */
  readonly overruled?: string;
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

type Tables = Pick<Store, "releases" | "devices" | "offerings" | "quarantine" | "staging">;

export function listReleases(tables: Tables, progress: Releases["progress"], readings: readonly SourceReading[]): ReleaseList {
  const catalogue = tables.releases.catalogue();
  const disputes = disagreementsIn(tables);
  const paused = new Set(tables.staging.paused());
  return {
    schema: "groundswell.releases/1",
    catalogueVersion: catalogue?.version ?? null,
    expires: catalogue === undefined ? null : isoOf(catalogue.expiresAtMs),
    releases: listed(tables.releases.stated()).map((one) => viewRelease(one, { tables, progress, disputes, paused })),
    sources: readings.map((reading) => sourceView(reading, tables)),
    disputes: disputes.map(disagreementView),
  };
}

interface Listed {
  readonly release: Release;
  readonly sources: readonly SourceKind[];
}

/** The same version as the same bytes is one release, whoever states it; ordered by id. */
function listed(stated: readonly StatedRelease[]): readonly Listed[] {
  const byBytes = new Map<string, Listed>();
  for (const { source, release } of stated) {
    const key = JSON.stringify([release.version, release.images.map(({ sha256 }) => sha256).sort()]);
    const before = byBytes.get(key);
    // Two documents of one source are two releases: their steps may differ.
    const own = before === undefined || before.sources.includes(source) ? `${key} ${release.id}` : key;
    byBytes.set(before === undefined ? key : own, {
      release: before === undefined || own !== key ? release : before.release,
      sources: own === key && before !== undefined ? [...before.sources, source] : [source],
    });
  }
  return [...byBytes.values()].sort((a, b) => (a.release.id < b.release.id ? -1 : 1));
}

function viewRelease(
  { release, sources }: Listed,
  {
    tables,
    progress,
    disputes,
    paused,
  }: {
    readonly tables: Tables;
    readonly progress: Releases["progress"];
    readonly disputes: readonly Disagreement[];
    readonly paused: ReadonlySet<string>;
  },
): ReleaseView {
  const { id, title, family, version, models, advisories, revoked } = release;
  const [source = "channel"] = sources;
  const fits = tables.devices
    .list({ family })
    .filter((row) => row.model !== undefined && models.includes(row.model) && row.running !== version).length;
  const mine = disputes.filter(({ used, other }) => [used, other].some((side) => side.name === id && sources.includes(side.source)));
  const overruled = overruling(id, source, disputes);
  return {
    ...{ id, sources, rank: rankOf(source, true), disputes: mine.map(disagreementText) },
    ...(overruled === undefined ? {} : { overruled: disagreementText(overruled) }),
    ...{ title, family, version, models, advisories, revoked, fits, paused: paused.has(id) },
    images: release.images.map(({ sha256, target, sizeBytes }) => {
      const row = tables.releases.image(sha256);
      const moving = progress.get(sha256);
      return {
        ...{ sha256, target, sizeBytes, state: row?.state ?? "known" },
        ...(moving === undefined ? {} : movedOf(moving)),
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
