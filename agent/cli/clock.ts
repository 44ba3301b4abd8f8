/**
 * `groundswell clock accept`: the clock is right as it is, although it has shown a later time before.
 */
import type { Command } from "commander";
import { type Cli, printDocument, type Runner, readsJson, withGlobals } from "./command.ts";
import { EXIT } from "./exit-codes.ts";

export function addClock(program: Command, run: Runner): void {
  const clock = program.command("clock").description("the time the agent goes by");
  withGlobals(clock.command("accept").description("say that the clock is right after it was set back; needs an approver"))
    .requiredOption("--reason <text>", "how you know; it stands in the audit")
    .action(run(accept));
}

async function accept(cli: Cli, { reason }: { readonly reason: string }): Promise<number> {
  const { result, message } = await cli.doors.ask("clock.accept", { reason });
  if (readsJson(cli)) printDocument(cli, { schema: "groundswell.clock-accepted/1", message, ...(result as object) });
  else cli.out.one("groundswell.clock-accepted/1", {}, message);
  return EXIT.done;
}
