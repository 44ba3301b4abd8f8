/**
 * What a gate is: a pure judge over what is known of a wave. Missing, stale or unreadable input never passes (I10).
 */

import { isFinal,                } from "../task-state.ts";

export const GATE_IDS = ["failureCount", "completion", "health"]         ;

/** One line of what a verdict rests on. Numbers are absent where nothing was measured. */

/** A person took responsibility for a gate with this many failures; one more holds again. */

/** A device before and after. For an untouched device `landedAtMs` is absent, and the two samples frame the same time. */

/** How the tasks of a wave stand. Tasks whose state nobody handed over are `missing`. */

/** Sorts the tasks of the wave by how they stand at `nowMs`; tasks of other waves are left out. */
export function standingOf(input           )           {
  const wanted = new Set(input.wave.tasks);
  const byId = new Map(input.tasks.filter(({ id }) => wanted.has(id)).map((task) => [task.id, task]));
  const tasks = [...byId.values()];
  const soakOver = ({ state }            )          => state.at === "soaking" && state.untilMs <= input.nowMs;
  const soaking = tasks.filter((task) => task.state.at === "soaking" && !soakOver(task));
  const underWay = tasks.filter(({ state }) => !isFinal(state) && state.at !== "soaking");
  const missing = wanted.size - byId.size;
  return {
    all: wanted.size,
    missing,
    updated: tasks.filter((task) => soakOver(task) || (task.state.at === "succeeded" && task.state.how === "updated")),
    already: tasks.filter(({ state }) => state.at === "succeeded" && state.how === "alreadyCurrent"),
    soaking,
    failed: tasks.filter(({ state }) => state.at === "failed" || state.at === "lost"),
    skipped: tasks.filter(({ state }) => state.at === "skipped"),
    refused: tasks.filter(({ state }) => state.at === "refused"),
    underWay,
    ended: wanted.size > 0 && missing + soaking.length + underWay.length === 0,
  };
}

export function worst(verdicts                    )          {
  if (verdicts.includes("fail")) return "fail";
  return verdicts.includes("inconclusive") ? "inconclusive" : "pass";
}

