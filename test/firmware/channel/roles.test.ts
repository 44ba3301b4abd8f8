import { expect, test } from "vitest";
import { termsTrouble, USUAL_TERMS } from "../../../firmware/channel/roles.ts";

test("termsTrouble(): what is usual can be: 2 of 3 root keys", () => {
  expect(termsTrouble(USUAL_TERMS)).toBeUndefined();
  expect(USUAL_TERMS.root).toMatchObject({ keys: 3, threshold: 2 });
});

test.each([
  [{ keys: 3, threshold: 4 }, "needs 4 of 3"],
  [{ keys: 3, threshold: 0 }, "needs 0 of 3"],
  [{ keys: 0, threshold: 1 }, "has 0 keys"],
  [{ keys: 16, threshold: 1 }, "has 16 keys"],
])("termsTrouble(): %j cannot be", (change, words) => {
  expect(termsTrouble({ ...USUAL_TERMS, root: { ...USUAL_TERMS.root, ...change } })).toContain(words);
});
