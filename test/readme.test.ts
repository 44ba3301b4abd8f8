/**
 * What the README tells people to type must work: its settings are settings, its commands and options exist.
 */
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "../agent/config/load.ts";
import { systemClock } from "../protocols/core/time.ts";
import { run } from "./agent/cli/kit.ts";

const readme = await readFile(join(import.meta.dirname, "../README.md"), "utf8");
const channelPage = await readFile(join(import.meta.dirname, "../docs/channel.md"), "utf8");
const blocks = (language: string, page = readme): string[] =>
  [...page.matchAll(/```(\w+)\n([\s\S]*?)```/g)].filter(([, name]) => name === language).map(([, , text]) => text ?? "");

const help = (argv: readonly string[]) => run([...argv, "--help"], { clock: systemClock() });

/** A raw public key as `groundswell key new` prints it. */
const PUBLIC_KEY = "TIjBs8pc639uMK8By790cbYMKpHUrS2mcefOXuBuHTM";

test("README: its settings, all sections together, are settings the agent starts with", async () => {
  const text = blocks("yaml")
    .join("")
    .replaceAll(/PUBLIC-KEY-\d/g, PUBLIC_KEY);
  const loaded = await loadConfig("/etc/groundswell/config.yaml", {
    env: {},
    nowMs: systemClock().nowMs,
    folderTrouble: async () => undefined,
    readText: async (path) =>
      path.endsWith("config.yaml") ? { ok: true, text, mode: 0o644 } : { ok: true, text: "held elsewhere\n", mode: 0o600 },
  });
  expect(loaded).toMatchObject({ ok: true, warnings: [] });
});

test("docs/add-a-family.md: every file and script it names exists", async () => {
  const root = join(import.meta.dirname, "..");
  const page = await readFile(join(root, "docs/add-a-family.md"), "utf8");
  const named = [...page.matchAll(/`((?:protocols|test|fixtures|docs)\/[\w./-]+)`/g)].map(([, path = ""]) => path);
  expect(named.length).toBeGreaterThan(10);
  for (const path of named) await expect(access(join(root, path)), path).resolves.toBeUndefined();
  const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { readonly scripts: Record<string, string> };
  for (const [, script = ""] of page.matchAll(/^npm (?:run )?(\w+)/gm)) expect(scripts).toHaveProperty(script);
});

const commands = [...new Set([...blocks("sh"), ...blocks("sh", channelPage)])]
  .join("")
  .replaceAll("\\\n", " ")
  .split("\n")
  .map((line) => line.replace(/\s+#.*$/, ""))
  .filter((line) => line.startsWith("bin/groundswell "));

test("README: its commands are there to be tested", () => {
  expect(commands.length).toBeGreaterThan(10);
});

test.each(commands)("README, docs/channel.md: `%s` names a command and options that exist", async (line) => {
  const words = line.match(/"[^"]*"|\S+/g)?.slice(1) ?? [];
  const [noun = "", verb = ""] = words;
  const general = await help([]);
  expect(general.out).toMatch(new RegExp(`^  ${noun}\\b`, "m"));
  const ofNoun = await help([noun]);
  const hasVerb = new RegExp(`^  ${verb}\\b`, "m").test(ofNoun.out.split("Commands:")[1] ?? "");
  const own = hasVerb ? await help([noun, verb]) : ofNoun;
  for (const option of words.filter((word) => word.startsWith("--"))) {
    expect(`${own.out}\n${general.out}`).toMatch(new RegExp(`^  ${option}\\b`, "m"));
  }
});

test("docs/coverage.md: its settings are settings", async () => {
  const page = await readFile(join(import.meta.dirname, "../docs/coverage.md"), "utf8");
  const [, text = ""] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  const around = "site: { id: hq-zurich, name: Contoso }\nlens: { clientIdFile: a.secret, clientSecretFile: b.secret }\n";
  const loaded = await loadConfig("/etc/groundswell/config.yaml", {
    env: {},
    nowMs: systemClock().nowMs,
    folderTrouble: async () => undefined,
    readText: async (path) =>
      path.endsWith("config.yaml") ? { ok: true, text: around + text, mode: 0o644 } : { ok: true, text: "held elsewhere\n", mode: 0o600 },
  });
  expect(loaded).toMatchObject({ ok: true, config: { coverage: { lens: true, portal: { every: 21_600_000 } } } });
});
