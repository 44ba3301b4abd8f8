import { expect, test } from "vitest";
import { nextMove } from "../../../firmware/waves/next.ts";
import { stepTask } from "../../../firmware/waves/task.ts";
import { HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { NOW } from "./builders.ts";
import * as kit from "./next-kit.ts";
import {
  applyingAt,
  attempt,
  busy,
  type Case,
  commandedAt,
  NOTHING,
  OLD,
  POLICY,
  rebootingAt,
  seen,
  stepOf,
  unknownWas,
  unsure,
} from "./next-kit.ts";

const DEFERRAL = 4 * HOUR;
const since = (atMs: number) => ({ baseline: { atMs, version: OLD } });
const inCall = seen(OLD, { inUse: busy });
const lasting = seen(OLD, { inUse: busy, uptimeSeconds: 90_000 });
const unclear = seen(OLD, { inUse: unsure });
const refused = stepOf({ kind: "failed", cause: "imageRefused" });
const waits = stepOf({ kind: "waitsForUser" });
const tooLong = stepOf({ kind: "failed", cause: "busyTooLong", seenHealthy: true, retry: true });
const delivered = { imageStartedAtMs: NOW - 5 * HOUR, imageDeliveredAtMs: NOW - 5 * HOUR };

const WAITING: readonly Case[] = [
  ["commanded, in use for less than a deferral", commandedAt(NOW), { look: inCall, ...since(NOW - DEFERRAL + 1) }, waits],
  ["commanded, in use for a whole deferral", commandedAt(NOW), { look: inCall, ...since(NOW - DEFERRAL) }, tooLong],
  [
    "commanded, its use not known for a whole deferral",
    commandedAt(NOW),
    { look: seen(OLD, { inUse: unsure }), ...since(NOW - DEFERRAL) },
    tooLong,
  ],
  ["commanded, a deferral over, its next look not due", commandedAt(NOW + MINUTE), { look: inCall, ...since(NOW - DEFERRAL) }, NOTHING],
  ["fetching, in use for a whole deferral", applyingAt(NOW), { look: inCall, ...since(NOW - DEFERRAL) }, tooLong],
  ["unknown, in use for a whole deferral", unknownWas("commanded", NOW), { look: inCall, ...since(NOW - DEFERRAL) }, tooLong],
  [
    "with the whole image, in use: it keeps its place",
    rebootingAt(NOW),
    { look: lasting, signs: delivered, ...since(NOW - DEFERRAL) },
    waits,
  ],
  ["the same where it tells no uptime", rebootingAt(NOW), { look: inCall, signs: delivered, ...since(NOW - DEFERRAL) }, waits],
  ["the same, its use not known", rebootingAt(NOW), { look: unclear, signs: delivered, ...since(NOW - HOUR) }, waits],
  [
    "the same, its use not known for a whole deferral",
    rebootingAt(NOW),
    { look: unclear, signs: delivered, ...since(NOW - DEFERRAL) },
    refused,
  ],
];

test("nextMove(): after a restart, whoever was only reserved and is silent was told nothing: it is not written down as lost", () => {
  expect(nextMove(unknownWas("reserved"), kit.now({ look: kit.silent }))).toEqual(stepOf({ kind: "neverCommanded" }));
  expect(nextMove(unknownWas("reserved", NOW), kit.now({ look: kit.silent }))).toEqual(stepOf({ kind: "neverCommanded" }));
  expect(nextMove(unknownWas("commanded"), kit.now({ look: kit.silent }))).toEqual(stepOf({ kind: "wentDown" }));
});

test.each(WAITING)("nextMove(): I17: %s", (_what, state, situation, move) => {
  expect(nextMove(state, kit.now(situation))).toEqual(move);
});

test("stepTask(): I17: a device that is in use for ever after its command comes to an end, attempt by attempt", () => {
  const commanded = { at: "commanded", attempt, accepted: true, commandedAtMs: NOW, deadlineMs: NOW } as const;
  const move = nextMove(commanded, kit.now({ look: inCall, ...since(NOW - DEFERRAL) }));
  if (move.do !== "step") throw new Error("no step");
  expect(stepTask(commanded, move.event, POLICY, NOW)).toMatchObject({ next: { at: "failedRetryable" } });
  const last = { ...commanded, attempt: { ...attempt, number: POLICY.attemptsMax } };
  expect(stepTask(last, move.event, POLICY, NOW)).toMatchObject({ next: { at: "failed", cause: "busyTooLong", seenHealthy: true } });
});
