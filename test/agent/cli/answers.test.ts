import { expect, test } from "vitest";
import { AnswerError, exitOf } from "../../../agent/cli/answers.ts";
import { EXIT } from "../../../agent/cli/exit-codes.ts";

test.each([
  ["policy", 5],
  ["wrongState", 5],
  ["needsSecondPerson", 6],
  ["notAllowed", 77],
  ["unknownKey", 77],
  ["rosterExpired", 77],
  ["expired", 77],
  ["clockUntrusted", 75],
  ["busy", 75],
  ["storeTrouble", 75],
  ["notFound", 3],
  ["nothingMatched", 3],
  ["badArguments", 2],
  ["faulted", 1],
  ["internal", 1],
])("exitOf(): %s is %i", (code, exit) => {
  expect(exitOf({ status: "failed", code })).toBe(exit);
});

test.each(["inventedLater", "toString", "__proto__"])("exitOf(): the unknown code %s is a failure", (code) => {
  expect(exitOf({ status: "rejected", code })).toBe(EXIT.failed);
});

test("exitOf(): done is done whatever its code", () => {
  expect(exitOf({ status: "done", code: "policy" })).toBe(EXIT.done);
});

test("AnswerError: what, why and what to do; a wait that was asked for comes first", () => {
  const answer = { status: "rejected", code: "noRoster", message: "there is none" } as const;
  expect(new AnswerError("campaign.start", answer)).toMatchObject({
    message: '"campaign.start" was refused (noRoster): there is none',
    exitCode: 77,
    code: "noRoster",
    hint: expect.stringContaining("groundswell roster new"),
  });
  expect(new AnswerError("x", { ...answer, status: "failed", retryAfter: 5 })).toMatchObject({
    message: '"x" was not done (noRoster): there is none',
    hint: "Try again in 5 s.",
  });
});
