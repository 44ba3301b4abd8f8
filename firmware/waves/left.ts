/**
 * How long a campaign under way still takes. Pure: what is left of it is played out from now on, as the forecast does it.
 */
import type { Ms } from "../../protocols/core/time.ts";
import { type DomainIndex, indexDomains } from "./domains.ts";
import { type Luck, lengthAt, shareAt } from "./forecast-luck.ts";
import { type Measure, type MeasuredStep, measureOver } from "./forecast-measured.ts";
import { finishOf, playsOf, type Standing } from "./forecast-plays.ts";
import type { WavePolicy } from "./policy.ts";
import type { Legs, Plan, PlannedTask, PlannedWave } from "./shape.ts";
import { type Hold, isAtRisk, isFinal, legOf, type TaskState } from "./task-state.ts";
import type { WaveState } from "./wave.ts";

export interface LeftInput {
  readonly plan: Plan;
  readonly waves: readonly { readonly index: number; readonly state: WaveState }[];
  readonly tasks: readonly { readonly id: string; readonly wave: number; readonly sinceMs: Ms; readonly state: TaskState }[];
  /** Steps that devices took here, of this campaign too: what is left goes as they went. */
  readonly measured?: readonly MeasuredStep[];
  readonly nowMs: Ms;
}

export interface Left {
  readonly finishP50AtMs: Ms;
  readonly finishP90AtMs: Ms;
}

type Row = LeftInput["tasks"][number];

/** Never before now. Nothing is said of what waits for a person, of devices that fail, and of calls nobody knows of yet. */
export function timeLeft({ plan, waves, tasks, measured = [], nowMs }: LeftInput, index: DomainIndex = indexDomains(plan)): Left {
  const open = new Map<string, Row>(tasks.filter(({ state }) => !isFinal(state)).map((task) => [task.id, task]));
  const measure = measureOver(measured);
  const todo = plan.tasks.flatMap((task) => {
    const row = open.get(task.id);
    return row === undefined ? [] : [fromLeg(task, row.state, measure)];
  });
  const soaks = waves.flatMap(({ state }) => (state.at === "soaking" ? [state.untilMs] : []));
  const [active] = waves.flatMap(({ state }) => (state.at === "active" ? [state.sinceMs] : []));
  // Who failed and was not seen well since keeps a slot until a person has seen to it.
  const kept = tasks.filter(({ state }) => isFinal(state) && isAtRisk(state)).length;
  const atRiskMax = Math.max(1, plan.policy.atRiskMax - kept);
  const plays = playsOf(
    {
      ...{ tasks: todo, waves: wavesLeft(plan, waves, open), policy: { ...plan.policy, atRiskMax }, calendar: plan.calendar, nowMs },
      ...(active === undefined ? {} : { beganMs: active }),
      soaksUntilMs: Math.max(nowMs, ...soaks),
      standing: (task) => standingOf(open.get(task.id) as Row, task, plan.policy, nowMs),
    },
    index,
  );
  const [p50, p90] = [finishOf(plays, 0.5, nowMs), finishOf(plays, 0.9, nowMs)];
  return { finishP50AtMs: p50, finishP90AtMs: p90 };
}

/** Those that have not passed; stragglers of earlier ones go along with the first of them. */
function wavesLeft(plan: Plan, waves: LeftInput["waves"], open: ReadonlyMap<string, Row>): readonly PlannedWave[] {
  const passed = new Set(waves.filter(({ state }) => state.at === "passed").map(({ index }) => index));
  const [over, left] = [plan.waves.filter(({ index }) => passed.has(index)), plan.waves.filter(({ index }) => !passed.has(index))];
  const stragglers = over.flatMap((wave) => wave.tasks.filter((id) => open.has(id)));
  if (stragglers.length === 0) return left;
  const [first = over.at(-1) as PlannedWave, ...rest] = left;
  return [{ ...first, tasks: [...stragglers, ...(left.length === 0 ? [] : first.tasks)] }, ...rest];
}

function fromLeg(task: PlannedTask, state: TaskState, measure: Measure): PlannedTask {
  const leg = Math.min(legOf(state, 0), task.legs.length - 1);
  return { ...task, legs: task.legs.slice(leg).map((one) => measure(task.model, one)) as unknown as Legs };
}

/** So much of a step is behind a device that has got there. As simulated phones have it; guessed. */
const BEHIND = { reserved: 0, commanded: 0, applying: 0.1, rebooting: 0.5, verifying: 0.9, unknown: 0.3 } as const;

/** What waits for others, or for a window, waits as long as the layout says. */
const LAID_OUT: ReadonlySet<Hold["code"]> = new Set(["window", "budget", "domain", "wave"]);

function standingOf({ state, sinceMs }: Row, task: PlannedTask, { soak }: WavePolicy, nowMs: Ms): Standing {
  switch (state.at) {
    case "held": {
      const until = state.reasons.flatMap(({ code, untilMs }) => (LAID_OUT.has(code) || untilMs === undefined ? [] : [untilMs]));
      return until.length === 0 ? { is: "waiting" } : { is: "waiting", notBeforeMs: Math.max(...until) };
    }
    case "deferred":
      return { is: "waiting", inUse: true, notBeforeMs: state.nextLookMs };
    case "failedRetryable":
      return { is: "waiting", notBeforeMs: state.nextAtMs };
    case "armed":
      return { is: "armed", deadlineMs: state.deadlineMs };
    case "soaking":
      return { is: "underWay", endMs: () => Math.max(nowMs, state.untilMs) };
    case "reserved":
    case "commanded":
    case "applying":
    case "rebooting":
    case "verifying":
    case "unknown":
      return {
        is: "underWay",
        endMs: endOf(task, { beganMs: sinceMs - BEHIND[state.at] * task.legs[0].durationMs.p50, ...state }, soak, nowMs),
      };
    default:
      return { is: "waiting" };
  }
}

/** Of a device under way: what its steps still need, and its soak. One that takes longer than any takes up to its deadline. */
function endOf(
  { legs: [first, ...later] }: PlannedTask,
  { beganMs, deadlineMs }: { readonly beganMs: Ms; readonly deadlineMs: Ms },
  soak: Ms,
  nowMs: Ms,
): (luck: Luck) => Ms {
  const behind = shareAt(first.durationMs, nowMs - beganMs);
  return ({ length }) => {
    const isLate = nowMs - beganMs >= first.durationMs.p99;
    const stepMs = isLate
      ? nowMs + length * Math.max(0, deadlineMs - nowMs)
      : Math.max(nowMs, beganMs + lengthAt(first.durationMs, behind + length * (1 - behind)));
    return later.reduce((atMs, { durationMs }) => atMs + lengthAt(durationMs, length), stepMs) + soak;
  };
}
