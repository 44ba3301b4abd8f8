import { expect, test } from "vitest";
import { parseMac } from "../../../protocols/core/ids.ts";
import { createBoards } from "../../../protocols/families/boards.ts";

test("createBoards(): a board is known by its MAC", () => {
  const boards = createBoards();
  const [a, b] = [parseMac("0004f2000001"), parseMac("0004f2000002")];
  if (a === undefined || b === undefined) throw new Error("no MAC");
  boards.note(a, { partNumber: "3111-12500-001" });
  expect([boards.of(a), boards.of(b)]).toEqual([{ partNumber: "3111-12500-001" }, undefined]);
});
