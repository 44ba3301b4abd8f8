import { expect, test } from "vitest";
import type { Sha256 } from "../../protocols/core/ids.ts";
import { storeIn, temporaryFolder } from "./temporary.ts";

test("staging: what is paused stays so over a restart, each once, until it is let go", () => {
  const folder = temporaryFolder();
  const before = storeIn(folder);
  expect(before.staging.paused()).toEqual([]);
  for (const release of ["b-2", "a-1", "b-2"]) before.staging.pause(release);
  before.close();
  const after = storeIn(folder);
  expect(after.staging.paused()).toEqual(["a-1", "b-2"]);
  after.staging.resume("b-2");
  after.staging.resume("never-was");
  expect(after.staging.paused()).toEqual(["a-1"]);
  after.close();
});

test("staging: failed tries in a row are counted over a restart, by image, until it is here", () => {
  const [one, other] = ["a".repeat(64), "b".repeat(64)] as [Sha256, Sha256];
  const folder = temporaryFolder();
  const before = storeIn(folder);
  expect(before.staging.failedTries(one)).toBe(0);
  for (const sha256 of [one, other, one]) before.staging.noteFailed(sha256);
  before.staging.pause("a-1");
  before.close();
  const after = storeIn(folder);
  expect([after.staging.failedTries(one), after.staging.failedTries(other)]).toEqual([2, 1]);
  after.staging.noteStaged(one);
  after.staging.noteStaged(one);
  expect([after.staging.failedTries(one), after.staging.failedTries(other)]).toEqual([0, 1]);
  expect(after.staging.paused()).toEqual(["a-1"]);
  after.close();
});
