import { expect, test } from "vitest";
import { type BringProgress, createTeller } from "../../../firmware/staging/bring-progress.ts";
import { manualClock } from "../../../protocols/core/time.ts";

function bench(totalBytes?: number) {
  const clock = manualClock(0);
  const told: BringProgress[] = [];
  return { clock, told, teller: createTeller((now) => void told.push(now), totalBytes, clock) };
}

test("at(): told at once, then twice a second at most", async () => {
  const { clock, told, teller } = bench(100);
  for (let bytes = 0; bytes < 10; bytes++) {
    teller.at(bytes);
    await clock.advance(100);
  }
  expect(told).toEqual([
    { doneBytes: 0, totalBytes: 100 },
    { doneBytes: 5, totalBytes: 100 },
  ]);
});

test("held(): what waits for the cap most of the time says so; a short wait does not", async () => {
  const { clock, told, teller } = bench();
  teller.at(0);
  await teller.held(() => clock.advance(400));
  await clock.advance(200);
  teller.at(1);
  await teller.held(() => clock.advance(100));
  await clock.advance(500);
  teller.at(2);
  expect(told).toEqual([{ doneBytes: 0 }, { doneBytes: 1, waits: { for: "cap" } }, { doneBytes: 2 }]);
});

test("at(): a clock that was set back tells at once", () => {
  const told: BringProgress[] = [];
  const now = { ms: 1_000 };
  const teller = createTeller((one) => void told.push(one), undefined, { ...manualClock(0), nowMs: () => now.ms });
  teller.at(1);
  now.ms = 0;
  teller.at(2);
  expect(told.map(({ doneBytes }) => doneBytes)).toEqual([1, 2]);
});
