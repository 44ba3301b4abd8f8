/**
 * The calendars of rooms: read one after the other, the last good copy kept. One that is too old says nothing any more.
 */
import type { RoomCalendar } from "../../firmware/waves/calendar-feed.ts";
import { type Clock, DAY, isoOf, type Ms } from "../../protocols/core/time.ts";
import type { CalendarRow, RoomCalendars } from "../../store/room-calendars.ts";
import type { Log } from "../log.ts";
import type { ReadOrder } from "./read.ts";
import type { ReadApart } from "./read-apart.ts";

export interface FeedSetting {
  readonly room: string;
  readonly from: ReadOrder["from"];
}

export interface FeedsIo {
  readonly store: RoomCalendars;
  readonly clock: Clock;
  readonly log: Pick<Log, "info" | "warn">;
  readonly read: ReadApart;
}

export interface Feeds {
  /** Reads all of them. */
  refresh(signal: AbortSignal): Promise<void>;
  /** `undefined` for a room without a calendar. */
  calendar(room: string): RoomCalendar | undefined;
  rows(): readonly CalendarRow[];
}

/** Longer than the longest step with its way back, and than a copy may be old. */
const READ_AHEAD_MS: Ms = 21 * DAY;

/** @param settings.zone  for times without one */
export function createFeeds(
  settings: { readonly feeds: readonly FeedSetting[]; readonly zone: string; readonly staleAfterMs: Ms },
  io: FeedsIo,
): Feeds {
  const { store, clock, log } = io;
  const { feeds, zone, staleAfterMs } = settings;
  store.retain(feeds.map(({ room }) => room));
  const rows = new Map(store.all().map((row) => [row.room, row]));
  const named = new Set(feeds.map(({ room }) => room));
  const keep = (room: string): void => {
    for (const row of store.all()) if (row.room === room) rows.set(room, row);
  };
  return {
    async refresh(signal) {
      for (const { room, from } of feeds) {
        if (signal.aborted) return;
        const atMs = clock.nowMs();
        const toMs = atMs + READ_AHEAD_MS;
        const read = await io.read({ from, fromMs: atMs, toMs, zone }, signal);
        if (signal.aborted) return;
        const before = rows.get(room)?.trouble;
        if (read.ok) store.keep(room, { atMs, toMs, meetings: read.value });
        else store.note(room, read.fault.why, clock.nowMs());
        keep(room);
        // Told once, not with every try.
        if (!read.ok && before !== read.fault.why) log.warn("a room's calendar cannot be read", { room, why: read.fault.why });
        if (read.ok && before !== undefined) log.info("a room's calendar can be read again", { room });
      }
    },
    calendar: (room) => (named.has(room) ? calendarOf(rows.get(room), clock.nowMs(), staleAfterMs) : undefined),
    rows: () => [...rows.values()],
  };
}

/** What is kept of a calendar, as far as it still counts. Pure. */
export function calendarOf(row: CalendarRow | undefined, nowMs: Ms, staleAfterMs: Ms): RoomCalendar {
  const good = row?.good;
  const trouble = row?.trouble === undefined ? "" : `: ${row.trouble}`;
  if (good === undefined) return { known: false, why: `its calendar has not been read yet${trouble}` };
  if (nowMs - good.atMs > staleAfterMs) return { known: false, why: `its calendar was last read at ${isoOf(good.atMs)}${trouble}` };
  return { known: true, meetings: good.meetings, toMs: good.toMs };
}
