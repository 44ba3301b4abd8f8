/** What a task's history and attempts say for a report. Pure; done where the rows are, so that a report carries no history. */
import type { Ms } from "../../protocols/core/time.ts";
import type { TaskAt, TaskEvent } from "./task-state.ts";

export interface TaskStepRow {
  readonly atMs: Ms;
  readonly to: TaskAt;
  readonly event: TaskEvent;
}

export interface AttemptFact {
  readonly number: number;
  readonly reservedAtMs: Ms;
  readonly imageDeliveredAtMs?: Ms;
  /** Of its image, to its device. */
  readonly sentBytes?: number;
  readonly baseline?: { readonly version: string };
}

export interface TaskFacts {
  /** When it was first taken in hand. */
  readonly firstAtMs?: Ms;
  /** What it ran at its first look. */
  readonly ran?: string;
  /** From its commands to its lines being back, over all steps; absent where a call or a restart of the agent came between. */
  readonly lengthMs?: Ms;
  /** Of images, over all attempts; absent where none. */
  readonly sentBytes?: number;
  /** When it was away: from each command to its lines being back, or to the end of the wait for them. An open one has no end. */
  readonly away: readonly { readonly fromMs: Ms; readonly toMs?: Ms }[];
  /** Indexes of the steps whose image it took whole, one for each time. */
  readonly imagesOf: readonly number[];
}

/** Both oldest first. */
export function taskFacts(history: readonly TaskStepRow[], attempts: readonly AttemptFact[]): TaskFacts {
  const [first] = attempts;
  const walked = walk(history);
  const sentBytes = attempts.reduce((sum, attempt) => sum + (attempt.sentBytes ?? 0), 0);
  return {
    ...(first === undefined ? {} : { firstAtMs: first.reservedAtMs }),
    ...(first?.baseline === undefined ? {} : { ran: first.baseline.version }),
    ...(walked.lengthMs === undefined ? {} : { lengthMs: walked.lengthMs }),
    ...(sentBytes === 0 ? {} : { sentBytes }),
    away: walked.away,
    imagesOf: attempts
      .filter(({ imageDeliveredAtMs }) => imageDeliveredAtMs !== undefined)
      .map(({ reservedAtMs }) => legAtMoment(history, reservedAtMs)),
  };
}

/** The step it was at: one for each that was over by then. */
function legAtMoment(history: readonly TaskStepRow[], atMs: Ms): number {
  let leg = 0;
  for (const { atMs: thenMs, event } of history) {
    if (thenMs > atMs) break;
    if (event.kind === "legDone") leg++;
    if (event.kind === "foundAhead") leg = event.leg;
  }
  return leg;
}

function walk(history: readonly TaskStepRow[]): { readonly lengthMs?: Ms; readonly away: readonly { fromMs: Ms; toMs?: Ms }[] } {
  const away: { fromMs: Ms; toMs?: Ms }[] = [];
  let sinceMs: Ms | undefined;
  let heldUp = false;
  let lengthMs = 0;
  let arrived = false;
  const back = (atMs: Ms): void => {
    if (sinceMs !== undefined) away.push({ fromMs: sinceMs, toMs: atMs });
    sinceMs = undefined;
  };
  for (const { atMs, to, event } of history) {
    switch (event.kind) {
      case "commandIntended":
        sinceMs ??= atMs;
        break;
      case "imageRequested":
      case "wentDown":
        sinceMs ??= atMs;
        break;
      case "waitsForUser":
        // Somebody uses it: it is not away yet.
        heldUp = true;
        sinceMs = undefined;
        break;
      case "agentRestarted":
        heldUp ||= sinceMs !== undefined;
        break;
      case "checksPassed":
      case "legDone":
        if (sinceMs !== undefined) lengthMs += atMs - sinceMs;
        arrived = event.kind === "checksPassed";
        back(atMs);
        break;
      default:
        // It is well after all, another attempt is due, or a person answers for it. Lost, and failed unseen, it stays away.
        if (!STAYS_AWAY.has(to) || event.kind === "foundWell" || (event.kind === "failed" && event.seenHealthy)) back(atMs);
    }
  }
  if (sinceMs !== undefined) away.push({ fromMs: sinceMs });
  return { away, ...(arrived && !heldUp ? { lengthMs } : {}) };
}

const STAYS_AWAY: ReadonlySet<TaskAt> = new Set(["commanded", "applying", "rebooting", "verifying", "unknown", "lost", "failed"]);
