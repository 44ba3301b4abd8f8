/**
 * The channel of a story: which catalogues it offers from when on. Somebody replays old ones, and those who publish are late at times, so
 * that what was read runs out. Drawn from the seed by dice of its own.
 */
import type { Catalogue, Release } from "../../../firmware/release.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { DAY, HOUR, MINUTE, type Ms } from "../../../protocols/core/time.ts";

export interface Channel {
  /** The first is there from the beginning. */
  readonly news: readonly { readonly atMs: Ms; readonly catalogue: Catalogue }[];
  /** Mean time between two readings. */
  readonly readEveryMs: Ms;
}

/** Of the catalogue every story begins with. */
export const FIRST_VERSION = 3;
/** A catalogue and a plan outlive any story. */
export const LONG: Ms = 30 * DAY;

interface Told {
  readonly seed: number;
  readonly startMs: Ms;
  readonly endMs: Ms;
  readonly releases: readonly Release[];
}

/** In two stories of five. */
export function drawChannel({ seed, startMs, endMs, releases }: Told): Channel | undefined {
  const random = seededRandom(seed * 8_887 + 7);
  if (random.below(5) >= 2) return undefined;
  const validMs = (): Ms => (random.below(3) === 0 ? LONG : Math.floor((1 + 9 * random.next()) * HOUR));
  const published: Catalogue[] = [{ version: FIRST_VERSION, expiresAtMs: startMs + validMs(), releases }];
  const times = Array.from({ length: 2 + random.below(6) }, () => startMs + Math.floor(random.next() * (endMs - startMs)));
  const news = times
    .toSorted((a, b) => a - b)
    .map((atMs) => {
      const newest = published.at(-1) as Catalogue;
      if (published.length > 1 && random.below(3) === 0)
        return { atMs, catalogue: published[random.below(published.length - 1)] as Catalogue };
      const isRevoked = random.below(5) === 0;
      const stated = releases.map((release, at) => (isRevoked && at === 0 ? { ...release, revoked: true } : release));
      const catalogue = { version: newest.version + 1, expiresAtMs: atMs + validMs(), releases: stated };
      published.push(catalogue);
      return { atMs, catalogue };
    });
  return { news: [{ atMs: startMs, catalogue: published[0] as Catalogue }, ...news], readEveryMs: (20 + random.below(160)) * MINUTE };
}

/** What is offered at that moment; where nothing changes, one catalogue for the whole story. */
export function offeredAt(
  story: { readonly startMs: Ms; readonly releases: readonly Release[]; readonly channel: Channel | undefined },
  atMs: Ms,
): Catalogue {
  const { startMs, releases, channel } = story;
  const now = channel?.news.findLast((one) => one.atMs <= atMs) ?? channel?.news[0];
  return now?.catalogue ?? { version: FIRST_VERSION, expiresAtMs: startMs + LONG, releases };
}
