/**
 * `groundswell campaign …`: plan, approve, start, watch, stop.
 */

import type { Command } from "commander";
import type * as z from "zod";
import { agentNowMs } from "./agent-clock.ts";
import { approve, confirmThenStart } from "./campaign-approve.ts";
import { explainDevice } from "./campaign-explain.ts";
import { type PlannedOutage, planCampaign, plannedOutage } from "./campaign-plan.ts";
import { rehearseCampaign } from "./campaign-rehearse.ts";
import { addReport } from "./campaign-report.ts";
import { campaignsSchema, movedSchema } from "./campaign-results.ts";
import { addWaysBack } from "./campaign-rollback.ts";
import { showPlan } from "./campaign-show.ts";
import { showCampaign, watchCampaign } from "./campaign-watch.ts";
import { type Cli, gather, lengthMs, printDocument, type Runner, readsJson, whole, withGlobals } from "./command.ts";
import { CliError } from "./context.ts";
import { deviceIdFor } from "./device.ts";
import { EXIT } from "./exit-codes.ts";
import { printList } from "./lists.ts";
import type { Column } from "./output.ts";
import { readForPeople, readResult } from "./results.ts";
import { whenFor } from "./show.ts";
import { releaseName } from "./status.ts";

type CampaignRow = z.infer<typeof campaignsSchema>["campaigns"][number];

interface StopOptions {
  readonly all?: boolean;
  readonly reason?: string;
}

export function addCampaign(program: Command, run: Runner): void {
  const campaign = program.command("campaign").description("move devices to a release, in waves");
  addPlan(campaign, run);
  addWaysBack(campaign, run);
  withGlobals(campaign.command("approve").argument("<campaign>").description("approve a plan, by its hash"))
    .option("--plan-hash <hash>", "the plan that is meant; without it the present one, printed first")
    .action(run(approve));
  withGlobals(campaign.command("start").argument("<campaign>").description("set an approved plan in motion"))
    .option("--plan-hash <hash>", "the plan that is meant; without it the present one, printed first")
    .option("--confirm-count <n>", "how many devices you mean to move; asked for on a terminal", whole(0, 1e6))
    .action(run(confirmThenStart));
  withGlobals(campaign.command("show").argument("<campaign>").description("the plan that is kept, whatever became of it"))
    .option("--devices", "each device too, wave by wave, and all who are held back")
    .option("--wave <n>", "the devices of this wave", whole(1, 10_000))
    .action(run(showPlan));
  withGlobals(
    campaign.command("status").argument("[campaign]", "the newest where none is named").description("where a campaign stands, and why"),
  )
    .option("--watch", "stay until it ends")
    .action(run(showCampaign));
  withGlobals(
    campaign.command("explain").argument("<device>", "id, MAC, name or address").description("why this device is not updated yet"),
  )
    .option("--campaign <campaign>", "in this one; else in the newest that names it")
    .action(run(explainDevice));
  withGlobals(
    campaign.command("watch").argument("[campaign]", "the newest where none is named").description("watch a campaign until it ends"),
  ).action(run(watchCampaign));
  withGlobals(
    campaign
      .command("rehearse")
      .argument("[campaign]", "or give --plan")
      .description("play the plan against a simulated twin of the site; sends nothing"),
  )
    .option("--plan <file>", "a plan as `campaign plan --json` printed it, instead of one that the agent keeps")
    .option("--misbehave <rates>", "instead of the usual ones: neverReturns=2%,inUse=0.1; a name that is none lists them")
    .option("--runs <n>", "plays of each", whole(1, 100))
    .option("--seed <n>", "another play of chance; the same number is the same rehearsal", whole(0, 2 ** 31 - 1))
    .action(run(rehearseCampaign));
  addReport(campaign, run);
  withGlobals(campaign.command("list").description("all campaigns")).action(run(listCampaigns));
  withGlobals(campaign.command("resume").argument("<campaign>").description("let a paused campaign go on"))
    .option("--gate <gate>", "the gate that holds it: you take responsibility for what it showed")
    .action(run(resume));
  for (const [verb, description] of [
    ["pause", "start no more devices for now; those under way finish"],
    ["halt", "stop for good, images included; devices already flashing are watched to the end"],
  ] as const) {
    withGlobals(campaign.command(verb).argument("[campaign]").description(description))
      .option("--all", "every campaign of the site")
      .option("--reason <text>", "why; it stands in the audit")
      .action(run((cli, options: StopOptions, [id]) => stopCampaign(cli, verb, { ...options, id })));
  }
  withGlobals(
    campaign
      .command("skip")
      .argument("<campaign>")
      .argument("<device>", "id, MAC, name or address")
      .description("leave a device out that was not touched yet"),
  )
    .requiredOption("--reason <text>", "why; it stands with the task and in the audit")
    .action(run(skip));
  withGlobals(
    campaign
      .command("retry")
      .argument("<campaign>")
      .argument("<device>", "id, MAC, name or address")
      .description("one more attempt for a device that failed without harm"),
  ).action(run(retry));
  withGlobals(
    campaign
      .command("write-off")
      .argument("<campaign>")
      .argument("<device>", "id, MAC, name or address")
      .description("free the place of a device that failed or was lost; you answer for it"),
  )
    .requiredOption("--reason <text>", "why; it stands in the audit and the ticket")
    .action(run(writeOff));
}

const OUTAGE_HELP =
  'may be down as a whole: floor:NAME, huntGroup:NAME, group:NAME or reception; with "=N" at its end N of it stay up; again for more';
const gatherOutages = (text: string, before: readonly PlannedOutage[] = []): readonly PlannedOutage[] => [...before, plannedOutage(text)];

function addPlan(campaign: Command, run: Runner): void {
  withGlobals(
    campaign
      .command("plan")
      .argument("[release]", "id of the release; or give --to")
      .description("who goes when, how long it takes, who is held back"),
  )
    .option("--to <version>", "the release with this version")
    .option("--parent <campaign>", "made from that campaign's plan: gives what is not said, and the difference is shown")
    .option("--model <model>", "only this model; a star stands for anything; again for more", gather)
    .option("--device <device>", "only this device, by id, MAC, name or address; again for more", gather)
    .option("--floor <floor>", "only this floor; again for more", gather)
    .option("--room <room>", "only this room; again for more", gather)
    .option("--dry-run", "show the plan and keep nothing")
    .option("--reason <text>", "why; it stands in the plan")
    .option("--canary <n>", "devices in the first wave", whole(1, 50))
    .option("--at-risk <n>", "devices that may be unproven at any moment", whole(1, 200))
    .option("--failures <n>", "failures a wave may have", whole(0, 10))
    .option("--outage <domain>", OUTAGE_HELP, gatherOutages)
    .option("--soak <length>", "how long health is watched after each wave", lengthMs)
    .option("--deferral <length>", "how long a busy device is waited for", lengthMs)
    .option("--without-backup", "update phones too whose own settings could not be copied or seen first")
    .action(run(planCampaign));
}

const ENDED = ["succeeded", "skipped", "failed", "lost", "refused", "replaced", "reverted", "revertFailed"];
const doneOf = ({ counts }: CampaignRow): number => ENDED.reduce((sum, name) => sum + (counts?.[name] ?? 0), 0);

async function listCampaigns(cli: Cli): Promise<number> {
  const { result } = await cli.doors.ask("campaign.list");
  const { campaigns } = readResult(campaignsSchema, result);
  const when = whenFor(cli.out.mode, await agentNowMs(cli));
  const columns: readonly Column<CampaignRow>[] = [
    { title: "CAMPAIGN", of: ({ campaign }) => campaign },
    { title: "STATE", of: ({ state }) => state },
    { title: "RELEASE", of: ({ release }) => releaseName(release) },
    { title: "VERSION", of: ({ version }) => version ?? "-" },
    { title: "DONE", of: (row) => (row.counts ? `${doneOf(row)}/${row.planned}` : `-/${row.planned}`), align: "right" },
    { title: "CREATED", of: ({ created }) => when(created) },
    { title: "STARTED", of: ({ started }) => when(started) },
    { title: "WHY", of: ({ why }) => why ?? "" },
  ];
  printList(cli, { result, schema: "groundswell.campaigns/1", rowSchema: "groundswell.campaign-row/1" }, campaigns, {
    columns,
    empty: "There are no campaigns. Try one without consequences: groundswell campaign plan RELEASE --dry-run",
  });
  return EXIT.done;
}

async function resume(cli: Cli, { gate }: { readonly gate?: string }, [campaign = ""]: readonly string[]): Promise<number> {
  return move(cli, "campaign.resume", { campaign, ...(gate === undefined ? {} : { gate }) });
}

async function stopCampaign(
  cli: Cli,
  verb: "pause" | "halt",
  { id, all, reason }: StopOptions & { readonly id: string | undefined },
): Promise<number> {
  if ((id === undefined) === (all !== true)) {
    throw new CliError(`Which campaign shall ${verb}?`, EXIT.usage, `groundswell campaign ${verb} CAMPAIGN, or --all for every one.`);
  }
  return move(cli, `campaign.${verb}`, { campaign: id ?? "*", ...(reason === undefined ? {} : { reason }) });
}

async function skip(cli: Cli, { reason }: { readonly reason: string }, [campaign = "", name = ""]: readonly string[]): Promise<number> {
  return move(cli, "campaign.skip", { campaign, device: await deviceIdFor(cli, name), reason });
}

async function retry(cli: Cli, _options: object, [campaign = "", name = ""]: readonly string[]): Promise<number> {
  return move(cli, "campaign.retry", { campaign, device: await deviceIdFor(cli, name) });
}

async function writeOff(cli: Cli, { reason }: { readonly reason: string }, [campaign = "", name = ""]: readonly string[]): Promise<number> {
  return move(cli, "campaign.writeOff", { campaign, device: await deviceIdFor(cli, name), reason });
}

/** A command that changes a campaign: says what it is now. */
async function move(cli: Cli, verb: string, args: Readonly<Record<string, unknown>>): Promise<number> {
  const { result, message } = await cli.doors.ask(verb, args);
  if (readsJson(cli))
    printDocument(cli, { schema: "groundswell.campaign-move/1", campaign: args["campaign"], message, ...(result as object | undefined) });
  else {
    const { state, already } = readForPeople(movedSchema, result ?? {});
    const name = args["campaign"] === "*" ? "All campaigns" : `Campaign ${String(args["campaign"])}`;
    const text = typeof state === "string" && verb !== "campaign.skip" && already !== true ? `${name}: ${state}` : `${name}: ${message}`;
    cli.out.one("groundswell.campaign-move/1", {}, text);
  }
  return EXIT.done;
}
