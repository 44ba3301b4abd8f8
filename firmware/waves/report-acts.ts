/** Who did what to a campaign, from the rows of the audit. Pure. */
import { isoOf } from "../../protocols/core/time.ts";
import type { ReportedAct } from "./report-document.ts";
import type { ActRow, ReportInput } from "./report-input.ts";

/**
 * What the agent wrote of a campaign, its waves and the devices that persons spoke for, oldest first. Commands themselves stand in
 * the audit beside what came of them, and are left out.
 */
export function reportedActs({ acts, campaign, plan, wave }: ReportInput): ReportedAct[] {
  const names = new Map(plan.tasks.map(({ device, name }) => [device as string, name]));
  const waveOf = new Map(plan.waves.flatMap(({ index, tasks }) => tasks.map((task) => [task, index] as const)));
  const waveOfDevice = new Map(plan.tasks.map(({ id, device }) => [device as string, waveOf.get(id)]));
  return withoutGoingOn(acts, campaign.id)
    .flatMap((row) => actOf(row, campaign.id, { names, waveOfDevice }))
    .filter((act) => wave === undefined || act.wave === undefined || act.wave === wave);
}

/** A campaign that runs already goes on after each wave, and the next wave says so itself: told are its start and that it was resumed. */
function withoutGoingOn(acts: readonly ActRow[], campaign: string): ActRow[] {
  let before = "";
  return acts.flatMap((row) => {
    if (row.subject !== campaign || !row.action.startsWith("campaign.")) return [row];
    const state = row.action.slice("campaign.".length);
    if (!(state in CAMPAIGN_WORDS)) return [row];
    const goesOn = state === "running" && before === "running";
    const action = state === "running" && before === "paused" ? "campaign.resumed" : row.action;
    before = state;
    return goesOn ? [] : [{ ...row, action }];
  });
}

interface Known {
  readonly names: ReadonlyMap<string, string>;
  readonly waveOfDevice: ReadonlyMap<string, number | undefined>;
}

function actOf(row: ActRow, campaign: string, { names, waveOfDevice }: Known): ReportedAct[] {
  const [noun = "", state = ""] = row.action.split(".");
  if (state === "" || state.includes(":")) return row.action.startsWith("kill.") ? killed(row) : [];
  const rest = row.subject.slice(campaign.length + 1);
  const act = (what: string, wave?: number): ReportedAct[] => [{ ...said(row), what, ...(wave === undefined ? {} : { wave }) }];
  switch (noun) {
    case "campaign":
      return row.subject === campaign && state in CAMPAIGN_WORDS ? act(CAMPAIGN_WORDS[state] ?? state) : [];
    case "wave": {
      const index = Number(/^wave (\d+)$/.exec(rest)?.[1]);
      return index > 0 ? act(`wave ${index} ${WAVE_WORDS[state] ?? state}`, index) : [];
    }
    case "task": {
      const words = `${names.get(rest) ?? rest} ${state === "skipped" ? "left out or written off" : "tried once more"}`;
      return act(words, waveOfDevice.get(rest));
    }
    default:
      return [];
  }
}

/** The audit's words for what became of it; a command's own word, such as `plan`, is no state. */
const CAMPAIGN_WORDS: Readonly<Record<string, string>> = {
  awaitingApproval: "waits for one more approval",
  armed: "approved",
  running: "started",
  resumed: "resumed",
  paused: "paused",
  halted: "halted",
  completed: "completed",
  completedWithFailures: "completed with failures",
  expired: "expired",
  superseded: "superseded",
  rollingBack: "rolls back",
  rolledBack: "rolled back",
  closed: "closed",
};
const WAVE_WORDS: Readonly<Record<string, string>> = {
  active: "under way",
  soaking: "soaks",
  held: "held",
  passed: "passed",
  failed: "failed",
};

function killed(row: ActRow): ReportedAct[] {
  if (!row.action.endsWith(":done")) return [];
  return [{ ...said(row), what: `kill switch ${row.action.startsWith("kill.on") ? "on" : "off"} for ${row.subject}` }];
}

function said({ atMs, actor, detail }: ActRow): Omit<ReportedAct, "what"> {
  const text = (name: string): string | undefined => (typeof detail[name] === "string" ? detail[name].slice(0, 2_000) : undefined);
  const [why, gate] = [text("why"), text("gate")];
  return { at: isoOf(atMs), by: actor, ...(why === undefined || why === "" ? {} : { why }), ...(gate === undefined ? {} : { gate }) };
}
