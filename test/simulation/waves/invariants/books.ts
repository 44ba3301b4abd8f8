/** I17, I25, I28, I30, I32, I33: what is written down, and what it says of everything that waits. */
import type { TaskState } from "../../../../firmware/waves/task-state.ts";
import { MINUTE, type Ms } from "../../../../protocols/core/time.ts";
import type { Invariant } from "./invariant.ts";

/** A slow look, a turn far off, the way of messages. */
const SLACK: Ms = 12 * MINUTE;

/** When it must have moved on at the latest; `undefined` where somebody else has to act first. */
function dueOf(state: TaskState, lostAfterMs: Ms): Ms | undefined {
  if ("deadlineMs" in state) return state.deadlineMs;
  if (state.at === "soaking") return state.untilMs + lostAfterMs;
  return state.at === "failedRetryable" ? state.nextAtMs : undefined;
}

const I17: Invariant = {
  id: "I17",
  says: "every non-final task has a deadline or an owner, and does not outlive it; nobody goes a leg while files of a later one are missing",
  watch({ store, time, story }) {
    let quietSince = story.startMs;
    let turns = 0;
    return (step) => {
      if (step.kind === "started" || step.kind === "killed") quietSince = time.nowMs();
      if (step.kind === "command") {
        const missing = step.sentFor?.planned.legs.find(({ image }) => store.releases.image(image)?.state !== "staged");
        return missing === undefined ? undefined : `${step.device} was commanded, and the files of ${missing.release} are not here`;
      }
      if (step.kind !== "turned" || ++turns % 8 !== 0 || time.nowMs() - quietSince < SLACK) return undefined;
      if (story.clockJumps.some(({ atMs, byMs }) => Math.abs(time.nowMs() - atMs) < SLACK + Math.abs(byMs))) return undefined;
      for (const { device, state, campaign } of store.tasks.active()) {
        const stored = store.campaigns.load(campaign);
        const untouched = !("attempt" in state) || state.at === "failedRetryable";
        if (stored === undefined || (untouched && stored.state.at !== "running")) continue;
        const due = dueOf(state, stored.plan.policy.lostAfter);
        if ("attempt" in state && due === undefined) return `${device} is ${state.at} without an end`;
        if (due !== undefined && time.agent.nowMs() > due + SLACK)
          return `${device} is ${state.at}, ${Math.round((time.agent.nowMs() - due) / MINUTE)} min past its end`;
      }
      return undefined;
    };
  },
};

/** Up to so many devices all tasks are counted at every step; beyond, at one step in as many as there are such numbers of devices. */
const COUNTED_ALWAYS = 1_000;

const I25: Invariant = {
  id: "I25",
  says: "counts always add up to the planned number (in a story of thousands of devices at every so-manieth step)",
  watch({ store, story }) {
    const every = Math.ceil(story.phones.length / COUNTED_ALWAYS);
    let steps = 0;
    return (step) => {
      if (step.kind !== "task" && step.kind !== "campaign") return undefined;
      if (step.kind === "task" && ++steps % every !== 0) return undefined;
      const campaign = step.kind === "task" ? step.change.row.campaign : step.campaign;
      const stored = store.campaigns.load(campaign);
      const sum = [...store.tasks.counts(campaign).values()].reduce((total, count) => total + count, 0);
      if (sum !== stored?.plan.tasks.length) return `${campaign} counts ${sum} of ${stored?.plan.tasks.length} tasks`;
      if (stored.state.at !== "completed" && stored.state.at !== "completedWithFailures") return undefined;
      const { succeeded, failed, lost, refused, skipped } = stored.state.counts;
      const told = succeeded + failed + lost + refused + skipped;
      return told === sum ? undefined : `${campaign} ended, and its counts make ${told} of ${sum}`;
    };
  },
};

/** So many of the newest rows are looked through: those of one transaction, and of the command around it. */
const NEWEST = 12;
const VERIFY_EVERY = 60;

const I28: Invariant = {
  id: "I28",
  says: "every change has an audit row, and the chain verifies",
  watch({ store }) {
    let changes = 0;
    return (step) => {
      if (step.kind === "wave" || step.kind === "campaign") {
        const action = `${step.kind}.${step.next.at}`;
        const written = store.audit.list({ limit: NEWEST }).some((row) => row.action === action && row.subject.includes(step.campaign));
        if (!written) return `${step.campaign}: "${action}" by ${step.event.kind} left no audit row`;
        changes++;
      }
      const isDue = step.kind === "started" || step.kind === "end" || (step.kind === "wave" && changes % VERIFY_EVERY === 0);
      const verdict = isDue ? store.audit.verify() : undefined;
      return verdict?.ok === false ? `the audit chain breaks at ${verdict.atSeq}: ${verdict.why}` : undefined;
    };
  },
};

const I30: Invariant = {
  id: "I30",
  says: "each held or deferred task shows a reason and an earliest end or a person",
  watch() {
    return (step) => {
      if (step.kind !== "task") return undefined;
      const { next, row, atMs } = step.change;
      if (next.at === "held" && (next.reasons.length === 0 || next.reasons.some(({ why, endedBy }) => why === "" || endedBy === "")))
        return `${row.device} is held and does not say why, or who ends it`;
      if (next.at === "deferred" && (next.deadlineMs < next.sinceMs || next.nextLookMs <= atMs || next.inUse.state === "idle"))
        return `${row.device} is deferred and does not say until when`;
      if (next.at === "armed" && (next.why === "" || next.deadlineMs <= atMs)) return `${row.device} is armed and does not say until when`;
      return undefined;
    };
  },
};

const I32: Invariant = {
  id: "I32",
  says: "each failure is in exactly one open ticket for its cause, with the step it happened at",
  watch({ store }) {
    return (step) => {
      if (step.kind !== "task") return undefined;
      const { next, row, planned, event } = step.change;
      if (next.at !== "failed" && next.at !== "lost") return undefined;
      // On a version of its way the failure is over, and its ticket with it.
      const isOver = event.kind === "foundWell" && planned.legs.slice(next.leg).some((leg) => leg.to === event.version);
      const cause = next.at === "lost" ? "lost" : next.cause;
      // Lost on its way up and again on its way back it is two troubles, and may be in a ticket of each.
      const leg = planned.legs[next.leg];
      const open = store.tickets.list({ state: "open" }).filter(({ devices, doc }) => {
        const { cause: told, versionPath: path } = doc as { cause?: { code?: string }; versionPath?: { from?: string; to?: string } };
        return devices.includes(row.device) && told?.code === cause && path?.from === leg?.from && path?.to === leg?.to;
      });
      return open.length === 1 || (isOver && open.length === 0)
        ? undefined
        : `the failure of ${row.device} (${cause}) is in ${open.length} open tickets`;
    };
  },
};

const I33: Invariant = {
  id: "I33",
  says: "the finish that is shown, of a plan and of what is under way, is not in the past (how often its p90 holds is told over many stories)",
  watch({ time, foretelling }) {
    return (step) => {
      const wrong = foretelling.note(step);
      if (wrong !== undefined || step.kind !== "planned") return wrong;
      const { finishP90AtMs, finishP50AtMs } = step.plan.forecast;
      return finishP50AtMs >= step.plan.createdAtMs && finishP90AtMs >= time.agent.nowMs() && finishP50AtMs <= finishP90AtMs
        ? undefined
        : `${step.campaign} shows an end in the past`;
    };
  },
};

export const books: readonly Invariant[] = [I17, I25, I28, I30, I32, I33];
