/** Bugs in which catalogue counts, and for how long. */
import { HOUR, MINUTE, type Ms } from "../../../../protocols/core/time.ts";
import type { Store } from "../../../../store/store.ts";
import { FIRST_VERSION, LONG } from "../channel.ts";
import type { Story } from "../draw.ts";
import { type PlantedBug, plain } from "./plant.ts";

interface Published {
  readonly afterMs: Ms;
  readonly version: number;
  readonly validMs: Ms;
  readonly isRevoked?: boolean;
}

const offering =
  (published: readonly Published[]) =>
  (story: Story): Story => {
    const base = plain(story);
    const { startMs } = base;
    const news = published.map(({ afterMs, version, validMs, isRevoked = false }) => ({
      atMs: startMs + afterMs,
      catalogue: {
        version,
        expiresAtMs: startMs + afterMs + validMs,
        releases: base.releases.map((release) => ({ ...release, revoked: isRevoked })),
      },
    }));
    return { ...base, channel: { news, readEveryMs: 15 * MINUTE } };
  };

const first: Published = { afterMs: 0, version: FIRST_VERSION, validMs: LONG };
/** The first runs out while phones are under way. */
const expiring = offering([{ ...first, validMs: 45 * MINUTE }]);
const replayed = offering([first, { afterMs: 30 * MINUTE, version: FIRST_VERSION + 1, validMs: 2 * HOUR }, { ...first, afterMs: HOUR }]);
const revoking = offering([first, { afterMs: 35 * MINUTE, version: FIRST_VERSION + 1, validMs: LONG, isRevoked: true }]);

/** Whatever is read is the newest. */
const forgetful = (store: Store): Store => ({
  ...store,
  releases: {
    ...store.releases,
    newestCatalogue: () => undefined,
    saveCatalogue: (catalogue, atMs, source) =>
      store.releases.saveCatalogue(
        { ...catalogue, version: Math.max(catalogue.version, store.releases.newestCatalogue(source)?.version ?? 0) },
        atMs,
        source,
      ),
  },
});

const standing = (
  releases: Store["releases"],
  change: Partial<NonNullable<ReturnType<Store["releases"]["standing"]>>>,
): Store["releases"] => ({
  ...releases,
  standing(id) {
    const found = releases.standing(id);
    return found === undefined ? undefined : { ...found, ...change };
  },
});

export const cataloguePlants: readonly PlantedBug[] = [
  { what: "an older catalogue is taken for the newest", breaks: ["I15"], make: () => ({ store: forgetful }), change: replayed },
  {
    what: "a catalogue that was good when the plan was made is good for ever",
    breaks: ["I15"],
    make: () => ({ tables: (tables) => ({ ...tables, releases: standing(tables.releases, { expiresAtMs: Number.MAX_SAFE_INTEGER }) }) }),
    change: expiring,
  },
  {
    what: "plans are made from a catalogue that has expired",
    breaks: ["I15"],
    make: () => ({
      store: (store) => ({
        ...store,
        releases: {
          ...store.releases,
          catalogue(source) {
            const known = store.releases.catalogue(source);
            return known === undefined ? undefined : { ...known, expiresAtMs: Number.MAX_SAFE_INTEGER };
          },
        },
      }),
    }),
    change: offering([{ ...first, validMs: MINUTE }]),
  },
  {
    what: "what is revoked while a campaign runs is installed all the same",
    breaks: ["I15"],
    make: () => ({
      tables: (tables) => ({
        ...tables,
        releases: {
          ...tables.releases,
          standing(id) {
            const found = tables.releases.standing(id);
            return found === undefined ? undefined : { ...found, release: { ...found.release, revoked: false } };
          },
        },
      }),
    }),
    change: revoking,
  },
];
