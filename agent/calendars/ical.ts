/**
 * Reads an iCalendar feed and tells when it says that a room is taken; the only user of ical.js. For a thread of its own: how long
 * a rule takes to be followed is the feed's to say.
 *
 * What is not understood makes the whole feed unreadable: a meeting that is passed over would make a taken room look free.
 * Source: RFC 5545, 3.6.1 (events), 3.8.2 (dates, transparency), 3.8.4.4 and 3.8.5 (recurrences and their exceptions).
 */
import ICAL from "ical.js";
import { joinMeetings, type Meeting } from "../../firmware/waves/calendar-feed.ts";
import { fail, ok, type Result } from "../../protocols/core/fault.ts";
import { DAY, instantOf as instantOfMs, type Ms } from "../../protocols/core/time.ts";

export interface Expansion {
  readonly fromMs: Ms;
  readonly toMs: Ms;
  /** Of whole days, and of times without a zone. */
  readonly zone: string;
}

export interface Unreadable {
  readonly why: string;
}

/** Events of one feed: a room with 20 meetings a day for two years and a half. Guessed. */
export const EVENTS_MAX = 20_000;
/** Occurrences looked at in one feed, those before the stretch included: 70 daily meetings for four years. Guessed. */
export const OCCURRENCES_MAX = 100_000;
/** Rules by the hour and finer are no meetings of people. */
const FREQUENCIES: ReadonlySet<string> = new Set(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]);

class NotUnderstood extends Error {}

/** When the room is taken within the stretch, in order; nothing of what the meetings are about. */
export function expandFeed(text: string, within: Expansion): Result<Meeting[], Unreadable> {
  try {
    const calendars = rootsOf(text);
    const events = calendars.flatMap((calendar) => calendar.getAllSubcomponents("vevent"));
    if (events.length > EVENTS_MAX) return fail({ why: `it has more than ${EVENTS_MAX} events` });
    const left = { occurrences: OCCURRENCES_MAX };
    const bySeries = Map.groupBy(events, (event) => String(event.getFirstPropertyValue("uid") ?? ""));
    const meetings = [...bySeries].flatMap(([uid, parts]) =>
      uid === "" ? parts.flatMap((part) => series([part], within, left)) : series(parts, within, left),
    );
    return ok(joinMeetings(meetings));
  } catch (error) {
    // The parser says what it cannot read by throwing, with the feed's own words in it: they go no further.
    return fail({ why: error instanceof NotUnderstood ? error.message : "it is no calendar that can be read" });
  }
}

function rootsOf(text: string): InstanceType<typeof ICAL.Component>[] {
  const parsed: unknown = ICAL.parse(text);
  if (!Array.isArray(parsed)) throw new NotUnderstood("it is no calendar that can be read");
  const roots = (typeof parsed[0] === "string" ? [parsed] : parsed).map((root) => new ICAL.Component(root));
  if (roots.length === 0 || roots.some(({ name }) => name !== "vcalendar")) throw new NotUnderstood("it is no calendar that can be read");
  if (roots.some((root) => root.getFirstSubcomponent("vfreebusy") !== null))
    throw new NotUnderstood("it tells of free and busy times, not of events");
  return roots;
}

type Component = InstanceType<typeof ICAL.Component>;
type Time = InstanceType<typeof ICAL.Time>;

/** All events of one name: one that recurs, and those that stand in for single occurrences of it. */
function series(parts: readonly Component[], within: Expansion, left: { occurrences: number }): Meeting[] {
  const replaced = new Set<Ms>();
  const found: Meeting[] = [];
  for (const part of parts) {
    const stoodFor = part.getFirstProperty("recurrence-id");
    if (stoodFor === null) continue;
    if (stoodFor.getFirstParameter("range") !== undefined) throw new NotUnderstood("it moves all later meetings of a series at once");
    replaced.add(instantOf(timeOf(part, "recurrence-id"), part, within));
    found.push(...single(part, within));
  }
  for (const part of parts) {
    if (part.getFirstProperty("recurrence-id") !== null) continue;
    const recurs = part.getFirstProperty("rrule") !== null || part.getFirstProperty("rdate") !== null;
    found.push(...(recurs ? occurrences(part, { within, replaced, left }) : single(part, within)));
  }
  return found;
}

/** Cancelled, or marked as leaving the room free. */
function takesNothing(event: Component): boolean {
  const word = (name: string): string => String(event.getFirstPropertyValue(name) ?? "").toUpperCase();
  return word("status") === "CANCELLED" || word("transp") === "TRANSPARENT";
}

function single(event: Component, within: Expansion): Meeting[] {
  if (takesNothing(event)) return [];
  const start = timeOf(event, "dtstart");
  return inside([meetingAt(start, event, within)], within);
}

interface Following {
  readonly within: Expansion;
  readonly replaced: ReadonlySet<Ms>;
  readonly left: { occurrences: number };
}

function occurrences(event: Component, { within, replaced, left }: Following): Meeting[] {
  if (takesNothing(event)) return [];
  for (const rule of event.getAllProperties("rrule")) {
    const value = rule.getFirstValue();
    if (!(value instanceof ICAL.Recur) || !FREQUENCIES.has(value.freq)) throw new NotUnderstood("it has a rule that is not understood");
  }
  const found: Meeting[] = [];
  const expansion = new ICAL.RecurExpansion({ component: event, dtstart: timeOf(event, "dtstart") });
  const whole = meetingAt(timeOf(event, "dtstart"), event, within);
  const firstYear = instantOfMs(within.fromMs - (whole.toMs - whole.fromMs) - 2 * DAY).toZonedDateTimeISO("UTC").year;
  for (let start = expansion.next(); start; start = expansion.next()) {
    if (left.occurrences-- <= 0) throw new NotUnderstood(`it has more than ${OCCURRENCES_MAX} occurrences`);
    // Asking a zone is dear: years long past need no exact moment.
    if (start.year < firstYear) continue;
    const meeting = meetingAt(start, event, within);
    if (meeting.fromMs >= within.toMs) break;
    if (!replaced.has(meeting.fromMs)) found.push(...inside([meeting], within));
  }
  return found;
}

const inside = (meetings: readonly Meeting[], { fromMs, toMs }: Expansion): Meeting[] =>
  meetings.filter((meeting) => meeting.toMs > fromMs && meeting.fromMs < toMs && meeting.toMs > meeting.fromMs);

/** An occurrence is as long as its event: whole days where that is of days, else so many minutes whatever clocks do meanwhile. */
function meetingAt(start: Time, event: Component, within: Expansion): Meeting {
  const first = timeOf(event, "dtstart");
  const last = endOf(event, first);
  const fromMs = instantOf(start, event, within);
  if (start.isDate) {
    const days = last.subtractDateTz(first).toSeconds() / 86_400;
    const end = dateOf(start).add({ days: Math.max(1, Math.round(days)) });
    return { fromMs, toMs: end.toZonedDateTime(within.zone).epochMilliseconds };
  }
  return { fromMs, toMs: fromMs + instantOf(last, event, within) - instantOf(first, event, within) };
}

/** DTEND, else DTSTART and DURATION; without both a whole day or no time at all. */
function endOf(event: Component, start: Time): Time {
  if (event.getFirstProperty("dtend") !== null) return timeOf(event, "dtend");
  const end = start.clone();
  const length = event.getFirstPropertyValue("duration");
  if (length instanceof ICAL.Duration) end.addDuration(length);
  return end;
}

function timeOf(event: Component, name: string): Time {
  const value = event.getFirstPropertyValue(name);
  if (value instanceof ICAL.Time) return value;
  throw new NotUnderstood("it has an event without a time");
}

const dateOf = ({ year, month, day }: Time): Temporal.PlainDate => Temporal.PlainDate.from({ year, month, day });

/** A zone of the IANA list goes by that list; another by what the feed itself says of it. */
function instantOf(time: Time, event: Component, { zone }: Expansion): Ms {
  if (time.isDate) return dateOf(time).toZonedDateTime(zone).epochMilliseconds;
  const { year, month, day, hour, minute, second } = time;
  const wall = Temporal.PlainDateTime.from({ year, month, day, hour, minute, second: Math.min(second, 59) });
  const name = zoneNameOf(time, event);
  if (name === undefined) return wall.toZonedDateTime(zone).epochMilliseconds;
  if (isKnownZone(name)) return wall.toZonedDateTime(name).epochMilliseconds;
  if (!event.parent?.getTimeZoneByID(name)) throw new NotUnderstood("it has a time in a zone that it does not explain");
  return time.toUnixTime() * 1_000;
}

/** `undefined`: a time without a zone, as the clock on the wall shows it. */
function zoneNameOf(time: Time, event: Component): string | undefined {
  const own = time.zone?.tzid;
  if (own !== undefined && own !== "floating") return own;
  const stated = event.getFirstProperty("dtstart")?.getFirstParameter("tzid");
  return typeof stated === "string" && stated !== "" ? stated : undefined;
}

function isKnownZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}
