/**
 * `groundswell campaign rollback` and `campaign close`: what becomes of a campaign that was stopped.
 */
import type { Command } from "commander";
import { printPlan } from "./campaign-plan.ts";
import { type Cli, gather, printDocument, type Runner, readsJson, withGlobals } from "./command.ts";
import { deviceIdFor } from "./device.ts";
import { EXIT } from "./exit-codes.ts";

/** As commander hands them over. */
interface RollbackOptions {
  readonly device?: readonly string[];
  readonly dryRun?: boolean;
  readonly reason?: string;
}

export function addWaysBack(campaign: Command, run: Runner): void {
  withGlobals(
    campaign
      .command("rollback")
      .argument("<campaign>")
      .description("plan the way back to what its devices ran before; two people approve it, then it is started like any other"),
  )
    .option("--device <device>", "only this device, by id, MAC, name or address; again for more", gather)
    .option("--dry-run", "show the plan and keep nothing")
    .option("--reason <text>", "why; it stands in the plan")
    .action(run(planRollback));
  withGlobals(campaign.command("close").argument("<campaign>").description("leave a halted campaign as it is, for good"))
    .requiredOption("--reason <text>", "why; it stands in the audit")
    .action(run(close));
}

async function planRollback(cli: Cli, { device, dryRun, reason }: RollbackOptions, [campaign = ""]: readonly string[]): Promise<number> {
  const devices = device === undefined ? undefined : await Promise.all(device.map((name) => deviceIdFor(cli, name)));
  const { result } = await cli.doors.ask("campaign.rollback", {
    campaign,
    ...(devices === undefined ? {} : { devices }),
    ...(dryRun === true ? { dryRun: true } : {}),
    ...(reason === undefined ? {} : { reason }),
  });
  return await printPlan(cli, result);
}

async function close(cli: Cli, { reason }: { readonly reason: string }, [campaign = ""]: readonly string[]): Promise<number> {
  const { result, message } = await cli.doors.ask("campaign.close", { campaign, reason });
  if (readsJson(cli)) printDocument(cli, { schema: "groundswell.campaign-move/1", campaign, message, ...(result as object | undefined) });
  else cli.out.one("groundswell.campaign-move/1", {}, `Campaign ${campaign}: closed`);
  return EXIT.done;
}
