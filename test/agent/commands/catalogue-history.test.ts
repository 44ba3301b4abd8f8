import { expect, test } from "vitest";
import { historyCommands } from "../../../agent/commands/catalogue-history.ts";
import { DAY } from "../../../protocols/core/time.ts";

const { args } = historyCommands["device.history"];

test("device.history: moments and lengths become milliseconds, points have a default", () => {
  expect(args.parse({ device: "x", from: "2026-11-22", to: "2026-11-23T00:00:00Z" })).toEqual({
    device: "x",
    from: Date.UTC(2026, 10, 22),
    to: Date.UTC(2026, 10, 23),
    points: 300,
  });
  expect(args.parse({ device: "x", last: "7d" })).toMatchObject({ last: 7 * DAY });
});

test.each([
  [{ from: "yesterday" }, "neither a moment"],
  [{ last: "a week" }, "no length of time"],
  [{ last: "0s" }, "no length of time"],
  [{ last: "1d", from: "2026-11-01" }, "either from or last"],
  [{ points: 1 }, "expected number"],
])("device.history: %j is refused", (given, why) => {
  const read = args.safeParse({ device: "x", ...given });
  expect(
    read.error?.issues
      .map(({ message }) => message)
      .join()
      .replace("Too small", "no: Too small"),
  ).toContain(why);
});
