/**
 * The drive: a thin shell that turns rows into moves. It keeps nothing that matters: killed anywhere and started again,
 * it reads the rows, looks at the devices, and goes on.
 */

import type { CampaignId, Sha256, TaskId } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { isStopped, mayCommand, pauseWords } from "./campaign-state.ts";
import { damageStop } from "./damaged.ts";
import { type DomainIndex, indexDomains } from "./domains.ts";
import { createFirstLooks } from "./first-looks.ts";
import { catalogueHold, type ReleaseStanding } from "./freshness.ts";
import { everyHold } from "./holds.ts";
import { endSuperseded, judge, startWave } from "./judge.ts";
import type { Kill } from "./kill.ts";
import { imagesOf } from "./legs.ts";
import { momentary } from "./moment.ts";
import { type Asked, createNaps, mayNap, type Naps, waitsUntilMs } from "./naps.ts";
import { type Looks, perform, type TaskContext } from "./perform.ts";
import type { CampaignRow, DriveIo, TaskRow } from "./ports.ts";
import { neverBack, watchedClock } from "./set-back.ts";
import type { PlannedTask } from "./shape.ts";
import { stepTask } from "./task.ts";
import { isAtRisk } from "./task-state.ts";
import { isSetBack } from "./time-holds.ts";
import { createTurnTasks } from "./turn-tasks.ts";
import { startsOf, waveToPass } from "./wave.ts";
import { nextChanceMs, type WindowView, windowView } from "./window.ts";

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
  /** Devices of each wave. */
  readonly sizes: ReadonlyMap<number, number>;
  readonly images: readonly Sha256[];
  readonly naps: Naps;
}

interface Standing {
  readonly kills: readonly Kill[];
  readonly stale?: NonNullable<ReturnType<typeof catalogueHold>>;
  readonly stopped?: string;
  readonly key: () => string;
}

export function createDrive(ports: DriveIo, wake: () => void): Drive {
  const looks: Looks = new Map();
  // A clock that is set back makes old looks look new: then none counts any more.
  const { rows, during } = momentary(ports.store);
  const turnTasks = createTurnTasks();
  const store: DriveIo["store"] = {
    ...rows,
    applyTask(change) {
      turnTasks.written();
      return rows.applyTask(change);
    },
  };
  const io: DriveIo = { ...ports, store, clock: watchedClock(ports.clock, () => looks.clear()) };
  const stopDamaged = damageStop(io);
  const firstLooks = createFirstLooks(wake);
  const underWay = new Map<TaskId, Promise<void>>();
  const judging = new Set<CampaignId>();
  const kept = new Map<CampaignId, Kept>();
  const catalogues = new Map<CampaignId, readonly ReleaseStanding[]>();
  /** By wave, as its row says. */
  const underWaySince = new Map<CampaignId, ReadonlyMap<number, Ms>>();
  /** What a task that waits was told when it was asked last, until it naps. */
  const asked = new Map<TaskId, Asked>();
  /** While a turn is on. */
  const turnKeys = new Map<CampaignId, string>();
  const times = neverBack(io.times, io.clock);

  const keptOf = (row: CampaignRow): Kept => {
    const known = kept.get(row.id);
    if (known !== undefined) return known;
    const domains = indexDomains(row.plan);
    const fresh: Kept = {
      tasks: new Map(row.plan.tasks.map((task) => [task.id, task])),
      domains,
      window: windowView(row.plan.calendar),
      sizes: new Map(row.plan.waves.map(({ index, tasks }) => [index, tasks.length])),
      images: [...imagesOf(row.plan)],
      naps: createNaps(domains),
    };
    kept.set(row.id, fresh);
    return fresh;
  };

  /** As of this turn: thousands of tasks ask. Right before the slot is taken it is read once more. */
  const catalogueOf = (row: CampaignRow): readonly ReleaseStanding[] => {
    const known = catalogues.get(row.id) ?? io.store.catalogue(row.plan);
    catalogues.set(row.id, known);
    return known;
  };

  const slotsOf = ({ plan }: CampaignRow): number => plan.policy.atRiskMax - io.store.atRisk().length;

  /** What keeps all of a campaign waiting, and with it the moment's text of everything they have in common. */
  const standingOf = (row: CampaignRow, { window, images }: Kept): Standing => {
    const now = io.store.state(row.id) ?? row.state;
    const stale = catalogueHold(catalogueOf(row), times.highestMs());
    const stopped = mayCommand(now) ? undefined : now.at === "paused" ? pauseWords(now.cause) : `the campaign is ${now.at}`;
    const kills = io.store.kills();
    return {
      ...{ kills },
      ...(stale === undefined ? {} : { stale }),
      ...(stopped === undefined ? {} : { stopped }),
      key() {
        const nowMs = io.clock.nowMs();
        const isBehind = isSetBack(nowMs, times.highestMs());
        return JSON.stringify([stopped, stale, kills, isBehind, window.around(nowMs), images.filter(io.store.imageStaged)]);
      },
    };
  };

  const contextOf = (row: CampaignRow, task: TaskRow, planned: PlannedTask, known: Kept): TaskContext => ({
    plan: row.plan,
    planned,
    nextChanceMs: () => nextChanceMs(known.window, io.clock.nowMs()),
    duringWave() {
      const waves = io.store.waves(row.id);
      return waves.find(({ index }) => index === task.wave)?.state.at === "passed" ? waveToPass(waves) : undefined;
    },
    async firstLook({ id, device }, signal) {
      return firstLooks.run(id, slotsOf(row), () => io.devices.look(device, signal));
    },
    holds(leg) {
      const { kills, stale, stopped } = standingOf(row, known);
      const atRisk = io.store.atRisk();
      const company = io.store.company();
      const nowMs = io.clock.nowMs();
      const sinceMs = underWaySince.get(row.id)?.get(task.wave) ?? 0;
      known.naps.notice(atRisk, company);
      const { holds, domain } = everyHold({
        ...{ planned, leg, policy: row.plan.policy, window: known.window, domains: known.domains, times },
        wave: { sinceMs, size: known.sizes.get(task.wave) ?? 1 },
        ...{ atRisk, company, kills, nowMs },
        ...(row.plan.rollback === undefined ? {} : { goesBack: true }),
        ...(stale === undefined ? {} : { stale }),
        ...(stopped === undefined ? {} : { stopped }),
      });
      const key = turnKeys.get(row.id);
      const stamp = known.naps.stampOf(task.device, domain);
      if (key !== undefined) asked.set(task.id, { holds, ...(domain === undefined ? {} : { domain }), stamp, key, atMs: nowMs });
      return holds;
    },
  });

  const start = (row: CampaignRow, task: TaskRow, signal: AbortSignal): void => {
    const known = keptOf(row);
    const planned = known.tasks.get(task.id);
    if (planned === undefined || underWay.has(task.id)) return;
    const before = task.state;
    const key = turnKeys.get(row.id);
    if (key !== undefined) asked.set(task.id, { holds: [], stamp: known.naps.stampOf(task.device), key, atMs: io.clock.nowMs() });
    const done = perform(task, contextOf(row, task, planned, known), { ...io, looks }, signal)
      .then(async (after) => {
        keepNap(after, known);
        await withdrawIfOver(before, after, planned, io);
        if (after.revision !== task.revision) wake();
      })
      .catch((error: unknown) => {
        if (!signal.aborted) io.onBug(`task ${task.id} could not be moved`, error);
      })
      .finally(() => underWay.delete(task.id));
    underWay.set(task.id, done);
  };

  /** What is known of campaigns that have ended; the agent runs for years. */
  const forgetAllBut = (live: ReadonlySet<CampaignId>): void => {
    for (const id of kept.keys()) {
      if (live.has(id)) continue;
      kept.delete(id);
      underWaySince.delete(id);
    }
  };

  const keepNap = (task: TaskRow, { naps }: Kept): void => {
    const about = asked.get(task.id);
    asked.delete(task.id);
    if (about !== undefined && mayNap(task.state, about.holds)) naps.keep(task, about);
  };

  const moveAll = (row: CampaignRow, wave: number, signal: AbortSignal): void => {
    const known = keptOf(row);
    const key = standingOf(row, known).key();
    const nowMs = io.clock.nowMs();
    turnKeys.set(row.id, key);
    const mayWait = (task: TaskRow): boolean => {
      if (underWay.has(task.id) || nowMs < waitsUntilMs(task.state)) return true;
      const slots = slotsOf(row);
      if (slots > 0) known.naps.notice(io.store.atRisk(), io.store.company());
      return firstLooks.hasToWait(task.id, slots) || known.naps.isAsleep(task, { key, isFull: slots <= 0, nowMs });
    };
    if (turnTasks.move(row.id, tasksToMove(row, wave, io), mayWait, (task) => start(row, task, signal))) wake();
    turnKeys.delete(row.id);
  };

  return {
    async recover() {
      stopDamaged();
      for (const row of io.store.campaigns()) {
        for (const task of io.store.tasks(row.id)) await recoverTask(row, task, keptOf(row), io);
      }
    },
    async recoverOffers() {
      stopDamaged();
      for (const row of io.store.campaigns()) {
        if (isStopped(row.state)) continue;
        for (const { id, state } of io.store.tasks(row.id)) {
          const planned = keptOf(row).tasks.get(id);
          if (planned === undefined || !("attempt" in state)) continue;
          const open = staysOnOffer(state, planned, io) && !(state.at === "unknown" && state.was === "reserved");
          if (open) await io.devices.offer({ planned, attempt: state.attempt, plan: row.plan });
        }
      }
    },
    async turn(signal) {
      times.refresh();
      catalogues.clear();
      stopDamaged();
      during(() => {
        const campaigns = io.store.campaigns();
        forgetAllBut(new Set(campaigns.map(({ id }) => id)));
        for (const row of campaigns) {
          if (endSuperseded(row, io)) continue;
          const wave = "wave" in row.state ? (row.state.wave ?? 0) : 0;
          const waveRow = startWave(row, wave, io);
          underWaySince.set(row.id, startsOf(io.store.waves(row.id)));
          moveAll(row, wave, signal);
          if (waveRow !== undefined && !judging.has(row.id)) {
            judging.add(row.id);
            // Not awaited: gathering evidence asks devices, and one silent device delays nobody.
            void judge({ row, wave: waveRow, byId: keptOf(row).tasks }, io, signal)
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

/** Of one that is closed or taken back no wave is under way: who was touched before, in whichever, is watched to its end. */
function tasksToMove({ id, state, plan }: CampaignRow, wave: number, io: DriveIo): readonly TaskRow[] {
  if (!isStopped(state) || state.at === "halted") return io.store.unfinished(id, wave);
  return io.store.unfinished(id, plan.waves.length).filter((task) => isAtRisk(task.state));
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
  if (step.next.at === "unknown" && step.next.was !== "reserved" && !isStopped(row.state))
    await io.devices.offer({ planned, attempt: step.next.attempt, plan: row.plan });
}
