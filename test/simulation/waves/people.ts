/**
 * The people of a story. They plan, approve, start, pause, resume, halt and skip at random, sometimes wrongly and sometimes
 * twice, through the same checks as every door.
 */
import type { CommandAnswer } from "../../../agent/commands/answer.ts";
import type { Subject } from "../../../agent/commands/authorise.ts";
import type { CommandRequest } from "../../../agent/commands/check.ts";
import type { Sink } from "../../../agent/commands/handle.ts";
import { makeUlid } from "../../../agent/commands/ulid.ts";
import { isFinalCampaign } from "../../../firmware/waves/campaign-state.ts";
import type { Time } from "../../../fixtures/fleet/time.ts";
import type { Random } from "../../../protocols/core/random.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import type { StoredCampaign } from "../../../store/campaigns.ts";
import type { Store } from "../../../store/store.ts";
import { digestOf } from "./digest.ts";
import type { Story } from "./draw.ts";
import type { Agent } from "./life.ts";
import type { Step } from "./steps.ts";

const person = (name: string, role: Subject["role"]): Subject => ({ person: name, name, role, kid: `session:${name}` });
export const DOE = person("doe", "technician");
export const ANNA = person("anna", "approver");
export const BEN = person("ben", "approver");
export const VIC = person("vic", "viewer");
const APPROVERS = [ANNA, BEN] as const;
const AUTHORS = [DOE, DOE, ANNA] as const;

export interface PeopleIo {
  readonly time: Time;
  readonly random: Random;
  readonly story: Story;
  readonly store: Store;
  /** `undefined` while no agent is up. */
  readonly agent: () => Agent | undefined;
  readonly tell: (step: Step) => void;
  /** Hears of each command when it is given for the first time, where somebody wants to give it again. */
  readonly echo: ((id: string, wish: Wish) => void) | undefined;
  readonly onBug: (what: string, error: unknown) => void;
}

export interface Wish {
  readonly who: Subject;
  readonly verb: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export function startPeople(io: PeopleIo): void {
  const { time, random, story } = io;
  const next = (): void => {
    const wish = wishOf(io);
    if (wish !== undefined) void give(wish, io);
    const isEarly = time.nowMs() < story.startMs + 30 * MINUTE;
    time.after(isEarly ? (1 + random.below(4)) * MINUTE : story.peopleEveryMs * (0.3 + 1.4 * random.next()), next);
  };
  time.after(MINUTE, next);
}

/** What makes a plan: said again, it makes another one. */
const PLANNING: readonly string[] = ["campaign.plan", "campaign.rollback"];
/** Said again in a message of its own it does something new, or takes so long that others act meanwhile. */
const NOT_AGAIN: readonly string[] = [...PLANNING, "firmware.sync"];

/** Gives it, sometimes the same message again, and sometimes the same wish in a message of its own. */
export async function give(wish: Wish, io: PeopleIo): Promise<void> {
  const { random, time, story } = io;
  const id = makeUlid(time.agent.nowMs(), random);
  const first = await send(id, wish, false, io);
  if (random.next() < story.repeats) time.after(random.below(3) === 0 ? 0 : random.below(40 * MINUTE), () => void send(id, wish, true, io));
  if (first?.status === "done" && !NOT_AGAIN.includes(wish.verb) && random.next() < 0.4)
    await send(makeUlid(time.agent.nowMs(), random), wish, "wish", io);
}

export async function send(id: string, wish: Wish, again: boolean | "wish", io: PeopleIo): Promise<CommandAnswer | undefined> {
  const { store, tell } = io;
  const { who, verb, args } = wish;
  if (again !== true) io.echo?.(id, wish);
  const agent = io.agent();
  if (agent === undefined) return undefined;
  // One that never got as far as the record is as good as new.
  const repeated = again === true ? store.commands.load(id) !== undefined : again;
  const before = repeated === false ? "" : digestOf(store);
  const planned = PLANNING.includes(verb) && repeated === false ? await dryRun(wish, agent, io) : undefined;
  const answer = await answerTo({ kind: "session", id, subject: who, name: verb, args }, agent, io);
  if (planned !== undefined && answer?.status === "done") {
    const { plan } = answer.result as { plan: StoredCampaign["plan"] };
    tell({ kind: "planned", campaign: plan.campaign, plan, dryRun: planned });
  }
  const after = repeated === false ? "" : digestOf(store);
  tell({ kind: "order", verb, person: who.person, args, answer, repeated, before, after });
  return answer;
}

/** `undefined` where the process died over it: done or not, nobody was told. */
async function answerTo(request: CommandRequest, agent: Agent, io: PeopleIo): Promise<CommandAnswer | undefined> {
  const sink: Sink = async () => () => undefined;
  try {
    const answer = await agent.handler.handle(request, "socket", sink);
    return agent.life.isDead ? undefined : answer;
  } catch (error) {
    if (!agent.life.isDead) io.onBug("a command failed", error);
    return undefined;
  }
}

async function dryRun({ who, verb, args }: Wish, agent: Agent, io: PeopleIo): Promise<StoredCampaign["plan"] | undefined> {
  const id = makeUlid(io.time.agent.nowMs(), io.random);
  const request = { kind: "session", id, subject: who, name: verb, args: { ...args, dryRun: true } } as const;
  const answer = await agent.handler.handle(request, "socket").catch(() => undefined);
  return answer?.status === "done" ? (answer.result as { plan: StoredCampaign["plan"] }).plan : undefined;
}

function wishOf(io: PeopleIo): Wish | undefined {
  const { store, random } = io;
  const newest = store.campaigns.list(CAMPAIGNS_MAX).map(({ id }) => store.campaigns.load(id) as StoredCampaign);
  const open = newest.find(({ state }) => !isFinalCampaign(state));
  if (random.next() < 0.05) return mischief(newest[0], io);
  const mayPlan = newest.length < CAMPAIGNS_MAX && random.next() < 0.7;
  if (open === undefined || (mayPlan && random.next() < 0.07)) return mayPlan ? planning(newest, io) : undefined;
  return about(open, io);
}

/** As many as a story has time for. */
const CAMPAIGNS_MAX = 3;

export const pick = <T>(from: readonly T[], random: Random): T => from[random.below(from.length)] as T;

function planning(before: readonly StoredCampaign[], { random, store, story }: PeopleIo): Wish {
  const later = before.length > 1 && random.next() < 0.5;
  const release = story.releases[later ? 1 : 0]?.id;
  const narrow = random.next();
  const some = store.devices.list().filter(() => random.next() < 0.5);
  const args =
    narrow < 0.15
      ? { floors: [`${random.below(3)}`, `${random.below(3)}`] }
      : narrow < 0.25
        ? { models: ["VVX 250"] }
        : narrow < 0.35 && some.length > 0
          ? { devices: some.map(({ id }) => id) }
          : {};
  return { who: pick(AUTHORS, random), verb: "campaign.plan", args: { release, ...args } };
}

/** Things nobody may do. */
function mischief(newest: StoredCampaign | undefined, { random }: PeopleIo): Wish | undefined {
  if (newest === undefined) return undefined;
  const { id, planHash } = newest;
  return pick<Wish>(
    [
      { who: VIC, verb: "campaign.halt", args: { campaign: id, reason: "no" } },
      { who: DOE, verb: "campaign.approve", args: { campaign: id, planHash } },
      { who: ANNA, verb: "campaign.approve", args: { campaign: id, planHash: "f".repeat(64) } },
      { who: DOE, verb: "campaign.start", args: { campaign: id, planHash: "f".repeat(64) } },
      { who: DOE, verb: "campaign.resume", args: { campaign: id } },
      { who: DOE, verb: "campaign.start", args: { campaign: id, planHash } },
    ],
    random,
  );
}

function about({ id, planHash, state, plan }: StoredCampaign, io: PeopleIo): Wish | undefined {
  const { random, store } = io;
  const chance = random.next();
  const campaign = random.next() < 0.1 ? "*" : id;
  const skip = (): Wish | undefined => {
    const ended = store.tasks.ofCampaign(id).filter((task) => task.state.at === "failed" || task.state.at === "lost");
    if (ended.length > 0 && random.next() < 0.85) {
      const { device } = pick(ended, random);
      return { who: DOE, verb: "campaign.writeOff", args: { campaign: id, device, reason: "seen to by hand" } };
    }
    const { device } = pick(plan.tasks, random);
    return { who: DOE, verb: "campaign.skip", args: { campaign: id, device, reason: "wanted as it is" } };
  };
  switch (state.at) {
    case "awaitingApproval":
      if (chance < 0.1) return { who: DOE, verb: "campaign.start", args: { campaign: id, planHash } };
      return { who: pick(APPROVERS, random), verb: "campaign.approve", args: { campaign: id, planHash } };
    case "armed":
      if (chance < 0.1) return { who: BEN, verb: "campaign.approve", args: { campaign: id, planHash } };
      return { who: DOE, verb: "campaign.start", args: { campaign: id, planHash } };
    case "running":
      if (chance < 0.12) return { who: DOE, verb: "campaign.pause", args: { campaign, reason: "a look at it" } };
      if (chance < 0.15) return { who: DOE, verb: "campaign.halt", args: { campaign, reason: "enough" } };
      if (chance < 0.45) return skip();
      return { who: VIC, verb: "campaign.status", args: {} };
    case "paused": {
      const gate = state.cause.kind === "gate" ? { gate: state.cause.gate } : {};
      if (chance < 0.06) return { who: DOE, verb: "campaign.halt", args: { campaign, reason: "enough" } };
      if (chance < 0.25) return skip();
      if (chance < 0.35) return { who: DOE, verb: "campaign.resume", args: { campaign: id } };
      return { who: pick([DOE, BEN], random), verb: "campaign.resume", args: { campaign: id, ...gate } };
    }
    default:
      return undefined;
  }
}
