/**
 * The agent's results about campaigns, as far as people are shown them.
 */
import * as z from "zod";
import { joinedSchema } from "./campaign-joined.ts";

const maybe = z.string().nullish();
/** Shown where its shape is known, else left out. */
const anything = z.unknown().optional();

export const outageSchema = z.object({ devices: z.number(), phones: z.number(), rooms: z.number(), darkRooms: z.number() });
export const forecastSchema = z.object({
  devices: z.number(),
  lanBytes: z.number(),
  wanBytes: z.number(),
  p50Ms: z.number(),
  p90Ms: z.number(),
  finishP90AtMs: z.number().nullish(),
  waves: z.array(z.object({ index: z.number(), devices: z.number(), p50Ms: z.number(), p90Ms: z.number(), lanBytes: z.number() })),
  fitsWindow: z.boolean(),
  window: z.object({ fromMs: z.number(), toMs: z.number() }).nullish(),
  worst: z.object({ bound: outageSchema, laid: outageSchema }).nullish(),
});
const heldBackSchema = z.array(z.object({ name: z.string(), code: z.string(), why: z.string(), lifts: maybe }));

const standingSchema = z.object({ at: z.string(), wave: z.number().nullish(), code: maybe, why: maybe });
/** The first of each kind, and how many there are. */
const differenceSchema = z.object({
  parent: z.string(),
  counts: z.record(z.string(), z.number()),
  added: z.array(z.object({ name: z.string(), wave: z.number() })),
  gone: z.array(z.object({ name: z.string(), wave: z.number(), is: standingSchema })),
  moved: z.array(z.object({ name: z.string(), from: z.number(), to: z.number() })),
  reasons: z.array(z.object({ name: z.string(), was: standingSchema, is: standingSchema })),
  ways: z.array(z.object({ name: z.string(), was: z.array(z.string()), is: z.array(z.string()) })),
  settings: z.array(z.object({ path: z.string(), was: maybe, is: maybe })),
});

export const rollbackSchema = z.object({
  campaign: z.string(),
  gate: z.object({ wave: z.number(), gate: z.string(), evidence: z.string() }).nullish(),
});

/** A wave as it was planned, and how it stands where that is told. */
export const plannedWaveSchema = z.object({
  index: z.number(),
  devices: z.number(),
  models: z.array(z.object({ model: z.string(), count: z.number() })),
  only: z.string().optional(),
  along: z.number(),
  oneWay: z.number(),
  stones: z.object({ devices: z.number(), versions: z.array(z.string()) }),
  limits: z.object({ count: z.number(), first: z.array(z.object({ domain: z.string(), atOnce: z.number() })) }),
  proof: z.object({ ruledOutPerMille: z.number() }).optional(),
  forecast: z.object({ p50Ms: z.number(), p90Ms: z.number(), lanBytes: z.number() }).optional(),
  state: maybe,
  why: maybe,
  done: z.number().nullish(),
});
export type PlannedWaveAnswer = z.infer<typeof plannedWaveSchema>;

const outagesSchema = z.object({
  count: z.number(),
  first: z.array(z.object({ domain: z.string(), devices: z.number(), keeps: z.number(), usually: z.number() })),
});

/** What a plan comes to, as both the answer to its making and the look at it later tell it. */
export const planSummarySchema = z.object({
  campaign: z.string(),
  planHash: z.string(),
  author: z.string(),
  reason: maybe,
  created: z.string(),
  release: z.object({ id: z.string(), title: z.string(), version: z.string() }),
  rollback: rollbackSchema.nullish(),
  zone: maybe,
  difference: differenceSchema.nullish(),
  planned: z.number(),
  goals: z.array(z.object({ version: z.string(), count: z.number() })),
  outages: outagesSchema.nullish(),
  /** Of all waves, where not all are told. */
  waveCount: z.number().nullish(),
  waves: z.array(plannedWaveSchema),
  heldBack: z.object({
    count: z.number(),
    codes: z.array(z.object({ code: z.string(), count: z.number() })),
    first: z.array(z.object({ name: z.string(), code: z.string(), why: z.string(), lifts: maybe })),
  }),
  forecast: forecastSchema.omit({ waves: true }),
});

export const planAnswerSchema = planSummarySchema.extend({ kept: z.boolean() });
export type PlanAnswer = z.infer<typeof planAnswerSchema>;

const judgedSchema = z.object({
  at: z.string(),
  gates: z.array(
    z.object({ gate: z.string(), verdict: z.string(), why: z.string(), acceptedBy: maybe, reportsOnly: z.boolean().nullish() }),
  ),
});

export const campaignSchema = z.object({
  campaign: z.string(),
  state: z.string(),
  why: maybe,
  planHash: z.string(),
  release: z.object({ id: z.string(), title: z.string(), version: z.string() }),
  rollback: rollbackSchema.nullish(),
  planned: z.number(),
  counts: z.record(z.string(), z.number()),
  atRisk: z.number(),
  waves: z.array(
    z.object({ index: z.number(), state: z.string(), devices: z.number(), done: z.number(), why: maybe, judged: judgedSchema.nullish() }),
  ),
  tasks: z.array(
    z.object({
      device: z.string(),
      name: z.string(),
      model: z.string(),
      wave: z.number(),
      at: z.string(),
      attempts: z.number(),
      leg: z.object({ number: z.number(), of: z.number(), to: z.string() }).nullish(),
      why: maybe,
      since: maybe,
      until: maybe,
      endedBy: maybe,
      codes: z.array(z.string()).nullish(),
    }),
  ),
  heldBack: heldBackSchema.nullish(),
  forecast: forecastSchema.nullish(),
  live: z
    .object({
      proofs: z.array(z.object({ wave: z.number(), words: z.string() })),
      left: z.object({ p50: z.string(), p90: z.string(), zone: z.string() }).nullish(),
    })
    .nullish(),
  joinedLater: joinedSchema.nullish(),
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

/** `*` gives `campaigns`, one gives `state`; `already`: it stood so before. */
export const movedSchema = z.object({ state: maybe, already: z.boolean().nullish(), campaigns: z.array(z.string()).nullish() });
