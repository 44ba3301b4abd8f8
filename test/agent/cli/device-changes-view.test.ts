import { expect, test } from "vitest";
import { changesText } from "../../../agent/cli/device-changes-view.ts";

const change = {
  kind: "address",
  at: "2026-11-22T09:00:00Z",
  detail: "10.0.0.1 → 10.0.0.2",
  before: { asked: 1, answered: 0 },
  after: { asked: 0, answered: 0 },
  readings: [],
};

test("changesText(): asks without an answer are told where there are no readings", () => {
  const text = changesText({ device: "d", name: "n", changes: [change] }, "text", Date.UTC(2026, 10, 22, 10));
  expect(text).toContain("address  60 min ago: 10.0.0.1 → 10.0.0.2\n  before: answered 0 of 1 ask (0 %); after: it was not asked\n");
  expect(changesText({ device: "d", name: "n", changes: [change] }, "plain", 0)).toBe("");
});
