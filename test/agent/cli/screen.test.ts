import { expect, test } from "vitest";
import { createScreen } from "../../../agent/cli/screen.ts";

test("createScreen(): the first stands where the cursor is, each later one in place of the last", () => {
  let out = "";
  const screen = createScreen((text) => {
    out += text;
  });
  screen.draw(["a", "b", "c"]);
  screen.draw(["d"]);
  screen.draw([]);
  screen.draw(["e"]);
  expect(out).toBe("a\nb\nc\n\r\u001b[3A\u001b[Jd\n\r\u001b[1A\u001b[Je\n");
});
