/**
 * What every command of the command line is built from: its options, where it writes, whom it asks.
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../../protocols/core/time.ts";
import { CliError, type CliIo, type GlobalOptions } from "./context.ts";
import { type Doors, openDoors } from "./doors.ts";
import { EXIT } from "./exit-codes.ts";
import { createOutput, modeOf, type Output } from "./output.ts";

/** What a command works with. */
export interface Cli {
  readonly io: CliIo;
  readonly options: GlobalOptions;
  readonly out: Output;
  readonly doors: Doors;
}

/** One command. `args` are its operands in order; the answer is the exit code. */
export type Action<O> = (cli: Cli, options: O, args: readonly string[]) => Promise<number>;

/** Turns a command into what commander calls. */
export type Runner = <O>(action: Action<O>) => (...given: unknown[]) => Promise<void>;

const GLOBALS: readonly (readonly [flags: string, description: string])[] = [
  ["--json", "print one JSON document with its schema"],
  ["--ndjson", "print one JSON document a line"],
  ["--plain", "print rows with tabs, no titles, absolute times"],
  ["--quiet", "say nothing on standard error"],
  ["--socket <path>", "socket of the agent on this machine"],
  ["--site <id>", "the site that is meant"],
  ["--broker <url>", "ask over MQTT: mqtts://host, wss://host/path or mqtt://127.0.0.1"],
  ["--key <file>", "sign commands with this key"],
  ["--ca-file <file>", "trust this certificate authority for the broker"],
  ["--broker-user <name>", "user at the broker"],
  ["--broker-password-file <file>", "its password, from a file"],
  ["--broker-cert <file>", "our certificate for a broker that demands one, PEM"],
  ["--broker-key <file>", "the key of that certificate"],
  ["--broker-proxy <url>", "an HTTP proxy on the way to the broker: http://host:port"],
];

/** The options every command has, so that they work before and after its name. `except` names those it uses otherwise. */
export function withGlobals(command: Command, settings: { readonly shown?: boolean; readonly except?: readonly string[] } = {}): Command {
  for (const [flags, description] of GLOBALS) {
    const option = new Option(flags, description);
    if (settings.except?.includes(option.attributeName()) === true) continue;
    command.addOption(settings.shown === true ? option : option.hideHelp());
  }
  if (settings.shown !== true) command.addHelpText("after", "\nOptions that every command has: groundswell --help");
  return command;
}

/** Makes the runner of one call of the command line; `finish` gets the exit code. */
export function createRunner(io: CliIo, finish: (exitCode: number) => void): Runner {
  return (action) =>
    async (...given) => {
      // Commander hands over the operands, the options and, last, the command itself.
      const command = given.at(-1) as Command;
      const options = command.optsWithGlobals();
      const cli = openCli(options, io);
      try {
        finish(await action(cli, options as never, command.args));
      } finally {
        cli.out.settle();
        await cli.doors.close();
      }
    };
}

/** The options checked, with output and doors; nothing is connected yet. */
export function openCli(options: GlobalOptions, io: CliIo): Cli {
  const mode = modeOf(options);
  if (mode === undefined) throw new CliError("Only one of --json, --ndjson and --plain can be given", EXIT.usage);
  const talk = options.quiet === true ? () => undefined : io.err;
  const out = createOutput(mode, {
    write: io.out,
    talk,
    isTerminal: { out: io.outIsTerminal, talk: io.errIsTerminal },
    columns: io.columns,
    env: io.environment,
  });
  return { io, options, out, doors: openDoors(options, io, (text) => out.note(text)) };
}

/** Is JSON what the caller reads? */
export function readsJson(cli: Cli): boolean {
  return cli.out.mode === "json" || cli.out.mode === "ndjson";
}

/** Prints a document as it is: it carries its schema. */
export function printDocument(cli: Cli, document: object): void {
  cli.io.out(`${JSON.stringify(document)}\n`);
}

/** Option values that may be given several times, each adding to the list. */
export function gather(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value];
}

/** An option's value as a whole number within bounds, both inclusive. */
export function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };
}

/** An option's value as a length such as `90s`, in milliseconds; at least one. */
export function lengthMs(text: string): number {
  const value = parseDuration(text);
  if (value !== undefined && value > 0) return value;
  throw new InvalidArgumentError('Expected a length such as "500ms", "90s" or "1h30m".');
}

/** One of a closed list. */
export function oneOf<T extends string>(values: readonly T[]): (text: string) => T {
  return (text) => {
    const found = values.find((value) => value === text);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`Expected one of: ${values.join(", ")}.`);
  };
}
