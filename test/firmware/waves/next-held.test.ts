import { expect, test } from "vitest";
import { nextMove } from "../../../firmware/waves/next.ts";
import type { Hold } from "../../../firmware/waves/task-state.ts";
import { budget, type Case, closed, heldBy, NOTHING, now, OLD, reserved, seen, stepOf } from "./next-kit.ts";

const room = { ...budget, code: "domain", why: "room:1 must keep its others up" } as const;
const down = { ...budget, code: "down", why: "0 of 2 in room:1 would be up, and 1 must be: 1 is down by itself" } as const;
const HELD: readonly Case[] = [
  ["it waits for others, whichever of them it is by now", heldBy(budget), { holds: [room] }, NOTHING],
  ["it waits for one of them less", heldBy(budget, room), { holds: [room] }, NOTHING],
  ["it waits for others no more", heldBy(closed, budget), { holds: [closed] }, stepOf({ kind: "holdsFound", reasons: [closed] })],
  [
    "what it waited for is no longer in anybody's hand, it is dead",
    heldBy(room),
    { holds: [down] },
    stepOf({ kind: "holdsFound", reasons: [down] }),
  ],
  ["another one is dead too", heldBy(down), { holds: [{ ...down, why: "0 of 3" }] }, NOTHING],
  [
    "it waits for others too by now",
    heldBy(closed),
    { holds: [closed, budget] },
    stepOf({ kind: "holdsFound", reasons: [closed, budget] }),
  ],
];

test.each(HELD)("nextMove(): held, %s", (_what, state, situation, move) => {
  expect(nextMove(state, now(situation))).toEqual(move);
});

test("nextMove(): I15 a slot is given back where the catalogue runs out before the command", () => {
  const stale: Hold = { code: "catalogue", why: "the catalogue expired", endedBy: "a newer catalogue" };
  expect(nextMove(reserved, now({ look: seen(OLD), holds: [stale] }))).toEqual(stepOf({ kind: "holdsFound", reasons: [stale] }));
});
