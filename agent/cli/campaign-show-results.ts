/** What `campaign.show` answers, as far as people are shown it. */
import * as z from "zod";
import { plannedWaveSchema, planSummarySchema } from "./campaign-results.ts";

const maybe = z.string().nullish();

export const shownPlanSchema = planSummarySchema.extend({
  state: z.string(),
  why: maybe,
  started: maybe,
  approvals: z.object({ needed: z.number(), given: z.array(z.object({ person: z.string(), at: z.string() })), validUntil: maybe }),
  parent: z.object({ planHash: z.string(), campaign: maybe, state: maybe }).nullish(),
});
export type ShownPlan = z.infer<typeof shownPlanSchema>;

/** A piece of a plan's devices or waves, as it came. */
export const pieceSchema = z.looseObject({
  planHash: z.string(),
  of: z.number(),
  devices: z.array(z.looseObject({})).optional(),
  waves: z.array(z.looseObject({})).optional(),
  next: z.number().nullish(),
});

export const plannedWavesSchema = z.array(plannedWaveSchema);

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
