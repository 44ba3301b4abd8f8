/**
 * `groundswell device history DEVICE` and `groundswell device changes DEVICE`: how a device was over a length of time, and
 * what it was like before and after each change.
 */
import type { Command } from "commander";
import { agentNowMs } from "./agent-clock.ts";
import { type Cli, gather, lengthMs, printDocument, type Runner, readsJson, whole, withGlobals } from "./command.ts";
import { CliError } from "./context.ts";
import { changesText } from "./device-changes-view.ts";
import { wholeHistory } from "./device-history-pages.ts";
import { csvOf, historyText } from "./device-history-view.ts";
import { EXIT } from "./exit-codes.ts";
import { changesSchema, historySchema } from "./history-results.ts";
import { readForPeople, readResult } from "./results.ts";

export function addDeviceHistory(device: Command, run: Runner): void {
  withGlobals(device.command("history").argument("<device>", "id, MAC, name or address"))
    .description("its readings over a length of time; a day up to now where nothing else is said")
    .option("--reading <name>", "only this reading, such as cpuRatio; may be given several times", gather)
    .option("--from <moment>", 'from here on, such as "2026-11-22" (midnight UTC) or "2026-11-22T08:00:00Z"')
    .option("--to <moment>", "up to here")
    .option("--last <length>", 'so long up to now, or up to --to: "6h", "7d", "365d"', lengthMs)
    .option("--points <count>", "at most so many points of a reading; fewer points are longer ones", whole(2, 2_000))
    .option("--csv", "print a table for a spreadsheet")
    .addHelpText(
      "after",
      "\nReadings are kept one by one for two days, by five minutes for 14 days, by hours for 90, by days for 400.\nExample: groundswell device history reception --reading cpuRatio --last 7d",
    )
    .action(run(showHistory));
  withGlobals(device.command("changes").argument("<device>", "id, MAC, name or address"))
    .description("its updates, restarts and moves, with readings before and after each")
    .option("--limit <count>", "at most so many, the newest", whole(1, 20))
    .action(run(showChanges));
}

interface HistoryOptions {
  readonly reading?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly last?: number;
  readonly points?: number;
  readonly csv?: boolean;
}

async function showHistory(cli: Cli, options: HistoryOptions, [device = ""]: readonly string[]): Promise<number> {
  const { reading, from, to, last, points, csv } = options;
  if (from !== undefined && last !== undefined) {
    throw new CliError("Only one of --from and --last can be given", EXIT.usage, "--from with --to, or --last with or without --to.");
  }
  if (csv === true && cli.out.mode !== "text")
    throw new CliError("Only one of --csv, --json, --ndjson and --plain can be given", EXIT.usage);
  const wanted = { readings: reading, from, to, last: last === undefined ? undefined : `${last}ms`, points };
  const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
  const result = await wholeHistory((args) => cli.doors.ask("device.history", { ...args }), { device, ...given });
  if (readsJson(cli)) {
    printDocument(cli, result);
    return EXIT.done;
  }
  if (csv === true || cli.out.mode === "plain") {
    const rows = csvOf(readResult(historySchema, result), csv === true ? "," : "\t");
    cli.io.out(csv === true ? rows : rows.slice(rows.indexOf("\n") + 1));
    return EXIT.done;
  }
  const history = readForPeople(historySchema, result);
  const known = history.series.some((one) => one.points.length > 0) || history.availability.asked > 0;
  if (known) cli.out.one("groundswell.device-history/1", {}, historyText(history, cli.io.columns));
  else
    cli.out.note(
      `Nothing is known of ${history.name} from ${history.from} to ${history.to}: it was not asked, or that is longer ago than history is kept.`,
    );
  return EXIT.done;
}

async function showChanges(cli: Cli, { limit }: { readonly limit?: number }, [device = ""]: readonly string[]): Promise<number> {
  const { result } = await cli.doors.ask("device.changes", { device, ...(limit === undefined ? {} : { limit }) });
  if (readsJson(cli)) {
    printDocument(cli, result as object);
    return EXIT.done;
  }
  const shown = readForPeople(changesSchema, result);
  if (shown.changes.length === 0) cli.out.note(`No change of ${shown.name} was noticed: no update, restart, swap or new address.`);
  else cli.out.one("groundswell.device-changes/1", {}, changesText(shown, cli.out.mode, await agentNowMs(cli)));
  return EXIT.done;
}
