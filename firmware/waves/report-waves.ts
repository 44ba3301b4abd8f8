/** The waves of a report: when, how they ended, what their gates said, and what that proves. Pure. */
import { READING_NAMES } from "../../protocols/core/reading.ts";
import { isoOf, type Ms } from "../../protocols/core/time.ts";
import { median } from "./gates/medians.ts";
import type { WaveRow } from "./ports.ts";
import { proofsSoFar } from "./proof-so-far.ts";
import { lengthOf, quantile, totalsOf } from "./report-devices.ts";
import type { ReportedWave } from "./report-document.ts";
import type { JudgedRow, ReportedTask, ReportInput } from "./report-input.ts";
import type { PlannedTask, PlannedWave } from "./shape.ts";

type Task = ReportedTask & { readonly planned: PlannedTask };

export function reportedWaves(input: ReportInput): ReportedWave[] {
  const { plan } = input;
  const planned = new Map(plan.tasks.map((task) => [task.id, task]));
  const tasks = input.tasks.flatMap((task): Task[] => {
    const about = planned.get(task.id);
    return about === undefined ? [] : [{ ...task, planned: about }];
  });
  return input.waves
    .filter(({ index }) => input.wave === undefined || index === input.wave)
    .flatMap((row) => {
      const about = plan.waves.find(({ index }) => index === row.index);
      return about === undefined ? [] : waveOf(row, about, tasks, input);
    });
}

function waveOf(row: WaveRow, planned: PlannedWave, all: readonly Task[], input: ReportInput): ReportedWave {
  const { index, state } = row;
  const tasks = all.filter((task) => task.wave === index);
  const mine = input.history.filter((one) => one.wave === index);
  const startedMs = mine.find(({ at }) => at === "active")?.atMs;
  const endedMs = mine.findLast(({ at }) => at === "passed" || at === "failed")?.atMs;
  const verdicts = input.judgements.filter(({ wave }) => wave === index);
  const last = verdicts.at(-1);
  const forecast = input.plan.forecast.waves.find((one) => one.index === index);
  const measured = durationsOf(tasks);
  const restarted = tasks.filter(({ window }) => (window?.restartsSince ?? 0) > 0);
  return {
    index,
    state: state.at,
    ...("why" in state ? { why: state.why.slice(0, 2_000) } : {}),
    ...(startedMs === undefined ? {} : { started: isoOf(startedMs) }),
    ...(endedMs === undefined ? {} : { ended: isoOf(endedMs) }),
    ...(state.at === "soaking" ? { soaksUntil: isoOf(state.untilMs) } : {}),
    totals: totalsOf(tasks.map((task) => task.state)),
    failuresAllowed: planned.failuresAllowed,
    sentBytes: tasks.reduce((sum, { facts }) => sum + (facts.sentBytes ?? 0), 0),
    proof: [
      ...proofsSoFar(
        planned,
        all.filter(({ wave }) => wave <= index),
      ),
    ],
    ...(last === undefined ? {} : { judged: judgedOf(last) }),
    verdicts: verdicts.map(({ atMs, verdict, gate, why }) => ({ at: isoOf(atMs), verdict, gate, why: why.slice(0, 2_000) })),
    health: healthOf(verdicts),
    days: daysOf(tasks),
    ...(measured === undefined ? {} : { durations: measured }),
    ...(startedMs === undefined || forecast === undefined ? {} : { length: lengthOfWave(startedMs, endedMs ?? input.nowMs, forecast) }),
    restarts: { devices: restarted.length, restarts: restarted.reduce((sum, { window }) => sum + (window?.restartsSince ?? 0), 0) },
  };
}

function lengthOfWave(fromMs: Ms, toMs: Ms, { p50Ms, p90Ms }: { readonly p50Ms: Ms; readonly p90Ms: Ms }) {
  return { ms: lengthOf(fromMs, toMs), forecastP50Ms: Math.round(p50Ms), forecastP90Ms: Math.round(p90Ms) };
}

function judgedOf({ atMs, verdict, gate, judgements }: JudgedRow): NonNullable<ReportedWave["judged"]> {
  return {
    at: isoOf(atMs),
    verdict,
    gate,
    gates: judgements.map(({ gate: id, judgement, acceptedBy, reportsOnly }) => ({
      gate: id,
      verdict: judgement.verdict,
      why: judgement.why.slice(0, 2_000),
      ...(acceptedBy === undefined ? {} : { acceptedBy }),
      ...(reportsOnly === undefined ? {} : { reportsOnly }),
      evidence: judgement.evidence.map((line) => ({ ...line, what: line.what.slice(0, 2_000) })),
    })),
  };
}

/** Of the newest verdict that compared anything. */
function healthOf(verdicts: readonly JudgedRow[]): ReportedWave["health"] {
  const compared = verdicts.findLast(({ judgements }) => judgements.some(({ judgement }) => (judgement.medians ?? []).length > 0));
  return (compared?.judgements ?? []).flatMap(({ judgement }) =>
    (judgement.medians ?? []).map(({ name, updated, untouched }) => ({
      value: name,
      updated,
      ...(untouched === undefined ? {} : { untouched }),
    })),
  );
}

function daysOf(tasks: readonly Task[]): ReportedWave["days"] {
  const windows = tasks.flatMap(({ state, window }) =>
    state.at === "succeeded" && state.how === "updated" && window !== undefined ? [window] : [],
  );
  return READING_NAMES.flatMap((value) => {
    const pairs = windows.flatMap(({ before, after }) => {
      const [was, is] = [before.reading[value], after.reading[value]];
      return was === undefined || is === undefined ? [] : [[was, is] as const];
    });
    const [was, is] = [median(pairs.map(([one]) => one)), median(pairs.map(([, one]) => one))];
    return was === undefined || is === undefined ? [] : [{ value, updated: { devices: pairs.length, before: was, after: is } }];
  });
}

function durationsOf(tasks: readonly Task[]): ReportedWave["durations"] {
  const measured = tasks.flatMap(({ facts, planned }) => {
    if (facts.lengthMs === undefined) return [];
    const sum = (of: "p50" | "p90"): Ms => planned.legs.reduce((all, { durationMs }) => all + durationMs[of], 0);
    return [{ lengthMs: facts.lengthMs, p50Ms: sum("p50"), p90Ms: sum("p90") }];
  });
  const lengths = measured.map(({ lengthMs }) => lengthMs);
  const [p50Ms, p90Ms] = [quantile(lengths, 0.5), quantile(lengths, 0.9)];
  if (p50Ms === undefined || p90Ms === undefined) return undefined;
  return {
    devices: measured.length,
    p50Ms: Math.round(p50Ms),
    p90Ms: Math.round(p90Ms),
    forecastP50Ms: Math.round(
      quantile(
        measured.map((one) => one.p50Ms),
        0.5,
      ) ?? 0,
    ),
    forecastP90Ms: Math.round(
      quantile(
        measured.map((one) => one.p90Ms),
        0.5,
      ) ?? 0,
    ),
    withinP90: measured.filter((one) => one.lengthMs <= one.p90Ms).length,
  };
}
