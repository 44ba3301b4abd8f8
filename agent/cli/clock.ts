/**
 * `groundswell clock accept`: the clock is right as it is, although it has shown a later time before.
 */
import type { Command } from "commander";
import * as z from "zod";
import { type Cli, printDocument, type Runner, readsJson, withGlobals } from "./command.ts";
import { EXIT } from "./exit-codes.ts";
import { readResult } from "./results.ts";

export function addClock(program: Command, run: Runner): void {
  const clock = program.command("clock").description("the time the agent goes by");
  withGlobals(clock.command("accept").description("say that the clock is right after it was set back; needs an approver"))
    .requiredOption("--reason <text>", "how you know; it stands in the audit")
    .action(run(accept));
}

const shownBy = z.looseObject({ clock: z.looseObject({ hasShown: z.string().optional() }) });

/** Names the later time that is given up, as the agent says it now. */
async function accept(cli: Cli, { reason }: { readonly reason: string }): Promise<number> {
  const { clock } = readResult(shownBy, (await cli.doors.ask("agent.status")).result);
  if (clock.hasShown !== undefined) cli.out.note(`The clock has shown ${clock.hasShown}`);
  // Where it is not behind, the agent says so.
  const { result, message } = await cli.doors.ask("clock.accept", { reason, shown: clock.hasShown ?? "" });
  if (readsJson(cli)) printDocument(cli, { schema: "groundswell.clock-accepted/1", message, ...(result as object) });
  else cli.out.one("groundswell.clock-accepted/1", {}, message);
  return EXIT.done;
}
