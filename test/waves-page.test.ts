/** The page that tells technicians of states, and its picture, name every state and gate there is, and none besides. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { GATE_IDS } from "../firmware/waves/gates/ids.ts";

const ROOT = join(import.meta.dirname, "..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** The states a union type lists. */
function statesOf(path: string, type: string): string[] {
  const source = read(path);
  const start = source.indexOf(`export type ${type} =`);
  const body = source.slice(start, source.indexOf("\n\n", start));
  return [...body.matchAll(/^\s*(?:\| (?:\(Deferral & )?\{ ?)?readonly at: "(\w+)"/gm)].map(([, at]) => at as string);
}

const UNIONS = [
  { what: "A campaign", path: "firmware/waves/campaign-state.ts", type: "CampaignState" },
  { what: "A wave", path: "firmware/waves/wave.ts", type: "WaveState" },
  { what: "A device", path: "firmware/waves/task-state.ts", type: "TaskState" },
] as const;

/** First column of the table that follows `**A …**`. */
function statesTold(what: string): string[] {
  const page = read("docs/waves.md");
  const [, table = ""] = page.slice(page.indexOf(`**${what}**`)).split("\n\n");
  return table
    .split("\n")
    .slice(2)
    .flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map(([, state]) => state as string));
}

test.each(UNIONS)("docs/waves.md: $what has a row for each of its states", ({ what, path, type }) => {
  const states = statesOf(path, type);
  expect(states.length).toBeGreaterThan(4);
  expect(statesTold(what).toSorted()).toEqual(states.toSorted());
});

test("docs/waves.svg: shows every state and every gate, and is well-formed", () => {
  const picture = read("docs/waves.svg");
  const names = new Set([...picture.matchAll(/class="name">([^<]+)</g)].map(([, name]) => name as string));
  const states = new Set<string>(UNIONS.flatMap(({ path, type }) => statesOf(path, type)));
  expect([...names].filter((name) => name !== "the seven gates").toSorted()).toEqual([...states].toSorted());
  for (const gate of GATE_IDS) expect(picture).toContain(gate);
  expect(picture.match(/<\w[^>]*(?<!\/)>/g)?.length).toBe(picture.match(/<\/\w+>/g)?.length);
});

test("docs/waves.md: every gate has its row", () => {
  const page = read("docs/waves.md");
  for (const gate of GATE_IDS) expect(page).toContain(`| \`${gate}\` |`);
});
