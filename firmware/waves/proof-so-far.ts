/** What a wave's devices have proven by now, with those of the waves before it. Pure. */
import type { TaskId } from "../../protocols/core/ids.ts";
import { stratumOf } from "./order.ts";
import { proofWords } from "./proof.ts";
import type { PlannedTask, PlannedWave, Proof } from "./shape.ts";
import type { TaskState } from "./task-state.ts";

export interface GoneTask {
  readonly id: TaskId;
  readonly planned: PlannedTask;
  readonly state: TaskState;
}

export interface ProofSoFar {
  readonly model: string;
  readonly to: string;
  readonly clean: number;
  readonly lost: number;
  readonly words: string;
  /** What the plan promises, if it ends clean. */
  readonly plannedWords: string;
}

/** Of each model and way in the wave: with those that went it in the waves before. */
export function proofsSoFar(planned: PlannedWave, gone: readonly GoneTask[]): readonly ProofSoFar[] {
  const inWave = new Set(planned.tasks);
  const strata = Map.groupBy(gone, (task) => stratumOf(task.planned));
  return [...strata.values()]
    .filter((tasks) => tasks.some(({ id }) => inWave.has(id)))
    .map((tasks) => {
      const [{ planned: about }] = tasks as [GoneTask, ...GoneTask[]];
      const clean = tasks.filter(({ state }) => state.at === "succeeded" && state.how === "updated").length;
      const lost = tasks.filter(({ state }) => state.at === "failed" || state.at === "lost").length;
      const to = about.legs.map((leg) => leg.to).join(", then ");
      const promised = planned.proof.find((one) => isSameWay(one, about));
      return { model: about.model, to, clean, lost, words: seenWords(clean, lost), plannedWords: promised?.words ?? "" };
    })
    .toSorted((a, b) => b.clean + b.lost - (a.clean + a.lost) || (a.model < b.model ? -1 : 1));
}

const isSameWay = (proof: Proof, { model, legs }: PlannedTask): boolean =>
  proof.model === model && proof.to.join() === legs.map(({ to }) => to).join() && proof.fromMin === legs[0].edge.fromMin;

/** The bound holds for devices of which none failed: of others it says nothing. */
function seenWords(clean: number, lost: number): string {
  if (lost === 0) return clean === 0 ? "no updated device: nothing is proven" : proofWords(clean);
  return `${clean} of ${clean + lost} devices are clean, ${lost} failed or ${lost === 1 ? "was" : "were"} lost: no rate is ruled out`;
}
