import { expect, test } from "vitest";
import { ROWS, recordRow } from "./record-fixtures.ts";

test("recordRow(): the same row gives the same files, byte for byte", async () => {
  const [row] = ROWS;
  if (row === undefined) throw new Error("no rows");
  const [once, again] = [await recordRow(row), await recordRow(row)];
  expect([...once.files]).toEqual([...again.files]);
});
