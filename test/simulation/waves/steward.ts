/**
 * The one person a campaign of thousands needs: plans it, has it approved and started, sees to devices that failed or are lost,
 * and lets it go on past a gate once that is done. Goes home when it is over.
 */
import { makeUlid } from "../../../agent/commands/ulid.ts";
import { isFinalCampaign } from "../../../firmware/waves/campaign-state.ts";
import type { StoredCampaign } from "../../../store/campaigns.ts";
import { ANNA, DOE, type PeopleIo, send, type Wish } from "./people.ts";

export function startSteward(io: PeopleIo): void {
  const { time, random, story, store } = io;
  const next = async (): Promise<void> => {
    const [newest] = store.campaigns.list(1);
    if (newest !== undefined && isFinalCampaign(newest.state)) return time.stop();
    time.after(story.peopleEveryMs, () => void next());
    for (const wish of wishes(newest === undefined ? undefined : store.campaigns.load(newest.id), io))
      await send(makeUlid(time.agent.nowMs(), random), wish, false, io);
  };
  time.after(story.peopleEveryMs, () => void next());
}

function wishes(campaign: StoredCampaign | undefined, { story, store }: PeopleIo): readonly Wish[] {
  if (campaign === undefined) return [{ who: DOE, verb: "campaign.plan", args: { release: story.releases[0]?.id } }];
  const { id, planHash, state } = campaign;
  const about = (verb: string, more: Wish["args"], who = DOE): Wish => ({ who, verb, args: { campaign: id, ...more } });
  const seenTo = (): readonly Wish[] => {
    const counts = store.tasks.counts(id);
    if (!counts.has("failed") && !counts.has("lost")) return [];
    const ended = store.tasks.ofCampaign(id).filter((task) => task.state.at === "failed" || task.state.at === "lost");
    return ended.map(({ device }) => about("campaign.writeOff", { device, reason: "seen to by hand" }));
  };
  switch (state.at) {
    case "awaitingApproval":
      return [about("campaign.approve", { planHash }, ANNA)];
    case "armed":
      return [about("campaign.start", { planHash })];
    case "running":
      return seenTo();
    case "paused":
      return [...seenTo(), about("campaign.resume", state.cause.kind === "gate" ? { gate: state.cause.gate } : {})];
    default:
      return [];
  }
}
