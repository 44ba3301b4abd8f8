import { expect, test } from "vitest";
import { showPath, showProblems } from "../../../agent/config/problem.ts";

test("showPath(): as people write it", () => {
  expect(showPath(["credentials", 0, "auth", "keyFile"])).toBe("credentials[0].auth.keyFile");
  expect(showPath([])).toBe("");
});

test("showProblems(): errors first, then by line, with file, place, reason and advice, and a count", () => {
  const text = showProblems("a.yaml", [
    { level: "warning", path: "calendar", what: "is missing", line: 1 },
    { level: "error", path: "b", what: "is wrong", line: 9 },
    { level: "error", path: "a", what: "is wrong", line: 2, suggestion: 'did you mean "c"?' },
    { level: "error", path: "placesFile", what: "is empty", file: "p.csv" },
  ]);
  expect(text.split("\n")).toEqual([
    "FAIL  p.csv  placesFile: is empty",
    'FAIL  a.yaml:2  a: is wrong (did you mean "c"?)',
    "FAIL  a.yaml:9  b: is wrong",
    "WARN  a.yaml:1  calendar: is missing",
    "3 errors, 1 warning",
  ]);
});

test("showProblems(): nothing wrong is said so", () => {
  expect(showProblems("a.yaml", [])).toBe("OK    a.yaml");
});
