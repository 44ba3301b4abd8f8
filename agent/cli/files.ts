/**
 * Files that options name. What cannot be read is a `CliError` with the exit code of wrong settings.
 */

import type { ClientIdentity, Secret } from "../../protocols/core/secret.ts";
import { readPair } from "../config/client-certificate.ts";
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

/** A certificate of ours and its key, which belong together. */
export async function pairFrom(
  paths: { readonly certificate: string; readonly key: string },
  environment: Environment,
): Promise<ClientIdentity> {
  const certificate = await textFrom(paths.certificate, environment);
  const pair = readPair(certificate, await secretFrom(paths.key, environment), fileConfigIo(environment).nowMs());
  if (pair.ok) return pair.identity;
  throw new CliError(`"${pair.wrong === "certFile" ? paths.certificate : paths.key}" ${pair.why}`, EXIT.config);
}
