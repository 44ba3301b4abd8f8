import { expect, test } from "vitest";
import { groupSchema } from "../../../agent/config/group-schema.ts";
import { given } from "./kit.ts";

test("groups: a name and its members are enough; it is then a group that keeps half", async () => {
  const { groups } = await given(["groups: [{ name: Trading desk, members: [Desk 1, Desk 2] }]"]).config();
  expect(groups).toEqual([{ name: "Trading desk", kind: "group", members: ["Desk 1", "Desk 2"] }]);
  expect((await given([]).config()).groups).toEqual([]);
});

test.each([
  ["one member is no group", { name: "A", members: ["x"] }],
  ["nothing is kept up", { name: "A", members: ["x", "y"], minUp: 0 }],
  ["another kind", { name: "A", kind: "floor", members: ["x", "y"] }],
  ["a word too many", { name: "A", members: ["x", "y"], keeps: 1 }],
])("groupSchema: %s is refused", (_, group) => {
  expect(groupSchema.safeParse(group).success).toBe(false);
});
