/** I33 over many campaigns: how often a finish that was shown holds. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StoreShelf } from "../../../agent/rehearsal/shelf.ts";
import type { Plan } from "../../../firmware/waves/shape.ts";
import { type Foretold, keptOf, P90_HOLDS } from "./foretold.ts";
import { storeShelf } from "./memory.ts";
import { runStory } from "./run.ts";
import { undisturbed } from "./undisturbed.ts";

let shelf: StoreShelf;
beforeAll(() => {
  shelf = storeShelf();
});
afterAll(() => shelf.close());

const STORIES = 100;
const GROUP = 5;
/** Processor time, not patience. */
const LONG_MS = 600_000;

const told: Foretold[] = [];
const firsts = Array.from({ length: STORIES / GROUP }, (_, at) => at * GROUP + 1);
test.each(firsts)(
  "I33: campaigns that nobody disturbs, seeds from %i on: every promise holds, and no finish that is shown is in the past",
  async (first) => {
    for (let seed = first; seed < first + GROUP; seed++) {
      const { broken, foretold, hint } = await runStory(seed, { shelf, change: undisturbed });
      const replay = `npm run simulate -- --seeds 1 --seed ${seed} --undisturbed tells it again; it had ${hint}`;
      expect(broken === undefined ? undefined : `${broken.id}: ${broken.what}`, replay).toBeUndefined();
      told.push(...foretold);
    }
  },
  LONG_MS,
);

test("I33: the p90 holds in 85 of a hundred campaigns, as it is shown at their start and while they run", () => {
  const kept = (when: Foretold["when"]) => keptOf(told.filter((one) => one.when === when));
  expect(kept("atStart").counted).toBeGreaterThan(STORIES / 2);
  expect(kept("underWay").counted).toBeGreaterThan(STORIES);
  expect(kept("atStart").share).toBeGreaterThanOrEqual(P90_HOLDS);
  expect(kept("underWay").share).toBeGreaterThanOrEqual(P90_HOLDS);
});

test(
  "I33: planted: a forecast that knows of no soak and of no limit does not hold",
  async () => {
    const mistake = (plan: Plan): Plan => ({
      ...plan,
      policy: { ...plan.policy, soak: 0, atRiskMax: 100 },
      waves: plan.waves.map((wave) => ({ ...wave, soakMs: 0 })),
      domains: [],
    });
    const mistaken: Foretold[] = [];
    for (const seed of [8, 16, 24, 32])
      mistaken.push(...(await runStory(seed, { shelf, change: undisturbed, mistake, only: ["I33"] })).foretold);
    expect(keptOf(mistaken).counted).toBeGreaterThan(8);
    expect(keptOf(mistaken).share).toBeLessThan(P90_HOLDS);
  },
  LONG_MS,
);
