import { expect, test } from "vitest";
import { faultOfAbort } from "../../../protocols/core/abort.ts";
import { type Budget, HTTP_BUDGET } from "../../../protocols/core/budget.ts";

const budget: Budget = { ...HTTP_BUDGET, timeMs: 750 };
const open = new AbortController().signal;
const timedOut = AbortSignal.abort(new DOMException("time", "TimeoutError"));

test.each([
  ["a caller that stops is a cancellation, whatever was heard", AbortSignal.abort(), true, { kind: "cancelled", by: "shutdown" }],
  ["a caller that stops for a reason of its own is a cancellation", AbortSignal.abort("why"), false, { kind: "cancelled", by: "shutdown" }],
  ["silence is unreachable", open, false, { kind: "unreachable", via: "https", detail: "silent until the time limit" }],
  ["a trickle is over its time budget", open, true, { kind: "overBudget", via: "https", budget: "time", limit: 750 }],
  [
    "the caller's own time limit counts as silence",
    timedOut,
    false,
    { kind: "unreachable", via: "https", detail: "silent until the time limit" },
  ],
  [
    "the caller's own time limit over a trickle is over budget",
    timedOut,
    true,
    { kind: "overBudget", via: "https", budget: "time", limit: 750 },
  ],
] as const)("faultOfAbort(): %s", (_name, parent, heard, fault) => {
  expect(faultOfAbort("https", { parent, budget, heard })).toEqual(fault);
});
