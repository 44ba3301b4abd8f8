import { expect, test } from "vitest";
import { gatesText } from "../../../agent/cli/campaign-gates.ts";

const gate = (changes: object) => ({ gate: "calm", verdict: "pass", why: "nothing is open", ...changes });
const wave = (index: number, ...gates: ReturnType<typeof gate>[]) => ({
  ...{ index, state: "soaking", devices: 1, done: 0 },
  ...(gates.length === 0 ? {} : { judged: { at: "2026-11-22T12:00:00Z", gates } }),
});

test("gatesText(): nothing before gates were asked", () => {
  expect(gatesText([wave(1), wave(2)], (iso) => iso)).toBe("");
});

test("gatesText(): the newest wave they were asked about, with who accepted and who only reports", () => {
  const text = gatesText(
    [
      wave(1, gate({ why: "old" })),
      wave(2, gate({ acceptedBy: "doe", verdict: "fail" }), gate({ gate: "realUse", reportsOnly: true })),
      wave(3),
    ],
    (iso) => iso.slice(11, 16),
  );
  expect(text).toContain("Gates of wave 2, asked 12:00");
  expect(text).toMatch(/calm +fail +nothing is open +accepted by doe/);
  expect(text).toMatch(/realUse +pass +nothing is open +only reports/);
  expect(text).not.toContain("old");
});
