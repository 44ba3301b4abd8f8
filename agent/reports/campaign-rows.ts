/** Gathers what a campaign's report is made from: rows of this store, and nothing that is asked of a device. */
import { isFinalCampaign } from "../../firmware/waves/campaign-state.ts";
import { scopeKey } from "../../firmware/waves/kill.ts";
import type { ActRow, ReportedTask, ReportInput, TicketFact } from "../../firmware/waves/report-input.ts";
import { taskFacts } from "../../firmware/waves/report-tasks.ts";
import type { CampaignId } from "../../protocols/core/ids.ts";
import { DAY, loopTurn, type Ms } from "../../protocols/core/time.ts";
import type { StoredCampaign } from "../../store/campaigns.ts";
import type { Store } from "../../store/store.ts";
import { viewTicket } from "../views/tickets.ts";

export interface CampaignRowsIo {
  readonly store: Pick<Store, "campaigns" | "tasks" | "attempts" | "taskWindows" | "judgements" | "tickets" | "audit">;
  readonly site: ReportInput["site"];
  readonly partner?: string;
  readonly agentVersion: string;
  readonly nowMs: Ms;
}

/** Tasks looked up between two breaths of the main thread: five queries each. Guessed from 10 ms. */
const BREATH = 50;
/** Rows of the audit looked through at once: some 5 ms. */
const AUDIT_ROWS = 2_000;

/** `undefined` where there is no such campaign. */
export async function gatherReport(id: CampaignId, wave: number | undefined, io: CampaignRowsIo): Promise<ReportInput | undefined> {
  const { store, site, partner, agentVersion, nowMs } = io;
  const stored = store.campaigns.load(id);
  if (stored === undefined) return undefined;
  const { state, planHash, createdAtMs, startedAtMs, plan } = stored;
  return {
    ...{ site, zone: plan.calendar.zone, agentVersion, nowMs, plan },
    ...(wave === undefined ? {} : { wave }),
    ...(partner === undefined ? {} : { partner }),
    campaign: { id, state, planHash, createdAtMs, ...(startedAtMs === undefined ? {} : { startedAtMs }) },
    approvals: store.campaigns.approvals(id),
    waves: store.campaigns.waves(id),
    history: store.campaigns.history(id),
    judgements: store.judgements.ofCampaign(id),
    tickets: ticketsOf(stored, store),
    tasks: await tasksOf(id, wave, store),
    acts: await actsOf(stored, io),
  };
}

/** Of a wave also those before it: what it proves is proven together with them. */
async function tasksOf(id: CampaignId, wave: number | undefined, store: CampaignRowsIo["store"]): Promise<readonly ReportedTask[]> {
  const found: ReportedTask[] = [];
  for (const [at, task] of store.tasks.ofCampaign(id).entries()) {
    if (wave !== undefined && task.wave > wave) break;
    if (at % BREATH === BREATH - 1) await loopTurn();
    const window = store.taskWindows.load(task.id);
    found.push({
      ...task,
      facts: taskFacts(store.tasks.history(task.id), store.attempts.ofTask(task.id)),
      ...(window === undefined ? {} : { window }),
    });
  }
  return found;
}

/** A ticket may hold devices of several campaigns, and stand in the name of another: it is found by its devices, opened since the plan. */
function ticketsOf({ id, plan, createdAtMs }: StoredCampaign, { tickets }: Pick<Store, "tickets">): TicketFact[] {
  const mine = new Set<string>(plan.tasks.map(({ device }) => device));
  return tickets
    .list()
    .filter((row) => row.campaign === id || (row.createdAtMs >= createdAtMs && row.campaign !== undefined))
    .flatMap((row) => {
      const devices = row.devices.filter((device) => mine.has(device));
      const { key, title, state, remoteId } = viewTicket(row);
      return devices.length === 0 ? [] : [{ key, title, state, devices, ...(remoteId === undefined ? {} : { number: remoteId }) }];
    });
}

/** From the newest row back to the plan's making; the kill switch as far as it is for this release, its models or all. */
async function actsOf({ id, plan, state, createdAtMs }: StoredCampaign, { store }: CampaignRowsIo): Promise<readonly ActRow[]> {
  const models = new Set(plan.tasks.map(({ model }) => model));
  const kills = [
    scopeKey({ kind: "site" }),
    scopeKey({ kind: "release", release: plan.release.id }),
    ...[...models].map((model) => scopeKey({ kind: "model", model })),
  ];
  const endedMs = isFinalCampaign(state) && "atMs" in state ? state.atMs : Number.POSITIVE_INFINITY;
  const found: ActRow[] = [];
  for (let before: number | undefined; ; ) {
    const page = store.audit.about([id, ...kills], { rows: AUDIT_ROWS, before });
    found.push(...page.rows.filter(({ subject, atMs }) => !kills.includes(subject) || (atMs >= createdAtMs && atMs <= endedMs)));
    before = page.next;
    // A clock may have been set back by then: a day more is looked through.
    if (before === undefined || page.sinceMs < createdAtMs - DAY) break;
    await loopTurn();
  }
  return found.toReversed();
}
