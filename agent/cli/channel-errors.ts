/**
 * What stopped a step of a channel's author, as an error with its exit code.
 */

import type { Repository } from "../../firmware/channel/repository.ts";
import { openRepository } from "../../firmware/channel/repository.ts";
import type { Trouble } from "../../firmware/channel/trouble.ts";
import { codeOf } from "../../protocols/core/error-code.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";

const EXIT_OF: Readonly<Record<Trouble["kind"], number>> = {
  missing: EXIT.config,
  exists: EXIT.failed,
  damaged: EXIT.failed,
  unsigned: EXIT.needsConfirmation,
  refused: EXIT.refusedByPolicy,
  key: EXIT.config,
  disk: EXIT.failed,
};

export function channelError({ kind, why, hint }: Trouble): CliError {
  return new CliError(why, EXIT_OF[kind], hint);
}

/** Runs steps on disk; what the disk says no to is told with its path. */
export async function onDisk<T>(steps: () => Promise<T>): Promise<T> {
  try {
    return await steps();
  } catch (error) {
    if (error instanceof RangeError) throw new CliError(error.message, EXIT.failed);
    if (!(error instanceof Error && "syscall" in error)) throw error;
    const path = "path" in error ? `"${String(error.path)}"` : "a file";
    const code = codeOf(error);
    const [why, exit] = code === "EACCES" || code === "EPERM" || code === "EROFS" ? ["not allowed", EXIT.notAllowed] : [code, EXIT.failed];
    const what = code === "ENOSPC" ? "the disk is full" : why;
    throw new CliError(
      `Cannot read or write ${path}: ${what}`,
      Number(exit),
      "What is published stands as it was; the step can be repeated.",
    );
  }
}

export async function repositoryAt(folder: string): Promise<Repository> {
  const opened = await onDisk(() => openRepository(folder));
  if (!opened.ok) throw channelError(opened.fault);
  return opened.value;
}
