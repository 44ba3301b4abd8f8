/**
 * `groundswell campaign approve|start`: whoever says yes has seen to what.
 */

import { forecastText, gateText, heldText } from "./campaign-plan-view.ts";
import { type CampaignAnswer, campaignSchema } from "./campaign-results.ts";
import { type Cli, printDocument, readsJson } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { readForPeople } from "./results.ts";
import { counted } from "./show.ts";

interface HashOption {
  readonly planHash?: string;
}

interface Said {
  readonly campaign: string;
  readonly planHash: string;
  readonly message: string;
  readonly result: unknown;
  /** What can be done after it. */
  readonly next: string;
}

export async function approve(cli: Cli, options: HashOption, [id = ""]: readonly string[]): Promise<number> {
  const { campaign, planHash } = await shown(cli, id, options);
  const { result, message } = await cli.doors.ask("campaign.approve", { campaign, planHash });
  const next = `Next: groundswell campaign start ${campaign} --plan-hash ${planHash} --key FILE`;
  return said(cli, { campaign, planHash, message, result, next });
}

export async function confirmThenStart(
  cli: Cli,
  options: HashOption & { readonly confirmCount?: number },
  [id = ""]: readonly string[],
): Promise<number> {
  const view = await shown(cli, id, options);
  const { campaign, planHash, planned } = view;
  await confirmed(cli, planned, options.confirmCount);
  const { result, message } = await cli.doors.ask("campaign.start", { campaign, planHash });
  return said(cli, { campaign, planHash, message, result, next: `Next: groundswell campaign status ${campaign} --watch` });
}

function said(cli: Cli, { campaign, planHash, message, result, next }: Said): number {
  if (readsJson(cli))
    printDocument(cli, { schema: "groundswell.campaign-move/1", campaign, planHash, message, ...(result as object | undefined) });
  else {
    cli.out.one("groundswell.campaign-move/1", {}, `Campaign ${campaign}: ${message}`);
    cli.out.note(next);
  }
  return EXIT.done;
}

/** Prints what is about to be said yes to, and makes sure it is the plan that was meant. */
async function shown(cli: Cli, id: string, { planHash }: HashOption): Promise<CampaignAnswer> {
  const { result } = await cli.doors.ask("campaign.status", { campaign: id });
  const view = readForPeople(campaignSchema, result);
  if (!readsJson(cli)) for (const line of summary(view).trimEnd().split("\n")) cli.out.note(line);
  if (planHash !== undefined && planHash !== view.planHash) {
    throw new CliError(
      `Campaign ${id} has another plan than the one you mean: its hash is ${view.planHash}`,
      EXIT.refusedByPolicy,
      `Read it again with: groundswell campaign status ${id}`,
    );
  }
  return view;
}

function summary({ campaign, state, planHash, release, rollback, planned, waves, heldBack, forecast }: CampaignAnswer): string {
  const sizes = waves.map(({ devices }) => devices).join(" + ");
  return [
    rollback === undefined || rollback === null
      ? `Campaign ${campaign} (${state}) moves ${counted(planned, "device")} to ${release.title} (${release.version})`
      : `Campaign ${campaign} (${state}) takes ${counted(planned, "device")} back from ${release.title} (${release.version})`,
    ...(rollback === undefined || rollback === null ? [] : [`It takes campaign ${rollback.campaign} back${gateText(rollback)}`]),
    `${counted(waves.length, "wave")}: ${sizes}`,
    ...(heldBack === undefined || heldBack === null ? [] : [heldText(heldBack).trimEnd()]),
    ...(forecast === undefined || forecast === null ? [] : [forecastText(forecast).trimEnd()]),
    `Plan hash ${planHash}`,
  ].join("\n");
}

/** A number typed by whoever starts it: nobody moves 46 devices meaning 4. */
async function confirmed(cli: Cli, planned: number, given: number | undefined): Promise<void> {
  const { io } = cli;
  const hint = `Give --confirm-count ${planned} if you mean all of them.`;
  if (given !== undefined) {
    if (given === planned) return;
    throw new CliError(`The plan moves ${counted(planned, "device")}, not ${given}: nothing is started`, EXIT.needsConfirmation, hint);
  }
  if (!io.errIsTerminal || readsJson(cli) || cli.options.quiet === true) {
    throw new CliError(`Starting needs a confirmation: the plan moves ${counted(planned, "device")}`, EXIT.needsConfirmation, hint);
  }
  io.err(`Type the number of devices to start: `);
  const typed = (await io.readInput()).trim();
  if (typed !== String(planned)) throw new CliError("That is not the number: nothing is started", EXIT.needsConfirmation, hint);
}
