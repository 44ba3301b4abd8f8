/**
 * The drive: a thin shell that turns rows into moves. It keeps nothing that matters: killed anywhere and started again,
 * it reads the rows, looks at the devices, and goes on.
 */

import type { CampaignId, TaskId } from "../../protocols/core/ids.ts";
import type { Clock, Ms } from "../../protocols/core/time.ts";
import { type CampaignCounts, type CampaignEvent, mayCommand, stepCampaign } from "./campaign.ts";
import { type DomainIndex, indexDomains } from "./domains.ts";
import type { GateInput, JudgedTask } from "./gates/gate.ts";

import { judgeWave } from "./gates/index.ts";
import { holdsFor } from "./holds.ts";
import { momentary } from "./moment.ts";
import { type Looks, perform, type TaskContext } from "./perform.ts";
import type { CampaignRow, DriveIo, TaskRow, WaveRow } from "./ports.ts";
import type { Plan, PlannedTask, PlannedWave } from "./shape.ts";

import { stepTask } from "./task.ts";
import { isFinal } from "./task-state.ts";
import { stepWave, type WaveEvent } from "./wave.ts";
import { type WindowView, windowView } from "./window.ts";

export interface Drive {
  /** Once, before the first turn: every touched task becomes unknown, and its image is offered again. */
  recover(): Promise<void>;
  /** The image server was started anew: what is under way is offered again. */
  recoverOffers(): Promise<void>;
  /** Starts what may start, watches what is under way, judges what has landed. Returns without waiting for devices. */
  turn(signal: AbortSignal): Promise<void>;
  /** Resolves when no move is under way. */
  idle(): Promise<void>;
}

/** An unknown task is given this long to show what it is doing before its attempt counts as not taken. */
const RESOLVE_MS = 120_000;

interface Kept {
  readonly tasks: ReadonlyMap<TaskId, PlannedTask>;
  readonly domains: DomainIndex;
  readonly window: WindowView;
}

export function createDrive(ports: DriveIo, wake: () => void): Drive {
  const looks: Looks = new Map();
  // A clock that is set back makes old looks look new: then none counts any more.
  const { rows, during } = momentary(ports.store);
  const io: DriveIo = { ...ports, store: rows, clock: watchedClock(ports.clock, () => looks.clear()) };
  const underWay = new Map<TaskId, Promise<void>>();
  const judging = new Set<CampaignId>();
  const kept = new Map<CampaignId, Kept>();

  const keptOf = (row: CampaignRow): Kept => {
    const known = kept.get(row.id);
    if (known !== undefined) return known;
    const fresh: Kept = {
      tasks: new Map(row.plan.tasks.map((task) => [task.id, task])),
      domains: indexDomains(row.plan),
      window: windowView(row.plan.calendar),
    };
    kept.set(row.id, fresh);
    return fresh;
  };

  const contextOf = (row: CampaignRow, planned: PlannedTask, { domains, window }: Kept): TaskContext => ({
    plan: row.plan,
    planned,
    holds(leg) {
      const now = io.store.state(row.id) ?? row.state;
      return holdsFor({
        planned,
        leg,
        policy: row.plan.policy,
        window,
        domains,
        atRisk: io.store.atRisk(),
        nowMs: io.clock.nowMs(),
        ...(mayCommand(now) ? {} : { stopped: now.at === "paused" ? pauseWords(now.cause) : `the campaign is ${now.at}` }),
      });
    },
  });

  const start = (row: CampaignRow, task: TaskRow, signal: AbortSignal): void => {
    const known = keptOf(row);
    const planned = known.tasks.get(task.id);
    if (planned === undefined || underWay.has(task.id)) return;
    const before = task.state;
    const done = perform(task, contextOf(row, planned, known), { ...io, looks }, signal)
      .then(async (after) => {
        await withdrawIfOver(before, after, planned, io);
        if (after.revision !== task.revision) wake();
      })
      .catch((error: unknown) => {
        if (!signal.aborted) io.onBug(`task ${task.id} could not be moved`, error);
      })
      .finally(() => underWay.delete(task.id));
    underWay.set(task.id, done);
  };

  return {
    async recover() {
      for (const row of io.store.campaigns()) {
        for (const task of io.store.tasks(row.id)) await recoverTask(row, task, keptOf(row), io);
      }
    },
    async recoverOffers() {
      for (const row of io.store.campaigns()) {
        if (row.state.at === "halted") continue;
        for (const { id, state } of io.store.tasks(row.id)) {
          const planned = keptOf(row).tasks.get(id);
          if (planned === undefined || !("attempt" in state)) continue;
          const open = staysOnOffer(state, planned, io) && !(state.at === "unknown" && state.was === "reserved");
          if (open) await io.devices.offer({ planned, attempt: state.attempt, plan: row.plan });
        }
      }
    },
    async turn(signal) {
      during(() => {
        for (const row of io.store.campaigns()) {
          const wave = "wave" in row.state ? (row.state.wave ?? 0) : 0;
          const waveRow = startWave(row, wave, io);
          const tasks = io.store.tasks(row.id);
          for (const task of tasks) if (!isFinal(task.state) && task.wave <= wave) start(row, task, signal);
          if (waveRow !== undefined && !judging.has(row.id)) {
            judging.add(row.id);
            // Not awaited: gathering evidence asks devices, and one silent device delays nobody.
            void judge(row, waveRow, io, signal)
              .then((changed) => changed && wake())
              .catch((error: unknown) => {
                if (!signal.aborted) io.onBug(`wave ${wave} of ${row.id} could not be judged`, error);
              })
              .finally(() => judging.delete(row.id));
          }
        }
      });
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay.values());
    },
  };
}

/** The same clock; tells when it shows less than it showed before. */
function watchedClock(clock: Clock, onBack: () => void): Clock {
  let shownMs = clock.nowMs();
  const nowMs = (): Ms => {
    const atMs = clock.nowMs();
    if (atMs < shownMs) onBack();
    shownMs = atMs;
    return atMs;
  };
  return { nowMs, sleep: (lengthMs, signal) => clock.sleep(lengthMs, signal), toRealMs: (lengthMs) => clock.toRealMs(lengthMs) };
}

function pauseWords(cause: { readonly kind: string; readonly by?: string; readonly gate?: string; readonly evidence?: string }): string {
  return cause.kind === "gate" ? `gate "${cause.gate}" holds: ${cause.evidence}` : `paused by ${cause.by}`;
}

/** A device whose fetching does not tell when it has everything may go on with it after it was silent. */
function staysOnOffer({ at }: TaskRow["state"], planned: PlannedTask, io: DriveIo): boolean {
  if (at === "rebooting") return io.devices.pace(planned).watchMs !== undefined;
  return at === "commanded" || at === "applying" || at === "unknown";
}

/** The image stays on offer only while an attempt may still take it. */
async function withdrawIfOver(before: TaskRow["state"], after: TaskRow, planned: PlannedTask, io: DriveIo): Promise<void> {
  const token = "attempt" in before ? before.attempt.token : "attempt" in after.state ? after.state.attempt.token : undefined;
  if (token === undefined) return;
  const open = staysOnOffer(after.state, planned, io) && "attempt" in after.state && after.state.attempt.token === token;
  if (!open && ["commanded", "applying", "unknown", "rebooting"].includes(before.at)) await io.devices.withdraw([token]);
}

async function recoverTask(row: CampaignRow, task: TaskRow, { tasks }: Kept, io: DriveIo): Promise<void> {
  const planned = tasks.get(task.id);
  if (planned === undefined) return;
  const pace = io.devices.pace(planned);
  // One that asks by itself shows nothing before its next question.
  const event = { kind: "agentRestarted", resolveMs: pace.watchMs === undefined ? RESOLVE_MS : pace.reactMs } as const;
  const step = stepTask(task.state, event, row.plan.policy, io.clock.nowMs());
  if ("ignored" in step) return;
  if (!io.store.applyTask({ row: task, planned, event, next: step.next, atMs: io.clock.nowMs() })) return;
  // A phone that was told before we went down may ask for its image now. Not where a person has stopped the campaign.
  if (step.next.at === "unknown" && step.next.was !== "reserved" && row.state.at !== "halted")
    await io.devices.offer({ planned, attempt: step.next.attempt, plan: row.plan });
}

/** Starts the campaign's current wave if it waits for that. @returns the wave's row, if there is one */
function startWave(row: CampaignRow, index: number, io: DriveIo): WaveRow | undefined {
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

/** Moves the wave along: landed, judged, held or passed. @returns true when a row changed */
async function judge(row: CampaignRow, wave: WaveRow, io: DriveIo, signal: AbortSignal): Promise<boolean> {
  const planned = row.plan.waves.find(({ index }) => index === wave.index);
  if (planned === undefined || row.state.at === "halted") return false;
  if (wave.state.at === "passed") return afterPassed(row, wave, io);
  if (wave.state.at !== "active" && wave.state.at !== "soaking") return false;
  const tasks = io.store.tasks(row.id);
  const mine = tasks.filter((task) => task.wave === wave.index);
  const landed = mine.every(({ state }) => isFinal(state) || state.at === "soaking");
  if (wave.state.at === "active" && landed) {
    const updated = mine.filter(({ state }) => state.at === "soaking" || (state.at === "succeeded" && state.how === "updated")).length;
    return applyWave(row, wave, planned, { kind: "landed", updated }, io) !== undefined;
  }
  if (wave.state.at === "soaking" && !landed) return applyWave(row, wave, planned, { kind: "tookOff" }, io) !== undefined;
  const soakOver = wave.state.at === "soaking" && io.clock.nowMs() >= wave.state.untilMs && mine.every(({ state }) => isFinal(state));
  const evidence = soakOver ? await io.health(row, wave.index, tasks, signal) : { health: [], untouched: [], staleAfterMs: 0 };
  return applyJudgement({ row, wave, planned, tasks, evidence, soakOver }, io);
}

interface Bench {
  readonly row: CampaignRow;
  readonly wave: WaveRow;
  readonly planned: PlannedWave;
  readonly tasks: readonly TaskRow[];
  readonly evidence: Pick<GateInput, "health" | "untouched" | "staleAfterMs">;
  readonly soakOver: boolean;
}

function applyJudgement(bench: Bench, io: DriveIo): boolean {
  const { row, wave, planned, soakOver } = bench;
  const accepted = wave.state.at === "active" || wave.state.at === "soaking" ? wave.state.accepted : [];
  const input = gateInput(bench, io.clock.nowMs());
  // Until the soak is over only a failure counts, and health is not evidence yet.
  const early = { health: { verdict: "inconclusive", why: "the soak is not over", evidence: [], failures: 0 } } as const;
  const judgement = judgeWave(input, accepted, soakOver ? {} : early);
  if (!soakOver && judgement.verdict !== "fail") return false;
  const { verdict, gate, why, failures } = judgement;
  // A wave that is held in a campaign that goes on would be held for nobody: neither is written without the other.
  return io.store.together(() => {
    const moved = applyWave(row, wave, planned, { kind: "judged", verdict, gate, why, failures }, io);
    if (moved === undefined) return false;
    // Gathering evidence took its time: a person may have paused or resumed the campaign since.
    const now = io.store.campaigns().find(({ id }) => id === row.id);
    if (moved.state.at === "held" && now !== undefined) applyCampaign(now, { kind: "gateHeld", wave: wave.index, gate, evidence: why }, io);
    return true;
  });
}

function gateInput({ row, planned, tasks, evidence }: Bench, nowMs: number): GateInput {
  return { wave: planned, nowMs, tasks: judgedTasks(row.plan, tasks), ...evidence };
}

/** Rows as the gates see them. */
export function judgedTasks(plan: Plan, tasks: readonly Pick<TaskRow, "id" | "device" | "state">[]): JudgedTask[] {
  const byId = new Map(plan.tasks.map((task) => [task.id, task]));
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
  return applyCampaign(row, { kind: "allDone", counts: countsOf(io.store.tasks(row.id)) }, io);
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
