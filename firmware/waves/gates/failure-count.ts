/**
 * Too many failed or lost devices fail a wave at once, before it is finished: more than the plan allows, or in a large wave
 * so many of the first that it cannot be bad luck. A device a person skipped does not count; one of an earlier wave that fell
 * back meanwhile does.
 */
import { BOUND_FROM, isAboveBound } from "./bound.ts";
import { type Gate, type GateInput, type GateVerdict, standingOf } from "./gate.ts";

export const failureCount: Gate = {
  id: "failureCount",
  judge(input: GateInput): GateVerdict {
    const standing = standingOf(input);
    const { fallen, all, ended, missing, updated, already } = standing;
    const failed = [...standing.failed, ...fallen];
    const limit = input.wave.failuresAllowed;
    const evidence = failed.map(({ device, name, state }) => ({
      device,
      what: state.at === "failed" ? `${name} failed: ${state.cause}` : `${name} is lost`,
      verdict: "fail" as const,
    }));
    const count = {
      what: "failed or lost devices",
      after: failed.length,
      limit,
      verdict: failed.length > limit ? "fail" : "pass",
    } as const;
    const seen = failed.length + updated.length + already.length;
    const answer = (verdict: GateVerdict["verdict"], why: string): GateVerdict => ({
      verdict,
      why,
      evidence: [count, ...evidence],
      failures: failed.length,
    });
    if (failed.length > limit) return answer("fail", `${failed.length} failed or lost of ${all}, ${limit} allowed`);
    if (all >= BOUND_FROM && isAboveBound(failed.length, seen))
      return answer("fail", `${failed.length} failed or lost of the first ${seen}: that is no bad luck`);
    if (missing > 0) return answer("inconclusive", `the state of ${missing} of ${all} devices is not known`);
    if (!ended) return answer("inconclusive", "devices are still under way, and may yet fail");
    return answer("pass", `${failed.length} failed or lost of ${all}, ${limit} allowed`);
  },
};
