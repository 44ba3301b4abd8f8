/**
 * What a transition tells besides its row, in the same transaction: feed, audit, tickets, and who else works on the device.
 */
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
  const audit = (event: { readonly kind: string }, action: string, subject: string, atMs: number): void => {
    const why = reasonOf(event);
    const actor = "by" in event && typeof event.by === "string" ? event.by : "agent";
    store.audit.append({ atMs, actor, action, subject, detail: why === undefined ? {} : { why } });
  };
  return {
    onTask(change) {
      // Thousands at once, and untouched: the change of their campaign tells of them all.
      if (change.next.at === "replaced") return;
      teller.task(change);
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
