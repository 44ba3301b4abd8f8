import { expect, test } from "vitest";
import { liveness, type Pulse, readiness, type ThreadPulse } from "../../../agent/lifecycle/pulse.ts";
import { MINUTE, SECOND } from "../../../protocols/core/time.ts";

const NOW = 10 * 24 * 60 * MINUTE;
const loop = (changes: Partial<Pulse> = {}): Pulse => ({
  ...{ name: "health", at: "resting", sinceMs: NOW, pauseMs: 2 * SECOND, turns: 5, turnMaxMs: 2 * MINUTE },
  ...changes,
});
const thread = (name: string, up = true): ThreadPulse => ({ name, up, restarts: 0, openRequests: 0 });
const live = (loops: readonly Pulse[], threads: readonly ThreadPulse[] = [], answering: readonly string[] = [], factor = 1) =>
  liveness({ nowMs: NOW, toRealMs: (ms) => ms / factor, loops, threads, answering: new Set(answering) });

test("liveness(): loops that turn and rest in time, threads that answer", () => {
  expect(live([loop(), loop({ at: "turning", sinceMs: NOW - MINUTE })], [thread("field")], ["field"])).toEqual({ ok: true, reasons: [] });
});

test("liveness(): a pause that does not end is a reason, one within its length is not", () => {
  expect(live([loop({ sinceMs: NOW - 61 * MINUTE, pauseMs: 60 * MINUTE })]).ok).toBe(true);
  expect(live([loop({ sinceMs: NOW - 5 * MINUTE })]).reasons).toEqual(['loop "health" should have turned 4 min 58 s ago']);
});

test("liveness(): a turn that never ends is a reason, but not of a loop that waits for others", () => {
  const stuck = loop({ at: "turning", sinceMs: NOW - 3 * MINUTE });
  const { turnMaxMs: _, ...patient } = stuck;
  expect(live([stuck]).reasons).toEqual(['loop "health" is in one turn for 3 min: its longest is 2 min']);
  expect(live([patient]).ok).toBe(true);
});

test("liveness(): patience is counted in real time where the agent's clock runs faster", () => {
  expect(live([loop({ at: "turning", sinceMs: NOW - 100 * MINUTE })], [], [], 100).ok).toBe(true);
});

test("liveness(): a thread that is down, and one that runs and does not answer", () => {
  expect(live([], [thread("field", false), thread("depot"), thread("history")], ["history"]).reasons).toEqual([
    'thread "field" is down and is being started again',
    'thread "depot" did not answer within 10 s',
  ]);
});

const ready = (changes: Partial<Parameters<typeof readiness>[0]> = {}) =>
  readiness({
    ...{ storeTrouble: undefined, threads: [thread("field"), thread("depot")], threadsWanted: ["field", "depot"], loops: [loop()] },
    ...changes,
  });

test("readiness(): store, threads and the first turn", () => {
  expect(ready()).toEqual({ ok: true, reasons: [] });
});

test("readiness(): each thing that is missing is named", () => {
  const { ok, reasons } = ready({ storeTrouble: "disk full", threads: [thread("field")], loops: [loop({ turns: 0 })] });
  expect(ok).toBe(false);
  expect(reasons).toEqual([
    "the store cannot be used: disk full",
    'thread "depot" is not up',
    "devices have not been asked yet: the first turn is still to come",
  ]);
});

test("readiness(): before the loops are there nothing has turned", () => {
  expect(ready({ loops: [] }).ok).toBe(false);
});
