import fc from "fast-check";
import { expect, test } from "vitest";
import { completion } from "../../../../firmware/waves/gates/completion.ts";
import type { TaskState } from "../../../../firmware/waves/task-state.ts";
import { DAY } from "../../../../protocols/core/time.ts";
import { NOW } from "../builders.ts";
import { APPLYING, ARMED, CURRENT, FAILED, gateInput, judgedTask, LEFT_OUT, LOST, REFUSED, SKIPPED, SOAKING, UPDATED } from "./builders.ts";

const judge = (...args: Parameters<typeof gateInput>) => completion.judge(gateInput(...args));

test.each([
  ["all updated", [UPDATED, UPDATED], 0, "pass"],
  ["all current without us", [CURRENT, CURRENT], 0, "pass"],
  ["one refused beside an updated one", [UPDATED, REFUSED], 0, "pass"],
  ["one skipped beside an updated one", [UPDATED, SKIPPED], 0, "pass"],
  ["all skipped by a person", [SKIPPED, SKIPPED], 0, "pass"],
  ["all refused", [REFUSED, REFUSED], 0, "inconclusive"],
  ["refused and skipped only", [REFUSED, SKIPPED], 0, "inconclusive"],
  ["all left out by the policy", [LEFT_OUT, SKIPPED], 0, "inconclusive"],
  ["one left out by the policy beside an updated one", [UPDATED, LEFT_OUT], 0, "pass"],
  ["as many armed as updated", [UPDATED, ARMED], 0, "pass"],
  ["more armed than updated", [UPDATED, ARMED, ARMED], 0, "inconclusive"],
  ["all armed", [ARMED], 0, "inconclusive"],
  ["one armed, and one failed", [UPDATED, ARMED, FAILED], 0, "fail"],
  ["one armed, and one under way", [UPDATED, ARMED, APPLYING], 0, "inconclusive"],
  ["one failed, none allowed", [UPDATED, FAILED], 0, "fail"],
  ["one lost, none allowed", [UPDATED, LOST], 0, "fail"],
  ["one failed and one lost, one allowed", [UPDATED, FAILED, LOST], 1, "fail"],
  ["one failed, one allowed", [UPDATED, FAILED], 1, "pass"],
  ["as many failed as allowed, and nobody updated", [FAILED], 1, "fail"],
  ["one under way", [UPDATED, APPLYING], 0, "inconclusive"],
  ["one soaking", [UPDATED, SOAKING], 0, "inconclusive"],
  ["no devices at all", [], 0, "inconclusive"],
] as const)("completion: %s", (_, states, failuresAllowed, verdict) => {
  expect(judge(states, { failuresAllowed }).verdict).toBe(verdict);
});

test("completion: I10 a task whose state nobody handed over keeps it from passing, and is named", () => {
  const { tasks } = gateInput([UPDATED, UPDATED, UPDATED]);
  expect(judge([UPDATED, UPDATED, UPDATED], { tasks: tasks.slice(1) })).toMatchObject({
    verdict: "inconclusive",
    why: "the state of 1 of 3 devices is not known",
  });
});

test("completion: a person accepts the failed devices, and the refused ones where nobody runs the new version", () => {
  expect(judge([UPDATED, FAILED, LOST, REFUSED]).failures).toBe(2);
  expect(judge([FAILED, REFUSED, REFUSED]).failures).toBe(3);
});

test("completion: the evidence names each device that failed, was refused or is under way", () => {
  expect(judge([UPDATED, FAILED, REFUSED, APPLYING]).evidence.map(({ what, verdict }) => `${what}: ${verdict}`)).toEqual([
    "zh-p-1 is failed: fail",
    "zh-p-2 is refused: inconclusive",
    "zh-p-3 is applying: inconclusive",
  ]);
});

test("completion: it passes only where every device has ended, and no more failed or are lost than allowed", () => {
  const states = fc.array(fc.constantFrom(UPDATED, CURRENT, FAILED, LOST, SKIPPED, REFUSED, APPLYING, SOAKING), { maxLength: 12 });
  fc.assert(
    fc.property(states, fc.nat(3), (all, failuresAllowed) => {
      if (judge(all, { failuresAllowed }).verdict !== "pass") return;
      expect(all.filter((state) => state === APPLYING || state === SOAKING)).toEqual([]);
      expect(all.filter((state) => state === FAILED || state === LOST).length).toBeLessThanOrEqual(failuresAllowed);
      expect(all.some((state) => state === UPDATED || state === CURRENT) || all.every((state) => state === SKIPPED)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("completion: a device of an earlier wave that fell back is named, and counts", () => {
  const { tasks } = gateInput([UPDATED]);
  const fallen = judgedTask(9, { ...FAILED, cause: "fellBackLater", duringWave: 2 } as typeof FAILED);
  expect(completion.judge(gateInput([UPDATED], { tasks: [...tasks, fallen] }))).toMatchObject({
    verdict: "fail",
    why: "0 of 1 devices failed or are lost, and 1 of earlier waves",
    evidence: [{ device: fallen.device, verdict: "fail" }],
  });
});

test("completion: where too few run the new version it waits for those that are away, and a person accepts them with one number", () => {
  const later = { ...ARMED, deadlineMs: NOW + 2 * DAY };
  expect(judge([UPDATED, ARMED, later])).toMatchObject({
    ...{ verdict: "inconclusive", failures: 2, unclear: { do: "waits", untilMs: NOW + 2 * DAY } },
    why: "1 of 3 devices runs the new version, 2 do not answer and follow when they are back",
  });
  expect(judge([LEFT_OUT, LEFT_OUT]).failures).toBe(2);
});

test("completion: a straggler that was lost while this wave is under way counts against it, one of another wave does not", () => {
  const { tasks } = gateInput([UPDATED]);
  const lost = (duringWave: number) => judgedTask(9, { ...LOST, duringWave } as TaskState);
  expect(judge([UPDATED], { tasks: [...tasks, lost(2)] }).verdict).toBe("fail");
  expect(judge([UPDATED], { tasks: [...tasks, lost(3)] }).verdict).toBe("pass");
});
