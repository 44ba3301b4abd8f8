import { expect, test } from "vitest";
import { ADVISORIES, REACH } from "../../../firmware/advisories/known.ts";
import { lineOf } from "../../../firmware/catalogue/hardware.ts";
import { orderOf, parseVersion } from "../../../protocols/core/version.ts";

test("ADVISORIES: every name is used once, in the spelling of the lists", () => {
  const names = ADVISORIES.flatMap(({ id, also }) => [id, ...also]);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^(?:CVE-\d{4}-\d{4,}|SYSS-\d{4}-\d{3}|HPSBPY\d{5})$/);
});

test("ADVISORIES: those of the threat model are all there", () => {
  const names = ADVISORIES.flatMap(({ id, also }) => [id, ...also]);
  const wanted = [
    "CVE-2026-0826",
    "CVE-2024-3281",
    "CVE-2019-12948",
    "CVE-2021-41322",
    ...[2, 3, 4, 5, 6, 7, 8].map((at) => `CVE-2023-446${at}`),
  ];
  expect(wanted.filter((name) => !names.includes(name))).toEqual([]);
});

test("ADVISORIES: each has a source, ranges in order, a fix at the end of its range, and ways that are explained", () => {
  for (const { affects, reach, title } of ADVISORIES) {
    expect(title.length).toBeGreaterThan(10);
    for (const way of reach) expect(REACH[way]).toBeTruthy();
    for (const { versions, fixedIn, source, models } of affects) {
      expect(source).toMatch(/(?:protocols\/[a-z-]+|security)\.md \d/);
      for (const model of models) if (!model.endsWith("*")) expect(lineOf(model)).toBeDefined();
      if (versions === "unknown") continue;
      const { after, min, below } = versions;
      for (const end of [after, min, below]) if (end !== undefined) expect(parseVersion(end)?.comparable).toBe(true);
      const low = after ?? min;
      if (low !== undefined && below !== undefined) expect(orderOf(low, below)).toBe("older");
      if (fixedIn !== undefined) expect(below).toBe(fixedIn);
    }
  }
});
