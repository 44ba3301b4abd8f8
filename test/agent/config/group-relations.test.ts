import { expect, test } from "vitest";
import { given } from "./kit.ts";

async function told(level: "error" | "warning", ...lines: readonly string[]): Promise<string[]> {
  const loaded = await given(lines).load();
  const problems = loaded.ok ? loaded.warnings : loaded.problems;
  return problems.filter((one) => one.level === level && one.path !== "calendar").map(({ path }) => path);
}
const groups = (...all: readonly string[]): string => `groups: [${all.join(", ")}]`;

test("groups: two of one kind and name are refused, of two kinds not", async () => {
  const one = (kind: string): string => `{ kind: ${kind}, name: Sales, members: [a, b] }`;
  expect(await told("error", groups(one("group"), one("group")))).toEqual(["groups[1].name"]);
  expect(await told("error", groups(one("group"), one("huntGroup")))).toEqual([]);
});

test("groups: a group that keeps all of its members up could never be updated", async () => {
  expect(await told("error", groups("{ name: A, members: [a, b], minUp: 2 }"))).toEqual(["groups[0].minUp"]);
  expect(await told("error", groups("{ name: A, members: [a, b], minUp: 1 }"))).toEqual([]);
});

test("groups: nobody is in a group twice", async () => {
  expect(await told("error", groups("{ name: A, members: [a, b, a] }"))).toEqual(["groups[0].members"]);
});

test("policy.zones: a zone no place is in is a warning, where the settings have places", async () => {
  const zones = "policy: { zones: [{ name: north, keeps: 2 }] }";
  const place = (zone: string): string => `places: [{ mac: 64167f000001, name: Hall, zone: ${zone} }]`;
  expect(await told("warning", zones, place("south"))).toEqual(["policy.zones[0].name"]);
  expect(await told("warning", zones, place("north"))).toEqual([]);
  expect(await told("warning", zones)).toEqual([]);
});
