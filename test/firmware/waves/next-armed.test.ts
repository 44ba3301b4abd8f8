import { expect, test } from "vitest";
import { nextMove } from "../../../firmware/waves/next.ts";
import type { TaskState } from "../../../firmware/waves/task-state.ts";
import { MINUTE, SECOND } from "../../../protocols/core/time.ts";
import { macOf, NOW } from "./builders.ts";
import * as kit from "./next-kit.ts";
import { armed, busy, type Case, closed, LATER, LOOK, NEW, NOTHING, OLD, seen, silent, stepOf } from "./next-kit.ts";

const { deferred, now, POLICY, reserved, staged } = kit;

const ago = (lengthMs: number, inUse?: typeof busy) => ({ atMs: NOW - lengthMs, ...(inUse === undefined ? {} : { inUse }) });
const ARMED: readonly Case[] = [
  [
    "silent, and the policy arms",
    staged,
    { look: silent, policy: { ...POLICY, offline: "arm" } },
    stepOf({ kind: "foundOffline", why: expect.stringContaining("https") }),
  ],
  [
    "deferred and still busy: told when its next chance is",
    deferred,
    { look: seen(OLD, { inUse: busy }), nextOpeningMs: LATER },
    stepOf({ kind: "foundBusy", nextOpeningMs: LATER }),
  ],
  ["reserved, silent, and armed", reserved, { look: silent, policy: { ...POLICY, offline: "arm" } }, stepOf({ kind: "foundOffline" })],
  ["armed, and nobody has looked in this life", armed, {}, LOOK],
  ["armed, and not back at the last look", armed, { look: seen(undefined, ago(14 * MINUTE)) }, NOTHING],
  ["armed, and it is time to look again", armed, { look: seen(undefined, ago(16 * MINUTE)) }, LOOK],
  ["armed, and heard of since the last look", armed, { look: seen(undefined, ago(MINUTE)), seenMs: NOW - SECOND }, LOOK],
  ["armed, and heard of before the last look", armed, { look: seen(undefined, ago(MINUTE)), seenMs: NOW - 2 * MINUTE }, NOTHING],
  ["armed, and held: nobody is looked at", armed, { holds: [closed] }, NOTHING],
  ["armed, back and idle", armed, { look: seen(OLD) }, { do: "reserve" }],
  ["armed, back and idle a minute ago", armed, { look: seen(OLD, ago(MINUTE)) }, LOOK],
  ["armed, back and in use", armed, { look: seen(OLD, { inUse: busy }) }, NOTHING],
  ["armed, back and in use half a minute ago", armed, { look: seen(OLD, ago(30 * SECOND, busy)) }, NOTHING],
  ["armed, back and in use a minute ago", armed, { look: seen(OLD, ago(MINUTE, busy)) }, LOOK],
  ["armed, and back on the new version", armed, { look: seen(NEW) }, stepOf({ kind: "foundCurrent" })],
  ["armed after an attempt, and back on the new version", { ...armed, tries: 1 } as TaskState, { look: seen(NEW) }, { do: "reserve" }],
  ["armed, and another device is there", armed, { look: seen(OLD, { facts: { mac: macOf(9) } }) }, stepOf({ kind: "foundUnfit" })],
  [
    "armed until now",
    { ...armed, deadlineMs: NOW } as TaskState,
    { holds: [closed] },
    stepOf({ kind: "stayedAway", why: "it did not come back until 2026-11-22T12:00:00.000Z: silent" }),
  ],
];

test.each(ARMED)("nextMove(): %s", (_what, state, situation, move) => {
  expect(nextMove(state, now(situation))).toEqual(move);
});
