/** The waves of a report: when, how they ended, what their gates said, and what that proves. Pure. */
import { READING_NAMES } from "../../protocols/core/reading.ts";
import { isoOf, type Ms } from "../../protocols/core/time.ts";
import { median } from "./gates/medians.ts";
import { stratumOf } from "./order.ts";
import type { WaveRow } from "./ports.ts";
import { proofWords } from "./proof.ts";
import { lengthOf, quantile, totalsOf } from "./report-devices.ts";
import type { ReportedWave } from "./report-document.ts";
import type { JudgedRow, ReportedTask, ReportInput } from "./report-input.ts";
import type { PlannedTask, PlannedWave, Proof } from "./shape.ts";

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
    proof: proofsOf(
      planned,
      all.filter(({ wave }) => wave <= index),
    ),
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

/** Of each model and way in the wave: with those that went it in the waves before. */
function proofsOf(planned: PlannedWave, gone: readonly Task[]): ReportedWave["proof"] {
  const inWave = new Set(planned.tasks);
  const strata = Map.groupBy(gone, (task) => stratumOf(task.planned));
  return [...strata.values()]
    .filter((tasks) => tasks.some(({ id }) => inWave.has(id)))
    .map((tasks) => {
      const [{ planned: about }] = tasks as [Task, ...Task[]];
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
