import { expect, test } from "vitest";
import { ADVISORIES } from "../../firmware/advisories/known.ts";
import { STONES } from "../../firmware/catalogue/stones.ts";
import { HELD_CODES } from "../../firmware/held.ts";
import { readFirmwarePage, renderFirmwarePage, TABLE_NAMES } from "./firmware-page.ts";

test("catalogue: docs/firmware.md is up to date; `npm run catalogue` writes it", () => {
  const page = readFirmwarePage();
  // As one answer: the difference of two pages this long helps nobody.
  expect(page === renderFirmwarePage(page)).toBe(true);
});

test("catalogue: the page tells every stone, advisory and code, and no cell breaks its table", () => {
  const page = readFirmwarePage();
  for (const { why } of STONES) expect(page).toContain(why);
  for (const { id } of ADVISORIES) expect(page).toContain(id);
  for (const code of HELD_CODES) expect(page).toContain(`| \`${code}\` |`);
  for (const name of TABLE_NAMES) {
    const lines = page
      .slice(page.indexOf(`Table ${name}:`), page.indexOf(`End of ${name}.`))
      .split("\n")
      .filter((line) => line.startsWith("|"));
    const columns = new Set(lines.map((line) => line.replaceAll("\\|", "").split("|").length));
    expect([name, columns.size]).toEqual([name, 1]);
  }
});

test("renderFirmwarePage(): what is written by hand stays; a page without its marks is refused", () => {
  const page = readFirmwarePage().replace("# Firmware", "# Our firmware");
  expect(renderFirmwarePage(page).startsWith("# Our firmware")).toBe(true);
  expect(() => renderFirmwarePage("# Firmware\n")).toThrow("has lost the marks");
});
