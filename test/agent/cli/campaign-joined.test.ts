import { expect, test } from "vitest";
import { joinedText } from "../../../agent/cli/campaign-joined.ts";

const take = "groundswell campaign plan --parent c-1";

test("joinedText(): names, models where they are known, and the command", () => {
  const devices = [{ name: "Lobby", model: "VVX 450" }, { name: "Lab" }];
  expect(joinedText({ count: 2, devices, take })).toBe(
    `2 devices joined later and would be in it: Lobby (VVX 450), Lab\nThey wait for the next plan: ${take}\n`,
  );
});

test("joinedText(): of many the first ten, and nothing of nobody", () => {
  const devices = Array.from({ length: 12 }, (_, at) => ({ name: `p-${at}` }));
  expect(joinedText({ count: 12, devices, take })).toMatch(/^12 devices .*p-9, …\n/);
  expect(joinedText({ count: 0, devices: [], take })).toBe("");
  expect(joinedText(undefined)).toBe("");
});
