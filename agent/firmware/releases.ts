/**
 * Keeps the list of releases and the images in step with the channel: reads it on a schedule, stages what is asked for,
 * once, whatever the number of askers.
 */

import { isFinalCampaign } from "../../firmware/waves/campaign.ts";
import {             ok,              showFault } from "../../protocols/core/fault.ts";

export function createReleases(io            )           {
  const progress = new Map                                                             ();
  let lastSync                      ;

  const stageImage = async (image          , release         , signal             )                            => {
    const { releases } = io.store;
    if (releases.image(image.sha256)?.state === "staged") return ok(image);
    releases.saveImage({ sha256: image.sha256, sizeBytes: image.sizeBytes, state: "staging", atMs: io.clock.nowMs() });
    const staged = await io.depot.ask("stage", { image, pinned: pinnedImages(io.store) }, signal);
    progress.delete(image.sha256);
    io.store.transaction(() => {
      const atMs = io.clock.nowMs();
      if (staged.ok) {
        releases.saveImage({ sha256: image.sha256, sizeBytes: image.sizeBytes, state: "staged", atMs });
        io.onStaged(image, release);
      } else {
        const state = staged.fault.kind === "mismatch" ? "refused" : "known";
        releases.saveImage({ sha256: image.sha256, sizeBytes: image.sizeBytes, state, atMs, fault: staged.fault });
        io.onRefused(image, release, staged.fault);
      }
    });
    return staged.ok ? ok(image) : staged;
  };

  return {
    progress,
    get lastSync() {
      return lastSync;
    },
    noteProgress: (sha256, doneBytes, totalBytes) => void progress.set(sha256, { doneBytes, totalBytes, atMs: io.clock.nowMs() }),
    async sync(signal) {
      const { releases } = io.store;
      const newestSeen = releases.newestCatalogueVersion() ?? 0;
      const read = await io.depot.ask("readCatalogue", { newestSeen }, signal);
      lastSync = { atMs: io.clock.nowMs(), ...(read.ok ? {} : { fault: read.fault }) };
      if (!read.ok) {
        io.log.warn("the channel was not taken", { fault: read.fault.kind, name: read.fault.name, why: showFault(read.fault) });
        return read;
      }
      const { version, releases: found, refused } = read.value;
      io.store.transaction(() => {
        const changed = newestSeen !== version;
        releases.saveCatalogue(read.value, io.clock.nowMs());
        for (const release of found) {
          for (const image of release.images) {
            if (releases.image(image.sha256) === undefined)
              releases.saveImage({ sha256: image.sha256, sizeBytes: image.sizeBytes, state: "known", atMs: io.clock.nowMs() });
          }
        }
        if (changed) io.onCatalogue(version, found);
      });
      return ok({ version, releases: found.length, refused });
    },
    async stage(release, signal) {
      for (const image of release.images) {
        const staged = await stageImage(image, release, signal);
        if (!staged.ok) return staged;
      }
      return ok(release.images);
    },
    async reconcile() {
      const { images } = await io.depot.ask("contents", null);
      const held = new Set(images);
      for (const row of io.store.releases.images()) {
        if (row.state === "staged" && !held.has(row.sha256))
          io.store.releases.saveImage({ ...row, state: "known", atMs: io.clock.nowMs() });
        if (row.state !== "staged" && held.has(row.sha256))
          io.store.releases.saveImage({ sha256: row.sha256, sizeBytes: row.sizeBytes, state: "staged", atMs: io.clock.nowMs() });
      }
    },
  };
}

/** Images an unfinished campaign needs: no eviction may touch them. */
function pinnedImages(store                          )           {
  return store.campaigns
    .list()
    .filter(({ state }) => !isFinalCampaign(state))
    .flatMap(({ id }) => store.campaigns.load(id)?.plan.release.images ?? [])
    .map(({ sha256 }) => sha256);
}

