/**
 * Stepping stones of a story: no step leads over a version, so that whoever is behind goes two or three of them. Drawn with dice of
 * its own in two stories of five. Pure.
 */
import type { Release } from "../../../firmware/release.ts";
import type { Time } from "../../../fixtures/fleet/time.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import type { Ms } from "../../../protocols/core/time.ts";
import type { Store } from "../../../store/store.ts";
import { BEFORE, RELEASES, STEPPED } from "./fleet.ts";

export interface Stones {
  /** Its files come to the site only then. */
  readonly late: { readonly release: string; readonly atMs: Ms } | undefined;
}

const SHARE = { of: 5, have: 2 } as const;

export function drawStones(seed: number, startMs: Ms, endMs: Ms): Stones | undefined {
  const random = seededRandom(seed * 4_409 + 31);
  if (random.below(SHARE.of) >= SHARE.have) return undefined;
  const { id } = STEPPED[random.below(STEPPED.length)] as Release;
  const atMs = startMs + Math.floor(random.next() * 0.4 * (endMs - startMs));
  return { late: random.below(2) === 0 ? { release: id, atMs } : undefined };
}

/** The first two are planned; then what ways lead over, and what phones ran before, where somebody takes them back. */
export function releasesFor(stones: Stones | undefined, isTakenBack: boolean): readonly Release[] {
  if (stones !== undefined) return [...STEPPED, ...(isTakenBack ? BEFORE.slice(0, 1) : [])];
  // Nobody goes back to what no catalogue states.
  return isTakenBack ? [...RELEASES, ...BEFORE] : RELEASES;
}

interface Around {
  readonly releases: readonly Release[];
  readonly stones: Stones | undefined;
  readonly startMs: Ms;
}

/** Files that are here from the beginning, and those that are only known. */
export function putImages({ releases, stones, startMs }: Around, store: Pick<Store, "releases">): void {
  for (const release of releases) save(release, stones?.late?.release === release.id ? "known" : "staged", startMs, store);
}

/** What comes later comes at its time. */
export function bringLate(
  { releases, stones }: Around,
  { time, store }: { readonly time: Time; readonly store: Pick<Store, "releases"> },
): void {
  const late = stones?.late;
  const release = releases.find(({ id }) => id === late?.release);
  if (late !== undefined && release !== undefined) time.at(late.atMs, () => save(release, "staged", time.agent.nowMs(), store));
}

function save({ images }: Release, state: "known" | "staged", atMs: Ms, { releases }: Pick<Store, "releases">): void {
  for (const { sha256, sizeBytes } of images) releases.saveImage({ sha256, sizeBytes, state, atMs });
}
