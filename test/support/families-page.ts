/** Reads facts and tests from disk and makes `docs/families.md`; with `--write` it writes it. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type Facts, factsSchema, type Proof, proofsIn, renderFamilies } from "./facts.ts";

const ROOT = join(import.meta.dirname, "../..");
export const FAMILIES_PAGE = join(ROOT, "docs/families.md");

export function loadFacts(): readonly Facts[] {
  const folder = join(ROOT, "docs/facts");
  return readdirSync(folder)
    .sort()
    .map((name) => factsSchema.parse(JSON.parse(readFileSync(join(folder, name), "utf8"))));
}

/** Tests of the simulated site show what it does, not what we do. */
export function loadProofs(): readonly Proof[] {
  const folder = join(ROOT, "test");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".test.ts") && name !== "facts.test.ts" && !name.startsWith("fixtures/"),
  );
  return proofsIn(new Map(files.sort().map((name) => [relative(ROOT, join(folder, name)), readFileSync(join(folder, name), "utf8")])));
}

if (process.argv.includes("--write")) writeFileSync(FAMILIES_PAGE, renderFamilies(loadFacts(), loadProofs()));
