/**
 * A device's history and changes as people are shown them; see `results.ts`.
 */
import * as z from "zod";

const point = z.object({
  at: z.string(),
  count: z.number(),
  last: z.number(),
  min: z.number().optional(),
  mean: z.number().optional(),
  max: z.number().optional(),
  rise: z.number().optional(),
  resets: z.number().optional(),
});
export type PointShown = z.infer<typeof point>;

const series = z.object({ reading: z.string(), kind: z.string(), points: z.array(point) });
export type SeriesShown = z.infer<typeof series>;

export const historySchema = z.object({
  device: z.string(),
  name: z.string(),
  from: z.string(),
  to: z.string(),
  resolution: z.string(),
  stepSeconds: z.number(),
  availability: z.object({ asked: z.number(), answered: z.number() }),
  series: z.array(series),
});
export type HistoryShown = z.infer<typeof historySchema>;

const side = z.object({ asked: z.number(), answered: z.number() });
const compared = z.object({
  reading: z.string(),
  unit: z.string(),
  before: z.number().nullish(),
  after: z.number().nullish(),
  worst: z.number().nullish(),
});
export type ComparedShown = z.infer<typeof compared>;

const change = z.object({
  kind: z.string(),
  at: z.string(),
  last: z.string().nullish(),
  times: z.number().nullish(),
  detail: z.string(),
  watchedUntil: z.string().nullish(),
  before: side,
  after: side,
  readings: z.array(compared),
});
export type ChangeShown = z.infer<typeof change>;

export const changesSchema = z.object({ device: z.string(), name: z.string(), changes: z.array(change) });
export type ChangesShown = z.infer<typeof changesSchema>;
