import { expect, test } from "vitest";
import { manualClock } from "../../../protocols/core/time.ts";
import { NOW } from "./agent.ts";
import { run } from "./kit.ts";

const io = { clock: manualClock(NOW) };
const ALL = { "--version": "1", "--out": "f", "--site": "contoso-zh", "--person": "p", "--root-key": "k" };

test.each(Object.keys(ALL))("roster new: without %s it is exit 2 and names it", async (missing) => {
  const given = Object.entries(ALL).filter(([name]) => name !== missing);
  const ran = await run(["roster", "new", ...given.flat()], io);
  expect(ran.code).toBe(2);
  expect(ran.err).toContain(missing);
});

test("roster check: without a root it is exit 2", async () => {
  const ran = await run(["roster", "check", "f"], io);
  expect(ran.code).toBe(2);
  expect(ran.err).toContain("--root");
});

test("roster new: --version is the roster's, not the program's", async () => {
  const ran = await run(["roster", "new", "--version", "0", "--out", "f", "--site", "contoso-zh", "--person", "p", "--root-key", "k"], io);
  expect(ran.code).toBe(2);
  expect(ran.err).toContain("whole number from 1");
});
