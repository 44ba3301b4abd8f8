/**
 * Releases and their images as people see them. Pure over the rows.
 */

import { isoOf } from "../../protocols/core/time.ts";

export function listReleases(tables                                     , progress                      )              {
  const catalogue = tables.releases.catalogue();
  return {
    schema: "groundswell.releases/1",
    catalogueVersion: catalogue?.version ?? null,
    expires: catalogue === undefined ? null : isoOf(catalogue.expiresAtMs),
    releases: tables.releases.list().map((release) => viewRelease(release, tables, progress)),
  };
}

function viewRelease(release         , tables                                     , progress                      )              {
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
        ...(done === undefined ? {} : { doneBytes: done.doneBytes }),
        ...(row?.fault === undefined ? {} : { fault: row.fault }),
      };
    }),
  };
}

