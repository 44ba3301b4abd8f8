/**
 * What a transition tells besides its row, in the same transaction: feed, audit, tickets, and who else works on the device.
 */
import type { CampaignEvent } from "../../firmware/waves/campaign-state.ts";
import type { GateJudgement } from "../../firmware/waves/gates/gate.ts";
import type { TaskEvent } from "../../firmware/waves/task-state.ts";
import type { WaveEvent } from "../../firmware/waves/wave.ts";
import { noteCampaign, noteTask } from "../config-watch/run.ts";
import { reasonOf } from "../feed/tell.ts";
import type { Inside } from "../inside.ts";
import type { Parts } from "../parts.ts";
import { settleTickets } from "../tickets/settle.ts";
import type { CampaignEars } from "./drive-store.ts";

export interface EarsInside {
  readonly teller: Pick<Inside["teller"], "task" | "wave" | "campaign" | "ticket">;
  readonly configWatch: Pick<Inside["configWatch"], "want" | "wantBefore">;
  readonly standing: Pick<Inside["standing"], "note">;
}

export function campaignEars(
  parts: Pick<Parts, "store" | "config" | "site" | "clock" | "wakers">,
  { teller, configWatch, standing }: EarsInside,
): CampaignEars {
  const { store } = parts;
  // What the agent decides by itself stands in the chain beside what people command.
  const audit = (event: TaskEvent | WaveEvent | CampaignEvent, action: string, subject: string, atMs: number): void => {
    const why = reasonOf(event);
    const detail = { ...(why === undefined ? {} : { why }), ...saidOf(event) };
    store.audit.append({ atMs, actor: actorOf(event), action, subject, detail });
  };
  return {
    onTask(change) {
      // Thousands at once, and untouched: the change of their campaign tells of them all.
      if (change.next.at === "replaced") return;
      teller.task(change);
      const { event, row, next, atMs } = change;
      if (event.kind === "skippedByPerson" || event.kind === "writtenOffByPerson" || event.kind === "retriedByPerson")
        audit(event, `task.${next.at}`, `${row.campaign} ${row.device}`, atMs);
      standing.note(change.row.device);
      noteTask(configWatch, change);
      if (change.next.at === "failed" || change.next.at === "lost") settleTickets(parts, teller);
    },
    onWave(campaign, index, event, next, atMs) {
      teller.wave(campaign, index, next.at, reasonOf(event));
      audit(event, `wave.${next.at}`, `${campaign} wave ${index}`, atMs);
    },
    onCampaign(campaign, event, next, atMs) {
      teller.campaign(campaign, next.at, reasonOf(event), "by" in event ? event.by : undefined);
      audit(event, `campaign.${event.kind === "superseded" && next.at !== "superseded" ? "superseding" : next.at}`, campaign, atMs);
      noteCampaign(configWatch, event, () => store.campaigns.load(campaign)?.plan.tasks.map(({ device }) => device) ?? []);
    },
  };
}

function actorOf(event: TaskEvent | WaveEvent | CampaignEvent): string {
  if (event.kind === "approved") return event.person;
  return "by" in event ? event.by : "agent";
}

/** Which gate was named or decided, and what each of them said: the evidence is in the row of the same wave and moment. */
function saidOf(event: TaskEvent | WaveEvent | CampaignEvent): object {
  switch (event.kind) {
    case "judged": {
      const { gate, verdict, judgements = [] } = event;
      return { gate, verdict, gates: Object.fromEntries(judgements.map((one) => [one.gate, verdictWords(one)])) };
    }
    case "resumed":
      return event.gateNamed === undefined ? {} : { gate: event.gateNamed };
    case "gateHeld":
      return { gate: event.gate, wave: event.wave };
    case "approved":
      return { key: event.keyId, plan: event.planHash };
    default:
      return {};
  }
}

function verdictWords({ judgement: { verdict }, acceptedBy, reportsOnly }: GateJudgement): string {
  if (reportsOnly === true) return `${verdict}, only reports`;
  return acceptedBy === undefined ? verdict : `${verdict}, accepted by ${acceptedBy}`;
}
