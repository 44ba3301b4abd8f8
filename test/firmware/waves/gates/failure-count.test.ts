import { expect, test } from "vitest";
import { failureCount } from "../../../../firmware/waves/gates/failure-count.ts";
import { APPLYING, FAILED, gateInput, judgedTask, LOST, REFUSED, SKIPPED, UPDATED } from "./builders.ts";

const judge = (...args: Parameters<typeof gateInput>) => failureCount.judge(gateInput(...args));

test.each([
  ["none failed", [UPDATED, UPDATED], 0, "pass"],
  ["as many as allowed", [UPDATED, FAILED, LOST], 2, "pass"],
  ["one failed, none allowed", [UPDATED, FAILED], 0, "fail"],
  ["one lost, none allowed", [UPDATED, LOST], 0, "fail"],
  ["one more than allowed, of both kinds", [FAILED, LOST, UPDATED], 1, "fail"],
  ["skipped and refused devices", [SKIPPED, REFUSED, UPDATED], 0, "pass"],
  ["none failed yet, one under way", [UPDATED, APPLYING], 0, "inconclusive"],
  ["no devices at all", [], 0, "inconclusive"],
] as const)("failureCount: %s", (_, states, failuresAllowed, verdict) => {
  expect(judge(states, { failuresAllowed }).verdict).toBe(verdict);
});

test("failureCount: too many failures fail the wave while other devices are still under way", () => {
  expect(judge([FAILED, APPLYING, APPLYING])).toMatchObject({ verdict: "fail", why: "1 failed or lost of 3, 0 allowed", failures: 1 });
});

test("failureCount: I10 a task whose state nobody handed over keeps it from passing, and is named", () => {
  const { tasks } = gateInput([UPDATED, UPDATED]);
  expect(judge([UPDATED, UPDATED], { tasks: tasks.slice(1) })).toMatchObject({
    verdict: "inconclusive",
    why: "the state of 1 of 2 devices is not known",
    failures: 0,
  });
});

test("failureCount: the evidence states count and limit, and each failed device with its cause", () => {
  expect(judge([UPDATED, FAILED, LOST], { failuresAllowed: 1 }).evidence).toEqual([
    { what: "failed or lost devices", after: 2, limit: 1, verdict: "fail" },
    { device: "d-64167f000001", what: "zh-p-1 failed: fellBack", verdict: "fail" },
    { device: "d-64167f000002", what: "zh-p-2 is lost", verdict: "fail" },
  ]);
});

test("failureCount: two of the first devices of a large wave are no bad luck, whatever it tolerates at its end", () => {
  const large = [...Array(2).fill(FAILED), ...Array(8).fill(UPDATED), ...Array(30).fill(APPLYING)];
  expect(judge(large, { failuresAllowed: 2 })).toMatchObject({
    verdict: "fail",
    why: "2 failed or lost of the first 10: that is no bad luck",
  });
  const late = [...Array(2).fill(FAILED), ...Array(37).fill(UPDATED), APPLYING];
  expect(judge(late, { failuresAllowed: 2 }).verdict).toBe("inconclusive");
});

test("failureCount: below thirty devices only the count decides", () => {
  expect(judge([FAILED, FAILED, ...Array(27).fill(APPLYING)], { failuresAllowed: 2 }).verdict).toBe("inconclusive");
});

test("failureCount: a device of an earlier wave that fell back while this one is under way counts, others do not", () => {
  const fallen = (number: number, duringWave: number) =>
    judgedTask(number, { ...FAILED, cause: "fellBackLater", duringWave } as typeof FAILED);
  const { tasks } = gateInput([UPDATED]);
  const outcome = (...more: Parameters<typeof fallen>) => judge([UPDATED], { tasks: [...tasks, fallen(...more)] });
  expect(outcome(9, 2)).toMatchObject({ verdict: "fail", why: "1 failed or lost of 1, 0 allowed", failures: 1 });
  expect(outcome(9, 1).verdict).toBe("pass");
});
