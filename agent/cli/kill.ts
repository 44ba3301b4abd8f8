/**
 * `groundswell kill on|off|status`: stops commands and image bytes at once, for the whole site, a release or a model.
 */
import type { Command } from "commander";
import * as z from "zod";
import type { KillScope } from "../../firmware/waves/kill.ts";
import { agentNowMs } from "./agent-clock.ts";
import { type Cli, printDocument, type Runner, readsJson, withGlobals } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { printList } from "./lists.ts";
import type { Column } from "./output.ts";
import { readResult } from "./results.ts";
import { whenFor } from "./show.ts";

interface KillOptions {
  readonly wholeSite?: boolean;
  readonly release?: string;
  readonly model?: string;
  readonly reason?: string;
}

export function addKill(program: Command, run: Runner): void {
  const kill = program.command("kill").description("stop commands and image bytes at once, whatever is approved or running");
  for (const [verb, description, why] of [
    ["on", "stop now; devices that are flashing are watched to their end, all others wait", "why; everybody sees it who asks what waits"],
    ["off", "let it go on; needs an approver", "why; it stands in the audit"],
  ] as const) {
    withGlobals(kill.command(verb).description(description))
      .option("--whole-site", "everything")
      .option("--release <release>", "by its id: wherever it is installed or stands")
      .option("--model <model>", "all devices of this model")
      .option("--reason <text>", why)
      .action(run((cli, options: KillOptions) => turn(cli, verb, options)));
  }
  withGlobals(kill.command("status").description("where it is on, since when, by whom")).action(run(status));
}

function scopeOf({ wholeSite, release, model }: KillOptions, verb: "on" | "off"): KillScope {
  const scopes: KillScope[] = [
    ...(wholeSite === true ? [{ kind: "site" } as const] : []),
    ...(release === undefined ? [] : [{ kind: "release", release } as const]),
    ...(model === undefined ? [] : [{ kind: "model", model } as const]),
  ];
  const [scope, another] = scopes;
  if (scope !== undefined && another === undefined) return scope;
  throw new CliError(`For what shall the kill switch go ${verb}?`, EXIT.usage, "Give one of --whole-site, --release ID or --model MODEL.");
}

async function turn(cli: Cli, verb: "on" | "off", options: KillOptions): Promise<number> {
  const scope = scopeOf(options, verb);
  const { result, message } = await cli.doors.ask(`kill.${verb}`, {
    scope,
    ...(options.reason === undefined ? {} : { reason: options.reason }),
  });
  if (readsJson(cli)) printDocument(cli, { schema: "groundswell.kill-turned/1", message, ...(result as object) });
  else {
    cli.out.one("groundswell.kill-turned/1", {}, message);
    if (verb === "on") cli.out.note(`Off again, by an approver: groundswell kill off ${flagsOf(scope)} --key FILE`);
  }
  return EXIT.done;
}

const flagsOf = (scope: KillScope): string =>
  scope.kind === "site" ? "--whole-site" : scope.kind === "release" ? `--release ${scope.release}` : `--model "${scope.model}"`;

const scopeSchema = z.looseObject({ kind: z.string(), release: z.string().nullish(), model: z.string().nullish() });
const killsSchema = z.object({
  kills: z.array(
    z.looseObject({ scope: scopeSchema, by: z.string(), reason: z.string(), since: z.string(), held: z.number(), watched: z.number() }),
  ),
});
type Listed = z.infer<typeof killsSchema>["kills"][number];

async function status(cli: Cli): Promise<number> {
  const { result } = await cli.doors.ask("kill.status");
  const { kills } = readResult(killsSchema, result);
  const when = whenFor(cli.out.mode, await agentNowMs(cli));
  const columns: readonly Column<Listed>[] = [
    { title: "FOR", of: ({ scope }) => killedName(scope) },
    { title: "SINCE", of: ({ since }) => when(since) },
    { title: "BY", of: ({ by }) => by },
    { title: "WAITING", of: ({ held }) => String(held), align: "right" },
    { title: "UNDER WAY", of: ({ watched }) => String(watched), align: "right" },
    { title: "REASON", of: ({ reason }) => reason },
  ];
  printList(cli, { result, schema: "groundswell.kills/1", rowSchema: "groundswell.kill-row/1" }, kills, {
    columns,
    empty: "The kill switch is off. On for everything: groundswell kill on --whole-site --reason TEXT",
  });
  return EXIT.done;
}

export function killedName({ kind, release, model }: z.infer<typeof scopeSchema>): string {
  return kind === "site" ? "the whole site" : (release ?? model ?? kind);
}
