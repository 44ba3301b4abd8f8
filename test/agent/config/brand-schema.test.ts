import { expect, test } from "vitest";
import { brandRelations, brandSchema } from "../../../agent/config/brand-schema.ts";

test("brandSchema: a name is enough; what it looks like then can be read", () => {
  const brand = brandSchema.parse({ name: "Northwind" });
  expect(brand.colours).toEqual({ primary: "#1f2328", onPrimary: "#ffffff" });
  expect(brandRelations({ brand })).toEqual([]);
  expect(brandRelations({})).toEqual([]);
});

test.each([
  [{ name: "" }],
  [{ name: "n", colours: { primary: "blue", onPrimary: "#ffffff" } }],
  [{ name: "n", colours: { primary: "#0B5FFF" } }],
  [{ name: "n", footer: "x".repeat(121) }],
  [{ name: "n", good: "#00ff00" }],
])("brandSchema: %j is refused; colours of states cannot be set", (brand) => {
  expect(brandSchema.safeParse(brand).success).toBe(false);
});

test("brandRelations(): colours that cannot be read on one another are an error, with the contrast they have", () => {
  const brand = brandSchema.parse({ name: "n", colours: { primary: "#FF8A00", onPrimary: "#FFFFFF" } });
  expect(brandRelations({ brand })).toMatchObject([
    { level: "error", at: ["brand", "colours"], what: '"#FFFFFF" on "#FF8A00" has a contrast of 2.3 to 1: at least 4.5 to 1 can be read' },
  ]);
});
