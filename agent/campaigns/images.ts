/**
 * Brings the images of running campaigns here: each turn asks for what is missing and not asked for yet, through the same staging
 * people ask. All that decides is rows, so a restart goes on where it was.
 */
import type { Release } from "../../firmware/release.ts";
import {
  type ImageFacts,
  type ImageStanding,
  imagesNeededNow,
  imagesOfTasks,
  imagesToAsk,
  type NeededImage,
  standingOf,
} from "../../firmware/waves/images.ts";
import type { Plan } from "../../firmware/waves/shape.ts";
import type { Sha256 } from "../../protocols/core/ids.ts";
import type { Clock } from "../../protocols/core/time.ts";
import type { StoredCampaign } from "../../store/campaigns.ts";
import type { Store } from "../../store/store.ts";
import type { Releases } from "../firmware/releases.ts";
import type { Log } from "../log.ts";
import type { KillSwitch } from "./kill-switch.ts";
import { tryLoad } from "./under-way.ts";

export interface CampaignImagesIo {
  readonly store: Pick<Store, "campaigns" | "tasks" | "releases" | "staging">;
  readonly kills: Pick<KillSwitch, "list">;
  readonly releases: Pick<Releases, "stage" | "progress">;
  readonly clock: Clock;
  readonly log: Log;
  /** An image has come, or has not: devices may go on, and the next may be asked for. */
  onEnded(): void;
}

/** How images stand at one moment; each is read once. */
export type ImagesNow = (image: NeededImage) => ImageStanding;

export interface CampaignImages {
  /** Asks for what is missing. Returns without waiting for it. */
  turn(signal: AbortSignal): void;
  now(): ImagesNow;
  /** Resolves when nothing is on its way any more. */
  idle(): Promise<void>;
}

export function createCampaignImages(io: CampaignImagesIo): CampaignImages {
  const { store, releases, clock } = io;
  const asked = new Map<Sha256, Promise<void>>();
  /** A plan never changes. */
  const ofPlans = new WeakMap<Plan, readonly NeededImage[]>();
  const imagesOf = (plan: Plan): readonly NeededImage[] => {
    const known = ofPlans.get(plan) ?? imagesOfTasks(plan.tasks);
    ofPlans.set(plan, known);
    return known;
  };
  /** Thousands of task rows are read only where an image of the plan is missing at all. */
  const neededBy = ({ id, plan, state }: StoredCampaign, standing: ImagesNow): readonly NeededImage[] =>
    imagesOf(plan).every((image) => standing(image).at === "here")
      ? []
      : imagesNeededNow({ plan, state, tasks: store.tasks.ofCampaign(id), kills: io.kills.list() });

  const now = (): ImagesNow => {
    const nowMs = clock.nowMs();
    const { progress } = releases;
    const paused = store.staging.paused();
    const stated = new Map<string, Release | undefined>();
    const known = new Map<Sha256, ImageStanding>();
    const releaseOf = (id: string): Release | undefined => {
      if (!stated.has(id)) stated.set(id, store.releases.standing(id)?.release);
      return stated.get(id);
    };
    const factsOf = ({ sha256, release }: NeededImage): ImageFacts => {
      const row = store.releases.image(sha256);
      const coming = progress.get(sha256);
      return {
        isStaged: row?.state === "staged",
        listed: listedAs(sha256, releaseOf(release)),
        isPaused: paused.includes(release),
        isAsked: asked.has(sha256),
        ...(coming === undefined ? {} : { progress: coming }),
        ...(row?.fault === undefined ? {} : { failure: { fault: row.fault, atMs: row.atMs, tries: store.staging.failedTries(sha256) } }),
      };
    };
    return (image) => {
      const standing = known.get(image.sha256) ?? standingOf(image, factsOf(image), nowMs);
      known.set(image.sha256, standing);
      return standing;
    };
  };

  const ask = ({ sha256, release: id }: NeededImage, signal: AbortSignal): void => {
    const release = store.releases.standing(id)?.release;
    const image = release?.images.find((one) => one.sha256 === sha256);
    if (release === undefined || image === undefined) return;
    // By itself: another file of the release that does not come keeps this one from nobody. What became of it stands in its row.
    const done = releases
      .stage({ ...release, images: [image] }, signal)
      .catch((error: unknown) => {
        if (!signal.aborted) io.log.error("an image could not be asked for", { release: id, image: sha256, error });
      })
      .then((ended) => {
        asked.delete(sha256);
        // After a bug only the next turn asks again: nothing may spin.
        if (ended !== undefined && !signal.aborted) io.onEnded();
      });
    asked.set(sha256, done);
  };

  return {
    now,
    turn(signal) {
      const standing = now();
      const needed = new Map(runningCampaigns(store).flatMap((stored) => neededBy(stored, standing).map((one) => [one.sha256, one])));
      const { progress } = releases;
      const waiting = [...asked.keys()].filter((sha256) => progress.get(sha256)?.waits !== undefined).length;
      for (const image of imagesToAsk([...needed.values()], standing, { all: asked.size, waiting })) ask(image, signal);
    },
    async idle() {
      await Promise.all(asked.values());
    },
  };
}

/** The longest under way first. */
function runningCampaigns({ campaigns }: Pick<Store, "campaigns">): readonly StoredCampaign[] {
  return campaigns
    .open()
    .filter(({ state }) => state.at === "running")
    .toSorted((a, b) => (a.startedAtMs ?? 0) - (b.startedAtMs ?? 0))
    .flatMap(({ id }) => {
      const stored = tryLoad(id, campaigns);
      return stored === undefined || typeof stored === "string" ? [] : stored;
    });
}

function listedAs(sha256: Sha256, release: Release | undefined): ImageFacts["listed"] {
  if (release?.images.some((image) => image.sha256 === sha256) !== true) return "gone";
  return release.revoked ? "withdrawn" : "yes";
}
