/**
 * `groundswell discover`: the agent looks for devices now.
 */

import type { Command } from "commander";
import { type Cli, printDocument, type Runner, readsJson, withGlobals } from "./command.ts";
import { EXIT } from "./exit-codes.ts";
import { meanwhile } from "./meanwhile.ts";
import { recordLines } from "./record-lines.ts";
import { discoverSchema, readForPeople, readResult, statusSchema } from "./results.ts";
import { counted } from "./show.ts";

export function addDiscover(program: Command, run: Runner): void {
  const discover = program
    .command("discover")
    .argument("[networks...]", "part of the configured networks, such as 10.20.0.0/24; all where none is given")
    .description("look for devices now");
  withGlobals(discover).action(run(runDiscovery));
}

async function runDiscovery(cli: Cli, _options: object, networks: readonly string[]): Promise<number> {
  const asking = cli.doors.ask("discover.run", networks.length === 0 ? {} : { networks });
  const { result } = await meanwhile(cli, asking, async () => {
    const status = await cli.doors.ask("agent.status");
    const { discovery } = readResult(statusSchema, status.result);
    if (discovery === undefined || discovery === null) return;
    cli.out.progress({ done: discovery.asked, of: discovery.total, what: `addresses, ${counted(discovery.found, "device")} found` });
  });
  if (readsJson(cli)) {
    printDocument(cli, { schema: "groundswell.discovery/1", ...(result as object) });
    return EXIT.done;
  }
  const { asked, answered, switches, neighbours, faults, records } = readForPeople(discoverSchema, result);
  const found = [
    `${counted(asked, "address", "addresses")} asked`,
    `${answered} answered`,
    ...(typeof switches === "number" ? [`${counted(switches, "switch", "switches")} with ${counted(neighbours ?? 0, "neighbour")}`] : []),
    ...((faults ?? []).length === 0 ? [] : [counted((faults ?? []).length, "fault")]),
  ];
  cli.out.one("groundswell.discovery/1", {}, `${found.join(", ")}. See them with: groundswell device list`);
  for (const [, line] of recordLines(records)) cli.out.note(line);
  return EXIT.done;
}
