/** Commands about the rules of health. */
import * as z from "zod";
import { duration } from "../../firmware/waves/policy.ts";
import { DAY } from "../../protocols/core/time.ts";

/** Devices of one page of a dry run: some seconds of the history thread. */
export const TRY_AT_ONCE = 100;

export const ruleCommands = {
  "rules.list": { role: "viewer", when: "immediate", kind: "look", args: z.strictObject({}) },
  /**
   * What rules would have done to the devices after `after`, a page of them: whoever asks goes on with `next` until there is
   * none. `rules`: as in a file of rules; checked as a whole.
   */
  "rules.try": {
    role: "viewer",
    when: "immediate",
    kind: "look",
    args: z.strictObject({
      rules: z.record(z.string().max(64), z.unknown()),
      /** Also the starting rules that the file leaves as they are. */
      all: z.boolean().default(false),
      last: duration({ min: "1h", max: "90d" }).default(7 * DAY),
      /** Epoch milliseconds of the end, from the first page on. */
      toMs: z.int().min(0).optional(),
      /** One device, as a person names it. */
      only: z.string().min(1).max(120).optional(),
      after: z.string().max(120).optional(),
      limit: z.int().min(1).max(TRY_AT_ONCE).default(TRY_AT_ONCE),
    }),
  },
} as const;
