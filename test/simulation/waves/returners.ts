/**
 * Those who take back what campaigns did: they halt what runs or wait for its end, plan the way back, approve it as two, start it,
 * and see to what fails on it. Sometimes they try what they may not do.
 */
import { isFinalCampaign } from "../../../firmware/waves/campaign-state.ts";
import type { StoredCampaign } from "../../../store/campaigns.ts";
import type { WayBack } from "./draw.ts";
import { ANNA, BEN, DOE, give, type PeopleIo, pick, VIC, type Wish } from "./people.ts";

/** As many ways back as a story has time for. */
const BACK_MAX = 4;

export function startReturners(io: PeopleIo): void {
  const { time, random, story } = io;
  const { wayBack } = story;
  if (wayBack === undefined) return;
  const next = (): void => {
    const wish = wishOf(wayBack, io);
    if (wish !== undefined) void give(wish, io);
    time.after(wayBack.everyMs * (0.3 + 1.4 * random.next()), next);
  };
  time.at(wayBack.fromMs, next);
}

function wishOf({ halts }: WayBack, io: PeopleIo): Wish | undefined {
  const { store, random } = io;
  const all = store.campaigns.list().map(({ id }) => store.campaigns.load(id) as StoredCampaign);
  const backs = all.filter(({ plan }) => plan.rollback !== undefined);
  const ups = all.filter((one) => one.plan.rollback === undefined && store.tasks.ofCampaign(one.id).some(({ attempts }) => attempts > 0));
  if (random.next() < 0.08) return mischief(ups, backs, io);
  const open = backs.find(({ state }) => !isFinalCampaign(state));
  if (open !== undefined) return along(open, io);
  if (backs.length >= BACK_MAX) return undefined;
  const running = ups.find(({ state }) => !isFinalCampaign(state));
  if (running !== undefined && halts && random.next() < 0.5)
    return { who: DOE, verb: "campaign.halt", args: { campaign: running.id, reason: "worse than before" } };
  const ended = ups.find(({ state }) => isFinalCampaign(state) && state.at !== "rollingBack" && state.at !== "rolledBack");
  return ended === undefined ? undefined : back(ended, io);
}

/** All of it, or some devices of its plan. */
function back({ id, plan, state }: StoredCampaign, { random }: PeopleIo): Wish {
  if (state.at === "halted" && random.next() < 0.1)
    return { who: DOE, verb: "campaign.close", args: { campaign: id, reason: "left as it is" } };
  const some = plan.tasks.filter(() => random.next() < 0.5).map(({ device }) => device);
  const narrow = random.next() < 0.25 && some.length > 0 ? { devices: some } : {};
  return { who: pick([DOE, ANNA], random), verb: "campaign.rollback", args: { campaign: id, reason: "worse than before", ...narrow } };
}

function along(open: StoredCampaign, io: PeopleIo): Wish | undefined {
  const { random, store } = io;
  const { id, planHash, state } = open;
  const about = (verb: string, more: Wish["args"], who = DOE): Wish => ({ who, verb, args: { campaign: id, ...more } });
  const chance = random.next();
  switch (state.at) {
    case "awaitingApproval": {
      if (chance < 0.15) return about("campaign.start", { planHash }, pick([DOE, ANNA], random));
      const other = [ANNA, BEN].find(({ person }) => !state.approvals.some((given) => given.person === person));
      return about("campaign.approve", { planHash }, chance < 0.25 ? ANNA : (other ?? BEN));
    }
    case "armed":
      return about("campaign.start", { planHash });
    case "running":
      if (chance < 0.04) return about("campaign.halt", { reason: "enough of it" });
      if (chance < 0.08) return about("campaign.pause", { reason: "a look at it" });
      return chance < 0.14 ? leaveOut(open, io) : seenTo(open, io);
    case "paused": {
      if (chance < 0.05) return about("campaign.halt", { reason: "enough of it" });
      if (chance < 0.3) return seenTo(open, io);
      return about("campaign.resume", state.cause.kind === "gate" ? { gate: state.cause.gate } : {}, pick([DOE, BEN], random));
    }
    default:
      return store.tasks.counts(id).has("lost") ? seenTo(open, io) : undefined;
  }
}

function leaveOut({ id, plan }: StoredCampaign, { random }: PeopleIo): Wish {
  const { device } = pick(plan.tasks, random);
  return { who: DOE, verb: "campaign.skip", args: { campaign: id, device, reason: "stays as it is" } };
}

/** What failed on its way back is written off, there or where it came from. */
function seenTo({ id, plan }: StoredCampaign, { random, store }: PeopleIo): Wish | undefined {
  const campaigns = [id, ...(plan.rollback === undefined ? [] : [plan.rollback.campaign])];
  const ended = campaigns
    .flatMap((campaign) => store.tasks.ofCampaign(campaign))
    .filter(({ state }) => state.at === "failed" || state.at === "lost" || state.at === "revertFailed");
  if (ended.length === 0 || random.next() < 0.4) return undefined;
  const { campaign, device } = pick(ended, random);
  return { who: DOE, verb: "campaign.writeOff", args: { campaign, device, reason: "seen to by hand" } };
}

/** What nobody may do, or not now. */
function mischief(ups: readonly StoredCampaign[], backs: readonly StoredCampaign[], { random }: PeopleIo): Wish | undefined {
  const [up] = ups;
  const [newest] = backs;
  const wishes: readonly Wish[] = [
    ...(up === undefined
      ? []
      : [
          { who: VIC, verb: "campaign.rollback", args: { campaign: up.id, reason: "no" } },
          // Of one that runs, is taken back already, or just once more.
          { who: DOE, verb: "campaign.rollback", args: { campaign: up.id, reason: "once more" } },
        ]),
    ...(newest === undefined
      ? []
      : [
          { who: DOE, verb: "campaign.rollback", args: { campaign: newest.id, reason: "up again" } },
          { who: DOE, verb: "campaign.approve", args: { campaign: newest.id, planHash: newest.planHash } },
          { who: ANNA, verb: "campaign.approve", args: { campaign: newest.id, planHash: newest.planHash } },
          { who: DOE, verb: "campaign.start", args: { campaign: newest.id, planHash: newest.planHash } },
        ]),
  ];
  return wishes.length === 0 ? undefined : pick(wishes, random);
}
