/**
 * `groundswell rules list|show|check|try`: what counts as wrong, and what other rules would have said.
 */
import type { Command } from "commander";
import type * as z from "zod";
import { agentNowMs } from "./agent-clock.ts";
import { type Cli, lengthMs, printDocument, type Runner, readsJson, withGlobals } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { printList } from "./lists.ts";
import type { Column } from "./output.ts";
import { readForPeople, readResult } from "./results.ts";
import { type FiringShown, type RuleShown, ruleListSchema, ruleText, triedText, tryPageSchema } from "./rules-view.ts";
import { whenFor } from "./show.ts";

export function addRules(program: Command, run: Runner): void {
  const rules = program.command("rules").description("what counts as wrong with a device, and why");
  withGlobals(rules.command("list").description("all rules in force"))
    .option("--family <family>", "only those for this family: uc-phone, video-os, group, switch …")
    .action(run(listRules));
  withGlobals(
    rules.command("show").argument("<rule>", "its name, such as lossHigh").description("all of one rule, with its reason"),
  ).action(run(showRule));
  withGlobals(
    rules
      .command("check")
      .argument("<file>", "YAML with add: and change:")
      .description("all that is wrong with a file of rules, in one pass; exit 78 where the agent would not take it"),
  )
    .addHelpText("after", "\nNeeds no agent. How a file is written: docs/rules.md.")
    .action(run(check));
  withGlobals(
    rules
      .command("try")
      .argument("<file>", "YAML with add: and change:")
      .description("what these rules would have said of stored history; nothing is changed"),
  )
    .option("--last <length>", "how far back, such as 7d", lengthMs)
    .option("--device <device>", "only this one: id, MAC, name or address")
    .option("--all", "also the rules that the file leaves as they are")
    .addHelpText(
      "after",
      "\nWhat is older than two days is judged by means of five minutes. Rules about refusals and faults cannot be tried: answers are not stored.",
    )
    .action(run(tryRules));
}

async function askRules(cli: Cli): Promise<{ readonly result: unknown; readonly rules: readonly RuleShown[] }> {
  const { result } = await cli.doors.ask("rules.list");
  return { result, rules: readResult(ruleListSchema, result).rules };
}

async function listRules(cli: Cli, { family }: { readonly family?: string }): Promise<number> {
  const { result, rules } = await askRules(cli);
  const mine = family === undefined ? rules : rules.filter(({ families }) => families.includes("all") || families.includes(family));
  const columns: readonly Column<RuleShown>[] = [
    { title: "RULE", of: ({ rule }) => rule },
    { title: "SEVERITY", of: ({ severity }) => severity },
    { title: "CAUSE", of: ({ causeClass }) => causeClass },
    { title: "FROM", of: ({ origin }) => origin },
    { title: "OPEN", of: ({ open }) => String(open), align: "right" },
    { title: "FAMILIES", of: ({ families }) => families.join(" ") },
    { title: "HOLDS WHEN", of: ({ condition }) => condition },
  ];
  const shown = family === undefined ? result : { ...(result as object), rules: mine };
  printList(cli, { result: shown, schema: "groundswell.rules/1", rowSchema: "groundswell.rule/1" }, mine, {
    columns,
    empty: family === undefined ? "All rules are switched off." : `No rule judges the family "${family}".`,
  });
  return mine.length === 0 ? EXIT.nothingMatched : EXIT.done;
}

async function showRule(cli: Cli, _options: object, [name = ""]: readonly string[]): Promise<number> {
  const { result, rules } = await askRules(cli);
  const found = rules.find(({ rule }) => rule.toLowerCase() === name.toLowerCase());
  if (found === undefined) {
    const { suggest } = await import("../config/suggest.ts");
    const near = suggest(
      name,
      rules.map(({ rule }) => rule),
    );
    throw new CliError(
      `No rule "${name}" is in force`,
      EXIT.nothingMatched,
      near === undefined ? "groundswell rules list shows them." : `Did you mean "${near}"?`,
    );
  }
  if (readsJson(cli)) {
    const { rules: all } = result as { readonly rules: readonly { readonly rule: string }[] };
    printDocument(cli, { schema: "groundswell.rule/1", ...all.find(({ rule }) => rule === found.rule) });
  } else cli.out.one("groundswell.rule/1", {}, ruleText(readForPeople(ruleListSchema, { rules: [found] }).rules[0] ?? found));
  return EXIT.done;
}

async function check(cli: Cli, _options: object, [file = ""]: readonly string[]): Promise<number> {
  const { found, rules, origin, off } = await load(cli, file);
  const ok = !found.some(({ level }) => level === "error");
  if (readsJson(cli)) printDocument(cli, { schema: "groundswell.rules-check/1", file, ok, problems: found });
  else {
    const { showProblems } = await import("../config/problem.ts");
    const own = rules.filter(({ id }) => origin.get(id) === "own").length;
    const changed = [...origin.values()].filter((one) => one === "changed").length;
    const says = ok ? `\n${own} added, ${changed} changed, ${off.length} switched off: ${rules.length} rules in force` : "";
    cli.io.out(`${showProblems(file, found)}${says}\n`);
  }
  return ok ? EXIT.done : EXIT.config;
}

async function load(cli: Cli, file: string) {
  const [{ loadRules }, { fileConfigIo }] = await Promise.all([import("../config/load.ts"), import("../config/files.ts")]);
  return loadRules(file, fileConfigIo(cli.io.environment));
}

interface TryOptions {
  readonly last?: number;
  readonly device?: string;
  readonly all?: boolean;
}

type TryPage = z.infer<typeof tryPageSchema>;

async function tryRules(cli: Cli, { last, device, all }: TryOptions, [file = ""]: readonly string[]): Promise<number> {
  const { found, raw } = await load(cli, file);
  if (found.some(({ level }) => level === "error")) {
    const { showProblems } = await import("../config/problem.ts");
    throw new CliError(`The rules in "${file}" are wrong:\n${showProblems(file, found)}`, EXIT.config);
  }
  const given = { rules: raw, last: last === undefined ? undefined : `${last}ms`, only: device, all };
  const args = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const tried = await pages(cli, args);
  if (readsJson(cli)) printDocument(cli, { schema: "groundswell.rules-try/1", ...tried });
  else
    cli.out.one(
      "groundswell.rules-try/1",
      {},
      triedText(readForPeople(tryPageSchema, tried), whenFor(cli.out.mode, await agentNowMs(cli))),
    );
  return EXIT.done;
}

/** All devices, a page at a time. */
async function pages(cli: Cli, args: Readonly<Record<string, unknown>>): Promise<TryPage> {
  let all: TryPage | undefined;
  let more: { readonly after?: string; readonly toMs?: number } = {};
  for (;;) {
    const page = readResult(tryPageSchema, (await cli.doors.ask("rules.try", { ...args, ...more })).result);
    all = all === undefined ? page : joined(all, page);
    if (page.next === undefined || cli.io.stop.aborted) break;
    cli.out.progress({ done: all.devices, of: all.total, what: "devices" });
    more = { after: page.next, toMs: page.toMs };
  }
  cli.out.settle();
  const { next: _next, ...rest } = all;
  return rest;
}

function joined(all: TryPage, page: TryPage): TryPage {
  const rules = all.rules.map((rule) => {
    const more = page.rules.find((one) => one.rule === rule.rule);
    return more === undefined
      ? rule
      : { ...rule, judged: rule.judged + more.judged, fired: rule.fired + more.fired, on: rule.on + more.on };
  });
  const firings: readonly FiringShown[] = [...all.firings, ...page.firings];
  return { ...all, devices: all.devices + page.devices, rules, firings: [...firings], left: all.left + page.left };
}
