/**
 * `groundswell key new|show`: keys of people and roots. The private half never leaves its file.
 */

import type { Command } from "commander";
import { type Cli, type Runner, withGlobals } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";

export function addKey(program: Command, run: Runner): void {
  const key = program.command("key").description("keys that sign commands and rosters");
  withGlobals(key.command("new").argument("<file>").description("make a key; only you can read its file")).action(run(newKey));
  withGlobals(key.command("show").argument("<file>").description("the public half and the thumbprint of a key")).action(run(showKey));
}

async function newKey(cli: Cli, _options: object, [file = ""]: readonly string[]): Promise<number> {
  const { writeKeyFile } = await import("../commands/keys.ts");
  try {
    const { kid, publicKey } = await writeKeyFile(file);
    print(cli, { file, kid, publicKey });
    cli.out.note(`Keep "${file}" to yourself. The public key goes to whoever signs the roster.`);
    return EXIT.done;
  } catch (error) {
    throw cannotWrite(file, error);
  }
}

async function showKey(cli: Cli, _options: object, [file = ""]: readonly string[]): Promise<number> {
  const { keyFrom } = await import("./sign.ts");
  const { kid, publicKey } = await keyFrom(file);
  print(cli, { file, kid, publicKey });
  return EXIT.done;
}

function print(cli: Cli, key: { readonly file: string; readonly kid: string; readonly publicKey: string }): void {
  cli.out.one("groundswell.key-file/1", key, `public key  ${key.publicKey}\nthumbprint  ${key.kid}\n`);
}

/** What the file system said about writing `file`, in words. */
export function cannotWrite(file: string, error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "EEXIST":
      return new CliError(`Cannot write "${file}": it exists`, EXIT.failed, "Choose another name, or move the old file away.");
    case "ENOENT":
      return new CliError(`Cannot write "${file}": its folder does not exist`, EXIT.failed);
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new CliError(`Cannot write "${file}": not allowed`, EXIT.notAllowed);
    default:
      return error;
  }
}
