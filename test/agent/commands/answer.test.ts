import { expect, test } from "vitest";
import { answerSchema, FAIL_CODES, REJECT_CODES, refusal } from "../../../agent/commands/answer.ts";

test("answerSchema: every code that may be given can be read back", () => {
  for (const code of ["accepted", "done", ...REJECT_CODES, ...FAIL_CODES]) {
    const status = code === "accepted" || code === "done" ? code : REJECT_CODES.some((one) => one === code) ? "rejected" : "failed";
    expect(answerSchema.safeParse({ id: "", status, code, message: "" }).success).toBe(true);
  }
  expect(answerSchema.safeParse({ id: "", status: "failed", code: "surprise", message: "" }).success).toBe(false);
});

test("codes: no code means two things", () => {
  const all = [...REJECT_CODES, ...FAIL_CODES];
  expect(new Set(all).size).toBe(all.length);
});

test("refusal(): a code and its words", () => {
  expect(refusal("busy", "later")).toEqual({ code: "busy", message: "later" });
});
