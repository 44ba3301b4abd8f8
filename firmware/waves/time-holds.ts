/**
 * What of the time of day keeps an untouched task waiting: the window, its own turn in it, the usual use of its place, the
 * calendar of its room. Pure.
 */
import type { DeviceId } from "../../protocols/core/ids.ts";
import { MINUTE, type Ms, showDuration } from "../../protocols/core/time.ts";
import { type RoomCalendar, roomAnswer } from "./calendar-feed.ts";
import type { DomainIndex } from "./domains.ts";
import { legAt } from "./legs.ts";
import { startIn } from "./opening-start.ts";
import type { WavePolicy } from "./policy.ts";
import { isConclusive, isQuiet, quietestFrom, quietFrom, type Usage } from "./quiet-hours.ts";
import type { PlannedTask } from "./shape.ts";
import type { Hold } from "./task-state.ts";
import type { WindowView } from "./window.ts";

/** What is known of places and of time besides the site's window; asked anew for every decision. */
export interface PlaceTimes {
  /** How much the place of a device is in use; `undefined` where nothing was learned. */
  usage(device: DeviceId): Usage | undefined;
  /** What the calendar of a room says; `undefined` where the settings name none. */
  calendar(room: string): RoomCalendar | undefined;
  /** The latest time this agent has ever noted, over all its lives. */
  highestMs(): Ms;
}

export const NOTHING_KNOWN: PlaceTimes = { usage: () => undefined, calendar: () => undefined, highestMs: () => 0 };

/** A clock that is behind the latest time ever noted by more than this has been set back. */
export const CLOCK_BACK_MAX_MS: Ms = MINUTE;

export const isSetBack = (nowMs: Ms, highestMs: Ms): boolean => nowMs < highestMs - CLOCK_BACK_MAX_MS;

export interface TimeHoldInput {
  readonly planned: PlannedTask;
  /** Index of the leg that would start. */
  readonly leg: number;
  readonly policy: WavePolicy;
  /** The site's calendar. */
  readonly window: WindowView;
  readonly domains: DomainIndex;
  readonly times: PlaceTimes;
  /** The wave of the task: since when it is under way, how many devices it has. */
  readonly wave: { readonly sinceMs: Ms; readonly size: number };
  readonly nowMs: Ms;
}

export function timeHolds(input: TimeHoldInput): readonly Hold[] {
  const window = windowHold(input);
  const others = [quietHold(input), ...meetingHolds(input)].filter((hold) => hold !== undefined);
  // Its turn is a moment of an opening: nothing to say while the site is closed.
  const own = window ?? startHold(input);
  return own === undefined ? others : [own, ...others];
}

const quietMaxOf = ({ quietBusyPercentMax }: WavePolicy): number => quietBusyPercentMax / 100;

function needOf({ planned, leg }: Pick<TimeHoldInput, "planned" | "leg">): Ms {
  const { edge, durationMs } = legAt(planned, leg);
  return durationMs.p99 + edge.revertMs;
}

/** A task starts only if its update and the way back both end inside the window. */
function windowHold(input: TimeHoldInput): Hold | undefined {
  const { window, nowMs, times } = input;
  const highestMs = times.highestMs();
  if (isSetBack(nowMs, highestMs)) {
    // What was open by this clock has been open before; whether it is now, nobody knows.
    return {
      code: "window",
      why: "the clock was set back: which window is open is not known",
      untilMs: highestMs - CLOCK_BACK_MAX_MS,
      endedBy: "the clock reaching the time it has shown before, or an approver: groundswell clock accept",
    };
  }
  const now = window.at(nowMs);
  if ("opensAtMs" in now) return { code: "window", why: "the window is closed", untilMs: now.opensAtMs, endedBy: "the window opening" };
  const needMs = needOf(input);
  if (window.fits(nowMs, needMs)) return undefined;
  const next = window.at(now.openUntilMs + 1);
  return {
    code: "window",
    why: `the update and its way back need ${showDuration(needMs)}, the window closes before`,
    ...("opensAtMs" in next ? { untilMs: next.opensAtMs } : {}),
    endedBy: "the next window",
  };
}

/** A wave does not start in one second; where its place prefers an hour, not before that either. */
function startHold(input: TimeHoldInput): Hold | undefined {
  const { policy, planned, nowMs, window, wave, times } = input;
  const opening = window.around(nowMs);
  if (opening === undefined) return undefined;
  const needMs = needOf(input);
  const spreadMs = policy.startEvery * (wave.size - 1);
  const startMs = startIn({ task: planned.id, opening, sinceMs: wave.sinceMs, needMs, spreadMs });
  const usage = policy.quietHours === "prefer" ? times.usage(planned.device) : undefined;
  if (usage !== undefined && isConclusive(usage)) {
    const quietMs = quietestFrom(usage, { fromMs: startMs, lastMs: opening.toMs - needMs, needMs }, quietMaxOf(policy));
    if (quietMs > nowMs && quietMs > startMs) {
      const why = "its place is usually quiet later in this window";
      return { code: "quietHours", why, untilMs: quietMs, endedBy: "the quiet hour of its place" };
    }
  }
  if (nowMs >= startMs) return undefined;
  return { code: "start", why: "the starts of its wave are spread", untilMs: startMs, endedBy: "its own moment" };
}

/** `require`: only while the place is usually quiet. Where too little was learned, the window alone decides. */
function quietHold(input: TimeHoldInput): Hold | undefined {
  const { policy, planned, nowMs, times } = input;
  if (policy.quietHours !== "require") return undefined;
  const usage = times.usage(planned.device);
  if (usage === undefined || !isConclusive(usage)) return undefined;
  const needMs = needOf(input);
  if (isQuiet(usage, { fromMs: nowMs, toMs: nowMs + needMs }, quietMaxOf(policy))) return undefined;
  const untilMs = quietFrom(usage, nowMs, needMs, quietMaxOf(policy));
  if (untilMs === undefined) {
    const why = `no ${showDuration(needMs)} of the week are quiet enough at its place`;
    return { code: "quietHours", why, endedBy: "a plan that asks for less quiet" };
  }
  return { code: "quietHours", why: "its place is usually in use about now", untilMs, endedBy: "the quiet hours of its place" };
}

/** Rooms of the device and of all that goes along. */
function roomsOf({ planned, domains }: TimeHoldInput): readonly string[] {
  const entries = domains.unitOf(planned.device).flatMap((member) => domains.of(member));
  return [...new Set(entries.filter(({ domain }) => domain.kind === "room").map(({ domain }) => domain.id.slice("room:".length)))];
}

function meetingHolds(input: TimeHoldInput): readonly Hold[] {
  const { times, nowMs, policy } = input;
  return roomsOf(input).flatMap((room): Hold[] => {
    const calendar = times.calendar(room);
    if (calendar === undefined) return [];
    const answer = roomAnswer(calendar, nowMs, needOf(input) + policy.meetingMargin);
    if (answer.free === true) return [];
    if (answer.free === "unknown") {
      const endedBy = "the calendar being read again, or a person who takes it out of the settings";
      return [{ code: "meeting", why: `whether ${room} is free is not known: ${answer.why}`, endedBy }];
    }
    const why = answer.why === "meeting" ? `a meeting is on in ${room}` : `a meeting in ${room} begins before the update could be over`;
    const until = answer.untilMs === undefined ? {} : { untilMs: answer.untilMs };
    return [{ code: "meeting", why, ...until, endedBy: "the meeting's end" }];
  });
}
