import { expect, test } from "vitest";
import { manualClock } from "../../../protocols/core/time.ts";
import { createAskers } from "../../../protocols/provisioning/askers.ts";
import { MAC, OTHER_MAC } from "./kit.ts";

function bench() {
  const clock = manualClock(1_000_000);
  return { clock, askers: createAskers(clock) };
}

test("askers: whose own file was not there a moment ago asks for everybody's, again and again", async () => {
  const { clock, askers } = bench();
  askers.missed(MAC, "10.0.0.1", "a");
  for (let i = 0; i < 3; i++) expect(askers.whoAsks("10.0.0.1", "a")).toBe(MAC);
  expect(askers.whoAsks("10.0.0.1", "b")).toBeUndefined();
  expect(askers.whoAsks("10.0.0.2", "a")).toBeUndefined();
  await clock.advance(121_000);
  expect(askers.whoAsks("10.0.0.1", "a")).toBeUndefined();
});

test("askers: of two behind one address it is neither, until one has been quiet", async () => {
  const { clock, askers } = bench();
  askers.missed(MAC, "10.0.0.1", "a");
  await clock.advance(90_000);
  askers.missed(OTHER_MAC, "10.0.0.1", "a");
  expect(askers.whoAsks("10.0.0.1", "a")).toBeUndefined();
  await clock.advance(60_000);
  expect(askers.whoAsks("10.0.0.1", "a")).toBe(OTHER_MAC);
});

test("askers: a third one behind the address makes nobody of two either, and a flood of addresses forgets the oldest", () => {
  const { askers } = bench();
  for (const mac of [MAC, OTHER_MAC, "64167f000009" as typeof MAC]) askers.missed(mac, "10.0.0.1", "a");
  expect(askers.whoAsks("10.0.0.1", "a")).toBeUndefined();
  askers.missed(MAC, "10.0.0.2", "a");
  for (let i = 0; i < 5_000; i++) askers.missed(OTHER_MAC, `x${i}`, "a");
  expect(askers.whoAsks("10.0.0.2", "a")).toBeUndefined();
});
