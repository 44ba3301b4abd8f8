/** The devices of a report: how each came from where to where, and how it ended. Pure. */
import { showFault } from "../../protocols/core/fault.ts";
import { isoOf, type Ms } from "../../protocols/core/time.ts";
import { endedWords } from "./ended-words.ts";
import type { ReportedDevice, Totals } from "./report-document.ts";
import type { ReportedTask, ReportInput, TicketFact } from "./report-input.ts";
import type { PlannedTask } from "./shape.ts";
import { isFinal, type TaskState } from "./task-state.ts";

/** In the order of the plan: wave by wave, as they went. Tasks nobody planned are left out. */
export function reportedDevices(input: ReportInput, tasks: readonly ReportedTask[]): ReportedDevice[] {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const ticketOf = ticketsByDevice(input.tickets);
  return input.plan.tasks.flatMap((planned) => {
    const task = byId.get(planned.id);
    return task === undefined ? [] : deviceOf(planned, task, ticketOf.get(planned.device));
  });
}

/** A device is in several tickets at most for a while: the newest is named. */
function ticketsByDevice(tickets: readonly TicketFact[]): ReadonlyMap<string, TicketFact> {
  return new Map(tickets.flatMap((ticket) => ticket.devices.map((device) => [device, ticket] as const)));
}

function deviceOf(planned: PlannedTask, task: ReportedTask, ticket: TicketFact | undefined): ReportedDevice {
  const { facts, window, state } = task;
  const [first] = planned.legs;
  const last = planned.legs.at(-1) ?? first;
  const why = endWords(state);
  return {
    ...{ device: planned.device, name: planned.name, model: planned.model, wave: task.wave },
    ...{ from: facts.ran ?? first.from, to: last.to, attempts: task.attempts, state: stateWord(state) },
    ...(planned.legs.length < 2 ? {} : { steps: planned.legs.map(({ to }) => to) }),
    ...(why === undefined ? {} : { why: why.slice(0, 2_000) }),
    ...(facts.firstAtMs === undefined ? {} : { first: isoOf(facts.firstAtMs) }),
    ...(isFinal(state) ? { ended: isoOf(task.sinceMs) } : {}),
    ...(facts.lengthMs === undefined ? {} : { lengthMs: Math.round(facts.lengthMs) }),
    ...(facts.sentBytes === undefined ? {} : { sentBytes: facts.sentBytes }),
    ...(window === undefined ? {} : { restarts: window.restartsSince }),
    ...(window === undefined || window.before.asked === 0 || window.after.asked === 0
      ? {}
      : { answered: { before: window.before.answered / window.before.asked, after: window.after.answered / window.after.asked } }),
    ...(ticket === undefined ? {} : { ticket: ticket.number ?? ticket.key }),
  };
}

/** How a success came about is told by its word. */
function stateWord(state: TaskState): string {
  if (state.at !== "succeeded") return state.at;
  return state.how === "updated" ? "updated" : "alreadyCurrent";
}

function endWords(state: TaskState): string | undefined {
  switch (state.at) {
    case "held":
      return state.reasons.map(({ why }) => why).join("; ");
    case "deferred":
      return state.inUse.state === "idle" ? "in use" : state.inUse.reason;
    case "failedRetryable":
      return showFault(state.fault);
    case "skipped":
      return `${state.why === "" ? "" : `${state.why}; `}by ${state.by}`;
    case "refused":
      return state.why;
    case "failed":
    case "lost":
      return endedWords(state);
    default:
      return undefined;
  }
}

export function totalsOf(states: readonly TaskState[]): Totals {
  const count = (is: (state: TaskState) => boolean): number => states.filter(is).length;
  const at = (name: TaskState["at"]): number => count((state) => state.at === name);
  const known = {
    ...{ succeeded: at("succeeded"), failed: at("failed"), lost: at("lost"), refused: at("refused") },
    ...{ skipped: at("skipped"), broughtBack: at("reverted") },
  };
  const unfinished = count((state) => !isFinal(state));
  const named = Object.values(known).reduce((sum, one) => sum + one, 0);
  const alreadyCurrent = count((state) => state.at === "succeeded" && state.how === "alreadyCurrent");
  return {
    planned: states.length,
    ...known,
    updated: known.succeeded - alreadyCurrent,
    alreadyCurrent,
    otherwise: states.length - unfinished - named,
    unfinished,
  };
}

/** The value that so large a share of them does not pass; `undefined` of nothing. */
export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

export const lengthOf = (fromMs: Ms, toMs: Ms): Ms => Math.max(0, Math.round(toMs - fromMs));
