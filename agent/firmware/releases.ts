/**
 * Keeps the list of releases and the images in step with the channel: reads it on a schedule, stages what is asked for,
 * once, whatever the number of askers.
 */
import type { ImageRef, Release } from "../../firmware/release.ts";
import { goesBack } from "../../firmware/sources/catalogue-order.ts";
import type { SourceFault } from "../../firmware/sources/source.ts";
import type { DepotSpace } from "../../firmware/staging/depot.ts";
import { type Estimate, estimateOf, type Flow, noteFlow } from "../../firmware/staging/flow.ts";
import type { Staging } from "../../firmware/staging/stage.ts";
import { isFinalCampaign } from "../../firmware/waves/campaign-state.ts";
import { imagesOf } from "../../firmware/waves/legs.ts";
import { type Fault, fail, ok, type Result, showFault } from "../../protocols/core/fault.ts";
import type { Sha256 } from "../../protocols/core/ids.ts";
import type { Clock, Ms } from "../../protocols/core/time.ts";
import { CHANNEL } from "../../store/releases.ts";
import type { Store } from "../../store/store.ts";
import type { Log } from "../log.ts";
import { type Thread, ThreadGone } from "../threads/channel.ts";
import type { DepotRequests } from "../threads/depot-requests.ts";
import { type Held, heldAt, inChannel, irreplaceable } from "./standing.ts";

export interface ReleasesIo {
  readonly store: Pick<Store, "transaction" | "releases" | "campaigns" | "quarantine" | "offerings" | "staging">;
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
  /** Brings every image of the release into the depot. The first fault ends it: `cancelled` where a person paused it. */
  stage(release: Release, signal: AbortSignal): Promise<Result<readonly ImageRef[]>>;
  /** Stops what is under way of it and keeps what came; nothing begins again until `resume`. @returns whether anything was under way */
  pause(release: Release): boolean;
  resume(release: Release): void;
  /** What takes room in the depot. */
  space(): Promise<Result<DepotSpace>>;
  /** Gives up parts of downloads that no plan, no request and no paused release wants, once they are old or too many; says which and why. */
  dropAgedParts(): Promise<void>;
  /** At start: what the depot really holds becomes what the rows say. */
  reconcile(): Promise<void>;
  /** What is on its way, by image. */
  readonly progress: ReadonlyMap<Sha256, StagingProgress>;
  noteProgress(sha256: Sha256, now: Pick<Staging, "doneBytes" | "totalBytes" | "waits">): void;
  /** How the last reading of the channel went. */
  readonly lastSync: { readonly atMs: Ms; readonly fault?: SourceFault } | undefined;
}

/** How far an image is, how fast, and how long it will take, as far as that is known. */
export interface StagingProgress extends Partial<Estimate> {
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly atMs: Ms;
  /** Why nothing comes now, and when it is tried again. */
  readonly waits?: { readonly fault: Fault; readonly untilMs: Ms };
}

export function createReleases(io: ReleasesIo): Releases {
  const progress = new Map<Sha256, StagingProgress & { readonly flow: Flow }>();
  /** What pauses each staging that is under way. */
  const underWay = new Map<Release["id"], Set<AbortController>>();
  let lastSync: Releases["lastSync"];

  const stageImage = async (image: ImageRef, release: Release, signal: AbortSignal): Promise<Result<ImageRef>> => {
    const { releases } = io.store;
    if (releases.image(image.sha256)?.state === "staged") return ok(image);
    releases.saveImage({ sha256: image.sha256, sizeBytes: image.sizeBytes, state: "staging", atMs: io.clock.nowMs() });
    const staged = await bringIn(image, io, signal).finally(() => progress.delete(image.sha256));
    io.store.transaction(() => {
      const atMs = io.clock.nowMs();
      if (staged.ok) {
        io.store.staging.noteStaged(image.sha256);
        releases.saveImage({ sha256: image.sha256, sizeBytes: image.sizeBytes, state: "staged", atMs });
        io.onStaged(image, release);
      } else {
        io.store.staging.noteFailed(image.sha256);
        const state = staged.fault.kind === "mismatch" ? "refused" : "known";
        releases.saveImage({ sha256: image.sha256, sizeBytes: image.sizeBytes, state, atMs, fault: staged.fault });
        io.onRefused(image, release, staged.fault);
      }
    });
    return staged.ok ? ok(image) : staged;
  };

  const stageAll = async (release: Release, signal: AbortSignal): Promise<Result<readonly ImageRef[]>> => {
    for (const image of release.images) {
      const staged = await stageImage(image, release, signal);
      if (!staged.ok) return staged;
    }
    return ok(release.images);
  };

  const notTaken = (fault: SourceFault): Result<never, SourceFault> => {
    const atMs = io.clock.nowMs();
    lastSync = { atMs, fault };
    io.store.offerings.noteReading(CHANNEL, { fault }, atMs);
    io.log.warn("the channel was not taken", { fault: fault.kind, name: fault.name, why: showFault(fault) });
    return fail(fault);
  };

  return {
    get progress() {
      const nowMs = io.clock.nowMs();
      return new Map([...progress].map(([sha256, { flow, ...now }]) => [sha256, { ...now, ...estimateOf(flow, now.totalBytes, nowMs) }]));
    },
    get lastSync() {
      return lastSync;
    },
    noteProgress(sha256, { doneBytes, totalBytes, waits }) {
      const atMs = io.clock.nowMs();
      const flow = noteFlow(progress.get(sha256)?.flow ?? [], atMs, doneBytes);
      const waiting = waits === undefined ? {} : { waits: { fault: waits.fault, untilMs: atMs + waits.forMs } };
      progress.set(sha256, { doneBytes, totalBytes, atMs, ...waiting, flow });
    },
    pause(release) {
      io.store.staging.pause(release.id);
      const stops = [...(underWay.get(release.id) ?? [])];
      for (const stop of stops) stop.abort(new DOMException("paused", "AbortError"));
      return stops.length > 0;
    },
    resume: (release) => io.store.staging.resume(release.id),
    space: () => io.depot.ask("space", null),
    async sync(signal) {
      const { releases } = io.store;
      const newestSeen = releases.newestCatalogue();
      const read = await io.depot.ask("readCatalogue", { newestSeen: newestSeen ?? null }, signal);
      if (!read.ok) return notTaken(read.fault);
      const { version, releases: found, refused } = read.value;
      const behind = io.store.transaction(() => {
        // Another reading may have brought a newer one while this one was on its way.
        const newest = releases.newestCatalogue();
        const older = goesBack(newest, read.value);
        if (older !== undefined) return older;
        const changed = newest?.version !== version;
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
        return undefined;
      });
      if (behind !== undefined) return notTaken({ kind: "mismatch", ...behind, name: "rollback" });
      lastSync = { atMs: io.clock.nowMs() };
      return ok({ version, releases: found.length, refused });
    },
    async stage(release, signal) {
      if (io.store.staging.paused().includes(release.id)) return fail(PAUSED);
      const stop = new AbortController();
      const stops = underWay.get(release.id) ?? new Set();
      underWay.set(release.id, stops.add(stop));
      try {
        return await stageAll(release, AbortSignal.any([signal, stop.signal]));
      } catch (error) {
        if (!stop.signal.aborted || signal.aborted) throw error;
        return fail(PAUSED);
      } finally {
        stops.delete(stop);
        if (stops.size === 0) underWay.delete(release.id);
      }
    },
    async dropAgedParts() {
      const dropped = await io.depot.ask("dropAgedParts", { wanted: wantedImages(io.store) });
      if (!dropped.ok) io.log.warn("parts of downloads could not be looked through", { why: showFault(dropped.fault) });
      else if (dropped.value.length > 0) io.log.info("parts of downloads that nobody wants were given up", { parts: dropped.value });
    },
    async reconcile() {
      const { images } = await io.depot.ask("contents", null);
      const held = new Set(images);
      for (const row of io.store.releases.images()) {
        // Nobody fetches at the start: what was under way goes on when it is asked for.
        if ((row.state === "staged" || row.state === "staging") && !held.has(row.sha256))
          io.store.releases.saveImage({ ...row, state: "known", atMs: io.clock.nowMs() });
        if (row.state !== "staged" && held.has(row.sha256))
          io.store.releases.saveImage({ sha256: row.sha256, sizeBytes: row.sizeBytes, state: "staged", atMs: io.clock.nowMs() });
      }
    },
  };
}

const PAUSED: Fault = { kind: "cancelled", by: "operator" };

const GONE: Fault = { kind: "unreachable", via: "depot", detail: "the part of the agent that keeps images ended meanwhile" };

async function bringIn(
  image: ImageRef,
  { store, depot }: Pick<ReleasesIo, "store" | "depot">,
  signal: AbortSignal,
): Promise<Result<unknown>> {
  const from = takenFrom(image.sha256, store);
  if (from === "nowhere")
    return fail({ kind: "refused", via: "depot", reason: `"${image.target}" lies nowhere any more: drop or fetch it again` });
  const pinned = pinnedImages(store);
  try {
    return "archive" in from
      ? await depot.ask("stageInside", { archive: from.archive, images: [image], pinned }, signal)
      : await depot.ask("stage", { image, pinned, ...from }, signal);
  } catch (error) {
    if (!(error instanceof ThreadGone) || signal.aborted) throw error;
    return fail(GONE);
  }
}

/** What the channel has comes from there; the rest from the file a person accepted. */
function takenFrom(sha256: Sha256, store: Pick<Store, "releases" | "quarantine">): Held | Record<never, never> | "nowhere" {
  if (inChannel(sha256, store) || store.quarantine.verdict(sha256)?.verdict !== "accepted") return {};
  return heldAt(sha256, store) ?? "nowhere";
}

/** Images an unfinished campaign needs, and those that could not be had again by asking: no eviction may touch them. */
export function pinnedImages(store: Pick<Store, "campaigns" | "releases">): readonly Sha256[] {
  const needed = store.campaigns
    .open()
    .filter(({ state }) => !isFinalCampaign(state))
    .flatMap(({ id }) => {
      const plan = store.campaigns.load(id)?.plan;
      return plan === undefined ? [] : [...imagesOf(plan)];
    });
  return [...new Set([...needed, ...irreplaceable(store)])];
}

/** Images of which a part is kept whatever its age: pinned, being brought in, or of a release that a person paused. */
function wantedImages(store: Pick<Store, "campaigns" | "releases" | "staging">): readonly Sha256[] {
  const paused = store.staging.paused().flatMap((id) => store.releases.find(id)?.release.images ?? []);
  const underWay = store.releases.images().filter(({ state }) => state === "staging");
  return [...new Set([...pinnedImages(store), ...[...paused, ...underWay].map(({ sha256 }) => sha256)])];
}
