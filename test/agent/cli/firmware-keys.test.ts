/** What the list and its refusals look like; the whole way of an import is in `test/agent/firmware/key-verbs.test.ts`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { agent, done, status } from "./agent.ts";
import { folder } from "./kit.ts";

const keys = (changes: object = {}) => ({
  schema: "groundswell.key-codes/1",
  receiver: "A".repeat(43),
  keys: [
    { serial: "8213AAAABBCCCV", release: "6", state: "present", since: "2026-11-22T11:00:00Z", by: "doe", file: "keys.csv", name: "Board" },
  ],
  missing: [{ name: "Lobby", model: "RealPresence Group 300", running: "5.1.2" }],
  ...changes,
});

test("firmware keys list: a row each, who has none, and never a code", async () => {
  const site = await agent({ "firmware.keys": done(keys()), "agent.status": done(status()) });
  const ran = await site.run(["firmware", "keys", "list"]);
  expect(ran.out).toMatch(/8213AAAABBCCCV +6\.x +present +Board +- +60 min ago +doe +keys\.csv/);
  expect(ran.err).toMatch(/1 device without a key code[\s\S]*Lobby \(RealPresence Group 300, serial not known\) runs 5\.1\.2/);
  expect((await site.run(["firmware", "keys", "list", "--plain"])).out).toContain("2026-11-22T11:00:00Z");
});

test.each<[string, string | Buffer, readonly string[], number, RegExp]>([
  ["a file that is not there", "", [], 2, /Cannot read/],
  ["a file that is no text", Buffer.from([0xc3, 0x28]), [], 2, /neither UTF-8 nor UTF-16/],
  ["a release that is none", "8213AAAABBCCCV,KA2E-1234-5678-0000-0001\n", ["--for", "any"], 2, /such as "6"/],
  ["an agent whose key cannot be sealed to", "8213AAAABBCCCV,KA2E-1234-5678-0000-0001\n", [], 1, /key to seal to cannot be read/],
])("firmware keys import: %s is refused", async (what, content, options, code, words) => {
  const path = join(folder(), "keys.csv");
  if (!what.includes("not there")) writeFileSync(path, content);
  const site = await agent({ "firmware.keys": done(keys({ receiver: "short" })) });
  const ran = await site.run(["firmware", "keys", "import", path, ...options]);
  expect([ran.code, ran.err]).toEqual([code, expect.stringMatching(words)]);
  expect(`${ran.out}${ran.err}`).not.toContain("KA2E");
});
