import { expect, test } from "vitest";
import { CliError } from "../../../agent/cli/context.ts";

test("CliError: what, the exit code for scripts, and what to do where there is something", () => {
  expect(new CliError("It is away", 69, "Start it")).toMatchObject({
    name: "CliError",
    message: "It is away",
    exitCode: 69,
    hint: "Start it",
  });
  expect(new CliError("No", 1).hint).toBeUndefined();
});
