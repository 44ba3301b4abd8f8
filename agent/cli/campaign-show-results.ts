/** What `campaign.show` answers, as far as people are shown it. */
import * as z from "zod";
import { differenceSchema, forecastSchema, rollbackSchema } from "./campaign-results.ts";

const maybe = z.string().nullish();

const waveSchema = z.object({
  index: z.number(),
  devices: z.number(),
  models: z.array(z.object({ model: z.string(), count: z.number() })),
  only: z.string().optional(),
  along: z.number(),
  oneWay: z.number(),
  stones: z.object({ devices: z.number(), versions: z.array(z.string()) }),
  limits: z.object({ count: z.number(), first: z.array(z.object({ domain: z.string(), atOnce: z.number() })) }),
  proof: z
    .object({ ruledOutPerMille: z.number(), models: z.array(z.object({ model: z.string(), ruledOutPerMille: z.number() })) })
    .optional(),
  soakMs: z.number(),
  forecast: z.object({ p50Ms: z.number(), p90Ms: z.number(), lanBytes: z.number() }).optional(),
  state: maybe,
  why: maybe,
  done: z.number().nullish(),
});

export const shownPlanSchema = z.object({
  campaign: z.string(),
  state: z.string(),
  why: maybe,
  planHash: z.string(),
  author: z.string(),
  reason: maybe,
  created: z.string(),
  started: maybe,
  release: z.object({ id: z.string(), title: z.string(), version: z.string() }),
  rollback: rollbackSchema.nullish(),
  zone: maybe,
  approvals: z.object({ needed: z.number(), given: z.array(z.object({ person: z.string(), at: z.string() })), validUntil: maybe }),
  parent: z.object({ planHash: z.string(), campaign: maybe, state: maybe }).nullish(),
  difference: differenceSchema.extend({ counts: z.record(z.string(), z.number()) }).nullish(),
  planned: z.number(),
  goals: z.array(z.object({ version: z.string(), count: z.number() })),
  waves: z.array(waveSchema),
  heldBack: z.object({
    count: z.number(),
    codes: z.array(z.object({ code: z.string(), count: z.number() })),
    first: z.array(z.object({ name: z.string(), code: z.string(), why: z.string(), lifts: maybe })),
  }),
  forecast: forecastSchema.omit({ waves: true }),
});
export type ShownPlan = z.infer<typeof shownPlanSchema>;

/** A piece of a plan's devices, as it came. */
export const pieceSchema = z.looseObject({
  planHash: z.string(),
  of: z.number(),
  devices: z.array(z.looseObject({})),
  next: z.number().nullish(),
});

export const plannedDevicesSchema = z.array(
  z.object({
    name: z.string(),
    model: z.string(),
    from: z.string(),
    to: z.string(),
    legs: z.array(z.object({ to: z.string(), reversibility: z.string() })),
    room: maybe,
    along: z.array(z.string()).nullish(),
    wave: z.number().nullish(),
    at: maybe,
    why: maybe,
  }),
);
export type PlannedDevice = z.infer<typeof plannedDevicesSchema>[number];

export const heldDevicesSchema = z.array(z.object({ name: z.string(), code: z.string(), why: z.string(), lifts: maybe }));
export type HeldDevice = z.infer<typeof heldDevicesSchema>[number];
