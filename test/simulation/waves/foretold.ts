/**
 * When each campaign was said to be over, and when it was (I33): at its start, and every half hour while it ran. A finish is held
 * against what came where nothing came between that no forecast can know of.
 */
import { liveOf } from "../../../agent/campaigns/live.ts";
import type { CampaignEvent } from "../../../firmware/waves/campaign-state.ts";
import type { TaskChange } from "../../../firmware/waves/ports.ts";
import type { Plan } from "../../../firmware/waves/shape.ts";
import { isAtRisk, isFinal } from "../../../firmware/waves/task-state.ts";
import type { Time } from "../../../fixtures/fleet/time.ts";
import type { CampaignId } from "../../../protocols/core/ids.ts";
import { MINUTE, type Ms } from "../../../protocols/core/time.ts";
import type { Store } from "../../../store/store.ts";
import type { TaskRow } from "../../../store/tasks.ts";
import type { Story } from "./draw.ts";
import type { Step } from "./steps.ts";

/** A finish that was shown, and what became of it. Moments are those of the agent's clock, which is what people read. */
export interface Foretold {
  readonly campaign: CampaignId;
  readonly when: "atStart" | "underWay";
  readonly atMs: Ms;
  readonly p50AtMs: Ms;
  readonly p90AtMs: Ms;
  /** `unknown`: something came between before it could be said; see `between`. */
  readonly came: "inTime" | "late" | "unknown";
  /** When it was over; absent where something came between. */
  readonly endedAtMs?: Ms;
  /** What came between: a person's word, a device that failed, a dead link, a clock that jumped, the end of the story. */
  readonly between?: string;
}

export interface Foretelling {
  /** @returns what is wrong with a finish that is shown now: it is in the past */
  note(step: Step): string | undefined;
  told(): readonly Foretold[];
}

export interface ForetellingIo {
  readonly story: Story;
  readonly time: Time;
  readonly store: Store;
  /** What the forecast takes for the plan: for mutations. */
  readonly mistake?: (plan: Plan) => Plan;
}

type Open = Omit<Foretold, "came">;

const SHOWN_EVERY: Ms = 30 * MINUTE;

export function createForetelling({ story, time, store, mistake = (plan) => plan }: ForetellingIo): Foretelling {
  const told: Foretold[] = [];
  const open = new Map<CampaignId, Open[]>();
  /** Also where nothing was shown: of what is too large to lay out it is not asked in every turn. */
  const askedAtMs = new Map<CampaignId, Ms>();
  const jolts = joltsOf(story);

  const settle = (campaign: CampaignId, between: string): void => {
    const nowMs = time.agent.nowMs();
    const waited = (open.get(campaign) ?? []).some(({ p90AtMs }) => p90AtMs < nowMs) && waitsForPerson(store.tasks.ofCampaign(campaign));
    for (const one of open.get(campaign) ?? []) {
      // It had all the time it was given: nothing that came afterwards is to blame.
      if (one.p90AtMs < nowMs && !waited) told.push({ ...one, came: "late" });
      else told.push({ ...one, came: "unknown", between: one.p90AtMs < nowMs ? "a device that waits for a person" : between });
    }
    open.set(campaign, []);
    askedAtMs.delete(campaign);
  };
  const settleAll = (between: string): void => {
    for (const campaign of open.keys()) settle(campaign, between);
  };
  const end = (campaign: CampaignId): void => {
    const endedAtMs = time.agent.nowMs();
    for (const one of open.get(campaign) ?? []) told.push({ ...one, came: endedAtMs <= one.p90AtMs ? "inTime" : "late", endedAtMs });
    open.delete(campaign);
  };
  const show = (campaign: CampaignId, when: Foretold["when"]): string | undefined => {
    askedAtMs.set(campaign, time.agent.nowMs());
    const stored = store.campaigns.load(campaign);
    const left = stored === undefined ? undefined : liveOf({ ...stored, plan: mistake(stored.plan) }, { store, clock: time.agent }).left;
    if (left === undefined) return undefined;
    const [p50AtMs, p90AtMs] = [left.p50, left.p90].map((iso) => Temporal.Instant.from(iso).epochMilliseconds) as [Ms, Ms];
    const atMs = time.agent.nowMs();
    open.set(campaign, [...(open.get(campaign) ?? []), { campaign, when, atMs, p50AtMs, p90AtMs }]);
    return p50AtMs < atMs || p90AtMs < p50AtMs ? `${campaign} shows an end in the past` : undefined;
  };
  return {
    told: () => told,
    note(step) {
      for (let jolt = jolts[0]; jolt !== undefined && jolt.atMs <= time.nowMs(); jolt = jolts[0]) {
        jolts.shift();
        settleAll(jolt.what);
      }
      switch (step.kind) {
        case "campaign":
          if (step.event.kind === "started") return show(step.campaign, "atStart");
          if (step.event.kind === "allDone" && step.next.at !== "superseded") end(step.campaign);
          else if (step.event.kind !== "waveFinished") settle(step.campaign, wordOf(step.event));
          return undefined;
        case "task": {
          const word = endOfTask(step.change);
          if (word !== undefined) settle(step.change.row.campaign, word);
          return undefined;
        }
        case "turned": {
          const due = [...open.keys()].find((campaign) => time.agent.nowMs() - (askedAtMs.get(campaign) ?? 0) >= SHOWN_EVERY);
          return due !== undefined && store.campaigns.summary(due)?.state.at === "running" ? show(due, "underWay") : undefined;
        }
        case "switched":
          settleAll("the kill switch");
          return undefined;
        case "end":
          settleAll("the end of the story");
          return undefined;
        default:
          return undefined;
      }
    },
  };
}

/** A device that answers nobody and is waited for, by itself or by its neighbours, or one that keeps its slot until somebody has seen to it. */
function waitsForPerson(tasks: readonly Pick<TaskRow, "state">[]): boolean {
  return tasks.some(({ state }) =>
    state.at === "held" ? state.reasons.some(({ code }) => code === "offline" || code === "down") : isFinal(state) && isAtRisk(state),
  );
}

interface Jolt {
  readonly atMs: Ms;
  readonly what: string;
}

/** What strikes the whole site, in order. */
function joltsOf({ deadLinks, clockJumps }: Story): Jolt[] {
  const links = deadLinks.flatMap(({ fromMs, toMs }) => [fromMs, toMs].map((atMs) => ({ atMs, what: "a dead link" })));
  return [...links, ...clockJumps.map(({ atMs }) => ({ atMs, what: "a clock that jumped" }))].toSorted((a, b) => a.atMs - b.atMs);
}

const wordOf = (event: CampaignEvent): string =>
  event.kind === "gateHeld" ? `a gate that held: ${event.gate}` : `a campaign that was ${event.kind}`;

/** A device that ends otherwise than well, or that a person decides about. */
function endOfTask({ event, next }: TaskChange): string | undefined {
  if (next.at === "failed" || next.at === "lost" || next.at === "refused") return `a device that is ${next.at}`;
  return event.kind.endsWith("ByPerson") ? `a device that a person decided about` : undefined;
}

/** The promise is nine of ten; so many of the campaigns that are told have to keep it. Design section 9. */
export const P90_HOLDS = 0.85;

export interface Kept {
  readonly counted: number;
  readonly inTime: number;
  /** 0 where none counts. */
  readonly share: number;
}

/** Of those finishes of which it can be said. */
export function keptOf(told: readonly Foretold[]): Kept {
  const counted = told.filter(({ came }) => came !== "unknown");
  const inTime = counted.filter(({ came }) => came === "inTime").length;
  return { counted: counted.length, inTime, share: counted.length === 0 ? 0 : inTime / counted.length };
}
