/** Bugs in the kill switch: in who asks whether it is on, whom it is for, and what it does to images and to those who flash. */
import type { DepotOffers } from "../../../../agent/threads/depot-offers.ts";
import { MINUTE } from "../../../../protocols/core/time.ts";
import type { Store } from "../../../../store/store.ts";
import type { Story } from "../draw.ts";
import type { Plant } from "../life.ts";
import { type PlantedBug, plain } from "./plant.ts";

/** The switch is turned often, and soon. */
const stopped = (story: Story): Story => ({
  ...story,
  stops: { fromMs: story.startMs + 25 * MINUTE, everyMs: 8 * MINUTE, onShare: 0.8 },
});
/** It stays on for long. */
const longStopped = (story: Story): Story => ({
  ...story,
  stops: { fromMs: story.startMs + 25 * MINUTE, everyMs: 60 * MINUTE, onShare: 1 },
});
/** The image server dies before a phone that was cut off has given up. */
const often = ({ startMs }: Story): Story["depotDeaths"] => Array.from({ length: 200 }, (_, at) => startMs + 25 * MINUTE + 2 * at * MINUTE);

/** What is on offer when it is turned ends; what is offered afterwards does not. */
const once = (offers: DepotOffers): DepotOffers => ({
  ...offers,
  bar(scopes) {
    offers.bar(scopes);
    offers.bar([]);
  },
});

const withoutModels = (store: Store): Store => ({
  ...store,
  kills: { ...store.kills, list: () => store.kills.list().filter(({ scope }) => scope.kind !== "model") },
});

/** Nobody is looked at or moved. */
function asleep(): Plant {
  let isOn = (): boolean => false;
  return {
    store(store) {
      isOn = () => store.kills.list().length > 0;
      return store;
    },
    turns: (drive) => ({ ...drive, turn: async (signal) => (isOn() ? undefined : drive.turn(signal)) }),
  };
}

export const stopPlants: readonly PlantedBug[] = [
  {
    what: "the kill switch stops what is under way, and nothing that begins later",
    breaks: ["I9"],
    make: () => ({
      stops: (stops) => ({ ...stops, list: () => [], guard: (_planned, run) => run(new AbortController().signal) }),
      images: once,
    }),
    change: (story) => stopped(plain(story)),
  },
  {
    what: "the image server goes on serving whatever the kill switch says",
    breaks: ["I9"],
    make: () => ({ images: (offers) => ({ ...offers, bar: () => undefined }) }),
    change: (story) => stopped(plain(story)),
  },
  {
    what: "a kill for a model is ignored",
    breaks: ["I9"],
    make: () => ({ store: withoutModels }),
    change: (story) => stopped(plain(story)),
  },
  {
    what: "an image server that is started anew does not hear that the kill switch is on",
    breaks: ["I9"],
    make: () => ({ stops: (stops) => ({ ...stops, tellDepot: async () => undefined }) }),
    change: (story) => ({ ...stopped(plain(story)), depotDeaths: often(story) }),
  },
  {
    what: "while the kill switch is on nobody looks at those who flash",
    breaks: ["I9"],
    make: asleep,
    change: (story) => longStopped(plain(story)),
  },
];
