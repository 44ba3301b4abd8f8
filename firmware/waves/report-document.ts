/**
 * The report of a campaign, or of one of its waves: what was planned, what was done, what proves it. For people it is a PDF or a
 * text, both made from this; for machines it is this.
 */
import * as z from "zod";
import { READING_NAMES } from "../../protocols/core/reading.ts";
import { GATE_IDS } from "./gates/ids.ts";

const text = z.string().max(2_000);
const moment = z.iso.datetime();
const count = z.int().min(0);
const lengthMs = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const verdict = z.enum(["pass", "fail", "inconclusive"]);
const gate = z.enum(GATE_IDS);
const outage = z.strictObject({ devices: count, phones: count, rooms: count, darkRooms: count });

/** How devices ended. `planned` is the sum of all others but `updated` and `alreadyCurrent`, which make `succeeded`. */
const totals = z.strictObject({
  planned: count,
  succeeded: count,
  updated: count,
  alreadyCurrent: count,
  failed: count,
  lost: count,
  refused: count,
  skipped: count,
  /** By a rollback of this campaign. */
  broughtBack: count,
  /** Ended in another way, such as taken over by a later plan. */
  otherwise: count,
  unfinished: count,
});
export type Totals = z.infer<typeof totals>;

const shift = z.strictObject({ devices: count, before: z.number(), after: z.number() });

const evidence = z.strictObject({
  device: text.optional(),
  what: text,
  before: z.number().optional(),
  after: z.number().optional(),
  untouchedChange: z.number().optional(),
  limit: z.number().optional(),
  verdict,
});

const reportedGate = z.strictObject({
  gate,
  verdict,
  why: text,
  acceptedBy: text.optional(),
  /** Its verdict decides nothing. */
  reportsOnly: z.literal(true).optional(),
  evidence: z.array(evidence),
});

const durations = z.strictObject({
  /** From command to all lines back, of devices that nobody's call and no restart of the agent held up. */
  devices: count,
  p50Ms: lengthMs,
  p90Ms: lengthMs,
  /** What the plan went by for the same devices. */
  forecastP50Ms: lengthMs,
  forecastP90Ms: lengthMs,
  withinP90: count,
});

const wave = z.strictObject({
  index: z.int().min(1),
  state: text,
  why: text.optional(),
  started: moment.optional(),
  ended: moment.optional(),
  /** While it is under way: until when it soaks at least. */
  soaksUntil: moment.optional(),
  totals,
  failuresAllowed: count,
  /** Of images, to its devices. */
  sentBytes: count,
  /** In words: what its clean devices and those before them rule out, for each model and way. */
  proof: z.array(z.strictObject({ model: text, to: text, clean: count, lost: count, words: text, plannedWords: text })),
  /** What every gate said when it last moved by their word. */
  judged: z.strictObject({ at: moment, verdict, gate, gates: z.array(reportedGate) }).optional(),
  /** Every time it moved by the word of its gates, oldest first; the newest twenty are kept. */
  verdicts: z.array(z.strictObject({ at: moment, verdict, gate, why: text })),
  /** Middle of each health value before and after, of its updated devices and of untouched ones of the same models. */
  health: z.array(z.strictObject({ value: z.enum(READING_NAMES), updated: shift, untouched: shift.optional() })),
  /** The same of the day before and the day after each update, as the flight recorder keeps it. */
  days: z.array(z.strictObject({ value: z.enum(READING_NAMES), updated: shift })),
  durations: durations.optional(),
  /** From its start to its end. */
  length: z.strictObject({ ms: lengthMs, forecastP50Ms: lengthMs, forecastP90Ms: lengthMs }).optional(),
  /** Times that its devices started anew after their update was over. */
  restarts: z.strictObject({ devices: count, restarts: count }),
});
export type ReportedWave = z.infer<typeof wave>;

const device = z.strictObject({
  device: text,
  name: text,
  model: text,
  wave: z.int().min(1),
  from: text,
  to: text,
  /** Where there is more than one step. */
  steps: z.array(text).optional(),
  attempts: count,
  state: text,
  why: text.optional(),
  first: moment.optional(),
  ended: moment.optional(),
  lengthMs: lengthMs.optional(),
  restarts: count.optional(),
  /** Of images, over all tries; absent where none. */
  sentBytes: count.optional(),
  /** Shares of asks that were answered in the day before and the day after. */
  answered: z.strictObject({ before: z.number(), after: z.number() }).optional(),
  ticket: text.optional(),
});
export type ReportedDevice = z.infer<typeof device>;

const act = z.strictObject({ at: moment, by: text, what: text, why: text.optional(), gate: text.optional(), wave: count.optional() });
export type ReportedAct = z.infer<typeof act>;

export const campaignReportSchema = z.strictObject({
  schema: z.literal("groundswell.campaign-report/1"),
  site: z.strictObject({ id: text, name: text, environment: text }),
  /** Who looks after it, where the settings say so. */
  partner: text.optional(),
  /** Whose days and hours are told in the forms for people. */
  zone: text,
  campaign: text,
  /** Only this wave is told of. */
  wave: z.int().min(1).optional(),
  madeAt: moment,
  agentVersion: text,
  /** False while something of it may still change by itself. */
  complete: z.boolean(),
  state: text,
  why: text.optional(),
  release: z.strictObject({ id: text, title: text, version: text, images: z.array(z.strictObject({ sha256, sizeBytes: count })) }),
  /** The campaign that this one takes back. */
  rollback: text.optional(),
  /** Domains that might be down further than their rule allows: approved with the plan. */
  outages: z.array(z.strictObject({ domain: text, devices: count, keeps: count, usually: count })),
  planHash: sha256,
  catalogueVersion: count,
  reason: text,
  planned: z.strictObject({ by: text, at: moment, parent: sha256.optional() }),
  approved: z.array(z.strictObject({ by: text, key: text, at: moment })),
  started: z.strictObject({ by: text, at: moment }).optional(),
  ended: moment.optional(),
  totals,
  heldBack: z.array(z.strictObject({ device: text, name: text, code: text, why: text, lifts: text })),
  waves: z.array(wave),
  devices: z.array(device),
  /** Who did what to the campaign and its devices, oldest first. */
  acts: z.array(act),
  tickets: z.array(z.strictObject({ key: text, number: text.optional(), title: text, state: text, devices: count })),
  worst: z.strictObject({ bound: outage, laid: outage, seen: outage }),
  bytes: z.strictObject({
    /** To devices: what the plan expected, and the images that were taken whole. */
    lanForecast: count,
    lanServed: count,
    imagesServed: count,
    /** What the image server really sent, in transfers that were broken off as well. */
    sent: count,
    /** Over the site's uplink, as the plan expected it. */
    wanForecast: count,
  }),
  finish: z.strictObject({
    /** The moment from which it is foretold: the start where there was one, else the planning. */
    from: moment,
    p50: moment,
    p90: moment,
    /** `open` while neither is certain. */
    p90Held: z.enum(["yes", "no", "open"]),
  }),
});
export type CampaignReport = z.infer<typeof campaignReportSchema>;
