import { expect, test } from "vitest";
import { ok } from "../../../protocols/core/fault.ts";
import { manualClock, SECOND } from "../../../protocols/core/time.ts";
import type { LensQuery } from "../../../protocols/lens/query.ts";
import { createSpending } from "../../../protocols/lens/spending.ts";

const query = (name: string, more: Partial<LensQuery<unknown>> = {}): LensQuery<unknown> => ({
  name,
  select: ["x"],
  needs: [],
  decode: ok,
  ...more,
});
const LIST = query("list");
const CALLS = query("calls", { modest: true });
const OPEN = query("open", { open: true });
const left = (remaining: number, ofThis = 1) => ({ ofThis, used: 100 - remaining, remaining, resetAfterMs: 60 * SECOND });

test("Spending.waitMs(): nothing waits before a cost is known", () => {
  const spending = createSpending(manualClock(0));
  expect([LIST, CALLS, OPEN].map((one) => spending.waitMs(one))).toEqual([0, 0, 0]);
});

test("Spending.waitMs(): each kind of question by its own last cost, the modest by half, the open not at all [lens 3.4]", async () => {
  const clock = manualClock(0);
  const spending = createSpending(clock);
  spending.note(LIST, left(49, 40));
  expect([LIST, CALLS, OPEN].map((one) => spending.waitMs(one))).toEqual([0, 60_000, 0]);
  spending.note(CALLS, left(39));
  expect([LIST, CALLS, query("other")].map((one) => spending.waitMs(one))).toEqual([60_000, 60_000, 0]);
  await clock.advance(60 * SECOND);
  expect([LIST, CALLS].map((one) => spending.waitMs(one))).toEqual([0, 0]);
});

test("Spending.hold(): all wait, the open too", async () => {
  const clock = manualClock(0);
  const spending = createSpending(clock);
  spending.hold(5 * SECOND);
  expect([LIST, OPEN].map((one) => spending.waitMs(one))).toEqual([5_000, 5_000]);
  await clock.advance(5 * SECOND);
  expect(spending.waitMs(LIST)).toBe(0);
});
