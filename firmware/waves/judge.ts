/**
 * Moves waves and campaigns along: a wave starts, lands, is judged by the gates, and is held or passes. A thin shell around
 * `stepWave`, `stepCampaign` and `judgeWave`.
 */
import type { TaskId } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { stepCampaign } from "./campaign.ts";
import { type CampaignCounts, type CampaignEvent, isStopped, mayCommand, successorOf } from "./campaign-state.ts";
import { type GateInput, type GateVerdict, isBad, type JudgedTask } from "./gates/gate.ts";
import { COUNTING_GATES, type GateId } from "./gates/ids.ts";
import { gates, judgeWave } from "./gates/index.ts";
import type { CampaignRow, DriveIo, HealthEvidence, Surroundings, TaskRow, WaveRow } from "./ports.ts";
import type { Plan, PlannedTask, PlannedWave } from "./shape.ts";
import { isFinal } from "./task-state.ts";
import { stepWave, type WaveEvent } from "./wave.ts";

/** Starts the campaign's current wave if it waits for that. @returns the wave's row, if there is one that is judged */
export function startWave(row: CampaignRow, index: number, io: DriveIo): WaveRow | undefined {
  if (successorOf(row.state) !== undefined) return undefined;
  const waves = io.store.waves(row.id);
  const current = waves.find((wave) => wave.index === index);
  const planned = row.plan.waves.find((wave) => wave.index === index);
  if (current === undefined || planned === undefined) return undefined;
  if (current.state.at !== "pending" || !mayCommand(row.state)) return current;
  const previousPassed = waves.filter((wave) => wave.index < index).every((wave) => wave.state.at === "passed");
  return applyWave(row, current, planned, { kind: "started", previousPassed }, io) ?? current;
}

function applyWave(row: CampaignRow, wave: WaveRow, planned: PlannedWave, event: WaveEvent, io: DriveIo): WaveRow | undefined {
  const atMs = io.clock.nowMs();
  const step = stepWave(wave.state, event, planned, atMs);
  if ("ignored" in step) return undefined;
  return io.store.applyWave(row.id, wave, event, step.next, atMs) ? { ...wave, state: step.next, revision: wave.revision + 1 } : undefined;
}

function applyCampaign(row: CampaignRow, event: CampaignEvent, io: DriveIo): boolean {
  const atMs = io.clock.nowMs();
  const step = stepCampaign(row.state, event, row.terms, atMs);
  return "next" in step && io.store.applyCampaign(row, event, step.next, atMs);
}

/** Of a campaign that is superseded: over as soon as all it has commanded has ended. @returns true when a row changed */
export function endSuperseded(row: CampaignRow, io: DriveIo): boolean {
  if (successorOf(row.state) === undefined) return false;
  const tasks = io.store.tasks(row.id);
  return tasks.every(({ state }) => isFinal(state)) && applyCampaign(row, { kind: "allDone", counts: countsOf(tasks) }, io);
}

export interface Judged {
  readonly row: CampaignRow;
  readonly wave: WaveRow;
  /** The plan's. */
  readonly byId: ReadonlyMap<TaskId, PlannedTask>;
}

/** Moves the wave along: landed, judged, held or passed. @returns true when a row changed */
export async function judge({ row, wave, byId }: Judged, io: DriveIo, signal: AbortSignal): Promise<boolean> {
  const planned = row.plan.waves.find(({ index }) => index === wave.index);
  if (planned === undefined || isStopped(row.state)) return false;
  if (wave.state.at === "passed") return afterPassed(row, wave, io);
  if (wave.state.at !== "active" && wave.state.at !== "soaking") return false;
  const tasks = io.store.judged(row.id, wave.index);
  const mine = tasks.filter((task) => task.wave === wave.index);
  const isOut = ({ state }: TaskRow): boolean => isFinal(state) || state.at === "armed";
  const landed = mine.every((task) => isOut(task) || task.state.at === "soaking");
  if (wave.state.at === "active" && landed) {
    const updated = mine.filter(({ state }) => state.at === "soaking" || (state.at === "succeeded" && state.how === "updated")).length;
    return applyWave(row, wave, planned, { kind: "landed", updated }, io) !== undefined;
  }
  if (wave.state.at === "soaking" && !landed) return applyWave(row, wave, planned, { kind: "tookOff" }, io) !== undefined;
  const soakOver = wave.state.at === "soaking" && io.clock.nowMs() >= wave.state.untilMs && mine.every(isOut);
  const evidence = soakOver ? await evidenceOf(row, wave.index, io, signal) : NO_EVIDENCE;
  // Gathering evidence took its time: who failed or came back since counts.
  const now = soakOver ? io.store.judged(row.id, wave.index) : tasks;
  return applyJudgement({ row, wave, byId, planned, tasks: now, evidence, soakOver }, io);
}

type Evidence = HealthEvidence & Surroundings;

const NO_EVIDENCE: Evidence = { health: [], untouched: [], staleAfterMs: 0 };

async function evidenceOf(row: CampaignRow, wave: number, io: DriveIo, signal: AbortSignal): Promise<Evidence> {
  // The untouched ones are compared with, whichever wave they are in.
  const tasks = io.store.tasks(row.id);
  const [health, surroundings] = await Promise.all([io.health(row, wave, tasks, signal), io.surroundings(row, wave, tasks, signal)]);
  return { ...health, ...surroundings };
}

interface Bench extends Judged {
  readonly planned: PlannedWave;
  readonly tasks: readonly TaskRow[];
  readonly evidence: Evidence;
  readonly soakOver: boolean;
}

/** Until the soak is over only a failure counts, and what has to be watched is not evidence yet. */
const EARLY: GateVerdict = { verdict: "inconclusive", why: "the soak is not over", evidence: [], failures: 0 };
const WATCHING: readonly GateId[] = ["calm", "health", "realUse", "person"];
const EARLY_VERDICTS = Object.fromEntries(WATCHING.map((id) => [id, EARLY]));

function applyJudgement(bench: Bench, io: DriveIo): boolean {
  const { row, wave, planned, soakOver } = bench;
  const accepted = wave.state.at === "active" || wave.state.at === "soaking" ? wave.state.accepted : [];
  const judgement = judgeWave(gateInput(bench, io), accepted, soakOver ? {} : EARLY_VERDICTS);
  if (!soakOver && judgement.verdict !== "fail") return false;
  const { gate, why } = judgement;
  // A wave that is held in a campaign that goes on would be held for nobody: neither is written without the other.
  return io.store.together(() => {
    // Gathering evidence took its time: a person may have paused, resumed or superseded the campaign since.
    const now = io.store.campaigns().find(({ id }) => id === row.id);
    if (now !== undefined && successorOf(now.state) !== undefined) return false;
    const moved = applyWave(row, wave, planned, { kind: "judged", ...judgement }, io);
    if (moved === undefined) return false;
    if (moved.state.at === "held" && now !== undefined) applyCampaign(now, { kind: "gateHeld", wave: wave.index, gate, evidence: why }, io);
    return true;
  });
}

function gateInput({ row, byId, planned, tasks, evidence }: Bench, { store, clock }: DriveIo): GateInput {
  return {
    ...standingInput({ plan: row.plan, byId, wave: planned, tasks, nowMs: clock.nowMs() }),
    catalogue: store.catalogue(row.plan),
    ...evidence,
  };
}

interface WaveRows {
  readonly plan: Plan;
  readonly wave: PlannedWave;
  readonly tasks: readonly Pick<TaskRow, "id" | "device" | "state">[];
  readonly nowMs: Ms;
}

/** What the rows alone tell of a wave: enough for the gates that count. */
function standingInput({ plan, byId, wave, tasks, nowMs }: WaveRows & Pick<Judged, "byId">): GateInput {
  const isLast = wave.index === plan.waves.length;
  return { wave, isLast, policy: plan.policy, nowMs, tasks: judgedTasks(tasks, byId), ...NO_EVIDENCE, catalogue: [] };
}

/**
 * How many devices speak against a held wave at this gate now. What was judged from readings and the site stays as it was
 * judged; the others are counted anew, without what was skipped since.
 */
export function failuresNow(gate: GateId, held: { readonly failures: number }, rows: WaveRows): number {
  if (!COUNTING_GATES.some((one) => one === gate)) return held.failures;
  const byId = new Map(rows.plan.tasks.map((task) => [task.id, task]));
  return gates.find(({ id }) => id === gate)?.judge(standingInput({ ...rows, byId })).failures ?? 0;
}

/** Rows as the gates see them. */
function judgedTasks(tasks: WaveRows["tasks"], byId: Judged["byId"]): JudgedTask[] {
  return tasks.map(({ id, device, state }) => ({
    id,
    device,
    state,
    name: byId.get(id)?.name ?? device,
    model: byId.get(id)?.model ?? "",
  }));
}

function afterPassed(row: CampaignRow, wave: WaveRow, io: DriveIo): boolean {
  if (wave.index < row.plan.waves.length) return applyCampaign(row, { kind: "waveFinished", wave: wave.index }, io);
  if (io.store.unfinished(row.id, wave.index).length > 0) return afterLastWave(row, wave, io);
  return applyCampaign(row, { kind: "allDone", counts: countsOf(io.store.tasks(row.id)) }, io);
}

/** Stragglers follow after the last wave: where more of them fail than it might lose, a person is asked as in a wave. */
function afterLastWave(row: CampaignRow, { index }: WaveRow, io: DriveIo): boolean {
  if (row.state.at !== "running") return false;
  const late = io.store.judged(row.id, index).filter(({ state }) => isBad(state) && state.duringWave === 0).length;
  const allowed = row.plan.waves.find((wave) => wave.index === index)?.failuresAllowed ?? 0;
  if (late <= Math.max(allowed, row.state.lateFailures ?? 0)) return false;
  const evidence = `${late} stragglers failed or are lost after the last wave, ${allowed} allowed`;
  return applyCampaign(row, { kind: "gateHeld", wave: index, gate: "failureCount", evidence, lateFailures: late }, io);
}

/** How the tasks ended; with those still open they always add up to the plan. */
export function countsOf(tasks: readonly Pick<TaskRow, "state">[]): CampaignCounts {
  const count = (at: string): number => tasks.filter(({ state }) => state.at === at).length;
  return {
    succeeded: count("succeeded"),
    failed: count("failed"),
    lost: count("lost"),
    refused: count("refused"),
    skipped: count("skipped"),
  };
}
