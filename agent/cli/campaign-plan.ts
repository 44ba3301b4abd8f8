/**
 * `groundswell campaign plan`: asks for a plan and shows it before anybody is touched.
 */

import type { Ms } from "../../protocols/core/time.ts";
import { showDuration } from "../../protocols/core/time.ts";
import { type PlanAnswer, planAnswerSchema } from "./campaign-results.ts";
import { type Cli, printDocument, readsJson } from "./command.ts";
import { CliError } from "./context.ts";
import { deviceIdFor } from "./device.ts";
import { EXIT } from "./exit-codes.ts";
import { modelMatches, releaseOfVersion } from "./firmware.ts";
import { renderTable } from "./output.ts";
import { readForPeople, readResult, releasesSchema } from "./results.ts";
import { counted, showBytes } from "./show.ts";

type Plan = PlanAnswer["plan"];

/** As commander hands them over. */
export interface PlanOptions {
  /** A version, instead of the release's id. */
  readonly to?: string;
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
}

export async function planCampaign(cli: Cli, options: PlanOptions, [named]: readonly string[]): Promise<number> {
  if ((named === undefined) === (options.to === undefined)) {
    throw new CliError("Name one release: by its id or with --to VERSION", EXIT.usage, "groundswell firmware list shows all.");
  }
  const release = named ?? (await releaseOfVersion(cli, options.to ?? "", options.model ?? [])).id;
  const models = await modelsFor(cli, release, options.model);
  const devices = options.device === undefined ? undefined : await Promise.all(options.device.map((name) => deviceIdFor(cli, name)));
  const args = {
    release,
    ...(devices === undefined ? {} : { devices }),
    ...(models === undefined ? {} : { models }),
    ...(options.floor === undefined ? {} : { floors: options.floor }),
    ...(options.room === undefined ? {} : { rooms: options.room }),
    ...policyOf(options),
    ...(options.dryRun === true ? { dryRun: true } : {}),
  };
  const { result } = await cli.doors.ask("campaign.plan", args);
  if (readsJson(cli)) printDocument(cli, { schema: "groundswell.plan-answer/1", ...(result as object) });
  else cli.out.one("groundswell.plan-answer/1", {}, planText(readForPeople(planAnswerSchema, result)));
  return EXIT.done;
}

function policyOf(options: PlanOptions): { readonly policy?: object } {
  const { canary, atRisk, failures, soak, deferral, withoutBackup, reason } = options;
  const given = { canaryCount: canary, atRiskMax: atRisk, failuresAllowed: failures, soak, deferral, withoutBackup, reason };
  const policy = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return Object.keys(policy).length === 0 ? {} : { policy };
}

/** Models with a star are those of the release that match. */
async function modelsFor(cli: Cli, release: string, wanted: readonly string[] | undefined): Promise<readonly string[] | undefined> {
  if (wanted === undefined || !wanted.some((model) => model.includes("*"))) return wanted;
  const { result } = await cli.doors.ask("firmware.list");
  const known = readResult(releasesSchema, result).releases.find(({ id }) => id === release)?.models ?? [];
  const found = new Set(wanted.flatMap((model) => (model.includes("*") ? known.filter((one) => modelMatches(model, one)) : [model])));
  if (found.size === 0) throw new CliError(`Release "${release}" is for none of the models ${wanted.join(", ")}`, EXIT.nothingMatched);
  return [...found];
}

function planText({ plan, planHash, kept }: PlanAnswer): string {
  const { tasks, heldBack, forecast, release } = plan;
  const rows = plan.waves.map((wave) => {
    const predicted = forecast.waves.find(({ index }) => index === wave.index);
    return {
      wave: String(wave.index),
      devices: String(wave.tasks.length),
      what: waveText(plan, wave),
      time: predicted === undefined ? "-" : showDuration(predicted.p50Ms),
      soak: showDuration(wave.soakMs),
      lan: predicted === undefined ? "-" : showBytes(predicted.lanBytes),
    };
  });
  const table = renderTable(
    [
      { title: "WAVE", of: (row) => row.wave, align: "right" },
      { title: "DEVICES", of: (row) => row.devices, align: "right" },
      { title: "WHAT", of: (row) => row.what },
      { title: "LIKELY", of: (row) => row.time, align: "right" },
      { title: "SOAK", of: (row) => row.soak, align: "right" },
      { title: "LAN", of: (row) => row.lan, align: "right" },
    ],
    rows,
  );
  const dry = kept ? "" : " (dry run: nothing is kept)";
  return [
    `${tasks.length} of ${counted(tasks.length + heldBack.length, "device")} move to ${release.title} (${release.version})${dry}\n`,
    table,
    heldText(heldBack),
    forecastText(forecast),
    nextText(plan.campaign, planHash, kept),
  ].join("");
}

function waveText({ tasks }: Plan, wave: Plan["waves"][number]): string {
  const mine = tasks.filter(({ id }) => wave.tasks.includes(id));
  const models = new Map<string, number>();
  for (const { model } of mine) models.set(model, (models.get(model) ?? 0) + 1);
  const oneWay = mine.filter(({ legs }) => legs.some(({ edge }) => edge.reversibility === "one_way")).length;
  const parts = [...models].map(([model, count]) => `${model} ×${count}`);
  const names = mine.length === 1 ? ` (${mine[0]?.name ?? ""})` : "";
  return `${wave.index === 1 ? "canary " : ""}${parts.join(", ")}${names}${oneWay === 0 ? "" : `; ${oneWay} cannot go back`}`;
}

/** More are counted by reason only. */
const HELD_SHOWN = 8;

export function heldText(heldBack: Plan["heldBack"]): string {
  if (heldBack.length === 0) return "Nobody is held back.\n";
  const waiting = heldBack.filter(({ code }) => code !== "alreadyCurrent");
  const already = heldBack.length - waiting.length;
  const lines = waiting
    .slice(0, HELD_SHOWN)
    .map(({ name, why, lifts }) => `  ${name}: ${why}${typeof lifts === "string" && lifts !== "" ? `; lifted by: ${lifts}` : ""}\n`);
  const more = waiting.length > HELD_SHOWN ? `  and ${waiting.length - HELD_SHOWN} more; --json lists them\n` : "";
  return `${heldBack.length} held back${already === 0 ? "" : `, ${already} of them there already`}\n${lines.join("")}${more}`;
}

export function forecastText({ p50Ms, p90Ms, lanBytes, wanBytes, fitsWindow }: Plan["forecast"]): string {
  const wan = wanBytes === 0 ? "nothing over the uplink" : `${showBytes(wanBytes)} over the uplink`;
  const fits = fitsWindow ? "fits the window it would start in" : "does not fit the window it would start in: it goes on in the next one";
  return `About ${showDuration(p50Ms)}, nine times of ten within ${showDuration(p90Ms)}; ${fits}. ${showBytes(lanBytes)} on the LAN, ${wan}.\n`;
}

function nextText(campaign: string, planHash: string, kept: boolean): string {
  if (!kept) return "Next: the same without --dry-run.\n";
  return `Campaign ${campaign}, plan hash ${planHash}\nNext, by another person: groundswell campaign approve ${campaign} --plan-hash ${planHash} --key FILE\n`;
}
