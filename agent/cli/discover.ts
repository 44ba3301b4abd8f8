/**
 * `groundswell discover`: the agent looks for devices now.
 */

import type { Command } from "commander";
import { type Cli, printDocument, type Runner, readsJson, withGlobals } from "./command.ts";
import { EXIT } from "./exit-codes.ts";
import { meanwhile } from "./meanwhile.ts";
import { recordLines } from "./record-lines.ts";
import { discoverSchema, readForPeople, readResult, type Status, statusSchema } from "./results.ts";
import { counted, familiesText, progressText } from "./show.ts";

interface DiscoverOptions {
  readonly full?: boolean;
}

export function addDiscover(program: Command, run: Runner): void {
  const discover = program
    .command("discover")
    .argument("[networks...]", "part of the configured networks, such as 10.20.0.0/24; all where none is given")
    .description("look for devices now");
  withGlobals(discover).option("--full", "ask also those that are known and watched by polls").action(run(runDiscovery));
  withGlobals(discover.command("cancel").description("end the search that is under way; what it found stays")).action(run(cancelDiscovery));
}

async function cancelDiscovery(cli: Cli): Promise<number> {
  const { message, result } = await cli.doors.ask("discover.cancel");
  cli.out.one("groundswell.discovery-cancelled/1", result as Record<string, unknown>, message);
  return EXIT.done;
}

async function runDiscovery(cli: Cli, options: DiscoverOptions, networks: readonly string[]): Promise<number> {
  const full = options.full === true ? { full: true } : {};
  const asking = cli.doors.ask("discover.run", networks.length === 0 ? full : { ...full, networks });
  let last: Status["discovery"];
  const look = async (): Promise<void> => {
    const status = await cli.doors.ask("agent.status");
    const { discovery } = readResult(statusSchema, status.result);
    if (discovery === undefined || discovery === null) return;
    last = discovery;
    cli.out.progress({ done: discovery.asked, of: discovery.total, what: progressText(discovery) });
  };
  const answer = await meanwhile(cli, asking, look).catch((error: unknown) => {
    if (!cli.io.stop.aborted) throw error;
    return undefined;
  });
  if (answer === undefined) return leftAlone(cli, last);
  return tellResult(cli, answer.result);
}

/** Who stops watching stops nothing. */
function leftAlone(cli: Cli, last: Status["discovery"]): number {
  if (last !== undefined && last !== null) {
    cli.out.note(
      `${last.asked} of ${last.total} addresses asked, ${counted(last.found, "device")} found${familiesText(last.byFamily ?? {})}`,
    );
  }
  cli.out.note("The agent goes on; end it with: groundswell discover cancel");
  return EXIT.partly;
}

function tellResult(cli: Cli, result: unknown): number {
  if (readsJson(cli)) {
    printDocument(cli, { schema: "groundswell.discovery/1", ...(result as object) });
    return (result as { readonly cancelled?: unknown }).cancelled === true ? EXIT.partly : EXIT.done;
  }
  const { asked, answered, spared, switches, neighbours, faults, records, cancelled, resumed } = readForPeople(discoverSchema, result);
  const found = [
    `${cancelled === true ? "Cancelled: " : ""}${resumed === true ? "gone on after a restart: " : ""}${counted(asked, "address", "addresses")} asked`,
    `${answered} answered`,
    ...(typeof spared === "number" && spared > 0 ? [`${spared} known and watched`] : []),
    ...(typeof switches === "number" ? [`${counted(switches, "switch", "switches")} with ${counted(neighbours ?? 0, "neighbour")}`] : []),
    ...((faults ?? []).length === 0 ? [] : [counted((faults ?? []).length, "fault")]),
  ];
  cli.out.one("groundswell.discovery/1", {}, `${found.join(", ")}. See them with: groundswell device list`);
  for (const [, line] of recordLines(records)) cli.out.note(line);
  return cancelled === true ? EXIT.partly : EXIT.done;
}
