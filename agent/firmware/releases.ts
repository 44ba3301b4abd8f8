/**
 * Keeps the list of releases and the images in step with the channel: reads it on a schedule, stages what is asked for,
 * once, whatever the number of askers.
 */
import type { ImageRef, Release } from "../../firmware/release.ts";
import type { SourceFault } from "../../firmware/sources/source.ts";
import { isFinalCampaign } from "../../firmware/waves/campaign.ts";
import { type Fault, fail, ok, type Result, showFault } from "../../protocols/core/fault.ts";
import type { Sha256 } from "../../protocols/core/ids.ts";
import type { Clock, Ms } from "../../protocols/core/time.ts";
import { CHANNEL } from "../../store/releases.ts";
import type { Store } from "../../store/store.ts";
import type { Log } from "../log.ts";
import type { Thread } from "../threads/channel.ts";
import type { DepotRequests, HeldFile } from "../threads/requests.ts";
import { heldAt, inChannel, irreplaceable } from "./standing.ts";

export interface ReleasesIo {
  readonly store: Pick<Store, "transaction" | "releases" | "campaigns" | "quarantine" | "offerings">;
  readonly depot: Thread<DepotRequests>;
  readonly clock: Clock;
  readonly log: Log;
  /** Runs a change of releases and tells of every disagreement between sources that is new with it. */
  noticing<T>(change: () => T): T;
  /** Inside the transaction that takes the catalogue in. */
  onCatalogue(version: number, releases: readonly Release[]): void;
  onStaged(image: ImageRef, release: Release): void;
  onRefused(image: ImageRef, release: Release, fault: Fault): void;
}

export interface SyncAnswer {
  readonly version: number;
  readonly releases: number;
  readonly refused: readonly { readonly document: string; readonly why: string }[];
}

export interface Releases {
  /** Reads the channel now. A fault leaves the list as it was. */
  sync(signal: AbortSignal): Promise<Result<SyncAnswer, SourceFault>>;
  /** Brings every image of the release into the depot. The first fault ends it. */
  stage(release: Release, signal: AbortSignal): Promise<Result<readonly ImageRef[]>>;
  /** At start: what the depot really holds becomes what the rows say. */
  reconcile(): Promise<void>;
  /** What is on its way, by image. */
  readonly progress: ReadonlyMap<Sha256, { readonly doneBytes: number; readonly totalBytes: number; readonly atMs: Ms }>;
  noteProgress(sha256: Sha256, doneBytes: number, totalBytes: number): void;
  /** How the last reading of the channel went. */
  readonly lastSync: { readonly atMs: Ms; readonly fault?: SourceFault } | undefined;
}

export function createReleases(io: ReleasesIo): Releases {
  const progress = new Map<Sha256, { doneBytes: number; totalBytes: number; atMs: Ms }>();
  let lastSync: Releases["lastSync"];

  const stageImage = async (image: ImageRef, release: Release, signal: AbortSignal): Promise<Result<ImageRef>> => {
    const { releases } = io.store;
    if (releases.image(image.sha256)?.state === "staged") return ok(image);
    const from = takenFrom(image.sha256, io.store);
    if (from === "nowhere")
      return fail({ kind: "refused", via: "depot", reason: `"${image.target}" lies nowhere any more: drop or fetch it again` });
    releases.saveImage({ sha256: image.sha256, sizeBytes: image.sizeBytes, state: "staging", atMs: io.clock.nowMs() });
    const staged = await io.depot.ask("stage", { image, pinned: pinnedImages(io.store), ...from }, signal);
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
      const newestSeen = releases.newestCatalogue();
      const read = await io.depot.ask("readCatalogue", { newestSeen: newestSeen ?? null }, signal);
      lastSync = { atMs: io.clock.nowMs(), ...(read.ok ? {} : { fault: read.fault }) };
      if (!read.ok) {
        io.store.offerings.noteReading(CHANNEL, { fault: read.fault }, io.clock.nowMs());
        io.log.warn("the channel was not taken", { fault: read.fault.kind, name: read.fault.name, why: showFault(read.fault) });
        return read;
      }
      const { version, releases: found, refused } = read.value;
      io.store.transaction(() => {
        const changed = newestSeen?.version !== version;
        const save = (): boolean => releases.saveCatalogue(read.value, io.clock.nowMs());
        if (changed) io.noticing(save);
        else save();
        io.store.offerings.noteReading(CHANNEL, { listed: found.length }, io.clock.nowMs());
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

/** What the channel has comes from there; the rest from the file a person accepted. */
function takenFrom(sha256: Sha256, store: Pick<Store, "releases" | "quarantine">): { readonly held?: HeldFile } | "nowhere" {
  if (inChannel(sha256, store) || store.quarantine.verdict(sha256)?.verdict !== "accepted") return {};
  const held = heldAt(sha256, store);
  return held === undefined ? "nowhere" : { held };
}

/** Images an unfinished campaign needs, and those that could not be had again by asking: no eviction may touch them. */
export function pinnedImages(store: Pick<Store, "campaigns" | "releases">): readonly Sha256[] {
  const needed = store.campaigns
    .list()
    .filter(({ state }) => !isFinalCampaign(state))
    .flatMap(({ id }) => store.campaigns.load(id)?.plan.release.images ?? [])
    .map(({ sha256 }) => sha256);
  return [...new Set([...needed, ...irreplaceable(store)])];
}
