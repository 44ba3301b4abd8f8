import { expect, test } from "vitest";
import { adviceCommands } from "../../../agent/commands/catalogue-advice.ts";
import { adviceBench } from "./advice-kit.ts";

test("adviceVerbs(): every command of this part of the catalogue has its doing, and there is no other", () => {
  expect(Object.keys(adviceBench([], []).verbs).toSorted()).toEqual(Object.keys(adviceCommands).toSorted());
});
