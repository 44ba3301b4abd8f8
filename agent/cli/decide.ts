/**
 * Commands that decide: what would be done is shown first; a dry run ends there, else whoever decides types what is meant.
 */
import { type Cli, printDocument, readsJson } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { tame } from "./results.ts";

export interface DecideOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

export interface Deciding {
  readonly verb: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** What the agent says would be done, in lines for people. */
  readonly preview: (shown: unknown) => readonly string[];
  /** What has to be typed; absent where the command can be taken back by its opposite and needs no confirmation. */
  readonly word?: (shown: unknown) => string;
}

/** Shows, asks, does. */
export async function decide(cli: Cli, options: DecideOptions, { verb, args, preview, word }: Deciding): Promise<number> {
  const { result: shown } = await cli.doors.ask(verb, { ...args, dryRun: true });
  const lines = preview(tame(shown));
  if (options.dryRun === true) {
    if (readsJson(cli)) printDocument(cli, shown as object);
    else cli.out.one("", {}, [...lines, "Nothing is changed: this was a dry run."].join("\n"));
    return EXIT.done;
  }
  if (!readsJson(cli)) for (const line of lines) cli.out.note(line);
  if (word !== undefined) await confirmed(cli, options, word(tame(shown)));
  const { result, message } = await cli.doors.ask(verb, { ...args, dryRun: false });
  if (readsJson(cli)) printDocument(cli, { ...(result as object), message });
  else cli.out.one("", {}, message);
  return EXIT.done;
}

async function confirmed(cli: Cli, { yes }: DecideOptions, word: string): Promise<void> {
  const { io } = cli;
  if (yes === true) return;
  const hint = "Look at it with --dry-run; give --yes if you mean it.";
  if (!io.errIsTerminal || readsJson(cli) || cli.options.quiet === true)
    throw new CliError("This needs a confirmation: nothing is changed", EXIT.needsConfirmation, hint);
  io.err(`Type ${word} to go on: `);
  if ((await io.readInput()).trim() !== word) throw new CliError(`That is not "${word}": nothing is changed`, EXIT.needsConfirmation, hint);
}
