import { expect, test } from "vitest";
import { nextMove } from "../../../firmware/waves/next.ts";
import { macOf, NOW } from "./builders.ts";
import * as kit from "./next-kit.ts";
import {
  type Case,
  commandedAt,
  LATER,
  NEW,
  NOTHING,
  OLD,
  POLICY,
  rebootingAt,
  seen,
  soakingTo,
  stepOf,
  unknownWas,
  verifyingAt,
} from "./next-kit.ts";

/** Another device has the address: nothing that it shows is the planned one's. */
const stranger = (version: string) => seen(version, { facts: { mac: macOf(9) } });

const READDRESSED: readonly Case[] = [
  ["rebooting, another device answers on the new version: no success", rebootingAt(LATER), { look: stranger(NEW) }, NOTHING],
  ["rebooting, another device answers on the old version", rebootingAt(LATER), { look: stranger(OLD) }, NOTHING],
  ["rebooting, overdue, another device answers: it is lost", rebootingAt(NOW), { look: stranger(NEW) }, stepOf({ kind: "silent" })],
  ["commanded, overdue, another device answers", commandedAt(NOW), { look: stranger(NEW) }, stepOf({ kind: "wentDown" })],
  ["unknown, another device answers", unknownWas("rebooting"), { look: stranger(NEW) }, stepOf({ kind: "wentDown" })],
  ["verifying, another device answers", verifyingAt(LATER), { look: stranger(NEW) }, NOTHING],
  ["verifying, another device answers to the end", verifyingAt(NOW), { look: stranger(NEW) }, stepOf({ kind: "silent" })],
  ["soaking, another device answers on a third version", soakingTo(LATER), { look: stranger("6.4.7.1") }, NOTHING],
  ["soaking does not end on the word of another device", soakingTo(NOW), { look: stranger(NEW) }, NOTHING],
  [
    "soaking, another device for long after its end",
    soakingTo(NOW - POLICY.lostAfter),
    { look: stranger(NEW) },
    stepOf({ kind: "silent" }),
  ],
];

test.each(READDRESSED)("nextMove(): I23: %s", (_what, state, situation, move) => {
  expect(nextMove(state, kit.now(situation))).toEqual(move);
});
