import { expect, test } from "vitest";
import { id } from "../../../agent/commands/catalogue-id.ts";

const even = id((text) => (Number(text) % 2 === 0 ? Number(text) : undefined), "an even number");

test("id(): what the parser makes of it; anything else is said to be none", () => {
  expect(even.parse("4")).toBe(4);
  const refused = even.safeParse("3");
  expect(refused.success ? "" : refused.error.issues[0]?.message).toBe("is not an even number");
  expect(even.safeParse("2".repeat(121)).success).toBe(false);
});
