import { expect, test } from "vitest";
import { RULES } from "../../agent/health/rules.ts";
import { readRulesPage, renderRulesPage } from "./rules-page.ts";

test("rules: docs/rules.md is up to date; `npm run rules` writes it", () => {
  const page = readRulesPage();
  // As one answer: the difference of two pages this long helps nobody.
  expect(page === renderRulesPage(page)).toBe(true);
});

test("rules: the page tells every rule with its reason", () => {
  const page = readRulesPage();
  for (const { id, reason } of RULES) expect([id, page.includes(`#### ${id}\n`), page.includes(reason)]).toEqual([id, true, true]);
});

test("renderRulesPage(): what is written by hand stays; a page without its marks is refused", () => {
  const page = readRulesPage().replace("# Rules", "# Our rules");
  expect(renderRulesPage(page).startsWith("# Our rules")).toBe(true);
  expect(() => renderRulesPage("# Rules\n")).toThrow("has lost the marks");
});
