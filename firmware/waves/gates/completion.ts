/**
 * Has the wave proven anything? Lost counts as failed. Devices a person skipped prove nothing and block nothing; a wave in
 * which every device was refused, or left out by the policy, proves nothing and therefore does not pass by itself. Armed
 * devices are neither success nor failure; where there are more of them than of those that run the new version, it waits.
 */
import {
  type Gate,
  type GateEvidence,
  type GateInput,
  type GateVerdict,
  type JudgedTask,
  type Standing,
  standingOf,
  type Unclear,
} from "./gate.ts";
import { partOf } from "./words.ts";

export const completion: Gate = {
  id: "completion",
  judge(input: GateInput): GateVerdict {
    const standing = standingOf(input);
    const { updated, already, refused, armed, all, fallen } = standing;
    const failed = [...standing.failed, ...fallen];
    const done = updated.length + already.length;
    const leftOut = standing.skipped.filter(({ state }) => state.at === "skipped" && state.byPolicy === true);
    const proves = armed.length <= done;
    const answer = (verdict: GateVerdict["verdict"], why: string, more: Pick<GateVerdict, "unclear"> = {}): GateVerdict => ({
      verdict,
      why,
      evidence: evidenceOf(standing),
      failures: failed.length + (done === 0 ? refused.length + leftOut.length : 0) + (proves ? 0 : armed.length),
      ...more,
    });
    if (all === 0) return answer("inconclusive", "the wave has no devices");
    if (standing.missing > 0)
      return answer("inconclusive", `the state of ${standing.missing} of ${all} device${all === 1 ? "" : "s"} is not known`);
    const underWay = standing.underWay.length + standing.soaking.length;
    if (!standing.ended) return answer("inconclusive", `${partOf(underWay, all, "device", ["is", "are"])} still under way`);
    if (failed.length > input.wave.failuresAllowed) return answer("fail", failedWords(standing));
    if (done === 0 && standing.failed.length > 0) return answer("fail", "no device of the wave runs the new version");
    const offline = armed.length === 0 ? "" : `, ${awayWords(armed.length)}`;
    const onIt = `${partOf(done, all, "device", ["runs", "run"])} the new version${offline}`;
    if (!proves) return answer("inconclusive", onIt, { unclear: untilBack(armed) });
    if (done > 0) return answer("pass", onIt);
    if (refused.length > 0) return answer("inconclusive", "no device of the wave could take the new version: nothing is proven");
    if (leftOut.length > 0) return answer("inconclusive", "no device of the wave runs the new version: nothing is proven");
    return answer("pass", "every device of the wave was skipped by a person");
  },
};

/** At the latest of their deadlines nobody is waited for any more, and a person is asked. */
function untilBack(armed: readonly JudgedTask[]): Unclear {
  return { do: "waits", untilMs: Math.max(...armed.map(({ state }) => (state.at === "armed" ? state.deadlineMs : 0))) };
}

function failedWords({ failed, fallen, all }: Standing): string {
  const earlier = fallen.length === 0 ? "" : `, and ${fallen.length} of earlier waves`;
  return `${failed.length} of ${all} devices failed or are lost${earlier}`;
}

function evidenceOf(standing: Standing): GateEvidence[] {
  const groups = [
    ...[...standing.failed, ...standing.fallen].map((task) => ({ task, verdict: "fail" as const })),
    ...[...standing.refused, ...standing.underWay, ...standing.armed].map((task) => ({ task, verdict: "inconclusive" as const })),
  ];
  return groups.map(({ task, verdict }) => ({ device: task.device, what: `${task.name} is ${task.state.at}`, verdict }));
}

const awayWords = (count: number): string =>
  count === 1 ? "1 does not answer and follows when it is back" : `${count} do not answer and follow when they are back`;
