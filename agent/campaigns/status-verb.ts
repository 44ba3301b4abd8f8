/** `campaign.status`: where a campaign stands, and why. */
import { parseCampaignId } from "../../protocols/core/ids.ts";
import type { VerbOutcome } from "../commands/answer.ts";
import { joinedLater } from "./joined-later.ts";
import { liveOf } from "./live.ts";
import { SUMMARY_BYTES_MAX } from "./plan-answer.ts";
import { type CampaignVerbsIo, failed, viewOf } from "./verbs.ts";
import { fitView } from "./view-size.ts";

export function campaignStatus(
  args: { readonly campaign?: string | undefined; readonly live?: boolean; readonly whole?: boolean },
  io: CampaignVerbsIo,
): VerbOutcome {
  const { campaigns, tasks, kills, judgements } = io.store;
  const wanted = args.campaign === undefined ? campaigns.list(1)[0]?.id : parseCampaignId(args.campaign);
  const stored = wanted === undefined ? undefined : campaigns.load(wanted);
  if (stored === undefined)
    return failed("notFound", args.campaign === undefined ? "There is no campaign yet" : `No campaign "${args.campaign}"`);
  const joined = joinedLater(stored, io.store);
  const all = viewOf(stored, { campaigns, tasks, kills, judgements }, { images: io.images?.(), nowMs: io.clock.nowMs() });
  const view = {
    ...(args.whole === true ? all : fitView(all, SUMMARY_BYTES_MAX)),
    ...(joined === undefined ? {} : { joinedLater: joined }),
  };
  return { ok: true, result: args.live === true ? { ...view, live: liveOf(stored, io) } : view };
}
