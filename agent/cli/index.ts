/**
 * The command line: `groundswell <noun> <verb>`. Data goes to standard output, talk to standard error; exit codes are a
 * contract for scripts (`exit-codes.ts`).
 */
import { Command, CommanderError } from "commander";
import { AGENT_VERSION } from "../version.ts";
import { addAudit } from "./audit.ts";
import { addCampaign } from "./campaign.ts";
import { addChannel } from "./channel.ts";
import { addClock } from "./clock.ts";
import { createRunner, type Runner, withGlobals } from "./command.ts";
import { addConfig } from "./config.ts";
import { CliError, type CliIo } from "./context.ts";
import { addCoverage } from "./coverage.ts";
import { addDemo } from "./demo.ts";
import { addDevice } from "./device.ts";
import { addDiscover } from "./discover.ts";
import { renderError } from "./errors.ts";
import { EXIT, EXIT_WORDS, type ExitName } from "./exit-codes.ts";
import { addFirmware } from "./firmware.ts";
import { addInbox } from "./inbox.ts";
import { addIncident } from "./incident.ts";
import { addKey } from "./key.ts";
import { addKill } from "./kill.ts";
import { addMaintenance } from "./maintenance.ts";
import { safeText } from "./output.ts";
import { addParse } from "./parse.ts";
import { addPlace } from "./place.ts";
import { addProbe } from "./probe.ts";
import { addRoster } from "./roster.ts";
import { addRules } from "./rules.ts";
import { addRun } from "./run.ts";
import { addStatus } from "./status.ts";
import { addSweep } from "./sweep.ts";
import { addTicket } from "./ticket.ts";

/** In the order of the help: look, prepare, change, report, set up. */
const NOUNS: readonly ((program: Command, run: Runner) => void)[] = [
  addStatus,
  addDevice,
  addInbox,
  addPlace,
  addDiscover,
  addCoverage,
  addFirmware,
  addCampaign,
  addKill,
  addClock,
  addIncident,
  addMaintenance,
  addTicket,
  addAudit,
  addProbe,
  addSweep,
  addParse,
  addRun,
  addConfig,
  addRules,
  addChannel,
  addKey,
  addRoster,
  addDemo,
];

/** Runs one command to its end and returns the exit code; nothing is thrown. */
export async function runCli(argv: readonly string[], io: CliIo): Promise<number> {
  let exitCode: number = EXIT.done;
  const program = build(
    io,
    createRunner(io, (code) => {
      exitCode = code;
    }),
  );
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    return renderError(asCliError(error, io), argv, io);
  }
}

function build(io: CliIo, run: Runner): Command {
  const program = new Command("groundswell");
  program
    .description("Finds Poly devices, watches them, and brings their firmware up to date in safe waves.")
    .version(AGENT_VERSION, "--version", "print the version")
    .helpOption("-h, --help", "print help")
    .usage("[options] <noun> <verb>")
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError(false)
    .configureOutput({
      writeOut: io.out,
      // Usage errors are thrown and rendered as all others; what is left is help that was not asked for.
      writeErr: io.err,
      outputError: () => undefined,
      getOutHelpWidth: () => io.columns,
      getErrHelpWidth: () => io.columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText("after", `\nExit codes: ${exitWords()}.`);
  withGlobals(program, { shown: true });
  for (const add of NOUNS) add(program, run);
  return program;
}

function exitWords(): string {
  return (Object.entries(EXIT) as [ExitName, number][]).map(([name, code]) => `${code} ${EXIT_WORDS[name]}`).join(", ");
}

function asCliError(error: unknown, io: CliIo): CliError {
  if (error instanceof CliError) return error;
  if (error instanceof CommanderError) return usageError(error);
  if (io.stop.aborted) return new CliError("Stopped before it was done", EXIT.failed);
  const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
  // Our own mistake: the text is ours or Node's; library errors are turned into faults long before.
  return new CliError(`Internal error: ${safeText(`${name}: ${message}`).slice(0, 500)}`, EXIT.failed);
}

function usageError(error: CommanderError): CliError {
  if (error.code === "commander.help") return new CliError("A noun and a verb are needed", EXIT.usage, "groundswell --help lists them.");
  const [what = "", ...more] = error.message.replace(/^error: /, "").split("\n");
  const hint = more.join(" ").trim();
  return new CliError(
    what.slice(0, 1).toUpperCase() + what.slice(1),
    EXIT.usage,
    hint === "" ? "groundswell help NOUN shows what can be given." : hint,
  );
}
