import { expect, test } from "vitest";
import { person } from "../../../../firmware/waves/gates/person.ts";
import { policy } from "../builders.ts";
import { gateInput, UPDATED } from "./builders.ts";

const judge = (personAfter: "every" | readonly number[], isLast = false) =>
  person.judge(gateInput([UPDATED], { policy: policy({ personAfter }), isLast }));

test("person: asks at once after a wave the policy names, and after every one", () => {
  for (const after of ["every", [2], [1, 2]] as const) {
    expect(judge(after)).toEqual({
      verdict: "inconclusive",
      why: "the policy asks for a person after wave 2",
      evidence: [],
      failures: 1,
      unclear: { do: "asks" },
    });
  }
});

test("person: asks nobody after other waves, nor after the last", () => {
  expect(judge([]).verdict).toBe("pass");
  expect(judge([1, 3]).verdict).toBe("pass");
  expect(judge("every", true).verdict).toBe("pass");
});
