import fc from "fast-check";
import { expect, test } from "vitest";
import { type TaskStepRow, taskFacts } from "../../../firmware/waves/report-tasks.ts";
import type { TaskAt, TaskEvent } from "../../../firmware/waves/task-state.ts";

const row = (atMs: number, to: TaskAt, event: TaskEvent): TaskStepRow => ({ atMs, to, event });
const commanded = (atMs: number) => row(atMs, "commanded", { kind: "commandIntended", reactMs: 1 });
const checked = (atMs: number) => row(atMs, "soaking", { kind: "checksPassed" });
const stalled = { kind: "stalled", waitedFor: "it" } as const;

test("taskFacts(): from command to lines back, over all steps of a way", () => {
  const history = [
    commanded(100),
    row(150, "staged", { kind: "legDone" }),
    row(160, "reserved", { kind: "reserved", token: "b" }),
    commanded(200),
    checked(280),
    row(400, "succeeded", { kind: "soakPassed" }),
  ];
  const attempts = [
    { number: 1, reservedAtMs: 90, imageDeliveredAtMs: 120, baseline: { version: "6.1" } },
    { number: 2, reservedAtMs: 160, imageDeliveredAtMs: 220, baseline: { version: "6.3" } },
  ];
  expect(taskFacts(history, attempts)).toEqual({
    ...{ firstAtMs: 90, ran: "6.1", lengthMs: 130, imagesOf: [0, 1] },
    away: [
      { fromMs: 100, toMs: 150 },
      { fromMs: 200, toMs: 280 },
    ],
  });
});

test.each([
  ["a call", row(120, "commanded", { kind: "waitsForUser", inUse: { state: "busy", reason: "in a call" }, reactMs: 1 })],
  ["a restart of the agent", row(120, "unknown", { kind: "agentRestarted", resolveMs: 1 })],
])("taskFacts(): %s between command and end leaves the length out", (_, between) => {
  expect(taskFacts([commanded(100), between, checked(300)], []).lengthMs).toBeUndefined();
});

test("taskFacts(): a device that waits for its user is away from its first sign on", () => {
  const waits = row(120, "commanded", { kind: "waitsForUser", inUse: { state: "busy", reason: "in a call" }, reactMs: 1 });
  const asks = row(500, "applying", { kind: "imageRequested", applyMs: 1 });
  expect(taskFacts([commanded(100), waits, asks, checked(600)], []).away).toEqual([{ fromMs: 500, toMs: 600 }]);
});

test("taskFacts(): a lost device stays away until a person answers for it; one that failed and was seen well is back", () => {
  const lost = row(200, "lost", { kind: "silent", lastSign: "dark" });
  expect(taskFacts([commanded(100), lost], []).away).toEqual([{ fromMs: 100 }]);
  const writtenOff = row(900, "skipped", { kind: "skippedByPerson", by: "doe", why: "swapped" });
  expect(taskFacts([commanded(100), lost, writtenOff], []).away).toEqual([{ fromMs: 100, toMs: 900 }]);
  const failed = (seenHealthy: boolean) =>
    row(200, "failed", { kind: "failed", cause: "fellBack", fault: stalled, seenHealthy, retry: false });
  expect(taskFacts([commanded(100), failed(true)], []).away).toEqual([{ fromMs: 100, toMs: 200 }]);
  expect(taskFacts([commanded(100), failed(false)], []).away).toEqual([{ fromMs: 100 }]);
});

test("taskFacts(): what was never touched says nothing", () => {
  expect(taskFacts([row(1, "staged", { kind: "imageStaged" })], [])).toEqual({ away: [], imagesOf: [] });
});

test("taskFacts(): whatever happens in whatever order, stretches away follow one another and only the last is open", () => {
  const events: fc.Arbitrary<readonly [TaskAt, TaskEvent]> = fc.constantFrom(
    ["commanded", { kind: "commandIntended", reactMs: 1 }] as const,
    ["applying", { kind: "imageRequested", applyMs: 1 }] as const,
    ["rebooting", { kind: "wentDown", rebootMs: 1 }] as const,
    ["unknown", { kind: "agentRestarted", resolveMs: 1 }] as const,
    ["staged", { kind: "legDone" }] as const,
    ["soaking", { kind: "checksPassed" }] as const,
    ["lost", { kind: "silent", lastSign: "" }] as const,
    ["failedRetryable", { kind: "failed", cause: "fellBack", fault: stalled, seenHealthy: true, retry: true }] as const,
    ["skipped", { kind: "skippedByPerson", by: "doe", why: "" }] as const,
  );
  fc.assert(
    fc.property(fc.array(events, { maxLength: 20 }), (all) => {
      const { away } = taskFacts(
        all.map(([to, event], i) => row(i * 10, to, event)),
        [],
      );
      for (const [i, { fromMs, toMs }] of away.entries()) {
        if (i < away.length - 1) expect(toMs).toBeLessThanOrEqual(away[i + 1]?.fromMs ?? 0);
        if (toMs !== undefined) expect(toMs).toBeGreaterThan(fromMs);
      }
    }),
  );
});

test("taskFacts(): what was sent over all attempts, and nothing of it where nothing was", () => {
  const attempt = (number: number, sentBytes: number) => ({ number, reservedAtMs: number, sentBytes });
  expect(taskFacts([], [attempt(1, 40), attempt(2, 100)]).sentBytes).toBe(140);
  expect(taskFacts([], [attempt(1, 0)])).not.toHaveProperty("sentBytes");
});
