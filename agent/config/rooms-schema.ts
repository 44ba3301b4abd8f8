/**
 * Calendars of rooms. One declaration for type, check and documentation.
 */
import * as z from "zod";
import { duration } from "../../firmware/waves/policy.ts";
import { HOUR, MINUTE } from "../../protocols/core/time.ts";
import { name, path, webUrl } from "./basics.ts";

/** Guessed: read one after the other, they fit into a quarter of an hour. */
const CALENDARS_MAX = 500;

export const roomsSchema = z.strictObject({
  /** A room with a calendar is updated only between its meetings: docs/waves.md. Each is an iCalendar feed. */
  calendars: z
    .array(
      z.strictObject({
        room: name,
        /** No redirect is followed. */
        url: webUrl.optional(),
        /** Instead of `url`: a file that something else brings here. */
        file: path.optional(),
        /** Roots in place of the system's. */
        caFile: path.optional(),
      }),
    )
    .max(CALENDARS_MAX)
    .default([]),
  every: duration({ min: "1m", max: "1d" }).default(15 * MINUTE),
  /** A copy older than this says nothing: the room then counts as taken. */
  staleAfter: duration({ min: "5m", max: "7d" }).default(6 * HOUR),
});
