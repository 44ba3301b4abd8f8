import { expect, test } from "vitest";
import type { TaskEvent, TaskState } from "../../firmware/waves/task-state.ts";
import { Bug } from "../../protocols/core/fault.ts";
import type { Store } from "../../store/store.ts";
import { device, storeWithCampaign, T0, taskOf } from "./temporary.ts";

const FIRST = { task: taskOf(1), number: 1, token: "k1", reservedAtMs: T0 };

test("open(): an attempt begins with nothing sent", () => {
  const { attempts } = storeWithCampaign();
  attempts.open(FIRST);
  expect(attempts.byToken("k1")).toEqual({ ...FIRST, sentBytes: 0 });
  expect(attempts.byToken("k2")).toBeUndefined();
});

test("open(): a token is used once", () => {
  const { attempts } = storeWithCampaign();
  attempts.open(FIRST);
  expect(() => attempts.open({ ...FIRST, number: 2 })).toThrow(Bug);
});

test("open(): the look before the command stays with the attempt", () => {
  const { attempts } = storeWithCampaign();
  const baseline = { atMs: T0, version: "6.4.6.2494", registeredLines: 1 };
  attempts.open({ ...FIRST, baseline });
  expect(attempts.byToken("k1")?.baseline).toEqual(baseline);
});

test("note(): sets what is given and leaves the rest", () => {
  const { attempts } = storeWithCampaign();
  attempts.open(FIRST);
  attempts.note("k1", { commandId: "01", intendedAtMs: T0 + 1 });
  attempts.note("k1", { acceptedAtMs: T0 + 2 });
  expect(attempts.note("k1", { imageStartedAtMs: T0 + 3, imageDeliveredAtMs: T0 + 4 })).toBe(true);
  expect(attempts.byToken("k1")).toEqual({
    ...FIRST,
    commandId: "01",
    intendedAtMs: T0 + 1,
    acceptedAtMs: T0 + 2,
    imageStartedAtMs: T0 + 3,
    imageDeliveredAtMs: T0 + 4,
    sentBytes: 0,
  });
});

test("note(): late news of an ended attempt changes nothing", () => {
  const { attempts } = storeWithCampaign();
  attempts.open(FIRST);
  attempts.note("k1", { endedAtMs: T0 + 5, outcome: "failed" });
  expect(attempts.note("k1", { imageDeliveredAtMs: T0 + 9, outcome: "succeeded", endedAtMs: T0 + 9 })).toBe(false);
  expect(attempts.byToken("k1")).toEqual({ ...FIRST, sentBytes: 0, endedAtMs: T0 + 5, outcome: "failed" });
});

test("note(): an unknown token is nobody's", () => {
  expect(storeWithCampaign().attempts.note("k9", { acceptedAtMs: 1 })).toBe(false);
});

test("ofTask(): the attempts of one task in order", () => {
  const { attempts } = storeWithCampaign();
  attempts.open({ ...FIRST, number: 2, token: "k2" });
  attempts.open(FIRST);
  attempts.open({ ...FIRST, task: taskOf(2), token: "other" });
  expect(attempts.ofTask(taskOf(1)).map(({ token }) => token)).toEqual(["k1", "k2"]);
});

const MINUTE = 60_000;
const attempt = { number: 1, token: "k1", leg: 0 };
const went = (kind: TaskEvent["kind"], more: object = {}): TaskEvent => ({ kind, ...more }) as TaskEvent;

/** One attempt with what happened to its device, minute by minute. */
function flown(store: Store, number: number, events: readonly (readonly [number, TaskEvent])[], outcome = "succeeded"): void {
  const token = `k${number}`;
  const baseline = { atMs: T0, version: "6.4.6.2494" };
  store.attempts.open({ task: taskOf(number), number: 1, token, reservedAtMs: T0, baseline });
  store.attempts.note(token, { intendedAtMs: T0 + MINUTE });
  for (const [minute, event] of events) {
    const row = store.tasks.load(taskOf(number));
    const next: TaskState = { at: "verifying", attempt, deadlineMs: T0 };
    store.tasks.step({ task: taskOf(number), expectedRevision: row?.revision ?? 0, next, event, atMs: T0 + minute * MINUTE });
  }
  store.attempts.note(token, { endedAtMs: T0 + (20 + number) * MINUTE, outcome });
}
const ANSWERED = [5, went("answered", { version: "6.4.8.1190" })] as const;
const WELL = [7, went("checksPassed")] as const;

test("measured(): from the command to the lines back, the newest first, and as many as asked for", () => {
  const store = storeWithCampaign();
  for (const number of [1, 2]) store.devices.save(device(number, { model: "VVX 450" }));
  flown(store, 1, [ANSWERED, WELL]);
  flown(store, 2, [ANSWERED, [9, went("checksPassed")], [12, went("checksPassed")]]);
  const step = { model: "VVX 450", from: "6.4.6.2494", to: "6.4.8.1190" };
  expect(store.attempts.measured(10)).toEqual([
    { ...step, lengthMs: 8 * MINUTE },
    { ...step, lengthMs: 6 * MINUTE },
  ]);
  expect(store.attempts.measured(1)).toHaveLength(1);
});

test("measured(): a leg before the last is a step like any other", () => {
  const store = storeWithCampaign();
  store.devices.save(device(1, { model: "VVX 450" }));
  flown(
    store,
    1,
    [
      [5, went("answered", { version: "6.4.0.1" })],
      [6, went("legDone")],
    ],
    "staged",
  );
  expect(store.attempts.measured(10)).toEqual([{ model: "VVX 450", from: "6.4.6.2494", to: "6.4.0.1", lengthMs: 5 * MINUTE }]);
});

test.each<[string, readonly (readonly [number, TaskEvent])[], string, string | undefined]>([
  ["it was given back", [], "staged", "VVX 450"],
  ["it did not succeed", [ANSWERED, WELL], "failed", "VVX 450"],
  ["it waited for its user", [[3, went("waitsForUser")], ANSWERED, WELL], "succeeded", "VVX 450"],
  ["the agent was away meanwhile", [[3, went("agentRestarted")], ANSWERED, WELL], "succeeded", "VVX 450"],
  ["nobody saw it answer", [WELL], "succeeded", "VVX 450"],
  ["nobody saw it well", [ANSWERED], "succeeded", "VVX 450"],
  ["its model is not known", [ANSWERED, WELL], "succeeded", undefined],
])("measured(): an attempt says nothing of the step where %s", (_, events, outcome, model) => {
  const store = storeWithCampaign();
  store.devices.save(device(1, model === undefined ? {} : { model }));
  flown(store, 1, events, outcome);
  expect(store.attempts.measured(10)).toEqual([]);
});

test("sent(): adds up, of this attempt alone, also after its end", () => {
  const { attempts } = storeWithCampaign();
  attempts.open(FIRST);
  attempts.open({ ...FIRST, number: 2, token: "k2" });
  for (const bytes of [7, 5]) attempts.sent("k1", bytes);
  attempts.sent("k9", 3);
  attempts.note("k1", { endedAtMs: T0 + 5 });
  attempts.sent("k1", 1);
  expect([attempts.byToken("k1")?.sentBytes, attempts.byToken("k2")?.sentBytes]).toEqual([13, 0]);
});
