import { expect, test } from "vitest";
import { StoreError } from "../../store/sql.ts";

test("StoreError: says its kind, keeps its cause and does not repeat the cause's text", () => {
  const cause = new Error("SQLITE_FULL");
  const error = new StoreError("full", "disk full", { cause });
  expect([error.name, error.kind, error.message, error.cause]).toEqual(["StoreError", "full", "disk full", cause]);
});
