import { expect, test } from "vitest";
import { nextMove } from "../../../firmware/waves/next.ts";
import { stepTask } from "../../../firmware/waves/task.ts";
import type { TaskState } from "../../../firmware/waves/task-state.ts";
import { HOUR, MINUTE, SECOND } from "../../../protocols/core/time.ts";
import { NOW } from "./builders.ts";
import * as kit from "./next-kit.ts";
import { attempt, type Case, LATER, NEW, NOTHING } from "./next-kit.ts";

const HOUR_S = 3_600;
/** A soak of an hour, that begins an hour before now or later. */
const policy = { ...kit.POLICY, soak: 60 * MINUTE };
const long = { ...policy, soak: 30 * HOUR };
const soaking = (sinceMs: number, relapses?: number): TaskState => ({
  ...{ at: "soaking", attempt, untilMs: sinceMs + policy.soak },
  ...(relapses === undefined ? {} : { relapses }),
});
const up = (uptimeSeconds: number) => ({ look: kit.seen(NEW, { uptimeSeconds }) });
const noLines = { look: kit.seen(NEW, { lines: { registered: 1, configured: 2 } }) };
const anew = kit.stepOf({ kind: "answered", verifyMs: kit.pace.verifyMs });
const over = kit.stepOf({ kind: "soakPassed" });

test.each<Case>([
  ["a restart in the midst of it", soaking(NOW - 30 * MINUTE), up(60), anew],
  ["up since before it", soaking(NOW - 30 * MINUTE), up(HOUR_S), NOTHING],
  ["up all through it", soaking(NOW - 60 * MINUTE), up(HOUR_S), over],
  ["a restart at its beginning", soaking(NOW - 5 * MINUTE), up(271), anew],
  ["clocks that differ by seconds", soaking(NOW - 5 * MINUTE), up(291), NOTHING],
  ["an answer that was long on its way", soaking(NOW - 5 * MINUTE), { look: { ...up(200).look, askedMs: NOW - 2 * MINUTE } }, NOTHING],
  ["whole minutes are no restart", soaking(NOW - 3 * MINUTE), up(120), NOTHING],
  [
    "whole hours of a day are no restart",
    { at: "soaking", attempt, untilMs: NOW + 5 * HOUR },
    { ...up(24 * HOUR_S), policy: long },
    NOTHING,
  ],
  ["one that hides its uptime", soaking(NOW - 60 * MINUTE), { look: kit.seen(NEW) }, over],
  ["the third restart", soaking(NOW - 30 * MINUTE, 2), up(60), anew],
  [
    "the fourth",
    soaking(NOW - 30 * MINUTE, 3),
    up(60),
    kit.stepOf({ kind: "failed", cause: "unsteady", seenHealthy: false, retry: false }),
  ],
  ["lines lost for the third time", soaking(NOW - 30 * MINUTE, 2), noLines, anew],
  ["for the fourth", soaking(NOW - 30 * MINUTE, 3), noLines, kit.stepOf({ kind: "failed", cause: "registrationLost", seenHealthy: false })],
])("nextMove(): I16 soaking, %s", (_what, state, situation, move) => {
  expect(nextMove(state, kit.now({ policy, ...situation }))).toEqual(move);
});

test("a device that restarts over and over fails with that cause after a few soaks, each begun anew, and one that does so once succeeds", () => {
  const story = (restarts: number) => {
    let state: TaskState = { at: "verifying", attempt, deadlineMs: LATER };
    let [nowMs, bootedMs, left] = [NOW, NOW, restarts];
    const soaks: number[] = [];
    while (state.at === "verifying" || state.at === "soaking") {
      if (state.at === "soaking" && left > 0 && nowMs - bootedMs > 10 * MINUTE) {
        bootedMs = nowMs;
        left--;
      }
      const look = kit.seen(NEW, { atMs: nowMs, uptimeSeconds: Math.floor((nowMs - bootedMs) / SECOND) });
      const move = nextMove(state, kit.now({ policy, look, nowMs }));
      if (move.do === "step") {
        const taken = stepTask(state, move.event, policy, nowMs);
        if (!("next" in taken)) throw new Error(`ignored: ${move.event.kind}`);
        if (taken.next.at === "soaking") soaks.push(taken.next.relapses ?? 0);
        state = taken.next;
      } else nowMs += 15 * SECOND;
    }
    return { state, soaks };
  };
  expect(story(0)).toEqual({ state: { at: "succeeded", how: "updated" }, soaks: [0] });
  expect(story(1)).toEqual({ state: { at: "succeeded", how: "updated" }, soaks: [0, 1] });
  expect(story(Number.POSITIVE_INFINITY)).toMatchObject({ state: { at: "failed", cause: "unsteady" }, soaks: [0, 1, 2, 3] });
});
