import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { manualClock } from "../../../protocols/core/time.ts";
import { NOW } from "./agent.ts";
import { folder, run } from "./kit.ts";

const io = { clock: manualClock(NOW) };
const GOOD = "site:\n  id: contoso-zh\n  name: Contoso\n";
const BAD = "site:\n  id: Contoso ZH\n  name: Contoso\nnetwork: 1\n";

function settings(text: string): string {
  const file = join(folder(), "agent.yaml");
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

test("config check: what is wrong is exit 78, all of it in one pass, each with its place", async () => {
  const ran = await run(["config", "check", settings(BAD)], io);
  expect(ran.code).toBe(78);
  for (const part of ["site.id", "network"]) expect(ran.out).toContain(part);
});

test("config check: --json is one document for a script", async () => {
  const ran = await run(["config", "check", settings(BAD), "--json"], io);
  expect(ran.code).toBe(78);
  expect(ran.json()["schema"]).toMatch(/^groundswell\.[a-z-]+\/1$/);
});

test("config check, show: a file that is not there is exit 78", async () => {
  const file = join(folder(), "none.yaml");
  for (const verb of ["check", "show"]) expect((await run(["config", verb, file], io)).code).toBe(78);
});

test("config show: broken settings are exit 78 with every problem on standard error", async () => {
  const ran = await run(["config", "show", settings(BAD)], io);
  expect([ran.code, ran.out]).toEqual([78, ""]);
  for (const part of ["site.id", "network"]) expect(ran.err).toContain(part);
});

test("config check: a warning is said and lived with: exit 0", async () => {
  const ran = await run(["config", "check", settings(GOOD)], io);
  expect(ran.code).toBe(0);
  expect(ran.out).toContain("WARN");
});

test("config show: every value in force, with the line it comes from where that is asked for", async () => {
  const file = settings(GOOD);
  const plain = await run(["config", "show", file, "--plain"], io);
  expect([plain.code, plain.out.split("\n")[0]]).toEqual([0, 'site.id\t"contoso-zh"']);
  const origin = await run(["config", "show", file, "--plain", "--origin"], io);
  expect(origin.out).toContain('site.id\t"contoso-zh"\tline 2\n');
  expect(origin.out).toContain('site.environment\t"production"\tdefault\n');
});
