/**
 * `groundswell run`: the agent itself, until it is told to stop.
 */

import type { Command } from "commander";
import { systemRandom } from "../../protocols/core/random.ts";
import { SECOND } from "../../protocols/core/time.ts";
import { StoreError } from "../../store/sql.ts";
import type { Agent, startAgent } from "../compose.ts";
import type { Config } from "../config/schema.ts";
import { StartProblem } from "../start-problem.ts";
import { type Cli, type Runner, withGlobals } from "./command.ts";
import { DEFAULT_CONFIG } from "./config.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";

type StartAgent = typeof startAgent;

export function addRun(program: Command, run: Runner): void {
  const command = program.command("run").description("run the agent; it prints one JSON line when it is ready, and logs to standard error");
  withGlobals(command)
    .option("--config <file>", "the settings", DEFAULT_CONFIG)
    .action(
      run(async (cli, { config }: { readonly config: string }) => {
        const loaded = await settingsFrom(cli, config);
        const { startAgent } = await import("../compose.ts");
        return runAgent(cli, loaded, startAgent);
      }),
    );
}

/** From the stop to the end of the process: what is mid-flash is picked up at the next start (design 15). */
const STOP_MS = 20 * SECOND;

async function settingsFrom(cli: Cli, path: string): Promise<{ readonly config: Config; readonly path: string }> {
  const [{ loadConfig }, { fileConfigIo }, { showProblems }] = await Promise.all([
    import("../config/load.ts"),
    import("../config/files.ts"),
    import("../config/problem.ts"),
  ]);
  const loaded = await loadConfig(path, fileConfigIo(cli.io.environment));
  if (!loaded.ok) {
    throw new CliError(
      `The settings in "${path}" are wrong\n${showProblems(path, loaded.problems)}`,
      EXIT.config,
      `Check them with: groundswell config check ${path}`,
    );
  }
  if (loaded.warnings.length > 0) for (const line of showProblems(path, loaded.warnings).split("\n")) cli.out.note(line);
  return { config: loaded.config, path };
}

/** Runs until the stop, then gives the agent its time to end. Exit 0 after a clean end. */
export async function runAgent(cli: Cli, loaded: { readonly config: Config; readonly path: string }, start: StartAgent): Promise<number> {
  const { io } = cli;
  const { config } = loaded;
  const { createLog } = await import("../log.ts");
  const { level, pretty } = config.log;
  const log = createLog({ level: level === "trace" ? "debug" : level, pretty, write: io.err });
  let agent: Agent;
  try {
    agent = await start(loaded, {
      environment: io.environment,
      log,
      random: systemRandom(),
      onReady: (info) => io.out(`${JSON.stringify({ schema: "groundswell.ready/1", ...info })}\n`),
    });
  } catch (error) {
    throw startTrouble(error, config);
  }
  await aborted(io.stop);
  const inTime = await Promise.race([agent.stop().then(() => true), aborted(AbortSignal.timeout(STOP_MS)).then(() => false)]);
  if (!inTime)
    throw new CliError(
      `The agent did not stop within ${STOP_MS / SECOND} s and is ended`,
      EXIT.failed,
      "Nothing is lost: its next start goes on from its database.",
    );
  return EXIT.done;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

/** What a person can mend, in words; anything else is ours and stays as it is. */
function startTrouble(error: unknown, config: Config): unknown {
  if (error instanceof StartProblem) return new CliError(error.message, error.exitCode, error.hint);
  if (error instanceof StoreError) return storeTrouble(error, config);
  if (!(error instanceof Error)) return error;
  // By name: importing the class would load the web server for every command.
  if (error.name === "SocketInUse") {
    return new CliError(error.message, EXIT.daemonAway, 'Stop it, or change "socket" and "dataDirectory" in the settings.');
  }
  const { code, path, address, port } = error as NodeJS.ErrnoException & { readonly address?: string; readonly port?: number };
  if (code === "EADDRINUSE") {
    const where = port === undefined ? (address ?? "its address") : `${address ?? "*"}:${port}`;
    return new CliError(
      `Cannot listen on ${where}: another program uses it`,
      EXIT.daemonAway,
      "Stop that program, or change the settings.",
    );
  }
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
    return new CliError(
      `Cannot use "${path ?? address ?? "a file"}": not allowed`,
      EXIT.notAllowed,
      'Run the agent as the user who owns "dataDirectory" and "socket", or change them in the settings.',
    );
  }
  return error;
}

function storeTrouble({ kind, message }: StoreError, { dataDirectory }: Config): CliError {
  switch (kind) {
    case "busy":
      return new CliError(message, EXIT.daemonAway, `Another agent may use "${dataDirectory}": stop it, or change "dataDirectory".`);
    case "full":
      return new CliError(message, EXIT.later, `Make room on the disk of "${dataDirectory}".`);
    case "newerSchema":
      return new CliError(message, EXIT.config, "A newer agent has used this database: run that version, or restore a backup of this one.");
    default:
      return new CliError(message, EXIT.failed, `Keep "${dataDirectory}" as it is, and restore the newest backup beside it.`);
  }
}
