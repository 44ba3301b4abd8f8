import { expect, test } from "vitest";
import { endedWords, riskEndedBy } from "../../../firmware/waves/ended-words.ts";
import { isAtRisk } from "../../../firmware/waves/task-state.ts";
import { fault, STATES } from "./task-kit.ts";

const lost = { at: "lost", sinceMs: 0, lastSign: "took the whole image, then went silent", leg: 0 } as const;

test("endedWords(): a cause with its fault, a last sign, and that it was seen well since", () => {
  expect(endedWords({ at: "failed", cause: "partsLost", fault, seenHealthy: false, leg: 0 })).toContain("partsLost: ");
  expect(endedWords(lost)).toBe(lost.lastSign);
  expect(endedWords({ ...lost, seenWell: { atMs: 60_000, version: "6.4.6" } })).toBe(
    `${lost.lastSign}; seen well again on 6.4.6 at 1970-01-01T00:01:00.000Z`,
  );
});

test("riskEndedBy(): I7 I30 whoever failed or was lost and is at risk has an end, and nobody else", () => {
  for (const state of STATES) {
    if (state.at === "failed" || state.at === "lost") expect(riskEndedBy(state).endedBy !== undefined).toBe(isAtRisk(state));
  }
});
