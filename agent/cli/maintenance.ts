/**
 * `groundswell maintenance start|list|end`: what is planned to be dark, so that nobody is told of it.
 */
import type { Command } from "commander";
import * as z from "zod";
import { type Ms, parseDuration } from "../../protocols/core/time.ts";
import { agentNowMs } from "./agent-clock.ts";
import { type Cli, gather, printDocument, type Runner, readsJson, withGlobals } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { printList } from "./lists.ts";
import type { Column } from "./output.ts";
import { readResult } from "./results.ts";
import { whenFor } from "./show.ts";

const more = (value: string, before: readonly string[] | undefined): readonly string[] => gather(value, before);

export function addMaintenance(program: Command, run: Runner): void {
  const maintenance = program.command("maintenance").description("what is planned to be dark");
  withGlobals(
    maintenance
      .command("start")
      .argument("[devices...]", "ids, MACs, names or addresses")
      .description("hold back incidents of these for a while; what is still dark afterwards counts"),
  )
    .option("--whole-site", "everything")
    .option("--switch <switch>", "a switch and all that hangs on it; again for more", more)
    .option("--room <room>", "all devices of a room; again for more", more)
    .requiredOption("--for <duration>", "how long: 30m, 2h, 1d")
    .requiredOption("--reason <text>", "what people are told who ask why it is quiet")
    .action(run(start));
  withGlobals(maintenance.command("list").description("what is planned, and what was")).action(run(list));
  withGlobals(maintenance.command("end").argument("<id>", "the maintenance's number").description("end it before its time")).action(
    run(end),
  );
}

interface StartOptions {
  readonly wholeSite?: boolean;
  readonly switch?: readonly string[];
  readonly room?: readonly string[];
  readonly for?: string;
  readonly reason?: string;
}

async function start(cli: Cli, options: StartOptions, devices: readonly string[]): Promise<number> {
  const forMs = lengthOf(options.for ?? "");
  const named = { site: options.wholeSite === true, switches: options.switch ?? [], rooms: options.room ?? [], devices };
  if (!named.site && named.switches.length + named.rooms.length + devices.length === 0)
    throw new CliError("Nothing is named that will be dark", EXIT.usage, "Give devices, --switch, --room or --whole-site.");
  const { result, message } = await cli.doors.ask("maintenance.start", { ...named, forMs, reason: options.reason ?? "" });
  if (readsJson(cli)) printDocument(cli, { ...(result as object), message });
  else cli.out.one("", {}, message);
  return EXIT.done;
}

function lengthOf(text: string): Ms {
  const lengthMs = parseDuration(text);
  if (lengthMs === undefined) throw new CliError(`"${text}" is no length of time`, EXIT.usage, "Such as 30m, 2h or 1d.");
  return lengthMs;
}

const listSchema = z.object({
  maintenances: z.array(
    z.looseObject({
      maintenance: z.number(),
      what: z.string(),
      scope: z.string(),
      state: z.string(),
      from: z.string(),
      until: z.string(),
      reason: z.string(),
      by: z.string(),
    }),
  ),
});
type Listed = z.infer<typeof listSchema>["maintenances"][number];

async function list(cli: Cli): Promise<number> {
  const { result } = await cli.doors.ask("maintenance.list", {});
  const { maintenances } = readResult(listSchema, result);
  const when = whenFor(cli.out.mode, await agentNowMs(cli));
  const columns: readonly Column<Listed>[] = [
    { title: "ID", of: ({ maintenance }) => String(maintenance), align: "right" },
    { title: "STATE", of: ({ state }) => state },
    { title: "WHAT", of: ({ what, scope }) => (scope === "" ? what : `${what} ${scope}`) },
    { title: "FROM", of: ({ from }) => when(from) },
    { title: "UNTIL", of: ({ until }) => when(until) },
    { title: "BY", of: ({ by }) => by },
    { title: "REASON", of: ({ reason }) => reason },
  ];
  printList(cli, { result, schema: "groundswell.maintenances/1", rowSchema: "groundswell.maintenance-row/1" }, maintenances, {
    columns,
    empty: "Nothing is planned to be dark. Plan it: groundswell maintenance start DEVICE --for 2h --reason TEXT",
  });
  return EXIT.done;
}

async function end(cli: Cli, _options: object, [text = ""]: readonly string[]): Promise<number> {
  if (!/^[1-9]\d{0,14}$/.test(text))
    throw new CliError(`"${text}" is no number of a maintenance`, EXIT.usage, "groundswell maintenance list shows them.");
  const { result, message } = await cli.doors.ask("maintenance.end", { maintenance: Number(text) });
  if (readsJson(cli)) printDocument(cli, { ...(result as object), message });
  else cli.out.one("", {}, message);
  return EXIT.done;
}
