import { expect, test } from "vitest";
import { sourceLine } from "../../../agent/cli/source-lines.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
const at = "2026-11-22T11:00:00Z";
const shown = { source: "portal", rank: 3, at, listed: 7, waiting: 0, good: at };

test.each([
  ["well", {}, "portal (rank 3): 7 entries, read 60 min ago"],
  [
    "with files that wait",
    { waiting: 2 },
    "portal (rank 3): 7 entries, read 60 min ago, 2 files in quarantine  →  groundswell firmware quarantine",
  ],
  [
    "failing",
    { fault: "no answer → look", since: at },
    "portal (rank 3): no answer → look (since 60 min ago); last read 60 min ago, 7 entries",
  ],
  ["never read", { fault: "no answer → look", good: undefined, listed: 0 }, "portal (rank 3): no answer → look; never read yet"],
])("sourceLine(): %s", (_name, changes, line) => {
  expect(sourceLine({ ...shown, ...changes }, NOW)).toBe(line);
});

test("sourceLine(): where nobody minds the time, none is told", () => {
  expect(sourceLine(shown, undefined)).toBe("portal (rank 3): 7 entries, read now");
});
