import { expect, test } from "vitest";
import { manualClock } from "../../../protocols/core/time.ts";
import { createUpstreamState, type UpstreamEvent } from "../../../protocols/provisioning/upstream-state.ts";

function bench() {
  const clock = manualClock(1_000_000);
  const told: UpstreamEvent[] = [];
  return { clock, told, state: createUpstreamState(clock, (event) => void told.push(event)) };
}

test("upstream state: away is told once, back is told with what failed meanwhile, and the same again the next time", async () => {
  const { clock, told, state } = bench();
  state.worked();
  for (let i = 0; i < 3; i++) state.failed("ECONNREFUSED");
  await clock.advance(9_000);
  state.worked();
  state.worked();
  state.failed("silent");
  expect(told).toEqual([
    { kind: "upstreamDown", why: "ECONNREFUSED" },
    { kind: "upstreamBack", failed: 3, forMs: 9_000 },
    { kind: "upstreamDown", why: "silent" },
  ]);
});

test("upstream state: one that is silent is spared for a moment, one that refuses is not", async () => {
  const { clock, state } = bench();
  state.failed("ECONNREFUSED");
  expect(state.isWorthAsking).toBe(true);
  state.failed("silent");
  expect(state.isWorthAsking).toBe(false);
  await clock.advance(1_000);
  expect(state.isWorthAsking).toBe(true);
});
