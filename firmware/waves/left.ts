/**
 * How long a campaign under way still takes. Pure: the forecast's own layout over what is left, from now on.
 */
import type { Ms } from "../../protocols/core/time.ts";
import { forecastOf } from "./forecast.ts";
import type { Quantile } from "./forecast-layout.ts";
import { imagesOf } from "./legs.ts";
import type { Plan, PlannedTask, PlannedWave } from "./shape.ts";
import { isFinal, type TaskState } from "./task-state.ts";
import type { WaveState } from "./wave.ts";

export interface LeftInput {
  readonly plan: Plan;
  readonly waves: readonly { readonly index: number; readonly state: WaveState }[];
  readonly tasks: readonly { readonly id: string; readonly wave: number; readonly sinceMs: Ms; readonly state: TaskState }[];
  readonly nowMs: Ms;
}

export interface Left {
  readonly finishP50AtMs: Ms;
  readonly finishP90AtMs: Ms;
}

/** Never before now. Nothing is said of what waits for a person, and of calls nobody knows of yet. */
export function timeLeft({ plan, waves, tasks, nowMs }: LeftInput): Left {
  const planned = new Map<string, PlannedTask>(plan.tasks.map((task) => [task.id, task]));
  const open = tasks.filter(({ state }) => !isFinal(state));
  const begun = open.filter(({ state }) => "attempt" in state);
  const rest = new Set<string>(open.filter(({ state }) => !("attempt" in state)).map(({ id }) => id));
  const remaining = plan.waves.flatMap((wave): PlannedWave[] => {
    const left = wave.tasks.filter((id) => rest.has(id));
    return left.length === 0 ? [] : [{ ...wave, tasks: left }];
  });
  const ends = (quantile: Quantile): Ms => {
    const soaks = waves.flatMap(({ state }) => (state.at === "soaking" ? [state.untilMs] : []));
    const underWay = begun.map((task) => endOf(task, planned.get(task.id), { plan, quantile, nowMs }));
    const endMs = Math.max(nowMs, ...soaks, ...underWay);
    const [first] = remaining;
    if (first === undefined) return endMs;
    // Its own wave goes on beside what is under way; a later one begins when that has ended.
    const beginMs = begun.some(({ wave }) => wave === first.index) ? nowMs : endMs;
    const { domains, units, policy, calendar, release } = plan;
    const todo = plan.tasks.filter(({ id }) => rest.has(id));
    const staged = imagesOf({ release, tasks: todo });
    const told = forecastOf({ tasks: todo, waves: remaining, domains, units, policy, calendar, nowMs: beginMs, staged });
    return Math.max(endMs, quantile === "p50" ? told.finishP50AtMs : told.finishP90AtMs);
  };
  const [p50, p90] = [Math.round(ends("p50")), Math.round(ends("p90"))];
  return { finishP50AtMs: p50, finishP90AtMs: Math.max(p50, p90) };
}

/** Of a device under way: what its step still needs by the plan, and its soak. */
function endOf(
  { state, sinceMs }: LeftInput["tasks"][number],
  planned: PlannedTask | undefined,
  { plan, quantile, nowMs }: { readonly plan: Plan; readonly quantile: Quantile; readonly nowMs: Ms },
): Ms {
  if (state.at === "soaking") return state.untilMs;
  const leg = "attempt" in state ? state.attempt.leg : 0;
  const legs = planned?.legs.slice(leg) ?? [];
  const needMs = legs.reduce((sum, { durationMs }) => sum + durationMs[quantile], 0);
  return Math.max(nowMs, sinceMs + needMs) + plan.policy.soak;
}
