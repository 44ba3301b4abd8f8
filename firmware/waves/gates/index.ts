/**
 * All gates of a wave together. Early failure ends a wave at once; a pass needs every gate, and every device at its end.
 */
import { completion } from "./completion.ts";
import { failureCount } from "./failure-count.ts";
import { type Accepted, type Gate, type GateId, type GateInput, type GateVerdict, standingOf, type Verdict } from "./gate.ts";
import { health } from "./health.ts";

/** In the order in which they are named when several speak against a wave. */
export const gates: readonly Gate[] = [failureCount, completion, health];

export interface WaveJudgement {
  readonly verdict: Verdict;
  /** The gate that decided. */
  readonly gate: GateId;
  readonly why: string;
  /** What a person accepts by resuming past `gate`. */
  readonly failures: number;
  readonly judgements: readonly { readonly gate: GateId; readonly judgement: GateVerdict; readonly acceptedBy?: string }[];
}

/**
 * The verdict over a wave.
 * @param accepted gates a person took responsibility for; each stays open until it shows more failures than accepted
 * @param given verdicts that were judged elsewhere, in place of this file's own (health may be judged where the history is)
 */
export function judgeWave(
  input: GateInput,
  accepted: readonly Accepted[] = [],
  given: { readonly [gate in GateId]?: GateVerdict } = {},
): WaveJudgement {
  const standing = standingOf(input);
  // Where nobody was updated there is no health to compare; whether that proves enough is for completion to say.
  const untouchedWave = standing.ended && standing.updated.length === 0;
  const judgements = gates
    .filter(({ id }) => !(id === "health" && untouchedWave))
    .map(({ id, judge }) => {
      const judgement = given[id] ?? judge(input);
      const by = accepted.find(({ gate, failures }) => covers(gate, id) && judgement.failures <= failures)?.by;
      return { gate: id, judgement, ...(by === undefined || judgement.verdict === "pass" ? {} : { acceptedBy: by }) };
    });
  const answer = (verdict: Verdict, from: (typeof judgements)[number] | undefined, why?: string): WaveJudgement => ({
    verdict,
    gate: from?.gate ?? "completion",
    why: why ?? from?.judgement.why ?? "every gate passed",
    failures: from?.judgement.failures ?? 0,
    judgements,
  });
  const open = judgements.filter(({ acceptedBy }) => acceptedBy === undefined);
  const failed = open.find(({ judgement }) => judgement.verdict === "fail");
  if (failed !== undefined) return answer("fail", failed);
  const byId = (id: GateId) => judgements.find(({ gate }) => gate === id);
  // Nobody can accept what has not ended yet.
  if (!standing.ended) return answer("inconclusive", byId("completion"), "devices are still under way");
  const unclear = open.find(({ judgement }) => judgement.verdict === "inconclusive");
  if (unclear !== undefined) return answer("inconclusive", unclear);
  return answer("pass", undefined);
}

/** Who accepts that so many devices failed accepts also that so many are not complete: one decision, one resume. */
function covers(accepted: GateId, gate: GateId): boolean {
  return accepted === gate || (accepted === "failureCount" && gate === "completion");
}
