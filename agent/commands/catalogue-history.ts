/**
 * The commands that look at a device's history. Part of the catalogue.
 */
import * as z from "zod";
import { type Ms, parseDuration, parseMoment } from "../../protocols/core/time.ts";
import { parseCursor } from "../health/history-page.ts";

/** As a person names it: id, MAC, name, serial or address. */
const device = z.string().min(1).max(120);

function read<T>(parse: (text: string) => T | undefined, wanted: string) {
  return z
    .string()
    .max(100)
    .transform((text, context): T => {
      const value = parse(text);
      if (value !== undefined) return value;
      context.addIssue({ code: "custom", message: `is ${wanted}` });
      return z.NEVER;
    });
}

/** A moment, or the UTC midnight of a day. */
const moment = read(parseMoment, 'neither a moment such as "2026-11-22T08:00:00Z" nor a day such as "2026-11-22"');
const length = read((text): Ms | undefined => parseDuration(text) || undefined, 'no length of time such as "24h" or "7d"');

export const historyCommands = {
  /**
   * A length of time: `from` to `to`, or the `last` up to now or to `to`. `readings`: all there are where absent. An answer that
   * is too long for a message has `next`: whoever asks goes on with it as `after`, and with `from` and `to` as they were answered.
   */
  "device.history": {
    role: "viewer",
    when: "immediate",
    kind: "look",
    args: z
      .strictObject({
        device,
        readings: z.array(z.string().min(1).max(64)).max(64).optional(),
        from: moment.optional(),
        to: moment.optional(),
        last: length.optional(),
        points: z.int().min(2).max(2_000).default(300),
        after: read(parseCursor, "no end of an answer").optional(),
      })
      .refine(({ from, last }) => from === undefined || last === undefined, "takes either from or last")
      .refine(
        ({ after, from, to }) => after === undefined || (from !== undefined && to !== undefined),
        "goes on with from and to as they were answered",
      ),
  },
  "device.changes": {
    role: "viewer",
    when: "immediate",
    kind: "look",
    args: z.strictObject({ device, limit: z.int().min(1).max(20).default(10) }),
  },
} as const;
