/**
 * The agent's results about campaigns, as far as people are shown them.
 */
import * as z from "zod";

const maybe = z.string().nullish();
/** Shown where its shape is known, else left out. */
const anything = z.unknown().optional();

const forecastSchema = z.object({
  devices: z.number(),
  lanBytes: z.number(),
  wanBytes: z.number(),
  p50Ms: z.number(),
  p90Ms: z.number(),
  finishP90AtMs: z.number().nullish(),
  waves: z.array(z.object({ index: z.number(), devices: z.number(), p50Ms: z.number(), p90Ms: z.number(), lanBytes: z.number() })),
  fitsWindow: z.boolean(),
});
const heldBackSchema = z.array(z.object({ name: z.string(), code: z.string(), why: z.string(), lifts: maybe }));

export const planAnswerSchema = z.object({
  plan: z.object({
    campaign: z.string(),
    author: z.object({ person: z.string() }),
    release: z.object({ id: z.string(), title: z.string(), version: z.string() }),
    policy: z.object({ reason: maybe }).nullish(),
    calendar: z.object({ zone: z.string() }).nullish(),
    tasks: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        model: z.string(),
        legs: z.array(z.object({ to: z.string(), edge: z.object({ reversibility: z.string() }) })),
      }),
    ),
    waves: z.array(z.object({ index: z.number(), tasks: z.array(z.string()), soakMs: z.number() })),
    heldBack: heldBackSchema,
    forecast: forecastSchema,
  }),
  planHash: z.string(),
  kept: z.boolean(),
});

export type PlanAnswer = z.infer<typeof planAnswerSchema>;

export const campaignSchema = z.object({
  campaign: z.string(),
  state: z.string(),
  why: maybe,
  planHash: z.string(),
  release: z.object({ id: z.string(), title: z.string(), version: z.string() }),
  planned: z.number(),
  counts: z.record(z.string(), z.number()),
  atRisk: z.number(),
  waves: z.array(z.object({ index: z.number(), state: z.string(), devices: z.number(), done: z.number(), why: maybe })),
  tasks: z.array(
    z.object({
      device: z.string(),
      name: z.string(),
      model: z.string(),
      wave: z.number(),
      at: z.string(),
      attempts: z.number(),
      why: maybe,
      since: maybe,
      until: maybe,
      endedBy: maybe,
    }),
  ),
  heldBack: heldBackSchema.nullish(),
  forecast: forecastSchema.nullish(),
});

export type CampaignAnswer = z.infer<typeof campaignSchema>;
export type TaskAnswer = CampaignAnswer["tasks"][number];

export const campaignsSchema = z.object({
  campaigns: z.array(
    z.looseObject({
      campaign: z.string(),
      state: z.string(),
      why: maybe,
      release: anything,
      version: maybe,
      planned: z.number(),
      counts: z.record(z.string(), z.number()).nullish(),
      created: maybe,
      started: maybe,
    }),
  ),
});

/** `*` gives `campaigns`, one gives `state`. */
export const movedSchema = z.object({ state: maybe, campaigns: z.array(z.string()).nullish() });
