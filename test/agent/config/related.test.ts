import { expect, test } from "vitest";
import { error, warning } from "../../../agent/config/related.ts";

test("error(), warning(): the place, what is wrong, and what to write instead where that is known", () => {
  expect(error(["mqtt", "url"], "is wrong", "use another")).toEqual({
    level: "error",
    at: ["mqtt", "url"],
    what: "is wrong",
    suggestion: "use another",
  });
  expect(warning(["a", 0], "is odd")).toEqual({ level: "warning", at: ["a", 0], what: "is odd" });
});
