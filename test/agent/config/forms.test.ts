import { expect, test } from "vitest";
import { name, path, port } from "../../../agent/config/forms.ts";

test("forms: what they take and what not", () => {
  expect([name.parse(" Zug "), path.parse("a"), port.parse(65_535)]).toEqual(["Zug", "a", 65_535]);
  for (const bad of ["", " ", "x".repeat(129)]) expect(name.safeParse(bad).success).toBe(false);
  for (const bad of [0, 65_536, 1.5, "80"]) expect(port.safeParse(bad).success).toBe(false);
  for (const bad of ["", "x".repeat(4_097)]) expect(path.safeParse(bad).success).toBe(false);
});
