/**
 * `groundswell campaign rehearse`: plays the very plan against a simulated twin of the site, in this process, and says what would
 * happen. The agent is only asked for the plan and for what it knows of the site.
 */
import * as z from "zod";
import { planHash } from "../../firmware/waves/plan.ts";
import { HOURS_OF_WEEK, type Usage } from "../../firmware/waves/quiet-hours.ts";
import type { Plan } from "../../firmware/waves/shape.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import { fileConfigIo } from "../config/files.ts";
import type { RehearsalDocument } from "../rehearsal/document.ts";
import type { Rate } from "../rehearsal/misbehaviours.ts";
import type { Progress } from "../rehearsal/rehearse.ts";
import type { SiteFacts } from "../rehearsal/twin.ts";
import { rehearsalText } from "./campaign-rehearse-view.ts";
import { type Cli, printDocument, readsJson } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { DOCUMENT_BYTES_MAX, fetchPacked } from "./pieces.ts";
import { readResult } from "./results.ts";
import { momentOf } from "./show.ts";

export interface RehearseOptions {
  readonly plan?: string;
  readonly seed?: number;
  readonly runs?: number;
  readonly misbehave?: string;
}

/** Plays of each where nobody says: the more devices, the less chance matters and the longer each play takes. Guessed. */
const RUNS = [
  { devicesMax: 300, runs: 5 },
  { devicesMax: 2_000, runs: 3 },
] as const;

const plan = z.looseObject({
  schema: z.literal("groundswell.plan/1"),
  campaign: z.string(),
  tasks: z.array(z.looseObject({ id: z.string(), device: z.string(), mac: z.string(), legs: z.array(z.looseObject({})).min(1) })).min(1),
  waves: z.array(z.looseObject({ index: z.int(), tasks: z.array(z.string()) })).min(1),
  domains: z.array(z.looseObject({})),
  units: z.array(z.array(z.string())),
  policy: z.looseObject({}),
  calendar: z.looseObject({ zone: z.string() }),
  forecast: z.looseObject({ finishP90AtMs: z.number() }),
});
const usage = z.object({ zone: z.string(), days: z.number(), busy: z.array(z.number().nullable()).length(HOURS_OF_WEEK) });
const twin = z.object({
  planHash: z.string(),
  plan,
  now: z.string(),
  state: z.string(),
  devices: z.array(
    z.object({
      device: z.string(),
      running: z.string().optional(),
      updater: z.string().optional(),
      offline: z.boolean(),
      place: z.string().optional(),
    }),
  ),
  usage: z.record(z.string(), usage),
});
/** What `campaign plan --json` prints. */
const planFile = z.looseObject({ plan, planHash: z.string() });

interface Rehearsed {
  readonly plan: Plan;
  readonly facts: SiteFacts;
}

export async function rehearseCampaign(cli: Cli, options: RehearseOptions, [id]: readonly string[]): Promise<number> {
  if ((id === undefined) === (options.plan === undefined)) {
    throw new CliError("Which plan shall be rehearsed?", EXIT.usage, "groundswell campaign rehearse CAMPAIGN, or --plan FILE");
  }
  const { parseRates, DEFAULT_RATES } = await import("../rehearsal/misbehaviours.ts");
  const rates = options.misbehave === undefined ? DEFAULT_RATES : parseRates(options.misbehave);
  if ("wrong" in rates) throw new CliError(`Cannot rehearse: ${rates.wrong}`, EXIT.usage);
  const wanted = options.plan === undefined ? await ofAgent(cli, id ?? "") : await ofFile(cli, options.plan);
  const report = await played(cli, wanted, rates, options);
  if (readsJson(cli)) printDocument(cli, report);
  else cli.out.one(report.schema, {}, rehearsalText(report));
  const [plain] = report.scenarios;
  return plain !== undefined && plain.ended === plain.plays ? EXIT.done : EXIT.partly;
}

async function played(cli: Cli, { plan, facts }: Rehearsed, rates: readonly Rate[], options: RehearseOptions): Promise<RehearsalDocument> {
  const { rehearse } = await import("../rehearsal/rehearse.ts");
  const runs = options.runs ?? RUNS.find(({ devicesMax }) => plan.tasks.length <= devicesMax)?.runs ?? 1;
  const { seed = 1 } = options;
  const { stop: signal } = cli.io;
  try {
    return await rehearse({ plan, facts, rates, seed, runs }, { signal, onProgress: (progress) => tell(cli, progress) });
  } finally {
    cli.out.settle();
  }
}

/** So many steps of the bar in one play: a play of a large site takes minutes. */
const STEPS = 100;

function tell(cli: Cli, { plays, ofPlays, rate, done, of }: Progress): void {
  const what = `steps of the rehearsal; ${rate === undefined ? "every device behaves" : rate.name}: ${done} of ${of} devices`;
  cli.out.progress({ done: plays * STEPS + Math.floor((done / of) * STEPS), of: ofPlays * STEPS, what });
}

async function ofAgent(cli: Cli, campaign: string): Promise<Rehearsed> {
  const document = await fetchPacked(cli.doors.ask, "campaign.twin", { campaign }, cli.out.progress);
  cli.out.settle();
  const { plan: read, planHash: hash, now, devices, usage: uses, state } = readResult(twin, document);
  if (state !== "awaitingApproval" && state !== "armed")
    cli.out.note(`Campaign ${campaign} is ${state}: its whole plan is rehearsed from the start`);
  const placeOf = new Map(devices.map(({ device, place }) => [device, place]));
  const known = new Map(
    devices.map(({ device, running, updater, offline }) => [
      device as DeviceId,
      { ...(running === undefined ? {} : { running }), ...(updater === undefined ? {} : { updater }), isOffline: offline },
    ]),
  );
  const usageOf = (device: DeviceId): Usage | undefined => uses[placeOf.get(device) ?? ""];
  return { plan: intact(read, hash), facts: { nowMs: momentOf(now) ?? cli.io.clock.nowMs(), devices: known, usage: usageOf } };
}

/** Nothing is known of the site then but what the plan says. */
async function ofFile(cli: Cli, path: string): Promise<Rehearsed> {
  const file = await fileConfigIo(cli.io.environment).readText(path, DOCUMENT_BYTES_MAX);
  if (!file.ok) throw new CliError(file.why, EXIT.config);
  const document = planFile.safeParse(parsed(file.text));
  if (!document.success) {
    throw new CliError(`"${path}" holds no plan`, EXIT.config, "Make one with: groundswell campaign plan RELEASE --dry-run --json > FILE");
  }
  const { plan: read, planHash: hash } = document.data;
  return { plan: intact(read, hash), facts: { nowMs: cli.io.clock.nowMs(), devices: new Map(), usage: () => undefined } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A plan that has the hash it was made with is one of the planner's, whole. */
function intact(read: z.infer<typeof plan>, hash: string): Plan {
  const whole = read as unknown as Plan;
  if (planHash(whole) === hash) return whole;
  throw new CliError(
    `Cannot rehearse: the plan was changed since it was made, its hash is not ${hash}`,
    EXIT.failed,
    "Ask for the plan anew.",
  );
}
