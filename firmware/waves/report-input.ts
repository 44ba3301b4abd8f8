/** What a report is made from: rows as they are, and of each task what `taskFacts` finds in its history. Plain data that travels between threads. */
import type { Reading } from "../../protocols/core/reading.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { CampaignState } from "./campaign-state.ts";
import type { GateJudgement, Verdict } from "./gates/gate.ts";
import type { GateId } from "./gates/ids.ts";
import type { TaskRow, WaveRow } from "./ports.ts";
import type { TaskFacts } from "./report-tasks.ts";
import type { Plan } from "./shape.ts";

export interface ReportInput {
  readonly site: { readonly id: string; readonly name: string; readonly environment: string };
  readonly partner?: string;
  readonly zone: string;
  readonly agentVersion: string;
  readonly nowMs: Ms;
  /** Only this wave. */
  readonly wave?: number;
  readonly campaign: {
    readonly id: string;
    readonly state: CampaignState;
    readonly planHash: string;
    readonly createdAtMs: Ms;
    readonly startedAtMs?: Ms;
  };
  readonly plan: Plan;
  readonly approvals: readonly { readonly person: string; readonly keyId: string; readonly atMs: Ms; readonly gate?: string }[];
  readonly waves: readonly WaveRow[];
  /** Changes of the campaign, and with `wave` of one of its waves; oldest first. */
  readonly history: readonly { readonly wave?: number; readonly atMs: Ms; readonly at: string }[];
  readonly judgements: readonly JudgedRow[];
  readonly tasks: readonly ReportedTask[];
  readonly acts: readonly ActRow[];
  readonly tickets: readonly TicketFact[];
}

export interface JudgedRow {
  readonly wave: number;
  readonly atMs: Ms;
  readonly verdict: Verdict;
  readonly gate: GateId;
  readonly why: string;
  readonly judgements: readonly GateJudgement[];
}

export interface ReportedTask extends TaskRow {
  readonly attempts: number;
  readonly sinceMs: Ms;
  readonly facts: TaskFacts;
  /** What it was like in the day before and the day after. */
  readonly window?: {
    readonly before: WindowSide;
    readonly after: WindowSide;
    readonly restartsSince: number;
  };
}

export interface WindowSide {
  readonly asked: number;
  readonly answered: number;
  readonly reading: Reading;
}

/** A row of the audit. `subject` may name a wave or a device besides the campaign. */
export interface ActRow {
  readonly atMs: Ms;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface TicketFact {
  readonly key: string;
  /** At the desk. */
  readonly number?: string;
  readonly title: string;
  readonly state: string;
  readonly devices: readonly string[];
}
