/**
 * What rooms' calendars said when they were last read well, and whether the last read went well.
 */
import type { Ms } from "../protocols/core/time.ts";
import { decoder, json, maybeText, text, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export interface CalendarRow {
  readonly room: string;
  /** The last read, well or not. */
  readonly triedAtMs: Ms;
  /** Why it did not go well; absent where it did. */
  readonly trouble?: string;
  /** The last that went well; absent where none ever did. */
  readonly good?: {
    readonly atMs: Ms;
    /** Meetings that begin before this are listed. */
    readonly toMs: Ms;
    /** In order, apart from one another. */
    readonly meetings: readonly { readonly fromMs: Ms; readonly toMs: Ms }[];
  };
}

export interface RoomCalendars {
  all(): readonly CalendarRow[];
  /** A read that went well. */
  keep(room: string, good: NonNullable<CalendarRow["good"]>): void;
  /** One that did not: what was read before stays. */
  note(room: string, trouble: string, atMs: Ms): void;
  /** Forgets all rooms but these. */
  retain(rooms: readonly string[]): void;
}

type Span = readonly [fromMs: Ms, toMs: Ms];

const read = decoder("room_calendars", "room", (row: Row): CalendarRow => {
  const trouble = maybeText(row, "trouble");
  return {
    room: text(row, "room"),
    triedAtMs: whole(row, "tried_at_ms"),
    ...(trouble === undefined ? {} : { trouble }),
    ...(row["read_at_ms"] === null
      ? {}
      : {
          good: {
            atMs: whole(row, "read_at_ms"),
            toMs: whole(row, "to_ms"),
            meetings: json(row, "meetings", { parse: spansOf }).map(([fromMs, toMs]) => ({ fromMs, toMs })),
          },
        }),
  };
});

function spansOf(value: unknown): readonly Span[] {
  const isSpan = (one: unknown): one is Span => Array.isArray(one) && one.length === 2 && one.every((part) => Number.isSafeInteger(part));
  if (!Array.isArray(value) || !value.every(isSpan)) throw new Error("expected a list of times");
  return value;
}

export function roomCalendarsIn(sql: Sql): RoomCalendars {
  return {
    all: () => sql.all("select room, tried_at_ms, trouble, read_at_ms, to_ms, meetings from room_calendars order by room").map(read),
    keep(room, { atMs, toMs, meetings }) {
      sql.run(
        `insert into room_calendars (room, tried_at_ms, trouble, read_at_ms, to_ms, meetings) values (@room, @atMs, null, @atMs, @toMs, @meetings)
          on conflict (room) do update set tried_at_ms = excluded.tried_at_ms, trouble = null, read_at_ms = excluded.read_at_ms,
            to_ms = excluded.to_ms, meetings = excluded.meetings`,
        { room, atMs, toMs, meetings: toJson(meetings.map((meeting) => [meeting.fromMs, meeting.toMs])) },
      );
    },
    note(room, trouble, atMs) {
      sql.run(
        `insert into room_calendars (room, tried_at_ms, trouble) values (@room, @atMs, @trouble)
          on conflict (room) do update set tried_at_ms = excluded.tried_at_ms, trouble = excluded.trouble`,
        { room, trouble, atMs },
      );
    },
    retain: (rooms) =>
      sql.transaction(() => {
        for (const row of sql.all("select room from room_calendars")) {
          const room = text(row, "room");
          if (!rooms.includes(room)) sql.run("delete from room_calendars where room = @room", { room });
        }
      }),
  };
}
