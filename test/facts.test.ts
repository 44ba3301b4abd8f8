import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Facts, proofsIn, renderFamilies } from "./support/facts.ts";
import { FAMILIES_PAGE, loadFacts, loadProofs } from "./support/families-page.ts";

const FACTS: Facts = {
  document: "protocols/x.md",
  title: "Things",
  sources: "a book",
  sections: [{ number: "1", title: "One", facts: [{ id: "uc 1.1", sure: true, fact: "a <b> | c `<d>`" }] }],
};

test("proofsIn(): ids are found in names of tests, several in one, and elsewhere not", () => {
  const lines = ['test("read(): works [uc 1.1] [snmp 2a.3]", () => {});', "// see [uc 1.2]", "test.each([[1]])(`x [prov 4.2]`, run);"];
  expect(proofsIn(new Map([["test/x.test.ts", lines.join("\n")]]))).toEqual([
    { id: "uc 1.1", file: "test/x.test.ts", test: "read(): works" },
    { id: "snmp 2a.3", file: "test/x.test.ts", test: "read(): works" },
    { id: "prov 4.2", file: "test/x.test.ts", test: "x" },
  ]);
});

test("renderFamilies(): counts what is shown, and no cell breaks its table", () => {
  const page = renderFamilies([FACTS], [{ id: "uc 1.1", file: "test/x.test.ts", test: "read(): a|b" }]);
  expect(page).toContain("| [Things](#things) | 1 | 1 | 0 |");
  expect(page).toContain("| uc 1.1 | a &lt;b> \\| c `<d>` | `test/x.test.ts`: read(): a\\|b |");
});

test("renderFamilies(): a fact set aside shows its reason, until a test shows the fact", () => {
  const [section] = FACTS.sections;
  const aside = { ...FACTS, sections: [{ ...section!, facts: [{ id: "uc 1.1", sure: true, fact: "f", aside: "nothing to do" }] }] };
  expect(renderFamilies([aside], [])).toContain("| uc 1.1 | f | *nothing to do* |");
  expect(renderFamilies([aside], [])).toContain("| [Things](#things) | 1 | 0 | 1 |");
  expect(renderFamilies([aside], [{ id: "uc 1.1", file: "x", test: "y" }])).toContain("| uc 1.1 | f | `x`: y |");
});

test("facts: ids are unique, and every id a test names is a fact", () => {
  const ids = loadFacts().flatMap(({ sections }) => sections.flatMap(({ facts }) => facts.map(({ id }) => id)));
  expect(new Set(ids).size).toBe(ids.length);
  const known = new Set(ids);
  expect(loadProofs().filter(({ id }) => !known.has(id))).toEqual([]);
});

test("facts: docs/families.md is up to date; `npm run facts` writes it", () => {
  // As one answer: the difference of two pages this long helps nobody.
  expect(readFileSync(FAMILIES_PAGE, "utf8") === renderFamilies(loadFacts(), loadProofs())).toBe(true);
});

test("facts: every sure one is shown by a test, or says why none shows it; none says both", () => {
  const named = new Set(loadProofs().map(({ id }) => id));
  const sure = loadFacts()
    .flatMap(({ sections }) => sections.flatMap(({ facts }) => facts))
    .filter((fact) => fact.sure);
  expect(sure.filter(({ id, aside }) => !named.has(id) && aside === undefined).map(({ id }) => id)).toEqual([]);
  expect(sure.filter(({ id, aside }) => named.has(id) && aside !== undefined).map(({ id }) => id)).toEqual([]);
});
