/**
 * Performs one task's moves: the thin shell around `nextMove`. Every write is guarded by the row's revision, and the
 * intent to command is on disk before anything is sent.
 */

import type { Fault } from "../../protocols/core/fault.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import { MINUTE, type Ms } from "../../protocols/core/time.ts";
import type { Look } from "../../protocols/families/family.ts";
import { imagesNeeded, isBehind, legAt, versionOn } from "./legs.ts";
import type { Move } from "./move.ts";
import { nextMove } from "./next.ts";
import type { BackupTrouble, DriveIo, TaskRow } from "./ports.ts";
import type { Plan, PlannedLeg, PlannedTask } from "./shape.ts";

import type { Baseline, Situation, TimedLook } from "./situation.ts";
import { stepTask } from "./task.ts";
import { type Hold, isAtRisk, isFinal, legOf, type TaskEvent, type TaskState } from "./task-state.ts";

export interface TaskContext {
  readonly plan: Plan;
  readonly planned: PlannedTask;
  /** Asked again before each move: a slot taken by a neighbour meanwhile counts. */
  holds(leg: number): readonly Hold[];
  /** When a device that is in use now has its next chance. */
  nextChanceMs(): Ms | undefined;
  /** Looks at a device nobody has touched; `undefined` where so many are being looked at that it has to wait. */
  firstLook(row: TaskRow, signal: AbortSignal): Promise<Look | undefined>;
  /** The wave under way, where the task's own has passed: a failure counts against it. 0 where none is. */
  duringWave(): number | undefined;
}

/** The newest look at each device in this life of the agent. */
export type Looks = Map<DeviceId, TimedLook>;

/** Moves one performance may make before others get their turn; look, reserve, look, command, accepted is the longest way. */
const MOVES_MAX = 8;

/** Brings the task as far as it goes without waiting. @returns the row as it stands afterwards */
export async function perform(
  row: TaskRow,
  context: TaskContext,
  io: DriveIo & { readonly looks: Looks },
  signal: AbortSignal,
): Promise<TaskRow> {
  let current = row;
  for (let i = 0; i < MOVES_MAX && !isFinal(current.state) && !signal.aborted; i++) {
    const move = nextMove(current.state, situation(current, context, io));
    if (move.do === "nothing") break;
    // What needs no waiting is done before this function waits for the first time: then a turn has read its rows once for all.
    const made = make(move, current, context, io, signal);
    const next = made instanceof Promise ? await made : made;
    if (next === undefined) break; // somebody else changed the row, or nothing came of it: the next turn decides anew
    current = next;
  }
  return current;
}

function situation(row: TaskRow, context: TaskContext, io: DriveIo & { readonly looks: Looks }): Situation {
  const { state } = row;
  const leg = legOf(state, 0);
  const token = "attempt" in state ? state.attempt.token : undefined;
  const look = io.looks.get(row.device);
  const seenMs = state.at === "armed" ? io.store.seenMs(row.device) : undefined;
  const nextOpeningMs = state.at === "deferred" ? context.nextChanceMs() : undefined;
  const signs = once(() => (token === undefined ? {} : io.store.signs(token)));
  const baseline = once(() => (token === undefined ? undefined : io.store.baseline(token)));
  // What holds back the untouched concerns a device no more once it may have been commanded.
  const holds = once(() => (isAtRisk(state) && state.at !== "reserved" ? [] : context.holds(leg)));
  return {
    planned: context.planned,
    leg,
    policy: context.plan.policy,
    ...(context.plan.rollback === undefined ? {} : { goesBack: true }),
    pace: io.devices.pace(context.planned),
    // All of them, so that nobody stays between two for want of a file.
    imageStaged: state.at === "planned" && context.planned.legs.flatMap(imagesNeeded).every((image) => io.store.imageStaged(image)),
    get holds() {
      return holds();
    },
    get signs() {
      return signs();
    },
    get baseline() {
      return baseline();
    },
    ...(look === undefined ? {} : { look }),
    ...(seenMs === undefined ? {} : { seenMs }),
    ...(nextOpeningMs === undefined ? {} : { nextOpeningMs }),
    nowMs: io.clock.nowMs(),
  };
}

/** Read where the decision asks for it: most of thousands that wait ask for little. */
function once<T>(read: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    known ??= { value: read() };
    return known.value;
  };
}

type Made = TaskRow | undefined;

function make(
  move: Move,
  row: TaskRow,
  context: TaskContext,
  io: DriveIo & { readonly looks: Looks },
  signal: AbortSignal,
): Made | Promise<Made> {
  switch (move.do) {
    case "nothing":
      return undefined;
    case "step":
      return isRefusal(move.event) ? refuse(move.event, row, context, io, signal) : advance(row, move.event, context, io);
    case "look":
      return lookAt(row, context, io, signal);
    case "reserve":
      return backUpAndReserve(row, context, io, signal);
    case "command":
      return command(row, context, io, signal);
  }
}

async function lookAt(row: TaskRow, context: TaskContext, io: DriveIo & { readonly looks: Looks }, signal: AbortSignal): Promise<Made> {
  const askedMs = io.clock.nowMs();
  const look = isAtRisk(row.state) ? await io.devices.look(row.device, signal) : await context.firstLook(row, signal);
  if (look === undefined) return undefined;
  io.looks.set(row.device, { ...look, askedMs, atMs: io.clock.nowMs() });
  await keepFromUsers(row, look, context, io);
  return row;
}

async function backUpAndReserve(
  row: TaskRow,
  context: TaskContext,
  io: DriveIo & { readonly looks: Looks },
  signal: AbortSignal,
): Promise<Made> {
  const trouble = await io.backup(row.device, context.plan.policy, signal);
  return trouble === undefined
    ? reserve(row, context, io)
    : advance(row, { kind: "holdsFound", reasons: [backupHold(trouble, io)] }, context, io);
}

/** A person has stopped it, by the campaign or by the kill switch: nothing is offered. */
const isStopped = (holds: readonly Hold[]): boolean => holds.some(({ code }) => code === "paused" || code === "killed");

/**
 * Where a device decides by itself when it fetches, somebody may have begun to use it since: then there is nothing to fetch until it
 * is idle again. A device that is silent or on its new version is left alone.
 */
async function keepFromUsers(row: TaskRow, look: Look, { plan, planned, holds }: TaskContext, io: DriveIo): Promise<void> {
  const { state } = row;
  const running = look.facts.running?.application;
  if (io.devices.pace(planned).watchMs === undefined || running === undefined) return;
  if (state.at !== "commanded" && state.at !== "applying" && state.at !== "rebooting" && state.at !== "unknown") return;
  if (state.at === "unknown" && state.was === "reserved") return;
  const { attempt } = state;
  if (isBehind(look, legAt(planned, attempt.leg))) return;
  if (look.inUse.state !== "idle") await io.devices.withdraw([attempt.token]);
  else if (!isStopped(holds(attempt.leg))) await io.devices.offer({ planned, attempt, plan });
}

/** What mends it comes with a restart of the phone, when somebody sets something there, or with the server that has it. */
const BACKUP_AGAIN_MS: Ms = 10 * MINUTE;

function backupHold(trouble: BackupTrouble, { clock }: DriveIo): Hold {
  return { code: "backup", ...trouble, untilMs: clock.nowMs() + BACKUP_AGAIN_MS };
}

type Refusal = TaskEvent & { readonly kind: "failed" };

const isRefusal = (event: TaskEvent): event is Refusal => event.kind === "failed" && event.cause === "imageRefused";

/** A refused image with the device's own reason, where it says one. */
async function refuse(event: Refusal, row: TaskRow, context: TaskContext, io: DriveIo, signal: AbortSignal): Promise<Made> {
  const { fault } = event;
  const why = fault.kind === "refused" ? await io.devices.whyRefused(row.device, signal) : undefined;
  const inItsWords =
    why === undefined || fault.kind !== "refused" ? event : { ...event, fault: { ...fault, reason: `${fault.reason}: ${why}` } };
  return advance(row, inItsWords, context, io);
}

/** A straggler's failure counts against the wave under way: its own has passed. */
function withWave(event: TaskEvent, context: TaskContext): TaskEvent {
  if (event.kind !== "failed" && event.kind !== "silent" && event.kind !== "commandFaulted") return event;
  const duringWave = context.duringWave();
  return duringWave === undefined ? event : { ...event, duringWave };
}

/** One pure step, stored. `undefined` when the event does not apply or the row has moved on. */
function advance(row: TaskRow, what: TaskEvent, context: TaskContext, io: DriveIo): TaskRow | undefined {
  const atMs = io.clock.nowMs();
  const event = withWave(what, context);
  const step = stepTask(row.state, event, context.plan.policy, atMs);
  if ("ignored" in step) return undefined;
  const stored = io.store.applyTask({ row, planned: context.planned, event, next: step.next, atMs });
  return stored ? { ...row, state: step.next, revision: row.revision + 1 } : undefined;
}

function reserve(row: TaskRow, context: TaskContext, io: DriveIo & { readonly looks: Looks }): TaskRow | undefined {
  const atMs = io.clock.nowMs();
  const event: TaskEvent = { kind: "reserved", token: io.newToken() };
  const step = stepTask(row.state, event, context.plan.policy, atMs);
  if ("ignored" in step) return undefined;
  const taken = io.store.reserve(
    { row, planned: context.planned, event, next: step.next, atMs },
    baselineOf(io.looks.get(row.device), legAt(context.planned, legOf(row.state, 0)), context.planned, atMs),
  );
  return taken.ok ? { ...row, state: step.next, revision: row.revision + 1 } : undefined;
}

function baselineOf(look: TimedLook | undefined, leg: PlannedLeg, planned: PlannedTask, atMs: Ms): Baseline {
  // It came late from an earlier attempt: what it has now is not what it had before.
  if (look !== undefined && isBehind(look, leg)) {
    return { atMs, version: leg.from, ...(planned.registeredLines === undefined ? {} : { registeredLines: planned.registeredLines }) };
  }
  return {
    atMs: look?.atMs ?? atMs,
    version: (look === undefined ? undefined : versionOn(look, leg)) ?? leg.from,
    ...(look?.lines === undefined ? {} : { registeredLines: look.lines.registered }),
    ...(look?.parts === undefined ? {} : { parts: look.parts }),
  };
}

/** Intent, offer, command, in this order. Power may fail between any two: the next start looks before it acts. */
async function command(row: TaskRow, context: TaskContext, io: DriveIo, signal: AbortSignal): Promise<TaskRow | undefined> {
  const intended = advance(row, { kind: "commandIntended", reactMs: io.devices.pace(context.planned).reactMs }, context, io);
  if (intended === undefined || !isCommanded(intended.state)) return undefined;
  const { attempt } = intended.state;
  const refused = async (fault: Fault): Promise<TaskRow | undefined> => {
    // A device that was not told to must not find the image when it looks by itself.
    await io.devices.withdraw([attempt.token]);
    return advance(intended, { kind: "commandFaulted", fault, certain: true }, context, io);
  };
  const errand = { planned: context.planned, attempt, plan: context.plan };
  const offered = await io.devices.offer(errand);
  if (!offered.ok) return refused(offered.fault);
  // A person may have stopped it while the image was put on offer.
  if (isStopped(context.holds(attempt.leg))) return refused({ kind: "cancelled", by: "operator" });
  const sent = await io.devices.trigger(errand, signal);
  // The image may have been asked for while the answer was on its way, so the row is read again by its revision.
  if (sent.ok) return advance(intended, { kind: "commandAccepted" }, context, io);
  if (sent.fault.certain) return refused(sent.fault.fault);
  // The answer is lost, and the device may obey all the same: watched like one that said yes.
  return intended;
}

function isCommanded(state: TaskState): state is TaskState & { at: "commanded" } {
  return state.at === "commanded";
}
