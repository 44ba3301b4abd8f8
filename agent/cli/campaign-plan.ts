/**
 * `groundswell campaign plan`: asks for a plan and shows it before anybody is touched.
 */

import type { Ms } from "../../protocols/core/time.ts";
import { planText } from "./campaign-plan-view.ts";
import { planAnswerSchema } from "./campaign-results.ts";
import { type Cli, printDocument, readsJson } from "./command.ts";
import { CliError } from "./context.ts";
import { deviceIdFor } from "./device.ts";
import { EXIT } from "./exit-codes.ts";
import { modelMatches, releaseOfVersion } from "./firmware.ts";
import { fetchPlan } from "./pieces.ts";
import { readForPeople, readResult, releasesSchema } from "./results.ts";

const PLAN_SCHEMA = "groundswell.plan-answer/2";

export interface PlannedOutage {
  readonly domain: string;
  readonly keeps?: number;
}

/** `floor:3`, or `floor:3=4` where four of it stay up; names may have such a sign themselves. */
export function plannedOutage(text: string): PlannedOutage {
  const [, domain, keeps] = /^(.+)=(\d{1,4})$/.exec(text) ?? [];
  return domain === undefined ? { domain: text } : { domain, keeps: Number(keeps) };
}

/** As commander hands them over. */
export interface PlanOptions {
  /** A version, instead of the release's id. */
  readonly to?: string;
  /** The campaign whose plan it is made from. */
  readonly parent?: string;
  readonly model?: readonly string[];
  readonly device?: readonly string[];
  readonly floor?: readonly string[];
  readonly room?: readonly string[];
  readonly dryRun?: boolean;
  readonly reason?: string;
  readonly canary?: number;
  readonly atRisk?: number;
  readonly failures?: number;
  readonly soak?: Ms;
  readonly deferral?: Ms;
  readonly withoutBackup?: boolean;
  readonly outage?: readonly PlannedOutage[];
}

export async function planCampaign(cli: Cli, options: PlanOptions, [named]: readonly string[]): Promise<number> {
  const release = await releaseFor(cli, options, named);
  const models = await modelsFor(cli, release, options.model);
  const devices = options.device === undefined ? undefined : await Promise.all(options.device.map((name) => deviceIdFor(cli, name)));
  const args = {
    ...(release === undefined ? {} : { release }),
    ...(options.parent === undefined ? {} : { parent: options.parent }),
    ...(devices === undefined ? {} : { devices }),
    ...(models === undefined ? {} : { models }),
    ...(options.floor === undefined ? {} : { floors: options.floor }),
    ...(options.room === undefined ? {} : { rooms: options.room }),
    ...policyOf(options),
    ...(options.dryRun === true ? { dryRun: true } : {}),
  };
  const { result } = await cli.doors.ask("campaign.plan", args);
  return await printPlan(cli, result);
}

/** For people what it comes to, for scripts with the whole plan: `campaign rehearse --plan` reads that. */
export async function printPlan(cli: Cli, result: unknown): Promise<number> {
  if (readsJson(cli)) {
    const { planHash } = readResult(planAnswerSchema, result);
    const plan = await fetchPlan(cli.doors.ask, planHash, cli.out.progress);
    cli.out.settle();
    printDocument(cli, { schema: PLAN_SCHEMA, ...(result as object), plan });
  } else cli.out.one(PLAN_SCHEMA, {}, planText(readForPeople(planAnswerSchema, result)));
  return EXIT.done;
}

function policyOf(options: PlanOptions): { readonly policy?: object } {
  const { canary, atRisk, failures, soak, deferral, withoutBackup, outage, reason } = options;
  const limits = { canaryCount: canary, atRiskMax: atRisk, failuresAllowed: failures, plannedOutages: outage };
  const given = { ...limits, soak, deferral, withoutBackup, reason };
  const policy = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return Object.keys(policy).length === 0 ? {} : { policy };
}

/** The parent has one; else exactly one must be named. */
async function releaseFor(cli: Cli, { to, parent, model = [] }: PlanOptions, named: string | undefined): Promise<string | undefined> {
  if (named === undefined && to === undefined && parent !== undefined) return undefined;
  if ((named === undefined) === (to === undefined)) {
    throw new CliError("Name one release: by its id or with --to VERSION", EXIT.usage, "groundswell firmware list shows all.");
  }
  return named ?? (await releaseOfVersion(cli, to ?? "", model)).id;
}

/** Models with a star are those of the release that match. */
async function modelsFor(
  cli: Cli,
  release: string | undefined,
  wanted: readonly string[] | undefined,
): Promise<readonly string[] | undefined> {
  if (wanted === undefined || !wanted.some((model) => model.includes("*"))) return wanted;
  if (release === undefined) throw new CliError("A star needs the release to be named", EXIT.usage, "Name it, or spell the models out.");
  const { result } = await cli.doors.ask("firmware.list");
  const known = readResult(releasesSchema, result).releases.find(({ id }) => id === release)?.models ?? [];
  const found = new Set(wanted.flatMap((model) => (model.includes("*") ? known.filter((one) => modelMatches(model, one)) : [model])));
  if (found.size === 0) throw new CliError(`Release "${release}" is for none of the models ${wanted.join(", ")}`, EXIT.nothingMatched);
  return [...found];
}
