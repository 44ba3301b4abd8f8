import { expect, test } from "vitest";
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
