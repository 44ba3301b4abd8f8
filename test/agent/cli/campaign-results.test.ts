import { expect, test } from "vitest";
import { campaignSchema, campaignsSchema, movedSchema } from "../../../agent/cli/campaign-results.ts";
import { campaign } from "./agent.ts";

test("campaignSchema: what a person may miss may be missing, what decides may not", () => {
  const { heldBack: _held, forecast: _forecast, ...least } = campaign() as Record<string, unknown>;
  expect(campaignSchema.safeParse(least).success).toBe(true);
  for (const field of ["planHash", "planned", "state", "tasks"])
    expect(campaignSchema.safeParse({ ...least, [field]: undefined }).success).toBe(false);
});

test("campaignsSchema: fields of a later agent stay for those who read them line by line", () => {
  const row = { campaign: "c-1", state: "running", planned: 1, later: true };
  expect(campaignsSchema.parse({ campaigns: [row] })).toEqual({ campaigns: [row] });
});

test("movedSchema: of one campaign its state, of all their names", () => {
  expect([movedSchema.parse({ state: "halted" }), movedSchema.parse({ campaigns: ["c-1"] }), movedSchema.parse({})]).toEqual([
    { state: "halted" },
    { campaigns: ["c-1"] },
    {},
  ]);
});
