import { expect, test } from "vitest";
import { MINUTE, manualClock } from "../../../protocols/core/time.ts";
import { createRefusals, type Refusal } from "../../../protocols/provisioning/refusals.ts";

function bench() {
  const told: Refusal[] = [];
  const clock = manualClock(1_000);
  return { told, clock, refusals: createRefusals(clock, (refusal) => void told.push(refusal)) };
}
const A = "192.0.2.7";

test("createRefusals(): the first is told at once, the next are summed", () => {
  const { told, refusals } = bench();
  for (let i = 0; i < 5; i++) expect(refusals.note(A, `reason ${i}`)).toBe(false);
  expect(told).toEqual([{ address: A, reason: "reason 0", count: 1 }]);
  refusals.flush();
  expect(told[1]).toEqual({ address: A, reason: "reason 4", count: 4 });
});

test("createRefusals(): after a minute the sum is told, and the count starts anew", async () => {
  const { told, clock, refusals } = bench();
  refusals.note(A, "a");
  refusals.note(A, "b");
  await clock.advance(MINUTE);
  refusals.note(A, "c");
  expect(told.slice(1)).toEqual([
    { address: A, reason: "b", count: 1 },
    { address: A, reason: "c", count: 1 },
  ]);
});

test("createRefusals(): ten boots a minute are a flood, one boot is none", async () => {
  const { clock, refusals } = bench();
  const floods = Array.from({ length: 100 }, () => refusals.note(A, "x"));
  expect([floods.slice(0, 80).includes(true), floods[80], floods[99]]).toEqual([false, true, true]);
  expect(refusals.note("192.0.2.8", "x")).toBe(false);
  await clock.advance(MINUTE);
  expect(refusals.note(A, "x")).toBe(false);
});

test("createRefusals(): a scan from a thousand addresses forgets the oldest, and loses no count", () => {
  const { told, refusals } = bench();
  refusals.note(A, "x");
  refusals.note(A, "x");
  for (let i = 0; i < 1_000; i++) refusals.note(`10.0.${i >> 8}.${i & 255}`, "x");
  expect(told.filter((refusal) => refusal.address === A)).toEqual([
    { address: A, reason: "x", count: 1 },
    { address: A, reason: "x", count: 1 },
  ]);
});

test("createRefusals(): flush() tells nothing twice", () => {
  const { told, refusals } = bench();
  refusals.note(A, "x");
  refusals.note(A, "x");
  refusals.flush();
  refusals.flush();
  expect(told).toHaveLength(2);
});
