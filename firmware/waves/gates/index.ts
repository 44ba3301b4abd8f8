/**
 * All gates of a wave together. Early failure ends a wave at once; a pass needs every gate, and every device at its end.
 */
import { calm } from "./calm.ts";
import { catalogueFresh } from "./catalogue-fresh.ts";
import { completion } from "./completion.ts";
import { failureCount } from "./failure-count.ts";
import {
  type Accepted,
  type Gate,
  type GateInput,
  type GateJudgement,
  type GateVerdict,
  standingOf,
  type Unclear,
  type Verdict,
} from "./gate.ts";
import { health } from "./health.ts";
import type { GateId } from "./ids.ts";
import { person } from "./person.ts";
import { realUse } from "./real-use.ts";

/** In the order in which they are named when several speak against a wave. */
export const gates: readonly Gate[] = [failureCount, completion, catalogueFresh, calm, health, realUse, person];

export interface WaveJudgement {
  readonly verdict: Verdict;
  /** The gate that decided. */
  readonly gate: GateId;
  readonly why: string;
  /** What a person accepts by resuming past `gate`. */
  readonly failures: number;
  /** What an inconclusive verdict of `gate` leads to, where it is not the usual. */
  readonly unclear?: Unclear;
  readonly judgements: readonly GateJudgement[];
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
  // Where nobody was updated there is nothing to compare and nothing in use; whether that proves enough is for completion to say.
  const untouchedWave = standing.ended && standing.updated.length === 0;
  const judgements = gates
    .filter(({ id }) => !((id === "health" || id === "realUse") && untouchedWave))
    .map(({ id, judge }): GateJudgement => {
      const judgement = given[id] ?? judge(input);
      const by = accepted.find(({ gate, failures }) => covers(gate, id) && judgement.failures <= failures)?.by;
      return {
        gate: id,
        judgement,
        ...(by === undefined || judgement.verdict === "pass" ? {} : { acceptedBy: by }),
        ...(input.policy.gatesOnlyReport.some((one) => one === id) ? { reportsOnly: true } : {}),
      };
    });
  const answer = (verdict: Verdict, from: GateJudgement | undefined, why?: string): WaveJudgement => ({
    verdict,
    gate: from?.gate ?? "completion",
    why: why ?? from?.judgement.why ?? "every gate passed",
    failures: from?.judgement.failures ?? 0,
    ...(verdict === "inconclusive" && from?.judgement.unclear !== undefined ? { unclear: from.judgement.unclear } : {}),
    judgements,
  });
  const open = judgements.filter(({ acceptedBy, reportsOnly }) => acceptedBy === undefined && reportsOnly !== true);
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
