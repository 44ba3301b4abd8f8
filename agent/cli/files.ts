/**
 * Files that options name. What cannot be read is a `CliError` with the exit code of wrong settings.
 */

import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
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

/**
 * Writes a file that is there whole or not at all; throws what the file system throws, `EEXIST` where it is there already and may
 * not be replaced. Whoever may read is for the folder and the mask to say.
 */
export async function placeFile(path: string, content: Uint8Array, { replace }: { readonly replace: boolean }): Promise<void> {
  if (!replace) await (await open(path, "wx", 0o640)).close();
  const beside = join(dirname(path), `.${basename(path)}.new`);
  try {
    const file = await open(beside, "w", 0o640);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    // The name was taken for it alone: an empty file is worse than none.
    await Promise.all([
      rm(beside, { force: true, recursive: false }).catch(() => undefined),
      ...(replace ? [] : [rm(path, { force: true })]),
    ]);
    throw error;
  }
}
