import { expect, test } from "vitest";
import { usedColumns } from "../../../agent/cli/lists.ts";

test("usedColumns(): a column that is empty or a dash in every row is left out", () => {
  const columns = (["a", "b", "c"] as const).map((title) => ({ title, of: (row: { a: string; b: string; c: string }) => row[title] }));
  const rows = [
    { a: "-", b: "", c: " " },
    { a: "1", b: "-", c: "" },
  ];
  expect(usedColumns(columns, rows).map(({ title }) => title)).toEqual(["a"]);
  expect(usedColumns(columns, [])).toEqual([]);
});
