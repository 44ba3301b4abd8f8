import { expect, test } from "vitest";
import { campaignSchema, deviceSchema, infoSchema, replySchema, stateSchema, ticketStateSchema } from "../../../agent/feed/documents.ts";
import { MESSAGES } from "../../../agent/feed/messages.ts";

const example = (name: string): unknown => {
  const kind = MESSAGES.find((one) => one.name === name);
  return kind?.decode(Buffer.from(kind.example().payload));
};

test.each([
  ["info", infoSchema],
  ["device", deviceSchema],
  ["campaign", campaignSchema],
  ["ticket", ticketStateSchema],
] as const)("%s: an unknown field and a missing schema are refused", (name, schema) => {
  const document = example(name) as Record<string, unknown>;
  expect(schema.safeParse(document).success).toBe(true);
  expect(schema.safeParse({ ...document, surprise: 1 }).success).toBe(false);
  const { schema: _gone, ...rest } = document;
  expect(schema.safeParse(rest).success).toBe(false);
});

test("stateSchema: two words and no other", () => {
  expect(["online", "offline", "Online", ""].map((word) => stateSchema.safeParse(word).success)).toEqual([true, true, false, false]);
});

test("replySchema: an answer says which request it answers", () => {
  const answer = { id: "", status: "rejected", code: "badSignature", message: "no" };
  expect([replySchema.safeParse(answer).success, replySchema.safeParse({ ...answer, request: "x" }).success]).toEqual([false, true]);
});
