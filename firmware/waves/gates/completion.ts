/**
 * Has the wave proven anything? Lost counts as failed. Devices a person skipped prove nothing and block nothing; a wave in
 * which every device was refused proves nothing and therefore does not pass by itself.
 */
import { type Gate, type GateEvidence, type GateInput, type GateVerdict, type Standing, standingOf } from "./gate.ts";

export const completion: Gate = {
  id: "completion",
  judge(input: GateInput): GateVerdict {
    const standing = standingOf(input);
    const { updated, already, refused, all, fallen } = standing;
    const failed = [...standing.failed, ...fallen];
    const answer = (verdict: GateVerdict["verdict"], why: string): GateVerdict => ({
      verdict,
      why,
      evidence: evidenceOf(standing),
      failures: failed.length + (updated.length + already.length === 0 ? refused.length : 0),
    });
    if (all === 0) return answer("inconclusive", "the wave has no devices");
    if (standing.missing > 0) return answer("inconclusive", `the state of ${standing.missing} of ${all} devices is not known`);
    if (!standing.ended)
      return answer("inconclusive", `${standing.underWay.length + standing.soaking.length} of ${all} devices are still under way`);
    const done = updated.length + already.length;
    if (failed.length > input.wave.failuresAllowed) return answer("fail", failedWords(standing));
    if (done > 0) return answer("pass", `${done} of ${all} devices run the new version`);
    if (standing.failed.length > 0) return answer("fail", "no device of the wave runs the new version");
    if (refused.length > 0) return answer("inconclusive", "no device of the wave could take the new version: nothing is proven");
    return answer("pass", "every device of the wave was skipped by a person");
  },
};

function failedWords({ failed, fallen, all }: Standing): string {
  const earlier = fallen.length === 0 ? "" : `, and ${fallen.length} of earlier waves fell back`;
  return `${failed.length} of ${all} devices failed or are lost${earlier}`;
}

function evidenceOf(standing: Standing): GateEvidence[] {
  const groups = [
    ...[...standing.failed, ...standing.fallen].map((task) => ({ task, verdict: "fail" as const })),
    ...[...standing.refused, ...standing.underWay].map((task) => ({ task, verdict: "inconclusive" as const })),
  ];
  return groups.map(({ task, verdict }) => ({ device: task.device, what: `${task.name} is ${task.state.at}`, verdict }));
}
