/**
 * What a room's calendar says of the time ahead, and whether an update fits between its meetings. Pure.
 *
 * A calendar that cannot be read, is too old, or does not reach far enough says nothing: the room then counts as taken.
 */
import type { Ms } from "../../protocols/core/time.ts";

/** From inclusive to exclusive. What the meeting is about stays in the calendar. */
export interface Meeting {
  readonly fromMs: Ms;
  readonly toMs: Ms;
}

export type RoomCalendar =
  /** `meetings` in order of their beginning; none that is not listed begins before `toMs`. */
  { readonly known: true; readonly meetings: readonly Meeting[]; readonly toMs: Ms } | { readonly known: false; readonly why: string };

export type RoomAnswer =
  | { readonly free: true }
  /** `untilMs`: the first moment from which it is free for long enough, as far as the calendar reaches. */
  | { readonly free: false; readonly why: "meeting" | "soon"; readonly untilMs?: Ms }
  | { readonly free: "unknown"; readonly why: string };

/** Is the room free for so long from now on? A meeting that begins just at the end does not disturb. */
export function roomAnswer(calendar: RoomCalendar, nowMs: Ms, needMs: Ms): RoomAnswer {
  if (!calendar.known) return { free: "unknown", why: calendar.why };
  if (nowMs + needMs > calendar.toMs) return { free: "unknown", why: "its calendar does not reach far enough" };
  let freeMs = nowMs;
  let why: "meeting" | "soon" | undefined;
  for (const { fromMs, toMs } of calendar.meetings) {
    if (toMs <= freeMs) continue;
    if (fromMs >= freeMs + needMs) break;
    why ??= fromMs <= nowMs ? "meeting" : "soon";
    freeMs = toMs;
  }
  if (why === undefined) return { free: true };
  return { free: false, why, ...(freeMs + needMs <= calendar.toMs ? { untilMs: freeMs } : {}) };
}

/** In order, with those that touch or overlap as one; those without a length are none. */
export function joinMeetings(meetings: readonly Meeting[]): Meeting[] {
  const joined: { fromMs: Ms; toMs: Ms }[] = [];
  for (const { fromMs, toMs } of meetings.toSorted((a, b) => a.fromMs - b.fromMs)) {
    if (toMs <= fromMs) continue;
    const last = joined.at(-1);
    if (last !== undefined && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs);
    else joined.push({ fromMs, toMs });
  }
  return joined;
}
