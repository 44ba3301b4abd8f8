/** Makes `docs/rules.md` from the rules themselves and the text around them; with `--write` it writes it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RULES } from "../../agent/health/rules.ts";
import { RULE_FAMILIES, type Rule } from "../../agent/health/rules-schema.ts";
import { isFor } from "../../agent/health/rules-scope.ts";
import { formWords } from "../../agent/health/rules-view.ts";
import { showDuration } from "../../protocols/core/time.ts";

const ROOT = join(import.meta.dirname, "../..");
export const RULES_PAGE = join(ROOT, "docs/rules.md");
const EXAMPLE = "fixtures/configs/rules.yaml";

/** Everything between these two lines is made; the rest is written by hand. */
const BEGIN = "<!-- The rules: made by `npm run rules`. -->";
const END = "<!-- End of the rules. -->";

/** The page as it has to be, from the page as it is. */
export function renderRulesPage(page: string): string {
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (before < 0 || after < before) throw new Error("docs/rules.md has lost the marks of its generated part");
  return `${page.slice(0, before)}${BEGIN}\n\n${generated()}\n\n${page.slice(after)}`;
}

function generated(): string {
  return [
    "### Which family has which",
    "",
    `| Rule | ${RULE_FAMILIES.join(" | ")} |`,
    `|---|${RULE_FAMILIES.map(() => "---").join("|")}|`,
    ...RULES.map((rule) => `| \`${rule.id}\` | ${RULE_FAMILIES.map((family) => (isFor(rule, family) ? "●" : "")).join(" | ")} |`),
    "",
    "### What each says, and why",
    "",
    ...RULES.flatMap(section),
    "### The example",
    "",
    `\`${EXAMPLE}\`:`,
    "",
    "```yaml",
    readFileSync(join(ROOT, EXAMPLE), "utf8").trimEnd(),
    "```",
  ].join("\n");
}

function section(rule: Rule): string[] {
  const { id, severity, causeClass, badFor, goodFor, says, todo, reason, source } = rule;
  const rows: readonly (readonly [string, string])[] = [
    ["Holds when", formWords(rule)],
    ["Opens, ends", `after ${time(badFor)}, after ${time(goodFor)}`],
    ["Severity, cause", `${severity}, ${causeClass}`],
    ["Says", says],
    ["To do", todo],
    ["Why", reason],
    ...(source === undefined ? [] : [["Source", source] as const]),
  ];
  return [`#### ${id}`, "", "| | |", "|---|---|", ...rows.map(([name, text]) => `| ${name} | ${cell(text)} |`), ""];
}

const time = (lengthMs: number): string => (lengthMs === 0 ? "the first look" : showDuration(lengthMs));
const cell = (text: string): string => text.replaceAll("|", "\\|");

export const readRulesPage = (): string => readFileSync(RULES_PAGE, "utf8");

if (process.argv.includes("--write")) writeFileSync(RULES_PAGE, renderRulesPage(readRulesPage()));
