import fc from "fast-check";
import { expect, test } from "vitest";
import { type Cell, textOf, usedColumns } from "../../../agent/reports/report-shape.ts";

const cell: fc.Arbitrary<Cell> = fc.oneof(
  fc.constantFrom("", "a"),
  fc.record({ state: fc.constant("good" as const), text: fc.constantFrom("", "b") }),
);

test("usedColumns(): what is left out said nothing, what is left is in its order, and no cell with words is lost", () => {
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 4, maxLength: 4 }), { maxLength: 6 }), (rows) => {
      const columns = ["A", "B", "C", "D"].map((title) => ({ title, share: 1 }));
      const used = usedColumns({ columns, rows });
      const words = (table: readonly (readonly Cell[])[]): string[] =>
        table
          .flat()
          .map(textOf)
          .filter((text) => text !== "");
      expect(words(used.rows)).toEqual(words(rows));
      expect(columns.filter((column) => used.columns.includes(column))).toEqual(used.columns);
      expect(used.columns.length).toBeGreaterThan(0);
      for (const row of used.rows) expect(row).toHaveLength(used.columns.length);
      const silent = used.columns.filter((_, at) => used.rows.every((row) => textOf(row[at]) === ""));
      if (rows.length > 0 && words(rows).length > 0) expect(silent).toEqual([]);
    }),
  );
});
