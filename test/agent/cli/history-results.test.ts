import { expect, test } from "vitest";
import { changesSchema, historySchema } from "../../../agent/cli/history-results.ts";

test("historySchema, changesSchema: fields this version does not know are let through, missing ones are told", () => {
  const history = {
    device: "d",
    name: "n",
    from: "a",
    to: "b",
    resolution: "1h",
    stepSeconds: 1,
    availability: { asked: 1, answered: 1, more: 2 },
    series: [],
    later: true,
  };
  expect(historySchema.safeParse(history).success).toBe(true);
  expect(historySchema.safeParse({ ...history, series: undefined }).error?.issues[0]?.path).toEqual(["series"]);
  expect(changesSchema.safeParse({ device: "d", name: "n", changes: [], aroundSeconds: 1 }).success).toBe(true);
});
