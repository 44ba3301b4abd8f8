/** What a rehearsal shows: the plays of each misbehaviour put together. Pure. */
import type { Outage, Plan } from "../../firmware/waves/shape.ts";
import { isoOf, type Ms } from "../../protocols/core/time.ts";
import type { RehearsalDocument, ScenarioDocument } from "./document.ts";
import { devicesWith, MISBEHAVIOURS, type Rate } from "./misbehaviours.ts";
import { COUNTED, type PlayEnd, type Played } from "./played.ts";

export interface ReportInput {
  readonly plan: Plan;
  readonly planHash: string;
  readonly nowMs: Ms;
  readonly seed: number;
  readonly runs: number;
  /** Devices whose use is known, and those that did not answer when it was asked for. */
  readonly known: { readonly usage: number; readonly offline: number };
  readonly scenarios: readonly { readonly rate: Rate | undefined; readonly plays: readonly Played[] }[];
}

/** The smallest value that so large a share of all does not pass: of five the 90th of a hundred is the largest. */
export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

const middle = (plays: readonly Played[], of: (play: Played) => number): number => quantile(plays.map(of), 0.5) ?? 0;

export function reportOf({ plan, planHash, nowMs, seed, runs, known, scenarios }: ReportInput): RehearsalDocument {
  return {
    schema: "groundswell.rehearsal/1",
    simulated: true,
    ...{ campaign: plan.campaign, planHash, site: plan.site, zone: plan.calendar.zone, seed, runs },
    release: { id: plan.release.id, title: plan.release.title, version: plan.release.version },
    devices: plan.tasks.length,
    waves: plan.waves.map(({ index, tasks }) => ({ index, devices: tasks.length })),
    startsAt: isoOf(nowMs),
    planned: { bound: plan.forecast.worst.bound, laid: plan.forecast.worst.laid, finishP90: isoOf(plan.forecast.finishP90AtMs) },
    known,
    scenarios: scenarios.map(({ rate, plays }) => scenarioOf(plan, rate, plays)),
    cannotKnow: CANNOT_KNOW,
  };
}

/** Printed with every report. */
export const CANNOT_KNOW = [
  "whether the new version is any good: a simulated device is as well on it as before, but for the misbehaviour that is asked about",
  "how often devices will misbehave: the rates are assumptions, not measurements",
  "meetings in the calendars of rooms, links that fail, other work on the site, and people who pause or skip",
  "the use of places nothing was learned about: office hours are assumed for them",
] as const;

function scenarioOf(plan: Plan, rate: Rate | undefined, plays: readonly Played[]): ScenarioDocument {
  const ended = plays.filter(({ end }) => end.at === "completed" || end.at === "completedWithFailures");
  const finish = (share: number): string | null => {
    const ms = quantile(
      ended.map(({ endMs }) => endMs),
      share,
    );
    return ms === undefined ? null : isoOf(ms);
  };
  return {
    misbehaviour: rate?.name ?? null,
    says: rate === undefined ? "every device behaves" : MISBEHAVIOURS[rate.name],
    share: rate?.share ?? 0,
    devices: rate === undefined ? 0 : devicesWith(rate.share, plan.tasks.length),
    plays: plays.length,
    ended: ended.length,
    finishP50: finish(0.5),
    finishP90: finish(0.9),
    windowsP50: middle(plays, ({ windows }) => windows),
    windowsP90: quantile(
      plays.map(({ windows }) => windows),
      0.9,
    ) as number,
    counts: Object.fromEntries(COUNTED.map((name) => [name, middle(plays, ({ counts }) => counts[name])])),
    touched: middle(plays, ({ touched }) => touched),
    hurt: middle(plays, ({ hurt }) => hurt),
    asked: middle(plays, ({ asked }) => asked),
    interrupted: plays.reduce((sum, { interrupted }) => sum + interrupted, 0),
    worst: worstOf(plays),
    domains: domainsOf(plays),
    waves: wavesOf(plan, plays),
    stops: stopsOf(plays),
  };
}

function worstOf(plays: readonly Played[]): Outage {
  const most = (of: keyof Outage): number => Math.max(0, ...plays.map(({ worst }) => worst[of]));
  return { devices: most("devices"), phones: most("phones"), rooms: most("rooms"), darkRooms: most("darkRooms") };
}

/** Of each kind the tightest of all plays. */
function domainsOf(plays: readonly Played[]): ScenarioDocument["domains"] {
  const spare = ({ members, away, minUp }: Played["domains"][number]): number => members - away - minUp;
  return [
    ...Map.groupBy(
      plays.flatMap(({ domains }) => domains),
      ({ kind }) => kind,
    ).values(),
  ].map((all) => all.reduce((tightest, one) => (spare(one) < spare(tightest) ? one : tightest)));
}

function wavesOf(plan: Plan, plays: readonly Played[]): ScenarioDocument["waves"] {
  return plan.waves.map(({ index, tasks }) => {
    const mine = plays.flatMap(({ waves }) => waves.filter((wave) => wave.index === index));
    const moment = (of: readonly (Ms | undefined)[], share: number): string | null => {
      const ms = quantile(
        of.filter((one) => one !== undefined),
        share,
      );
      return ms === undefined ? null : isoOf(ms);
    };
    const ends = mine.map(({ endMs }) => endMs);
    return {
      ...{ index, devices: tasks.length, passed: ends.filter((one) => one !== undefined).length },
      startP50: moment(
        mine.map(({ startMs }) => startMs),
        0.5,
      ),
      endP50: moment(ends, 0.5),
      endP90: moment(ends, 0.9),
    };
  });
}

/** What stopped it, the commonest first. */
function stopsOf(plays: readonly Played[]): ScenarioDocument["stops"] {
  const stops = plays.flatMap((play) => {
    const stop = stopOf(play.end);
    return stop === undefined ? [] : [{ ...stop, play }];
  });
  return [...Map.groupBy(stops, ({ gate, wave }) => `${gate} ${wave}`).values()]
    .map((all) => {
      const [{ gate, wave, why }] = all as [(typeof all)[0]];
      const mine = all.map(({ play }) => play);
      const touched = middle(mine, (play) => play.touched);
      return {
        gate,
        wave,
        why,
        plays: all.length,
        touched,
        failed: middle(mine, ({ counts }) => counts.failed + counts.lost + counts.refused),
      };
    })
    .toSorted((a, b) => b.plays - a.plays || a.wave - b.wave);
}

function stopOf(end: PlayEnd): { readonly gate: string | null; readonly wave: number; readonly why: string } | undefined {
  switch (end.at) {
    case "held":
      return { gate: end.gate, wave: end.wave, why: end.why };
    case "stuck":
      return {
        gate: null,
        wave: end.wave,
        why: end.waits.map(({ code, devices }) => `${devices} wait: ${code}`).join(", ") || "nothing moves",
      };
    default:
      return undefined;
  }
}
