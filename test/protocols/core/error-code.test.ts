import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { codeOf } from "../../../protocols/core/error-code.ts";

test("codeOf(): of the system's errors their code, of all else nothing", () => {
  try {
    readFileSync("/nowhere/at/all");
  } catch (error) {
    expect(codeOf(error)).toBe("ENOENT");
  }
  for (const other of [new Error("plain"), Object.assign(new Error("number"), { code: 7 }), { code: "ENOENT" }, undefined])
    expect(codeOf(other)).toBe("");
  expect.assertions(5);
});
