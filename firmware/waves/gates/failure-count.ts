/**
 * Too many failed or lost devices fail a wave at once, before it is finished. A device a person skipped does not count.
 */
import { type Gate, type GateInput, type GateVerdict, standingOf } from "./gate.ts";

export const failureCount: Gate = {
  id: "failureCount",
  judge(input: GateInput): GateVerdict {
    const { failed, all, ended, missing } = standingOf(input);
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
    const answer = (verdict: GateVerdict["verdict"], why: string): GateVerdict => ({
      verdict,
      why,
      evidence: [count, ...evidence],
      failures: failed.length,
    });
    if (failed.length > limit) return answer("fail", `${failed.length} failed or lost of ${all}, ${limit} allowed`);
    if (missing > 0) return answer("inconclusive", `the state of ${missing} of ${all} devices is not known`);
    if (!ended) return answer("inconclusive", "devices are still under way, and may yet fail");
    return answer("pass", `${failed.length} failed or lost of ${all}, ${limit} allowed`);
  },
};
