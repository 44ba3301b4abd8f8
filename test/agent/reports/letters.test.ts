import { expect, test } from "vitest";
import { plain } from "../../../agent/reports/letters.ts";

test.each([
  ["Zürich, Größe, Ærø", "Zürich, Größe, Ærø"],
  ["Łódź", "Lódz"],
  ["6.4.6 → 6.4.8", "6.4.6 -> 6.4.8"],
  ["two\n lines\tand a tab", "two lines and a tab"],
  ["“quoted” – and … €5", "“quoted” – and … €5"],
  ["会议室 7", "??? 7"],
  ["\u0007bell", "?bell"],
])("plain(): %j is written %j", (given, written) => {
  expect(plain(given)).toBe(written);
});
