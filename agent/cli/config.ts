/**
 * `groundswell config check|show`.
 */

import type { Command } from "commander";
import type { showConfig } from "../config/load.ts";
import { type Cli, type Runner, readsJson, withGlobals } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import type { Column } from "./output.ts";

type ShownRow = ReturnType<typeof showConfig>[number];

/** Where the agent's settings are unless it is told otherwise. */
export const DEFAULT_CONFIG = "/etc/groundswell/config.yaml";

/** The file may be named either way: as what is asked about, or as `groundswell run` names it. */
interface FileOptions {
  readonly config?: string;
}

export function addConfig(program: Command, run: Runner): void {
  const config = program.command("config").description("the settings file");
  const named = (command: Command): Command =>
    withGlobals(
      command.argument("[file]", `default ${DEFAULT_CONFIG}`).option("--config <file>", "the same, in the words of: groundswell run"),
    );
  named(config.command("check").description("all that is wrong with it, in one pass; exit 78 where the agent would not start")).action(
    run(check),
  );
  named(config.command("show").description("every value in force"))
    .option("--origin", "with the line it comes from, or that it is a default")
    .action(run(show));
}

function fileOf({ config }: FileOptions, [file]: readonly string[]): string {
  if (config !== undefined && file !== undefined) throw new CliError("The settings file is named twice", EXIT.usage, "Name it once.");
  return file ?? config ?? DEFAULT_CONFIG;
}

async function check(cli: Cli, options: FileOptions, operands: readonly string[]): Promise<number> {
  const file = fileOf(options, operands);
  const [{ checkConfig }, { fileConfigIo }] = await Promise.all([import("../config/load.ts"), import("../config/files.ts")]);
  const { ok, text, json } = await checkConfig(file, fileConfigIo(cli.io.environment));
  cli.io.out(`${readsJson(cli) ? json : text}\n`);
  return ok ? EXIT.done : EXIT.config;
}

async function show(cli: Cli, options: FileOptions & { readonly origin?: boolean }, operands: readonly string[]): Promise<number> {
  const file = fileOf(options, operands);
  const [{ loadConfig, showConfig }, { fileConfigIo }, { showProblems }] = await Promise.all([
    import("../config/load.ts"),
    import("../config/files.ts"),
    import("../config/problem.ts"),
  ]);
  const loaded = await loadConfig(file, fileConfigIo(cli.io.environment));
  if (!loaded.ok) throw new CliError(`The settings in "${file}" are wrong:\n${showProblems(file, loaded.problems)}`, EXIT.config);
  const columns: readonly Column<ShownRow>[] = [
    { title: "SETTING", of: ({ path }) => path },
    { title: "VALUE", of: ({ value }) => value ?? "" },
    ...(options.origin === true ? [{ title: "FROM", of: (row: ShownRow) => row.origin }] : []),
  ];
  cli.out.list(showConfig(loaded), { schema: "groundswell.config/1", columns, json: (row) => ({ ...row }) });
  return EXIT.done;
}
