/**
 * Files that options name. What cannot be read is a `CliError` with the exit code of wrong settings.
 */

import type { Secret } from "../../protocols/core/secret.ts";
import { fileConfigIo } from "../config/files.ts";
import { readSecret } from "../config/secrets.ts";
import { CliError, type CliIo } from "./context.ts";
import { EXIT } from "./exit-codes.ts";

type Environment = CliIo["environment"];

/** A certificate authority, a roster: far below this. */
const TEXT_BYTES_MAX = 1024 * 1024;

/** A secret without its line end. */
export async function secretFrom(path: string, environment: Environment): Promise<Secret> {
  const read = await readSecret(path, fileConfigIo(environment));
  if (read.ok) return read.secret;
  throw new CliError(read.why, EXIT.config);
}

export async function textFrom(path: string, environment: Environment): Promise<string> {
  const read = await fileConfigIo(environment).readText(path, TEXT_BYTES_MAX);
  if (read.ok) return read.text;
  throw new CliError(read.why, EXIT.config);
}
