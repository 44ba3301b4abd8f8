import { expect, test } from "vitest";
import { nextMove } from "../../../firmware/waves/next.ts";
import { budget, type Case, closed, heldBy, NOTHING, now, stepOf } from "./next-kit.ts";

const room = { ...budget, code: "domain", why: "room:1 must keep its others up" } as const;
const HELD: readonly Case[] = [
  ["it waits for others, whichever of them it is by now", heldBy(budget), { holds: [room] }, NOTHING],
  ["it waits for one of them less", heldBy(budget, room), { holds: [room] }, NOTHING],
  ["it waits for others no more", heldBy(closed, budget), { holds: [closed] }, stepOf({ kind: "holdsFound", reasons: [closed] })],
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
